import assert from 'node:assert/strict'
import { FakePeer } from '../../support/fake-peer.ts'
import { RateGuard } from '../../../src/session/limits/rate-limits.ts'
import { WORTHWHILE_MS } from '../../../src/session/limits/send-budget.ts'
import { Download } from '../../../src/sync/download/download.ts'
import { HEDGE_AFTER_MS } from '../../../src/sync/download/hedging.ts'
import { MAX_RANGE_BLOCKS } from '../../../src/sync/serve/server.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { budgetFor, ratesOf, receive } from '../../support/rates.ts'
import { sampleChain } from '../../support/sample.ts'
import type { DownloadFault } from '../../../src/sync/download/fault.ts'
import type { DownloadRange } from '../../../src/sync/download/window.ts'
import type { RateLimits } from '../../../src/types/limits.ts'
import type { Block } from '../../../src/types/block.ts'

const chain = sampleChain(1000)
const RATES = { blocksAsked: { perSecond: 50, burst: 100 } }

/** A download on its way. */
interface Taken {
  blocks: Block[]
  error: unknown
  isOver: boolean
}

describe('sync/download/rates', () => {
  let clock: FakeClock
  let peers: Map<string, FakePeer>
  let faults: DownloadFault[]
  let controller: AbortController
  let guards: RateGuard[]
  /** How many blocks each peer was asked for. */
  let asked: Record<string, number>

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Map()
    faults = []
    controller = new AbortController()
    guards = []
    asked = {}
  })

  afterEach(async () => {
    controller.abort()
    await turns(5)
    assert.equal(clock.pending, 0, 'timers are left')
    assert.deepEqual(faults, [])
  })

  /** Adds a peer that has the chain and answers with at most `cap` blocks, and counts what it is asked for. */
  function add (id: string, rates: Partial<RateLimits>, cap = Infinity): FakePeer {
    const peer = new FakePeer(id, peers, clock).serve(chain, cap)
    const guard = new RateGuard(ratesOf(rates), clock)
    const { onAsk } = peer
    guards.push(guard)
    asked[id] = 0
    peer.bestHeight = 999
    peer.budget = budgetFor(clock, rates)
    peer.onAsk = (question) => {
      assert(question.type === 'requestBlockRange')
      const count = question.endHeight - question.startHeight + 1
      assert.ok(count >= 1 && count <= MAX_RANGE_BLOCKS)
      asked[id]! += count
      receive(guard, question)
      onAsk(question)
    }

    return peer
  }

  function take (range: DownloadRange): Taken {
    const taken: Taken = { blocks: [], error: undefined, isOver: false }
    const download = new Download({
      peers: () => Array.from(peers.values(), ({ session }) => session), clock, onFault: (fault) => { faults.push(fault) }
    }, range)

    void (async () => {
      for await (const { blocks } of download.batches()) {
        taken.blocks.push(...blocks.map(({ block }) => block))
      }
    })().catch((err: unknown) => { taken.error = err }).finally(() => { taken.isOver = true })

    return taken
  }

  /** Lets time pass until a download is over, and returns how much, in ms. */
  async function untilOver (taken: Taken): Promise<number> {
    const since = clock.now()

    await turns(20)

    while (!taken.isOver && clock.now() - since < 60_000) {
      await clock.advance(10)
      await turns(20)
    }

    assert.equal(taken.error, undefined)
    assert.deepEqual(taken.blocks, chain)

    return clock.now() - since
  }

  it('takes as long as that takes, and never makes a peer read more slowly', async () => {
    add('alice', RATES)
    const ms = await untilOver(take({ startHeight: 0, endHeight: 999 }))
    const least = (1000 - 90) / 45 * 1000

    assert.ok(ms >= least - 100 && ms <= least + 1000, `${ms} ms, where ${least} are needed`)
    assert.deepEqual(guards.map(({ slowedMs }) => slowedMs), [0])
  })

  it('asks others meanwhile', async () => {
    add('alice', RATES)
    add('bob', RATES)
    add('carol', {})
    const ms = await untilOver(take({ startHeight: 0, endHeight: 999 }))

    assert.ok(ms < 1000, `${ms} ms`)
    assert.ok(asked.alice! <= 135 && asked.bob! <= 135, JSON.stringify(asked))
    assert.deepEqual(guards.map(({ slowedMs }) => slowedMs), [0, 0, 0])
  })

  it('asks for no more than is left of the budget, and not for what is not worth a request', async () => {
    const alice = add('alice', RATES)
    const { budget } = alice
    budget!.take('blocksAsked', budget!.left('blocksAsked') - 20)
    const taken = take({ startHeight: 0, endHeight: 999 })
    await turns(20)
    assert.ok(asked.alice === 16 || asked.alice === 20, `${asked.alice} blocks`)
    const before = alice.asked.length
    await clock.advance(WORTHWHILE_MS / 4)
    assert.equal(alice.asked.length, before)
    await untilOver(taken)
    assert.ok(alice.asked.length < 150, `${alice.asked.length} requests`)
  })

  it('leaves to others at once what a peer may not be asked for', async () => {
    const [alice, bob] = [add('alice', RATES), add('bob', {})]
    alice.budget!.take('blocksAsked', 90 - 20)
    alice.onAsk = bob.onAsk = () => {}
    take({ startHeight: 0, endHeight: 999, signal: controller.signal })
    await turns(20)

    assert.deepEqual([alice.heights, bob.heights[0]![0]], [[[0, 19]], 20])
  })

  it('finds no fault with a peer because of the time in which it was not asked', async () => {
    const alice = add('alice', RATES)
    const answers: (() => void)[] = []
    const { onAsk } = alice
    alice.onAsk = (question) => { answers.push(() => { onAsk(question) }) }
    alice.budget!.take('blocksAsked', 90 + 45 * 2 * HEDGE_AFTER_MS / 1000)
    const taken = take({ startHeight: 0, endHeight: 9 })
    await clock.advance(2 * HEDGE_AFTER_MS)
    assert.equal(alice.asked.length, 0)

    while (alice.asked.length === 0) {
      await clock.advance(10)
    }

    const bob = add('bob', {})
    await clock.advance(HEDGE_AFTER_MS - 10)
    assert.equal(bob.asked.length, 0)
    answers.forEach((answer) => { answer() })
    await turns(20)

    assert.deepEqual(taken.blocks, chain.slice(0, 10))
  })

  it('fetches as much in a round trip from a peer that answers short, and has one request at a time try for more', async () => {
    const alice = add('alice', {}, 7)
    const { onAsk } = alice
    alice.onAsk = (question) => { clock.setTimeout(() => { onAsk(question) }, 50) }
    const ms = await untilOver(take({ startHeight: 0, endHeight: 999 }))

    // 28 round trips with 4 requests in each
    assert.ok(ms <= 1000, `${ms} ms`)
    assert.ok(asked.alice! <= 1000 * 9 / 8 + 100, `${asked.alice} blocks asked for`)
  })

  it('asks a peer that answers short for what comes, and fetches it as fast as it may ask', async () => {
    const ratios: number[] = []

    for (const cap of [Infinity, 7]) {
      const id = `cap ${cap}`
      peers.clear()
      add(id, { blocksAsked: { perSecond: 500, burst: 100 } }, cap)
      const ms = await untilOver(take({ startHeight: 0, endHeight: 999 }))
      ratios.push(ms)
      // one that may have grown is asked for more now and then
      assert.ok(asked[id]! <= 1000 * 1.25, `${id} was asked for ${asked[id]} blocks`)
    }

    assert.ok(ratios[1]! <= 1.5 * ratios[0]!, `${ratios.join(' and ')} ms`)
    assert.deepEqual(guards.map(({ slowedMs }) => slowedMs), [0, 0])
  })

  it('goes on after a stall', async () => {
    add('alice', RATES)
    const taken = take({ startHeight: 0, endHeight: 999 })
    await clock.advance(1000)
    clock.stall(120_000)
    await untilOver(taken)
    assert.deepEqual(guards.map(({ slowedMs }) => slowedMs), [0])
  })

  it('ends while it waits', async () => {
    add('alice', RATES)
    const taken = take({ startHeight: 0, endHeight: 999, signal: controller.signal })
    await clock.advance(1000)
    controller.abort(new Error('enough'))
    await turns(5)

    assert.deepEqual([taken.isOver, (taken.error as Error).message], [true, 'enough'])
  })
})
