import assert from 'node:assert/strict'
import { Download } from '../../../src/sync/download/download.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakePeer } from '../../support/fake-peer.ts'
import { sampleBlock, sampleChain } from '../../support/sample.ts'
import type { Question } from '../../support/fake-peer.ts'
import type { DownloadFault } from '../../../src/sync/download/fault.ts'

type RangeQuestion = Extract<Question, { startHeight: number }>

const chain = sampleChain(200)

/** How long an answer of an honest peer takes, in ms. */
const ANSWER_MS = 100

describe('sync/download/attacks', () => {
  let clock: FakeClock
  let peers: Map<string, FakePeer>
  let faults: DownloadFault[]
  let onFault: (fault: DownloadFault) => void
  let heights: number[]
  let error: unknown

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Map()
    faults = []
    onFault = (fault) => { faults.push(fault) }
    heights = []
    error = undefined
  })

  function add (id: string): FakePeer {
    return Object.assign(new FakePeer(id, peers, clock), { bestHeight: 199 })
  }

  /** Answers with a few blocks at a time, each time after a while. */
  function addHonest (id: string): FakePeer {
    const peer = add(id).serve(chain, 5)
    const { onAsk } = peer
    peer.onAsk = (question) => { clock.setTimeout(() => { onAsk(question) }, ANSWER_MS) }

    return peer
  }

  async function take (signal?: AbortSignal): Promise<void> {
    const download = new Download({
      peers: () => Array.from(peers.values(), ({ session }) => session), clock, onFault: (fault) => { onFault(fault) }
    }, { startHeight: 1, endHeight: 199, previous: chain[0], signal })

    try {
      for await (const { blocks } of download.batches()) {
        heights.push(...blocks.map(({ block }) => block.height))
      }
    } catch (err) {
      error = err
    }
  }

  /** Has a download take as long as it wants, up to a limit. Returns how long it took, in ms. */
  async function run (limit: number, onStep: (now: number) => void = () => {}): Promise<number> {
    const start = clock.now()
    const taken = take()

    while (await isPending(taken)) {
      assert.ok(clock.now() - start < limit, `it took more than ${limit} ms, with ${heights.length} blocks`)
      onStep(clock.now() - start)
      await clock.advance(50)
    }

    assert.equal(error, undefined)
    assert.deepEqual(heights, Array.from({ length: 199 }, (_, i) => i + 1))

    return clock.now() - start
  }

  it('blames no peer for not following a made-up block that another has left behind', async () => {
    // it is not asked for the first blocks, but for some further up
    addHonest('a')
    const evil = add('evil')
    addHonest('b')
    addHonest('c')
    evil.onAsk = (question) => {
      const { startHeight } = question as RangeQuestion
      queueMicrotask(() => {
        void evil.sendRange([sampleBlock({ height: startHeight })], false, question).then(() => { evil.disconnect() })
      })
    }
    await run(20_000)

    assert.deepEqual(faults.filter(({ peer }) => peer.id !== 'evil'), [])
  })

  it('is not held up by one that says nothing and comes back under a new name again and again', async () => {
    addHonest('honest')
    let silent = add('silent 0')
    let count = 0

    await run(20_000, (now) => {
      if (now > 0 && now % 500 === 0) {
        silent.disconnect()
        silent = add(`silent ${++count}`)
      }
    })
  })

  it('is ended by a signal that is aborted while a fault is reported', async () => {
    const controller = new AbortController()
    add('forked').serve(sampleChain(200, 'other'))
    add('quiet')
    onFault = () => { controller.abort(new Error('enough')) }
    await take(controller.signal)

    assert.equal((error as Error).message, 'enough')
  })
})
