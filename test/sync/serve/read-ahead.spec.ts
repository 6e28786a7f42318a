import assert from 'node:assert/strict'
import { encodeBlock } from '../../../src/codec/items/items.ts'
import { MAX_AHEAD_BYTES, MAX_READS, MAX_READS_AHEAD, ReadAhead } from '../../../src/sync/serve/read-ahead.ts'
import { readChain } from '../../../src/sync/serve/read-chain.ts'
import { READ_RETRIES } from '../../../src/sync/serve/read-again.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleChain } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { ServedBlock, UncheckedSource } from '../../../src/sync/serve/stored-block.ts'
import type { ChainSource, StoredBlock } from '../../../src/types/chain.ts'

const READ_MS = 100
const blocks = sampleChain(257)
const peer = {} as Session

describe('sync/serve/read-ahead', () => {
  let clock: FakeClock
  let underWay: number
  let most: number
  let reads: number
  let source: UncheckedSource

  beforeEach(() => {
    clock = new FakeClock()
    reads = most = underWay = 0
    source = serve((height) => blocks[height])
  })

  afterEach(() => { assert.equal(clock.pending, 0) })

  /** A chain whose `get` takes its time. */
  function serve (give: (height: number) => StoredBlock | undefined): UncheckedSource {
    return readChain({
      tip: () => blocks.at(-1)!,
      get: async (height) => {
        reads++
        most = Math.max(most, ++underWay)
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, READ_MS) })
        underWay--

        return give(height)
      }
    }, clock)
  }

  function range (startHeight: number, endHeight: number): AsyncGenerator<ServedBlock> {
    return source.range({ type: 'requestBlockRange', startHeight, endHeight }, peer) as AsyncGenerator<ServedBlock>
  }

  async function heights (given: AsyncGenerator<ServedBlock>): Promise<number[]> {
    const all: number[] = []

    for await (const { links } of given) {
      all.push(links.height)
    }

    return all
  }

  /** Moves the time on until this is settled. */
  async function driven<Result> (promise: Promise<Result>): Promise<Result> {
    while (await isPending(promise)) {
      await clock.advance(1)
    }

    return promise
  }

  const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, height) => height)

  it(`reads ${MAX_READS} blocks at a time and no more, in order, and takes a ${MAX_READS}th of the time`, async () => {
    const since = clock.now()
    assert.deepEqual(await driven(heights(range(0, 255))), upTo(255))
    assert.deepEqual([most, reads], [MAX_READS, 256])
    const ms = clock.now() - since
    // the first few come one, two and four at a time
    assert.ok(ms >= 256 / MAX_READS * READ_MS && ms <= (256 / MAX_READS + 6) * READ_MS, `${ms} ms`)
  })

  it('reads one block where one is asked for', async () => {
    assert.deepEqual(await driven(heights(range(7, 7))), [7])
    assert.equal(reads, 1)
  })

  for (const [bytes, expected] of [[MAX_AHEAD_BYTES, 2], [MAX_AHEAD_BYTES + 1, 1]] as const) {
    it(`reads ${expected} at a time where blocks have ${bytes} bytes`, async () => {
      const sizeOf = (proof: number): number => encodeBlock({ ...blocks[1]!, proof: new Uint8Array(proof) }).byteLength
      const proof = new Uint8Array(bytes - (sizeOf(bytes) - bytes))
      assert.equal(sizeOf(proof.byteLength), bytes)
      source = serve((height) => ({ ...blocks[height]!, proof }))
      assert.deepEqual(await driven(heights(range(1, 12))), upTo(12).slice(1))
      assert.equal(most, expected)
    })
  }

  it(`reads ${MAX_READS_AHEAD} blocks ahead for all answers together, and each answer goes on`, async () => {
    const answers = Array.from({ length: 8 }, async () => heights(range(0, 100)))
    assert.deepEqual(await driven(Promise.all(answers)), Array<number[]>(8).fill(upTo(100)))
    assert.ok(most > MAX_READS_AHEAD, `${most} at once`)
    assert.ok(most <= MAX_READS_AHEAD + 8, `${most} at once`)
  })

  it('begins no read after its end, and has room for others again when those under way are over', async () => {
    for (let i = 0; i < MAX_READS_AHEAD; i++) {
      const given = range(0, 200)

      for (let taken = 0; taken < 5; taken++) {
        await driven(given.next())
      }

      const begun = reads
      await given.return(undefined)
      await driven(new Promise<void>((resolve) => { clock.setTimeout(resolve, 2 * READ_MS) }))
      assert.deepEqual([reads, underWay], [begun, 0])
    }

    most = 0
    await driven(heights(range(0, 60)))
    assert.equal(most, MAX_READS)
  })

  it('ends where a block is missing, and leaves what was read above it', async () => {
    source = readChain({
      tip: () => blocks[20]!,
      get: async (height) => height <= 20 ? blocks[height] : undefined
    }, clock)
    assert.deepEqual(await heights(range(0, 200)), upTo(20))
  })

  for (const [what, fail] of [
    ['rejects', async () => Promise.reject(new Error('busy'))],
    ['throws', () => { throw new Error('busy') }]
  ] as [string, () => never][]) {
    for (const failures of [READ_RETRIES, READ_RETRIES + 1]) {
      it(`${failures === READ_RETRIES ? 'goes on' : 'ends with that error'} where one block ${what} ${failures} times`, async () => {
        let failed = 0
        const get: ChainSource['get'] = (height) => height === 9 && failed++ < failures ? fail() : blocks[height]
        source = readChain({ tip: () => blocks[256]!, get }, clock)
        const taken = driven(heights(range(0, 30)))

        if (failures === READ_RETRIES) {
          assert.deepEqual(await taken, upTo(30))
        } else {
          await assert.rejects(taken, { message: 'busy' })
        }

        assert.equal(failed, READ_RETRIES + 1)
      })
    }
  }

  it('reads nothing again after its end', async () => {
    source = readChain({ tip: () => blocks[256]!, get: (height) => {
      reads++

      if (height > 5) {
        throw new Error('busy')
      }

      return Promise.resolve(blocks[height])
    } }, clock)
    const given = range(0, 200)

    for (let taken = 0; taken < 4; taken++) {
      await given.next()
    }

    const begun = reads
    assert.ok(begun > 6, 'what fails was read')
    await given.return(undefined)
    await clock.advance(10_000)
    assert.equal(reads, begun)
  })

  it('gives what the chain has at once without a promise, and reads nothing ahead', () => {
    const asked: number[] = []
    const chain: ChainSource = {
      tip: () => blocks[256]!,
      get: (height) => {
        asked.push(height)

        return blocks[height]
      }
    }
    const ahead = new ReadAhead({ chain, clock, ahead: 0 }, { startHeight: 0, endHeight: 200 })

    for (let height = 0; height < 20; height++) {
      assert.equal(ahead.take(), blocks[height])
      ahead.onBlock(500)
      assert.equal(asked.length, height + 1)
    }
  })
})
