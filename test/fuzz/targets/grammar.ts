import assert from 'node:assert/strict'
import { unlessUndecodable } from './messages.ts'
import { mutateFields } from '../mutate-fields.ts'
import { fixtureMessages } from '../seeds.ts'
import { knownBodies, readEnvelope } from '../../../src/codec/envelope.ts'
import { readNewItem } from '../../../src/codec/items/items.ts'
import { decodeMessage } from '../../../src/codec/message.ts'
import { ruleOn } from '../../support/reference.ts'
import { FEATURES } from '../../../src/types/features.ts'
import type { Target } from '../target.ts'
import type { Ruling } from '../../support/reference.ts'
import type { Feature } from '../../../src/types/features.ts'

/** What the codec makes of a message in a session with these features, in the words of docs/protocol.md. */
function rulingOf (bytes: Uint8Array, features: readonly Feature[]): Ruling {
  const decoded = unlessUndecodable(() => decodeMessage(bytes, features))

  if (decoded != null) {
    const { message, requestId } = decoded

    return message == null ? { effect: 'ignored', requestId } : { effect: 'taken', message, requestId }
  }

  const envelope = unlessUndecodable(() => readEnvelope(bytes, knownBodies(features)))
  const isRelayed = envelope?.type === 'newBlock' || envelope?.type === 'newTransaction'

  // as the relay has it: what is wrong outside of the item is a violation
  return isRelayed && unlessUndecodable(() => readNewItem(envelope.body)) != null ? { effect: 'item refused' } : { effect: 'violation' }
}

/** The scanner, held to a decoder that was written from the text of the protocol and shares no code with it. */
export const grammar: Target = {
  name: 'grammar',
  share: 20,
  seeds: fixtureMessages,
  mutate: mutateFields,
  run: (input) => {
    for (const features of [[], FEATURES]) {
      assert.deepEqual(rulingOf(input, features), ruleOn(input, features))
    }
  }
}
