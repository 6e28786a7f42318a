import assert from 'node:assert/strict'
import { unlessUndecodable } from './messages.ts'
import { mutateFields } from '../mutate-fields.ts'
import { fixtureMessages } from '../seeds.ts'
import { readEnvelope } from '../../../src/codec/envelope.ts'
import { decodeBlock, decodeTransaction, encodeBlock, readItem } from '../../../src/codec/items/items.ts'
import { decodeEagerly } from '../../support/eager-block.ts'
import { sampleBlock, sampleChain, sampleTransaction } from '../../support/sample.ts'
import type { Target } from '../target.ts'
import type { Block } from '../../../src/types/block.ts'

function fixtureBlocks (): Uint8Array[] {
  return fixtureMessages().flatMap((bytes) => {
    const envelope = unlessUndecodable(() => readEnvelope(bytes))

    return (envelope == null ? undefined : unlessUndecodable(() => readItem(envelope.body))) ?? []
  })
}

/** What the generated code makes of it, which knows nothing of views and late decoding. */
function eager (bytes: Uint8Array): Block | undefined {
  try {
    return decodeEagerly(bytes)
  } catch {
    return undefined
  }
}

/** An encoded block: checked where it comes in, it never throws later, and holds what the schema says. */
export const blocks: Target = {
  name: 'blocks',
  share: 25,
  seeds: () => [
    ...fixtureBlocks(),
    ...sampleChain(4).map((block) => encodeBlock(block)),
    encodeBlock(sampleBlock({
      transactions: [sampleTransaction(), sampleTransaction({ data: new Uint8Array(200), value: 2n ** 64n - 1n })], proof: new Uint8Array(0)
    }))
  ],
  mutate: mutateFields,
  run: (input) => {
    const block = unlessUndecodable(() => decodeBlock(input))
    // a copy has made every transaction
    assert.deepEqual(block == null ? undefined : { ...block }, eager(input))

    if (block != null) {
      assert.deepEqual(decodeBlock(new Uint8Array(encodeBlock(block))), block)
    }

    unlessUndecodable(() => decodeTransaction(input))
  }
}
