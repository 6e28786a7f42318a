import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readEnvelope } from '../../../src/codec/envelope.ts'
import { maxItemBytes, MIN_BLOCK_BYTES } from '../../../src/codec/limits.ts'
import { decodeBlock, encodeBlock, readItem, readRange } from '../../../src/codec/items/items.ts'
import {
  CIRCUIT_FRAME_BYTES, FLUSH_AFTER_MS, BlockServer, MAX_RANGE_BLOCKS, MAX_RANGE_BYTES, MAX_SERVED_REQUESTS, RANGE_FRAME_BYTES
} from '../../../src/sync/serve/server.ts'
import { READ_RETRIES } from '../../../src/sync/serve/read-again.ts'
import { freeGiven } from '../../../src/memory/free-memory.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { circuitWith } from '../../support/circuits.ts'
import { sampleBlock, sampleChain } from '../../support/sample.ts'
import { messagesIn } from '../../support/stream-pair.ts'
import type { Circuit } from '../../../src/session/circuit.ts'
import type { Session } from '../../../src/session/session.ts'
import type { Frame } from '../../../src/session/send/send-queue.ts'
import type { BlockServerInit, BlockSource } from '../../../src/sync/serve/server.ts'
import type { StoredBlock } from '../../../src/types/chain.ts'
import type { RequestBlockMessage, RequestBlockRangeMessage } from '../../../src/types/message.ts'
import type { Logger } from '@libp2p/interface'

const KIB = 1024
const MIB = 1024 * KIB
const chain = sampleChain(20)

/** A block of so many bytes, which no peer looks into. */
function blockOf (bytes: number): Uint8Array {
  return new Uint8Array(bytes)
}

function sizes (items: Uint8Array[]): number[] {
  return items.map(({ byteLength }) => byteLength)
}

/** A peer that takes what it is sent, as long as it is let. */
class FakePeer {
  state: 'ready' | 'closed' = 'ready'
  circuit: Circuit | undefined
  readonly frames: Frame[] = []
  readonly priorities = new Set<string>()
  /** Called with each frame that is queued. */
  onFrame: () => void = () => {}
  #isBelowMark = true
  readonly #waiters: (() => void)[] = []

  readonly outbox = {
    whenBelowMark: async (): Promise<void> => {
      if (!this.#isBelowMark) {
        await new Promise<void>((resolve) => { this.#waiters.push(resolve) })
      }
    }
  }

  get asSession (): Session {
    return this as unknown as Session
  }

  sendFrame (priority: string, frame: Frame): boolean {
    this.priorities.add(priority)

    if (this.state === 'ready') {
      this.frames.push(frame)
      this.onFrame()
    }

    return this.state === 'ready'
  }

  /** Says whether too much waits for this peer. */
  set isFull (isFull: boolean) {
    this.#isBelowMark = !isFull

    if (!isFull) {
      this.#waiters.splice(0).forEach((resolve) => { resolve() })
    }
  }

  close (): void {
    this.state = 'closed'
    this.isFull = false
  }

  /** The range responses so far. */
  get ranges (): { items: Uint8Array[], last: boolean, requestId: bigint | undefined }[] {
    return this.frames.map((frame) => {
      const { type, body, requestId } = envelopeOf(frame)
      assert.equal(type, 'responseBlockRange')

      return { ...readRange(body), requestId }
    })
  }

  /** All blocks of the range responses so far. */
  get items (): Uint8Array[] {
    return this.ranges.flatMap(({ items }) => items)
  }
}

function envelopeOf (frame: Frame): ReturnType<typeof readEnvelope> {
  const bytes = frame.subarray()
  const lengthBytes = bytes.findIndex((byte) => byte < 0x80) + 1

  return readEnvelope(bytes.subarray(lengthBytes))
}

describe('sync/serve/server', () => {
  let peer: FakePeer
  let clock: FakeClock
  let errors: unknown[]

  beforeEach(() => {
    clock = new FakeClock()
    peer = new FakePeer()
    errors = []
  })

  function create (source: Partial<BlockSource>, maxFrameBytes = 4 * MIB, limits?: BlockServerInit['limits']): BlockServer {
    return new BlockServer({
      source: {
        block: async () => assert.fail('no block was asked for'),
        range: () => assert.fail('no range was asked for'),
        sharesMemory: () => true,
        ...source
      },
      clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      onError: (err) => { errors.push(err) },
      maxFrameBytes,
      ...(limits == null ? {} : { limits })
    })
  }

  const rangeRequest = (startHeight = 0, endHeight = 1_000_000): RequestBlockRangeMessage => ({ type: 'requestBlockRange', startHeight, endHeight })
  const blockRequest = (height = 0): RequestBlockMessage => ({ type: 'requestBlock', height })

  it(`sends what there is when the source takes ${FLUSH_AFTER_MS} ms, and not before`, async () => {
    const server = create({
      range: async function * () {
        yield encodeBlock(sampleBlock({ height: 0 }))
        await clock.advance(FLUSH_AFTER_MS - 1)
        yield encodeBlock(sampleBlock({ height: 1 }))
        assert.equal(peer.frames.length, 0)
        await clock.advance(1)
        yield encodeBlock(sampleBlock({ height: 2 }))
        assert.equal(peer.frames.length, 1)
      }
    })

    await server.serve(rangeRequest(), 7n, peer.asSession)
    assert.equal(peer.frames.length, 2)
  })

  for (const isShared of [true, false]) {
    it(`has the memory of blocks ${isShared ? 'left alone' : 'given back when they were sent'} where it is ${isShared ? '' : 'not '}shared`, async () => {
      const blocks = [blockOf(100_000), blockOf(200_000), blockOf(100_000)]
      const server = create({ block: async () => blocks[2], range: () => blocks.slice(0, 2), sharesMemory: () => isShared })
      await server.serve(rangeRequest(0, 1), 7n, peer.asSession)
      await server.serve(blockRequest(2), 8n, peer.asSession)
      blocks.forEach(freeGiven)
      await turns(1)
      assert.deepEqual(sizes(blocks), isShared ? [100_000, 200_000, 100_000] : [0, 0, 0])
    })
  }

  /** Waits for an answer that is read again, as long as that may take. */
  async function afterRetries (served: Promise<unknown>): Promise<void> {
    await clock.advance(10_000)
    await served
  }

  /** Serves one range request from `blocks`. */
  async function serveRange (blocks: Iterable<StoredBlock> | AsyncIterable<StoredBlock>, maxFrameBytes?: number): Promise<void> {
    await create({ range: () => blocks }, maxFrameBytes).serve(rangeRequest(), 7n, peer.asSession)
  }

  /** Blocks that note how far they were read, and whether they were closed. */
  class Blocks implements AsyncIterableIterator<StoredBlock> {
    read = 0
    closed = 0
    readonly #sizes: number[]

    constructor (...sizes: number[]) {
      this.#sizes = sizes
    }

    async next (): Promise<IteratorResult<StoredBlock>> {
      const size = this.#sizes[this.read++]

      return size == null ? { done: true, value: undefined } : { done: false, value: blockOf(size) }
    }

    async return (): Promise<IteratorResult<StoredBlock>> {
      this.closed++

      return { done: true, value: undefined }
    }

    [Symbol.asyncIterator] (): this {
      return this
    }
  }

  describe('of a block', () => {
    async function serveBlock (block: BlockSource['block'], requestId?: bigint, maxFrameBytes?: number): Promise<Uint8Array | undefined> {
      await afterRetries(create({ block }, maxFrameBytes).serve(blockRequest(3), requestId, peer.asSession))
      assert.equal(peer.frames.length, 1)
      const { type, body, requestId: echoed } = envelopeOf(peer.frames[0]!)
      assert.equal(type, 'responseBlock')
      assert.equal(echoed, requestId)

      return readItem(body)
    }

    it('answers with the block, decoded or not', async () => {
      assert.deepEqual(decodeBlock(Uint8Array.from(await serveBlock(async () => chain[3]) ?? [])), chain[3])
      peer.frames.length = 0
      const bytes = encodeBlock(chain[3]!)
      assert.deepEqual(Uint8Array.from(await serveBlock(async () => bytes) ?? []), Uint8Array.from(bytes))
    })

    it('asks for what was asked for, on behalf of whom', async () => {
      const asked: unknown[] = []
      await serveBlock(async (...args) => {
        asked.push(...args)

        return undefined
      })

      assert.deepEqual(asked, [blockRequest(3), peer])
    })

    it('answers that there is none', async () => {
      assert.equal(await serveBlock(async () => undefined), undefined)
      assert.deepEqual(errors, [])
    })

    for (const requestId of [undefined, 1n, 2n ** 64n - 1n]) {
      it(`echoes the request id ${requestId}`, async () => {
        await serveBlock(async () => chain[3], requestId)
      })
    }

    it('answers with the block, and reports nothing, where the chain throws at first', async () => {
      let reads = 0
      const item = await serveBlock(async () => {
        if (++reads <= READ_RETRIES) {
          throw new Error('busy')
        }

        return chain[3]
      })
      assert.deepEqual(decodeBlock(Uint8Array.from(item ?? [])), chain[3])
      assert.deepEqual(errors, [])
    })

    it('answers that there is none where the chain throws, and reports it', async () => {
      assert.equal(await serveBlock(async () => { throw new Error('disk') }), undefined)
      assert.equal(errors.length, 1)
    })

    it('answers that there is none for one that fits no message, and reports it', async () => {
      assert.equal(await serveBlock(async () => ({ ...chain[3]!, hash: new Uint8Array(31) })), undefined)
      assert.equal(errors.length, 1)
    })

    it('answers that there is none for one that is larger than an item may be, and reports it', async () => {
      assert.equal(await serveBlock(async () => blockOf(maxItemBytes(64 * KIB) + 1), 2n ** 64n - 1n, 64 * KIB), undefined)
      assert.equal(errors.length, 1)
    })

    it('serves the largest one', async () => {
      const largest = maxItemBytes(64 * KIB)
      assert.equal((await serveBlock(async () => blockOf(largest), 2n ** 64n - 1n, 64 * KIB))?.byteLength, largest)
    })
  })

  describe('of a range', () => {
    it('answers with the blocks in one frame, the last one', async () => {
      await create({ range: () => chain.slice(2, 6) }).serve(rangeRequest(2, 5), 9n, peer.asSession)

      assert.equal(peer.frames.length, 1)
      const [{ message, requestId }] = messagesIn(peer.frames[0]!.subarray()) as [ReturnType<typeof messagesIn>[0]]
      assert.deepEqual(message, { type: 'responseBlockRange', blocks: chain.slice(2, 6), last: true })
      assert.equal(requestId, 9n)
      assert.deepEqual([...peer.priorities], ['response'])
    })

    it('asks for what was asked for, on behalf of whom', async () => {
      const asked: unknown[] = []
      await create({
        range: (...args) => {
          asked.push(...args)

          return []
        }
      }).serve(rangeRequest(3, 5), undefined, peer.asSession)

      assert.deepEqual(asked, [rangeRequest(3, 5), peer])
      assert.equal(peer.ranges[0]?.requestId, undefined)
    })

    for (const [last, expected] of [[MAX_RANGE_BLOCKS + 2, MAX_RANGE_BLOCKS + 2], [MAX_RANGE_BLOCKS + 3, MAX_RANGE_BLOCKS + 2]] as const) {
      it(`asks for blocks 3 to ${expected} where those up to ${last} are asked for`, async () => {
        const asked: number[] = []
        const server = create({ range: ({ startHeight, endHeight }) => {
          asked.push(startHeight, endHeight)

          return []
        } })
        await server.serve(rangeRequest(3, last), 7n, peer.asSession)
        assert.deepEqual(asked, [3, expected])
      })
    }

    it('answers with nothing where there is nothing', async () => {
      await serveRange([])

      assert.deepEqual(peer.ranges, [{ items: [], last: true, requestId: 7n }])
    })

    it('answers with less where the chain is shorter', async () => {
      await serveRange(chain.slice(18))

      assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[2, true]])
    })

    it(`answers with ${MAX_RANGE_BLOCKS} blocks`, async () => {
      await serveRange(new Blocks(...Array<number>(MAX_RANGE_BLOCKS).fill(MIN_BLOCK_BYTES)))

      assert.equal(peer.items.length, MAX_RANGE_BLOCKS)
    })

    it(`answers with no more than ${MAX_RANGE_BLOCKS} blocks, and reads no more`, async () => {
      const blocks = new Blocks(...Array<number>(MAX_RANGE_BLOCKS + 1).fill(MIN_BLOCK_BYTES))
      await serveRange(blocks)

      assert.equal(peer.items.length, MAX_RANGE_BLOCKS)
      assert.deepEqual([blocks.read, blocks.closed], [MAX_RANGE_BLOCKS, 1])
    })

    it(`answers with ${MAX_RANGE_BYTES} bytes of blocks, and no more`, async () => {
      const blocks = new Blocks(...Array<number>(8).fill(MIB), MIN_BLOCK_BYTES)
      await serveRange(blocks)

      assert.deepEqual(sizes(peer.items), Array(8).fill(MIB))
      assert.equal(blocks.closed, 1)
    })

    it(`leaves out the block that would make it more than ${MAX_RANGE_BYTES} bytes, and those after it`, async () => {
      await serveRange(new Blocks(...Array<number>(7).fill(MIB), MIB + 1, MIN_BLOCK_BYTES))

      assert.deepEqual(sizes(peer.items), Array(7).fill(MIB))
    })

    it(`answers with one block of more than ${MAX_RANGE_BYTES} bytes, and no other`, async () => {
      await serveRange(new Blocks(9 * MIB, MIN_BLOCK_BYTES), 16 * MIB)

      assert.deepEqual(peer.ranges.map(({ items, last }) => [sizes(items), last]), [[[9 * MIB], false], [[], true]])
    })

    it(`sends frames of ${RANGE_FRAME_BYTES} bytes of blocks at most`, async () => {
      await serveRange(new Blocks(...Array<number>(5).fill(RANGE_FRAME_BYTES / 2)))
      assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[2, false], [2, false], [1, true]])
    })

    it('begins another frame for one byte more', async () => {
      await serveRange(new Blocks(RANGE_FRAME_BYTES / 2, RANGE_FRAME_BYTES / 2 + 1))
      assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[1, false], [1, true]])
    })

    it('sends a block that is larger than that in a frame of its own', async () => {
      await serveRange(new Blocks(MIN_BLOCK_BYTES, RANGE_FRAME_BYTES + 1, MIN_BLOCK_BYTES))
      assert.deepEqual(peer.ranges.map(({ items, last }) => [sizes(items), last]), [
        [[MIN_BLOCK_BYTES], false], [[RANGE_FRAME_BYTES + 1], false], [[MIN_BLOCK_BYTES], true]
      ])
    })

    it('sends no empty frame after blocks that just fill the frames', async () => {
      await serveRange(new Blocks(...Array<number>(4).fill(RANGE_FRAME_BYTES / 2)))
      assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[2, false], [2, true]])
    })

    it('sends smaller frames where larger ones are not allowed', async () => {
      await serveRange(new Blocks(...Array<number>(10).fill(16 * KIB)), 64 * KIB)

      assert.equal(peer.items.length, 10)
      assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[3, false], [3, false], [3, false], [1, true]])
      assert.deepEqual(errors, [])
    })

    it('counts what is in front of each block where frames are small and blocks are many', async () => {
      await serveRange(new Blocks(...Array<number>(MAX_RANGE_BLOCKS).fill(MIN_BLOCK_BYTES)), 64 * KIB)

      assert.equal(peer.items.length, MAX_RANGE_BLOCKS)
      assert.equal(peer.ranges.filter(({ last }) => last).length, 1)
      assert.deepEqual(errors, [])
    })

    it('keeps to the limits, with every block in its order and one end, whatever the blocks', async () => {
      const size = fc.oneof(
        fc.integer({ min: MIN_BLOCK_BYTES, max: 300 }),
        fc.integer({ min: MIN_BLOCK_BYTES, max: 70 * KIB }),
        fc.constantFrom(127, 128, 16_383, 16_384)
      )
      const limit = fc.constantFrom(64 * KIB, 65 * KIB, RANGE_FRAME_BYTES, RANGE_FRAME_BYTES + 64, 4 * MIB)

      const some = fc.array(size, { maxLength: 60 })
      const times = fc.integer({ min: 1, max: 30 })

      await fc.assert(fc.asyncProperty(some, times, limit, async (some, times, limit) => {
        peer = new FakePeer()
        const all = Array<number[]>(times).fill(some).flat().slice(0, MAX_RANGE_BLOCKS)
        // what does not fit into a frame ends the response
        const end = all.findIndex((size) => size > maxItemBytes(limit))
        const fitting = end === -1 ? all : all.slice(0, end)
        let total = 0
        const served = fitting.filter((size) => (total += size) <= MAX_RANGE_BYTES)
        await serveRange(new Blocks(...all), limit)

        assert.deepEqual(sizes(peer.items), served)
        assert.deepEqual(peer.ranges.map(({ last }) => last), [...Array<boolean>(peer.frames.length - 1).fill(false), true])
        assert.ok(peer.frames.every(({ byteLength }) => byteLength <= limit + 4))
        assert.ok(peer.ranges.every(({ items }) => items.length === 1 || sizes(items).reduce((a, b) => a + b, 0) <= RANGE_FRAME_BYTES))
      }), { numRuns: 60 })
    })

    describe('that goes wrong', () => {
      async function * failing (...blocks: StoredBlock[]): AsyncGenerator<StoredBlock> {
        yield * blocks
        throw new Error('disk')
      }

      it('ends with what there was where the chain throws midway, and is reported', async () => {
        await serveRange(failing(...chain.slice(0, 3)))

        assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[3, true]])
        assert.equal(errors.length, 1)
      })

      it('ends with one end where the chain throws after some frames', async () => {
        await serveRange(failing(...Array<Uint8Array>(3).fill(blockOf(RANGE_FRAME_BYTES))))

        assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[1, false], [1, false], [1, true]])
      })

      it('ends with nothing where the chain throws at once', async () => {
        await afterRetries(serveRange(failing()))
        assert.deepEqual(peer.ranges, [{ items: [], last: true, requestId: 7n }])
      })

      it('ends with nothing where the chain throws instead of giving anything to read', async () => {
        await afterRetries(create({ range: () => { throw new Error('disk') } }).serve(rangeRequest(), 7n, peer.asSession))
        assert.deepEqual(peer.ranges, [{ items: [], last: true, requestId: 7n }])
      })

      for (const [what, fail] of [
        ['throws', () => { throw new Error('busy') }],
        ['gives what throws at the first block', () => failing()],
        ['rejects', async () => Promise.reject(new Error('busy'))]
      ] as [string, () => AsyncGenerator<StoredBlock>][]) {
        it(`answers with the blocks, and reports nothing, where the chain ${what} at first`, async () => {
          let reads = 0
          const server = create({ range: () => ++reads <= READ_RETRIES ? fail() : chain.slice(0, 3) })
          const served = server.serve(rangeRequest(), 7n, peer.asSession)
          await turns(2)
          assert.deepEqual([reads, peer.frames.length], [1, 0])
          await afterRetries(served)
          assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[3, true]])
          assert.deepEqual([reads, errors], [READ_RETRIES + 1, []])
        })
      }

      it('reads nothing again for a peer that went away', async () => {
        let reads = 0
        const served = create({ range: () => { throw new Error(`read ${++reads}`) } }).serve(rangeRequest(), 7n, peer.asSession)
        await turns(2)
        peer.close()
        await afterRetries(served)
        assert.equal(reads, 1)
      })

      for (const nothing of [undefined, null, 7]) {
        it(`ends with nothing where a handler gives ${nothing}`, async () => {
          await afterRetries(serveRange(nothing as never))

          assert.deepEqual(peer.ranges, [{ items: [], last: true, requestId: 7n }])
          assert.equal(errors.length, 1)
        })
      }

      it('ends before a block that is larger than an item may be, closes the chain\'s iterator, and is reported', async () => {
        const blocks = new Blocks(1000, 1000, 64 * KIB, 1000)
        await serveRange(blocks, 64 * KIB)

        assert.deepEqual(peer.ranges.map(({ items, last }) => [sizes(items), last]), [[[1000, 1000], true]])
        assert.deepEqual([blocks.read, blocks.closed, errors.length], [3, 1, 1])
      })

      it('ends before what is no block', async () => {
        await serveRange([chain[0]!, undefined as never, chain[1]!])

        assert.deepEqual(peer.ranges.map(({ items, last }) => [items.length, last]), [[1, true]])
        assert.equal(errors.length, 1)
      })
    })

    describe('to a peer that does not take it', () => {
      it('reads nothing from the chain while too much waits for the peer', async () => {
        peer.isFull = true
        const blocks = new Blocks(1000, 1000)
        const served = serveRange(blocks)
        await turns(2)
        assert.equal(blocks.read, 0)
        peer.isFull = false
        await served

        assert.equal(peer.items.length, 2)
      })

      it('reads one block ahead at most when that begins midway', async () => {
        const blocks = new Blocks(...Array<number>(6).fill(RANGE_FRAME_BYTES))
        peer.onFrame = () => { peer.isFull = peer.frames.length === 2 }
        const served = serveRange(blocks)
        assert.equal(await isPending(served), true)
        await turns(2)
        // two were sent, and the third waits
        assert.deepEqual([peer.frames.length, blocks.read], [2, 3])
        peer.isFull = false
        await served

        assert.deepEqual(peer.ranges.map(({ last }) => last), [false, false, false, false, false, true])
      })

      it('ends and closes the chain\'s iterator where the peer goes away', async () => {
        const blocks = new Blocks(...Array<number>(6).fill(RANGE_FRAME_BYTES))
        peer.onFrame = () => { peer.isFull = true }
        const served = serveRange(blocks)
        await turns(2)
        peer.close()
        await served

        assert.deepEqual([peer.frames.length, blocks.read, blocks.closed], [1, 2, 1])
      })

      it('ends where the peer goes away while the chain takes its time', async () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        let isClosed = false

        const served = serveRange((async function * (): AsyncGenerator<StoredBlock> {
          try {
            yield blockOf(1000)
            await promise
            yield blockOf(1000)
            assert.fail('read on')
          } finally {
            isClosed = true
          }
        })())

        await turns(2)
        peer.close()
        resolve()
        await served

        assert.deepEqual([isClosed, peer.frames.length], [true, 0])
        assert.deepEqual(errors, [])
      })

      it('reads nothing for a peer that went away before its turn', async () => {
        peer.isFull = true
        const blocks = new Blocks(1000)
        const served = serveRange(blocks)
        peer.close()
        await served

        assert.equal(blocks.read, 0)
      })
    })
  })

  describe('through a circuit', () => {
    it(`frames at most ${CIRCUIT_FRAME_BYTES} bytes of blocks together, and ends the answer before it is full`, async () => {
      const { circuit, use } = circuitWith(clock, 100_000)
      peer.circuit = circuit
      peer.onFrame = () => { use(peer.frames.at(-1)!.byteLength) }
      await serveRange(new Blocks(8192, 8192, 200, 30_000, 50_000, 10_000))

      assert.deepEqual(peer.ranges.map(({ items, last }) => [sizes(items), last]), [
        [[8192, 8192], false], [[200], false], [[30_000], false], [[50_000], true]
      ])
    })

    for (const [what, bytes, frames, lows] of [
      ['what fits', 49_990, 1, 0],
      ['nothing, and has another circuit made, for what does not fit any more', 50_010, 0, 1],
      ['that it has none where no circuit carries it', 100_010, 1, 0]
    ] as const) {
      it(`answers ${what}`, async () => {
        for (const type of ['range', 'block'] as const) {
          peer = new FakePeer()
          const used = circuitWith(clock, 100_000)
          used.use(50_000)
          peer.circuit = used.circuit
          const server = create({ range: () => new Blocks(bytes), block: async () => blockOf(bytes) })
          await server.serve(type === 'range' ? rangeRequest() : blockRequest(), 7n, peer.asSession)
          const items = peer.frames.flatMap((frame) => type === 'range' ? readRange(envelopeOf(frame).body).items : readItem(envelopeOf(frame).body) ?? [])

          assert.deepEqual([peer.frames.length, sizes(items), used.lows], [frames, bytes <= 50_000 ? [bytes] : [], lows], type)
        }
      })
    }
  })

  describe('with limits of its own', () => {
    const limits = { servedBlocks: 3, servedBytes: 4000, servedRequests: 1 }

    for (const [what, blocks, expected] of [
      ['as many blocks, and no more', [1000, 1000, 1000, 1000], [1000, 1000, 1000]],
      ['as many bytes, and no more', [2000, 2000, 2000], [2000, 2000]],
      ['no block that would make it more bytes', [2000, 2001, 1000], [2000]],
      ['one block of more bytes', [4001, 1000], [4001]]
    ] as const) {
      it(`answers with ${what}`, async () => {
        await create({ range: () => new Blocks(...blocks) }, MIB, limits).serve(rangeRequest(), 1n, peer.asSession)

        assert.deepEqual(sizes(peer.items), expected)
      })
    }

    it('serves as many requests of a peer at a time, and no more', async () => {
      const heights: number[] = []
      const server = create({ block: async ({ height }) => new Promise(() => { heights.push(height) }) }, MIB, limits)
      void server.serve(blockRequest(1), 1n, peer.asSession)
      void server.serve(blockRequest(2), 2n, peer.asSession)
      await turns(2)

      assert.deepEqual(heights, [1])
    })
  })

  describe('of many requests', () => {
    /** A chain whose answers are in the hands of the test. */
    function slow (): { server: BlockServer, answers: ((block: StoredBlock | undefined) => void)[], heights: number[] } {
      const answers: ((block: StoredBlock | undefined) => void)[] = []
      const heights: number[] = []

      const server = create({
        block: async ({ height }) => {
          heights.push(height)

          return new Promise((resolve) => { answers.push(resolve) })
        }
      })

      return { server, answers, heights }
    }

    it(`serves ${MAX_SERVED_REQUESTS} of a peer at a time; others wait, and come in order`, async () => {
      const { server, answers, heights } = slow()
      const served = [0, 1, 2, 3, 4, 5].map(async (height) => server.serve(blockRequest(height), BigInt(height + 1), peer.asSession))
      await turns(1)
      assert.deepEqual(heights, [0, 1, 2, 3])
      answers[2]?.(undefined)
      await served[2]
      await turns(1)
      assert.deepEqual(heights, [0, 1, 2, 3, 4])
      answers.forEach((answer) => { answer(undefined) })
      await turns(1)
      assert.deepEqual(heights, [0, 1, 2, 3, 4, 5])
      answers.forEach((answer) => { answer(undefined) })
      await Promise.all(served)

      assert.equal(peer.frames.length, 6)
    })

    it('serves another peer while one has to wait', async () => {
      const { server, heights } = slow()

      for (let height = 0; height < 2 * MAX_SERVED_REQUESTS; height++) {
        void server.serve(blockRequest(height), 1n, peer.asSession)
      }

      void server.serve(blockRequest(99), 1n, new FakePeer().asSession)
      await turns(1)
      assert.deepEqual(heights, [0, 1, 2, 3, 99])
    })

    it('goes on to the next after one that failed', async () => {
      const server = create({ block: async () => { throw new Error('disk') } })
      const served = Array.from({ length: 20 }, async () => server.serve(blockRequest(), 1n, peer.asSession))
      await afterRetries(Promise.all(served))

      assert.deepEqual([peer.frames.length, errors.length], [20, 20])
    })

    it('counts ranges and blocks together', async () => {
      let ranges = 0

      const server = create({
        block: async () => new Promise(() => {}),
        range: () => {
          ranges++

          return []
        }
      })

      for (let i = 0; i < MAX_SERVED_REQUESTS; i++) {
        void server.serve(blockRequest(), 1n, peer.asSession)
      }

      void server.serve(rangeRequest(), 1n, peer.asSession)
      await turns(1)
      assert.equal(ranges, 0)
    })

    for (const [what, request] of [['blocks', blockRequest()], ['ranges', rangeRequest()]] as const) {
      it(`sends one frame of ${what} at a time into the room that a peer has, in order`, async () => {
        const server = create({ block: async () => blockOf(MIB), range: () => new Blocks(MIB, MIB, MIB) })
        const frames = what === 'blocks' ? MAX_SERVED_REQUESTS : 3 * MAX_SERVED_REQUESTS
        peer.onFrame = () => { peer.isFull = true }

        const served = Array.from({ length: MAX_SERVED_REQUESTS }, async (_, i) => server.serve(request, BigInt(i + 1), peer.asSession))

        for (let sent = 1; sent <= frames; sent++) {
          await turns(2)
          assert.equal(peer.frames.length, sent)
          peer.isFull = false
        }

        await Promise.all(served)
        assert.deepEqual(peer.frames.slice(0, 4).map((frame) => envelopeOf(frame).requestId), [1n, 2n, 3n, 4n])
      })
    }

    it('is over soon for all that wait when the peer goes away', async () => {
      const { server, answers, heights } = slow()
      const served = Array.from({ length: 10 }, async (_, height) => server.serve(blockRequest(height), 1n, peer.asSession))
      await turns(1)
      peer.close()
      answers.forEach((answer) => { answer(undefined) })
      await Promise.all(served)

      assert.deepEqual(heights, [0, 1, 2, 3])
      assert.equal(peer.frames.length, 0)
    })
  })
})
