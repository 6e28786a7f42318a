import assert from 'node:assert/strict'
import {
  BRANCH_BLOCKS_PER_SECOND, BRANCH_BYTES_PER_SECOND, BRANCH_PATIENCE_MS, BRANCH_TIMEOUT_MS, BranchFetch
} from '../../../src/sync/fork/branch-fetch.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { growChain } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import { FakePeer } from '../../support/fake-peer.ts'
import type { Block } from '../../../src/types/block.ts'
import type { ReceivedBlock } from '../../../src/types/chain.ts'

const chain = growChain(sampleChain(10), 3000, 'theirs')

describe('sync/fork/branch-fetch', () => {
  const { signal } = new AbortController()
  let clock: FakeClock
  let alice: FakePeer
  let fetch: BranchFetch

  beforeEach(() => {
    clock = new FakeClock()
    alice = new FakePeer('alice', new Map(), clock).serve(chain)
    start()
  })

  afterEach(() => {
    fetch.stop()
    assert.equal(clock.pending, 0)
    assert.equal(alice.underWay, 0)
  })

  function start (common: Block = chain[9]!): void {
    fetch = new BranchFetch({ peer: alice.session, common, clock, signal })
  }

  const heights = (blocks: readonly ReceivedBlock[]): number[] => blocks.map(({ block }) => block.height)

  it('asks for a few blocks at first, then for more, and for none above what is wanted', async () => {
    const all: number[] = []

    while (fetch.next <= 200) {
      all.push(...heights(await fetch.fetch(200, Infinity)))
    }

    assert.deepEqual(all, Array.from({ length: 191 }, (_, i) => i + 10))
    assert.deepEqual(alice.heights, [[10, 25], [26, 57], [58, 121], [122, 200]])
  })

  it('gives blocks in memory of their own', async () => {
    const [first, second] = await fetch.fetch(20, Infinity) as [ReceivedBlock, ReceivedBlock]
    assert.equal(first.bytes.byteLength, first.bytes.buffer.byteLength)
    assert.notEqual(first.bytes.buffer, second.bytes.buffer)
    assert.deepEqual(first.block, chain[10])
  })

  it('gives none where the peer has no more', async () => {
    alice.serve(chain.slice(0, 12))
    assert.deepEqual(heights(await fetch.fetch(20, Infinity)), [10, 11])
    assert.deepEqual(await fetch.fetch(20, Infinity), [])
  })

  it('takes no more bytes than there is room for, but for the answer that is over it', async () => {
    const one = (await fetch.fetch(10, Infinity))[0]!.bytes.byteLength
    fetch.stop()
    start()
    alice.onAsk = (question) => {
      queueMicrotask(() => {
        for (let height = 10; height < 14; height++) {
          void alice.sendRange([chain[height]!], false, question)
        }
      })
    }
    assert.deepEqual(heights(await fetch.fetch(25, 2 * one)), [10, 11])
    assert.equal(fetch.next, 12)
  })

  it('throws where the first block does not follow, and what the peer layer throws', async () => {
    alice.serve(growChain(sampleChain(5), 40, 'other'))
    await assert.rejects(fetch.fetch(20, Infinity), { name: 'RequestError', code: 'UNLINKED' })
    fetch.stop()
    start()
    alice.onAsk = () => { queueMicrotask(() => { alice.disconnect() }) }
    await assert.rejects(fetch.fetch(20, Infinity))
  })

  it(`waits ${BRANCH_PATIENCE_MS} ms for the first block`, async () => {
    alice.onAsk = () => {}
    const first = fetch.fetch(20, Infinity)
    first.catch(() => {})
    await clock.advance(BRANCH_PATIENCE_MS - 1)
    assert.ok(await isPending(first))
    await clock.advance(100)
    await assert.rejects(first, { name: 'RequestError', code: 'TIMEOUT' })
  })

  /** Sends one block after the other, each after so many ms. Returns how many were sent when it was given up. */
  async function drip (blocks: readonly Block[], every: number): Promise<number> {
    let sent = 0
    alice.serve([])
    alice.onAsk = (question) => {
      const endHeight = question.type === 'requestBlockRange' ? question.endHeight : 0
      const next = (): void => {
        clock.setTimeout(() => {
          if (alice.underWay > 0 && fetch.next <= endHeight) {
            void alice.sendRange([blocks[fetch.next]!], fetch.next === endHeight, question)
            sent++
            next()
          }
        }, every)
      }

      next()
    }
    const all = (async () => {
      while (fetch.next < blocks.length) {
        await fetch.fetch(blocks.length - 1, Infinity)
      }
    })()
    all.catch(() => {})

    while (await isPending(all)) {
      await clock.advance(every)
    }

    await all.catch((err: unknown) => { assert.equal((err as { code?: string }).code, 'TIMEOUT') })
    fetch.stop()
    await clock.advance(every)

    return sent
  }

  it(`goes on for as long as ${BRANCH_BLOCKS_PER_SECOND} blocks come in a second, and no longer with less`, async () => {
    const least = Math.floor(1000 / BRANCH_BLOCKS_PER_SECOND)
    assert.equal(await drip(chain.slice(0, 1500), least), 1490)
    start()
    assert.ok(await drip(chain.slice(0, 1500), 2 * least) < 2 * BRANCH_PATIENCE_MS / least)
  })

  it(`goes on for as long as ${BRANCH_BYTES_PER_SECOND} bytes come in a second, however few blocks these are`, async () => {
    const large = growChain(chain.slice(0, 10), 30, 'large', BRANCH_BYTES_PER_SECOND)
    assert.equal(await drip(large, 1000), 30)
    start()
    assert.ok(await drip(large, 2500) < 10)
  })

  it(`ends after ${BRANCH_TIMEOUT_MS} ms, however well it goes`, async () => {
    const large = growChain(chain.slice(0, 10), 200, 'large', BRANCH_BYTES_PER_SECOND)
    const sent = await drip(large, 1000)
    assert.ok(Math.abs(sent - BRANCH_TIMEOUT_MS / 1000) < 3, `${sent} blocks`)
  })

  it('counts no time that is not the peer\'s', async () => {
    await fetch.fetch(20, Infinity)
    await clock.advance(5 * BRANCH_TIMEOUT_MS)
    assert.deepEqual(heights(await fetch.fetch(22, Infinity)), [21, 22])
    alice.onAsk = () => {}
    const last = fetch.fetch(30, Infinity)
    last.catch(() => {})
    await clock.advance(BRANCH_PATIENCE_MS - 2000)
    assert.ok(await isPending(last))
    await clock.advance(3000)
    await assert.rejects(last, { code: 'TIMEOUT' })
  })

  it('ends with its signal', async () => {
    const controller = new AbortController()
    fetch.stop()
    fetch = new BranchFetch({ peer: alice.session, common: chain[9]!, clock, signal: controller.signal })
    alice.onAsk = () => {}
    const blocks = fetch.fetch(20, Infinity)
    await eventually(() => alice.underWay === 1, 'the question')
    assert.ok(fetch.isBusy)
    controller.abort(new Error('no longer'))
    await assert.rejects(blocks, { message: 'no longer' })
    await assert.rejects(fetch.fetch(20, Infinity), { message: 'no longer' })
    await turns(1)
  })
})
