import assert from 'node:assert/strict'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { freeMemory } from '../../../src/memory/free-memory.ts'
import { checkedSource } from '../../../src/sync/serve/checked-source.ts'
import { ServedBlock } from '../../../src/sync/serve/stored-block.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { BlockSource } from '../../../src/sync/serve/server.ts'
import type { UncheckedSource } from '../../../src/sync/serve/stored-block.ts'
import type { Block } from '../../../src/types/block.ts'
import type { StoredBlock } from '../../../src/types/chain.ts'

const blocks = sampleChain(6)
const peer = {} as Session

/** What no decoder takes, in place of a block. */
const WRONG: [what: string, stored: StoredBlock, message: RegExp][] = [
  ['bytes that are no block', new Uint8Array(200), /^The chain gave a block 3 that cannot be sent: Could not decode a block$/],
  ['a block that is cut off', encodeBlock(blocks[3]!).subarray(0, -1), /^The chain gave a block 3 that cannot be sent/],
  ['no bytes', new Uint8Array(0), /^The chain gave a block 3 that cannot be sent/],
  ['a block that does not fit the wire', { ...blocks[3]!, hash: new Uint8Array(31) }, /^The chain gave a block 3 that cannot be sent: Could not encode/],
  ['what is no block', null as never, /^The chain gave a block 3 that cannot be sent/],
  ['the block above, as bytes', encodeBlock(blocks[4]!), /^The chain gave block 4 where block 3 was asked for$/],
  ['the block below', blocks[2]!, /^The chain gave block 2 where block 3 was asked for$/]
]

describe('sync/serve/checked-source', () => {
  function source (given: Partial<UncheckedSource>): BlockSource {
    return checkedSource({
      block: async () => assert.fail('no block was asked for'),
      range: () => assert.fail('no range was asked for'),
      sharesMemory: () => true,
      ...given
    })
  }

  async function block (stored: StoredBlock | undefined, height = 3): Promise<StoredBlock | undefined> {
    return source({ block: async () => stored }).block({ type: 'requestBlock', height }, peer)
  }

  /** What is given of a range, and the error that ends it. */
  async function range (
    stored: Iterable<StoredBlock | ServedBlock>, startHeight: number
  ): Promise<{ given: StoredBlock[], error: Error | undefined }> {
    const given: StoredBlock[] = []

    try {
      const request = { type: 'requestBlockRange', startHeight, endHeight: 100 } as const

      for await (const item of await source({ range: () => stored }).range(request, peer)) {
        given.push(item)
      }
    } catch (err) {
      return { given, error: err as Error }
    }

    return { given, error: undefined }
  }

  function bytesOf (blocks: readonly Block[]): Uint8Array[] {
    return blocks.map((block) => encodeBlock(block))
  }

  it('gives a block as it is encoded, which bytes are already', async () => {
    const bytes = encodeBlock(blocks[3]!)
    assert.equal(await block(bytes), bytes)
    assert.deepEqual(await block(blocks[3]), bytes)
  })

  it('gives none where there is none', async () => {
    assert.equal(await block(undefined), undefined)
  })

  it('gives a range as it is encoded', async () => {
    const { given, error } = await range([blocks[1]!, encodeBlock(blocks[2]!), blocks[3]!], 1)
    assert.deepEqual(given, bytesOf(blocks.slice(1, 4)))
    assert.equal(error, undefined)
  })

  it('takes what the source has checked as it is, but for its links', async () => {
    const [first, second, third] = [1, 2, 4].map((height) => new ServedBlock(Uint8Array.of(height), blocks[height]!))
    const { given, error } = await range([first!, second!, third!], 1)

    assert.deepEqual(given, [Uint8Array.of(1), Uint8Array.of(2)])
    assert.match(error!.message, /^The chain gave a block 3 that does not follow block 2$/)
  })

  it('checks a range that comes later as one that is in memory', async () => {
    const later = async function * (): AsyncGenerator<StoredBlock> { yield * blocks }
    const request = { type: 'requestBlockRange', startHeight: 0, endHeight: 5 } as const
    const given: StoredBlock[] = []

    for await (const item of await source({ range: later }).range(request, peer)) {
      given.push(item)
    }

    assert.deepEqual(given, bytesOf(blocks))
  })

  it('gives a range of which each block loses its memory before the next one is read', async () => {
    const large = blocks.map((block) => encodeBlock({ ...block, proof: new Uint8Array(100_000) }))
    let count = 0

    for await (const item of await source({ range: () => large }).range({ type: 'requestBlockRange', startHeight: 0, endHeight: 5 }, peer)) {
      freeMemory(item as Uint8Array)
      assert.equal((item as Uint8Array).byteLength, 0)
      count++
    }

    assert.equal(count, 6)
  })

  it('asks for what it was asked for, on behalf of whom', async () => {
    const asked: unknown[] = []
    const asking = source({
      block: async (...args) => { asked.push(args); return undefined },
      range: (...args) => { asked.push(args); return [] },
      sharesMemory: (type) => type === 'requestBlock'
    })
    const one = { type: 'requestBlock', height: 3 } as const
    const many = { type: 'requestBlockRange', startHeight: 3, endHeight: 5 } as const
    await asking.block(one, peer)
    await asking.range(many, peer)

    assert.deepEqual(asked, [[one, peer], [many, peer]])
    assert.deepEqual([asking.sharesMemory('requestBlock'), asking.sharesMemory('requestBlockRange')], [true, false])
  })

  it('closes what it reads where it is left', async () => {
    let isClosed = false
    const reading = source({
      range: function * () {
        try { yield * blocks } finally { isClosed = true }
      }
    })

    for await (const item of await reading.range({ type: 'requestBlockRange', startHeight: 0, endHeight: 5 }, peer)) {
      assert.deepEqual(item, encodeBlock(blocks[0]!))
      break
    }

    assert.ok(isClosed)
  })

  for (const [what, stored, message] of WRONG) {
    it(`throws instead of giving ${what}`, async () => {
      if (stored != null) {
        await assert.rejects(block(stored), { name: 'StorageError', message })
      }

      const { given, error } = await range([blocks[1]!, blocks[2]!, stored, blocks[4]!], 1)
      assert.deepEqual(given, bytesOf(blocks.slice(1, 3)))
      assert.equal(error?.name, 'StorageError')
      assert.match(error.message, message)
    })
  }

  it('ends a range before a gap', async () => {
    const { given, error } = await range([blocks[1]!, blocks[2]!, blocks[4]!], 1)
    assert.deepEqual(given, bytesOf(blocks.slice(1, 3)))
    assert.equal(error?.message, 'The chain gave block 4 where block 3 was asked for')
  })

  it('gives nothing of a range that begins elsewhere', async () => {
    const { given, error } = await range(blocks.slice(2), 1)
    assert.deepEqual(given, [])
    assert.equal(error?.message, 'The chain gave block 2 where block 1 was asked for')
  })

  it('ends a range before a broken link', async () => {
    const { given, error } = await range([blocks[1]!, blocks[2]!, { ...blocks[3]!, prevHash: new Uint8Array(32) }], 1)
    assert.deepEqual(given, bytesOf(blocks.slice(1, 3)))
    assert.deepEqual([error?.name, error?.message], ['StorageError', 'The chain gave a block 3 that does not follow block 2'])
  })
})
