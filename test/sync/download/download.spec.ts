import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RequestError } from '../../../src/errors.ts'
import { Download } from '../../../src/sync/download/download.ts'
import { HEDGE_AFTER_MS, HEDGE_CHECK_MS, SLOW_AFTER_MS } from '../../../src/sync/download/hedging.ts'
import { MAX_BATCH_BLOCKS, MAX_BATCH_BYTES } from '../../../src/sync/download/span.ts'
import { MAX_IN_FLIGHT } from '../../../src/sync/download/throughput.ts'
import { WINDOW_BLOCKS, WINDOW_BYTES, WINDOW_SLACK_BYTES } from '../../../src/sync/download/window.ts'
import { MAX_RANGE_BLOCKS } from '../../../src/sync/serve/server.ts'
import { freeMemory } from '../../../src/memory/free-memory.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakePeer, REQUEST_TIMEOUT } from '../../support/fake-peer.ts'
import { sampleBlock, sampleChain, sampleHash } from '../../support/sample.ts'
import type { Question } from '../../support/fake-peer.ts'
import type { DownloadFault } from '../../../src/sync/download/fault.ts'
import type { DownloadRange } from '../../../src/sync/download/window.ts'
import type { Block } from '../../../src/types/block.ts'

const chain = sampleChain(200)
const other = sampleChain(200, 'other')

/** Linked blocks of about so many bytes each. */
function blocksOf (bytes: number, count: number): Block[] {
  return Array.from({ length: count }, (_, height) => sampleBlock({
    height, hash: sampleHash(`b ${height}`), prevHash: sampleHash(`b ${height - 1}`), transactions: [], proof: new Uint8Array(bytes)
  }))
}

/** What has come of a download so far. */
interface Taken {
  download: Download
  blocks: Block[]
  /** Who sent each batch. */
  senders: string[]
  error: RequestError | undefined
  done: Promise<void>
}

describe('sync/download/download', () => {
  let clock: FakeClock
  let peers: Map<string, FakePeer>
  let faults: DownloadFault[]

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Map()
    faults = []
  })

  afterEach(() => {
    for (const peer of peers.values()) {
      assert.equal(peer.underWay, 0, `${peer.id} has requests under way`)
    }

    assert.equal(clock.pending, 0, 'timers are left')
  })

  function add (id: string, settings: { bestHeight?: number } = {}): FakePeer {
    return Object.assign(new FakePeer(id, peers, clock), { bestHeight: 199 }, settings)
  }

  function create (range: DownloadRange): Download {
    return new Download({
      peers: () => Array.from(peers.values(), ({ session }) => session), clock, onFault: (fault) => { faults.push(fault) }
    }, range)
  }

  /** Takes everything while the test goes on. */
  function take (range: DownloadRange): Taken {
    const taken: Taken = { download: create(range), blocks: [], senders: [], error: undefined, done: Promise.resolve() }

    taken.done = (async () => {
      for await (const { blocks, peer } of taken.download.batches()) {
        taken.blocks.push(...blocks.map(({ block }) => block))
        taken.senders.push(peer.id)
      }
    })().catch((err: unknown) => { taken.error = err as RequestError })

    return taken
  }

  async function takeAll (range: DownloadRange): Promise<Block[]> {
    const taken = take(range)
    await taken.done
    assert.equal(taken.error, undefined)

    return taken.blocks
  }

  const named = (): string[] => faults.map(({ peer, kind }) => `${peer.id} ${kind}`)

  describe('from peers that do as they should', () => {
    it('hands out what one peer has, in order and with the bytes as they came', async () => {
      add('alice').serve(chain)
      const taken = take({ startHeight: 3, endHeight: 150 })
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(3, 151))
      assert.deepEqual(faults, [])
    })

    it('goes on where the memory of a block is given back as soon as it was handed out', async () => {
      const large = blocksOf(40_000, 60)
      const alice = add('alice', { bestHeight: 59 })
      const heights: number[] = []
      const range = create({ startHeight: 0, endHeight: 59 })

      const done = (async () => {
        for await (const { blocks } of range.batches()) {
          for (const { block, bytes } of blocks) {
            heights.push(block.height)
            freeMemory(bytes)
            assert.equal(block.hash.byteLength, 0)
          }
        }
      })()

      // one frame after the other, each when the blocks of the one before are gone, within a request and across requests
      while (heights.length < 60) {
        await turns(1)
        const at = heights.length
        const [, to] = alice.heights.find(([, to]) => to >= at)!
        const question = alice.asked[alice.heights.findIndex(([, end]) => end === to)]
        const end = Math.min(to, at + 1)
        await alice.sendRange(large.slice(at, end + 1), end === to, question)
        await turns(1)
        assert.ok(heights.length > at, `nothing came after ${at} blocks`)
      }

      await done
      assert.deepEqual(heights, large.map(({ height }) => height))
      assert.ok(alice.asked.length > 1)
      assert.deepEqual(faults, [])
    })

    it('asks each peer for one thing at first, and for several at a time once it has delivered', async () => {
      const all = ['a', 'b', 'c'].map((id) => add(id))
      const taken = take({ startHeight: 0, endHeight: 199 })
      await turns(1)
      assert.deepEqual(all.map(({ underWay }) => underWay), [1, 1, 1])
      assert.equal(taken.download.busyPeers, 3)
      const heights = all.flatMap((peer) => peer.heights).sort(([a], [b]) => a - b)
      heights.forEach(([start], i) => { assert.equal(start, i === 0 ? 0 : heights[i - 1]![1] + 1) })

      let most = 0

      for (const peer of all) {
        const first = [...peer.asked]
        peer.serve(chain)
        const { onAsk } = peer
        peer.onAsk = (question) => {
          most = Math.max(most, peer.underWay)
          onAsk(question)
        }
        first.forEach(onAsk)
      }

      await taken.done
      assert.deepEqual(taken.blocks, chain)
      assert.deepEqual(new Set(taken.senders), new Set(['a', 'b', 'c']))
      assert.ok(most > 1 && most <= MAX_IN_FLIGHT, `${most} requests at a time`)
    })

    it(`has at most ${MAX_IN_FLIGHT} requests under way at one peer, and asks for at most ${MAX_RANGE_BLOCKS} blocks in each`, async () => {
      const small = blocksOf(0, 20_000)
      const alice = add('alice', { bestHeight: 19_999 })
      let most = 0
      alice.serve(small)
      const { onAsk } = alice
      alice.onAsk = (question) => {
        most = Math.max(most, alice.underWay)
        onAsk(question)
      }
      const blocks = await takeAll({ startHeight: 0, endHeight: 19_999 })

      assert.equal(blocks.length, 20_000)
      assert.equal(most, MAX_IN_FLIGHT)
      const sizes = alice.heights.map(([start, end]) => end - start + 1)
      assert.equal(Math.max(...sizes), MAX_RANGE_BLOCKS)
    })

    it('asks for less where blocks are large', async () => {
      const large = blocksOf(1024 * 1024, 40)
      const alice = add('alice', { bestHeight: 39 }).serve(large, 2)
      await takeAll({ startHeight: 0, endHeight: 39 })
      const [start, end] = alice.heights.at(-1)!

      assert.ok(end - start + 1 <= 4, `it was asked for ${end - start + 1} blocks in one go`)
    })

    it('hands out blocks while others are still on their way', async () => {
      const alice = add('alice')
      const taken = take({ startHeight: 0, endHeight: 9 })
      await alice.sendRange(chain.slice(0, 4), false)
      await turns(1)
      assert.deepEqual(taken.blocks, chain.slice(0, 4))
      await alice.sendRange(chain.slice(4, 10), true)
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 10))
    })

    it('asks again for the rest of a short answer, for no more than came', async () => {
      const alice = add('alice').serve(chain, 4)

      assert.deepEqual(await takeAll({ startHeight: 0, endHeight: 9 }), chain.slice(0, 10))
      assert.deepEqual(alice.heights, [[0, 9], [4, 7], [8, 9]])
      assert.deepEqual(faults, [])
    })

    it('asks each only for what it says to have, and the others for the rest', async () => {
      const low = add('low', { bestHeight: 49 }).serve(chain.slice(0, 50))
      const high = add('high').serve(chain)
      assert.deepEqual(await takeAll({ startHeight: 0, endHeight: 199 }), chain)

      assert.ok(low.heights.length > 0 && low.heights.every(([, end]) => end <= 49))
      assert.ok(high.heights.some(([, end]) => end === 199))
      assert.deepEqual(faults, [])
    })

    it('asks for what no peer says to have all the same: they may have grown', async () => {
      add('alice', { bestHeight: 5 }).serve(chain)

      assert.deepEqual(await takeAll({ startHeight: 0, endHeight: 20 }), chain.slice(0, 21))
    })

    it('goes on with peers that come later', async () => {
      const alice = add('alice')
      const taken = take({ startHeight: 0, endHeight: 99 })
      await turns(1)
      add('bob').serve(chain)
      await clock.advance(HEDGE_CHECK_MS)
      alice.disconnect()
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 100))
    })

    it('gives nothing and asks no peer for an empty range', async () => {
      const alice = add('alice')

      assert.deepEqual(await takeAll({ startHeight: 4, endHeight: 3 }), [])
      assert.equal(alice.asked.length, 0)
    })

    it(`hands out at most ${MAX_BATCH_BLOCKS} blocks in one piece`, async () => {
      const small = blocksOf(0, 1000)
      add('alice', { bestHeight: 999 }).serve(small)
      const sizes: number[] = []

      for await (const { blocks } of create({ startHeight: 0, endHeight: 999 }).batches()) {
        sizes.push(blocks.length)
        await turns(3)
      }

      assert.equal(Math.max(...sizes), MAX_BATCH_BLOCKS)
    })

    it('hands out a limited number of bytes in one piece', async () => {
      const large = blocksOf(500_000, 60)
      add('alice', { bestHeight: 59 }).serve(large)
      const sizes: number[] = []

      for await (const { blocks } of create({ startHeight: 0, endHeight: 59 }).batches()) {
        sizes.push(blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0))
        await turns(3)
      }

      assert.ok(Math.max(...sizes) <= MAX_BATCH_BYTES)
      assert.ok(Math.max(...sizes) > MAX_BATCH_BYTES - 500_200)
    })
  })

  describe('from peers that fail', () => {
    const wrong: [what: string, answer: (start: number, end: number) => Block[]][] = [
      ['a gap', (start) => [chain[start]!, chain[start + 2]!]],
      ['blocks in reverse', (start) => [chain[start + 1]!, chain[start]!]],
      ['a duplicate', (start) => [chain[start]!, chain[start]!]],
      ['a block outside the range', (_start, end) => [chain[(end + 1) % 200]!]],
      ['more than was asked for', (start, end) => [...chain.slice(start, end + 1), sampleBlock({ height: end + 1, prevHash: chain[end]!.hash })]],
      ['blocks that are not linked', (start) => [chain[start]!, sampleBlock({ height: start + 1 })]]
    ]

    for (const [what, answer] of wrong) {
      it(`takes ${what} for a violation, names the peer, and goes on with another`, async () => {
        const alice = add('alice')
        alice.onAsk = (question) => {
          const { startHeight, endHeight } = question as Extract<Question, { startHeight: number }>
          queueMicrotask(() => { void alice.sendRange(answer(startHeight, endHeight), true, question) })
        }
        const bob = add('bob')
        const taken = take({ startHeight: 0, endHeight: 99 })
        await turns(2)
        bob.serve(chain)
        bob.asked.forEach((question) => { bob.onAsk(question) })
        await taken.done

        assert.deepEqual(taken.blocks, chain.slice(0, 100))
        assert.equal(alice.violation?.name, 'ProtocolViolationError')
        assert.deepEqual(named(), ['alice violation'])
      })
    }

    it('goes on with another where one goes away midway, without a gap and without a duplicate', async () => {
      const alice = add('alice')
      const taken = take({ startHeight: 0, endHeight: 9 })
      await alice.sendRange(chain.slice(0, 4), false)
      await turns(1)
      const bob = add('bob').serve(chain)
      alice.disconnect()
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 10))
      assert.deepEqual(bob.heights, [[4, 9]])
      assert.deepEqual(faults, [])
    })

    it('names a peer that does not have what it says to have, and asks it for no more than it has', async () => {
      const liar = add('liar', { bestHeight: 1_000_000 }).serve(chain.slice(0, 20))
      const taken = take({ startHeight: 0, endHeight: 100 })
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 20))
      assert.equal(taken.error?.code, 'UNAVAILABLE')
      assert.ok(named().every((name) => name === 'liar unavailable') && faults.length > 0)
      assert.ok(liar.asked.length <= 2 * MAX_IN_FLIGHT, 'it was not asked again and again')
    })

    it('goes on with another where the first block of one does not follow, which is named and no violation', async () => {
      const forked = add('forked').serve(other)
      const taken = take({ startHeight: 5, endHeight: 30, previous: chain[4] })
      await turns(1)
      add('bob').serve(chain)
      await clock.advance(HEDGE_CHECK_MS)
      await taken.done

      // it was alone and all that there was had failed
      assert.equal(taken.error?.code, 'UNLINKED')
      assert.equal(forked.violation, undefined)
      assert.deepEqual(named(), ['forked unlinked'])
      faults = []
      const again = take({ startHeight: 5, endHeight: 30, previous: chain[4] })
      await again.done
      assert.deepEqual(again.blocks, chain.slice(5, 31))
      assert.deepEqual(new Set(again.senders), new Set(['bob']))
    })

    it('drops everything of a peer whose blocks do not follow those of another, and asks others for it', async () => {
      const [good, bad] = [add('good'), add('bad')]
      const taken = take({ startHeight: 0, endHeight: 63 })
      await turns(1)
      good.serve(chain)
      bad.serve(other)
      bad.asked.forEach((question) => { bad.onAsk(question) })
      await turns(2)

      // whatever comes first is right as long as nothing is known that is below it
      const [first] = good.heights[0]!
      assert.equal(first, 0, 'the good one was asked for the first blocks')
      good.asked.forEach((question) => { good.onAsk(question) })
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 64))
      assert.deepEqual(named(), ['bad unlinked'])
      assert.deepEqual(new Set(taken.senders), new Set(['good']))
    })

    it('names a peer that does not answer in time, and does not ask it again', async () => {
      const alice = add('alice')
      const taken = take({ startHeight: 0, endHeight: 9 })
      await clock.advance(REQUEST_TIMEOUT - 1)
      assert.deepEqual(faults, [])
      await clock.advance(1)
      await taken.done

      assert.equal(taken.error?.code, 'TIMEOUT')
      assert.deepEqual(named(), ['alice stalled'])
      assert.equal(alice.asked.length, 1)
    })

    it('throws where there is no peer to ask', async () => {
      const taken = take({ startHeight: 0, endHeight: 9 })
      await taken.done

      assert.deepEqual([taken.error?.name, taken.error?.code], ['RequestError', 'NO_PEERS'])
    })

    it('says why every peer failed', async () => {
      const [alice, bob] = [add('alice'), add('bob')]
      const taken = take({ startHeight: 0, endHeight: 99 })
      await turns(1)
      alice.disconnect()
      await bob.sendRange([], true, bob.asked[0])
      await clock.advance(REQUEST_TIMEOUT)
      await taken.done

      assert.equal(taken.error?.name, 'RequestError')
      assert.match(taken.error.message, /The session has ended.*(does not have|took too long|No response)/)
    })
  })

  describe('what everything else waits for', () => {
    it('is asked of a second peer when the first is quiet for too long, and not before', async () => {
      const [alice, bob] = [add('alice'), add('bob')]
      const taken = take({ startHeight: 0, endHeight: 31 })
      await turns(1)
      const [slow, quick] = alice.heights[0]?.[0] === 0 ? [alice, bob] : [bob, alice]
      quick.serve(chain)
      quick.asked.forEach((question) => { quick.onAsk(question) })
      await clock.advance(HEDGE_AFTER_MS - 1)
      assert.deepEqual([quick.asked.length, taken.blocks.length], [1, 0])
      await clock.advance(HEDGE_CHECK_MS)
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 32))
      assert.deepEqual(named(), [`${slow.id} stalled`])
      // what it still sends is let pass
      await slow.sendRange(chain.slice(0, 16), true, slow.asked[0])
      assert.equal(slow.violation, undefined)
    })

    it('is taken from the first where that answers after all, and the second is given up without a fault', async () => {
      const [alice, bob] = [add('alice'), add('bob')]
      const taken = take({ startHeight: 0, endHeight: 31 })
      await turns(1)
      const [slow, quick] = alice.heights[0]?.[0] === 0 ? [alice, bob] : [bob, alice]
      await quick.sendRange(chain.slice(16, 32), true, quick.asked[0])
      await clock.advance(HEDGE_AFTER_MS + HEDGE_CHECK_MS)
      assert.deepEqual(quick.heights[1], [0, 15])
      await slow.sendRange(chain.slice(0, 16), true, slow.asked[0])
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 32))
      assert.deepEqual(faults, [])
      await quick.sendRange(chain.slice(0, 16), true, quick.asked[1])
      assert.equal(quick.violation, undefined)
    })

    it('is asked of a second peer when the first sends it drop by drop', async () => {
      const [alice, bob] = [add('alice'), add('bob')]
      const taken = take({ startHeight: 0, endHeight: 31 })
      await turns(1)
      const [slow, quick] = alice.heights[0]?.[0] === 0 ? [alice, bob] : [bob, alice]
      quick.serve(chain)
      quick.asked.forEach((question) => { quick.onAsk(question) })
      const step = HEDGE_AFTER_MS / 2

      for (let height = 0; height * step < SLOW_AFTER_MS; height++) {
        assert.equal(quick.asked.length, 1, `nobody else was asked after ${height * step} ms`)
        await slow.sendRange([chain[height]!], false, slow.asked[0])
        await clock.advance(step)
      }

      await clock.advance(HEDGE_CHECK_MS)
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 32))
      assert.deepEqual(named(), [`${slow.id} stalled`])
    })

    it('is not asked of a second peer while it is the taker who takes his time', async () => {
      const [alice, bob] = [add('alice'), add('bob')]
      const batches = create({ startHeight: 0, endHeight: 31 }).batches()
      const first = batches.next()
      await turns(1)
      const [slow, quick] = alice.heights[0]?.[0] === 0 ? [alice, bob] : [bob, alice]
      await quick.sendRange(chain.slice(16, 32), true, quick.asked[0])
      await slow.sendRange(chain.slice(0, 1), false, slow.asked[0])
      await first
      await clock.advance(SLOW_AFTER_MS)
      assert.equal(quick.asked.length, 1)
      await batches.return()
    })
  })

  describe('in memory', () => {
    it('asks for no more than the window holds, and for more as blocks are taken', async () => {
      const large = blocksOf(256 * 1024, 400)
      const alice = add('alice', { bestHeight: 399 }).serve(large)
      const download = create({ startHeight: 0, endHeight: 399 })
      const batches = download.batches()
      await batches.next()
      // no peer takes anything now
      await turns(400)
      const held = download.bufferedBytes
      assert.ok(held <= WINDOW_BYTES + WINDOW_SLACK_BYTES, `${held} bytes are held`)
      assert.ok(held > WINDOW_BYTES / 2, `only ${held} bytes are held`)
      const asked = alice.asked.length

      for (let i = 0; i < 4; i++) {
        await batches.next()
      }

      await turns(10)
      assert.ok(alice.asked.length > asked)
      await batches.return()
    })

    it(`holds at most ${WINDOW_BLOCKS} blocks, however small they are`, async () => {
      const small = blocksOf(0, WINDOW_BLOCKS + 5000)
      const alice = add('alice', { bestHeight: small.length - 1 }).serve(small)
      const batches = create({ startHeight: 0, endHeight: small.length - 1 }).batches()
      await batches.next()
      await turns(100)
      const last = Math.max(...alice.heights.map(([, end]) => end))

      assert.ok(last < WINDOW_BLOCKS + MAX_BATCH_BLOCKS, `it was asked for block ${last}`)
      assert.ok(last > WINDOW_BLOCKS - MAX_RANGE_BLOCKS, `it was asked for block ${last} only`)
      await batches.return()
    })

    it('cuts short a request whose blocks turn out to be larger than the last ones, keeps what has come, and asks for the rest when there is room', async () => {
      const size = 4_000_000
      const large = blocksOf(size, 40)
      const alice = add('alice', { bestHeight: 39 })
      const download = create({ startHeight: 0, endHeight: 39 })
      const batches = download.batches()
      const first = batches.next()
      await turns(1)
      const [question] = alice.asked
      await alice.sendRange([large[0]!], false, question)
      const heights = (await first).value!.blocks.map(({ block }) => block.height)

      // no peer takes any more: the first request goes on sending all that it was asked for
      for (const block of large.slice(1, 32)) {
        await alice.sendRange([block], false, question)
      }

      assert.equal(alice.violation, undefined)
      assert.ok(download.bufferedBytes <= WINDOW_BYTES + WINDOW_SLACK_BYTES + 2 * size, `${download.bufferedBytes} bytes are held`)
      assert.ok(download.bufferedBytes > WINDOW_BYTES + WINDOW_SLACK_BYTES, `only ${download.bufferedBytes} bytes are held`)
      alice.serve(large, 1)
      alice.asked.filter(({ id }) => id !== question!.id).forEach((question) => { alice.onAsk(question) })

      for await (const { blocks } of batches) {
        heights.push(...blocks.map(({ block }) => block.height))
        assert.ok(download.bufferedBytes <= WINDOW_BYTES + WINDOW_SLACK_BYTES + 2 * size)
        await turns(4)
      }

      assert.deepEqual(heights, large.map(({ height }) => height))
      assert.deepEqual(faults, [])
    }).timeout(60_000)
  })

  describe('that is ended', () => {
    it('throws the reason of its signal, whether it waits or is waited for, and gives everything up', async () => {
      const alice = add('alice')
      const controller = new AbortController()
      const taken = take({ startHeight: 0, endHeight: 99, signal: controller.signal })
      await turns(1)
      assert.ok(alice.underWay > 0)
      controller.abort(new Error('no longer needed'))
      await taken.done
      assert.equal(taken.error?.message, 'no longer needed')
      assert.equal(alice.underWay, 0)

      alice.serve(chain)
      const second = new AbortController()
      const batches = create({ startHeight: 0, endHeight: 99, signal: second.signal }).batches()
      await batches.next()
      second.abort(new Error('enough'))
      await assert.rejects(batches.next(), { message: 'enough' })
    })

    it('asks no peer where it is ended before it begins', async () => {
      const alice = add('alice')
      const taken = take({ startHeight: 0, endHeight: 9, signal: AbortSignal.abort(new Error('no')) })
      await taken.done

      assert.equal(taken.error?.message, 'no')
      assert.equal(alice.asked.length, 0)
    })

    it('lets what still comes pass when it is left', async () => {
      const alice = add('alice')
      const batches = create({ startHeight: 0, endHeight: 9 }).batches()
      const first = batches.next()
      await turns(1)
      await alice.sendRange(chain.slice(0, 4), false)
      await first
      await batches.return()
      await alice.sendRange(chain.slice(4, 10), true)

      assert.equal(alice.violation, undefined)
    })
  })

  it('is in order, without a gap and without a duplicate, whatever peers do, and complete where one is honest', async () => {
    type Deed = { blocks: number, then: 'end' | 'leave' | 'reorder' | 'fork' | 'overrun' | 'quiet' }

    const conduct = fc.array(fc.record<Deed>({
      blocks: fc.integer({ min: 0, max: 24 }),
      then: fc.constantFrom('end', 'end', 'leave', 'reorder', 'fork', 'overrun', 'quiet')
    }), { minLength: 1, maxLength: 6 })

    function act (peer: FakePeer, question: Extract<Question, { startHeight: number }>, { blocks, then }: Deed): void {
      const { startHeight, endHeight } = question
      const right = chain.slice(startHeight, Math.min(startHeight + blocks, endHeight + 1))

      const ends = {
        end: async () => peer.sendRange(right, true, question),
        leave: async () => { await peer.sendRange(right, false, question); peer.disconnect() },
        reorder: async () => peer.sendRange([...right].reverse(), true, question),
        fork: async () => peer.sendRange([...right, ...other.slice(startHeight + right.length, endHeight + 1)], true, question),
        overrun: async () => peer.sendRange(chain.slice(startHeight, endHeight + 2), true, question),
        quiet: async () => { await peer.sendRange(right, false, question) }
      }

      queueMicrotask(() => { void ends[then]() })
    }

    await fc.assert(fc.asyncProperty(fc.array(conduct, { maxLength: 4 }), fc.boolean(), async (conducts, hasHonest) => {
      peers.clear()

      conducts.forEach((deeds, i) => {
        const peer = add(`peer ${i}`)
        const left = [...deeds]
        peer.onAsk = (question) => {
          act(peer, question as Extract<Question, { startHeight: number }>, left.shift() ?? { blocks: 0, then: 'end' })
        }
      })

      if (hasHonest) {
        add('honest').serve(chain, 5)
      }

      const taken = take({ startHeight: 2, endHeight: 120, previous: chain[1] })

      for (let i = 0; i < 200 && await isUnderWay(taken); i++) {
        await clock.advance(HEDGE_CHECK_MS)
      }

      await taken.done
      assert.deepEqual(taken.blocks, chain.slice(2, 2 + taken.blocks.length))
      assert.equal(taken.error == null, taken.blocks.length === 119)
      assert.ok(taken.error == null || taken.error instanceof RequestError)
      assert.ok(taken.error == null || !hasHonest, `failed in spite of an honest peer: ${String(taken.error)}`)
    }), { numRuns: 300 })
  })

  async function isUnderWay (taken: Taken): Promise<boolean> {
    await turns(2)

    return taken.error == null && taken.blocks.length < 119
  }
})
