import assert from 'node:assert/strict'
import { freeMemory } from '../../../src/memory/free-memory.ts'
import { MAX_RANGE_BLOCKS } from '../../../src/sync/serve/server.ts'
import { Span } from '../../../src/sync/download/span.ts'
import { SpanRequest } from '../../../src/sync/download/span-request.ts'
import { FakePeer } from '../../support/fake-peer.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleChain } from '../../support/sample.ts'

const chain = sampleChain(30, 'main', 40_000)
const fork = sampleChain(30, 'fork')

describe('sync/download/span-request', () => {
  let peer: FakePeer
  let span: Span
  let request: SpanRequest
  /** What was told of each answer: blocks, and bytes. */
  let told: [number, number][]
  let ended: Promise<unknown>

  beforeEach(() => {
    peer = new FakePeer('alice', new Map(), new FakeClock())
    span = new Span(3, 9)
    told = []
  })

  function begin (maxBlocks = 100): void {
    request = new SpanRequest({ span, peer: peer.session, startedAt: 0, maxBlocks })
    ended = request.send((count, bytes) => { told.push([count, bytes]) }).then(() => undefined, (err: unknown) => err)
  }

  it('asks for what is missing of a span, as much of it as the peer may be asked for', () => {
    begin()
    assert.deepEqual([peer.heights, request.left], [[[3, 9]], 7])
    begin(4)
    assert.deepEqual([peer.heights.at(-1), request.left], [[3, 6], 4])
    span = new Span(0, 10_000)
    begin(5000)
    assert.deepEqual([peer.heights.at(-1), request.left], [[0, MAX_RANGE_BLOCKS - 1], MAX_RANGE_BLOCKS])
  })

  it('puts what comes into the span, and tells how much it was', async () => {
    begin()
    assert.equal(request.isEmpty, true)
    await peer.sendRange(chain.slice(3, 5), false)
    assert.deepEqual([request.isEmpty, request.left, request.gained, span.next], [false, 5, 2, 5])
    await peer.sendRange(chain.slice(5, 8), true)
    assert.equal(await ended, undefined)
    assert.deepEqual([request.left, request.gained, span.next, span.isComplete], [2, 5, 8, false])
    assert.deepEqual(told.map(([count]) => count), [2, 3])
    assert.equal(told.reduce((sum, [, bytes]) => sum + bytes, 0), span.bytes)
  })

  it('goes on where another peer has sent some of it, and gains what no peer had sent', async () => {
    begin()
    const other = new FakePeer('bob', new Map(), new FakeClock())
    const faster = new SpanRequest({ span, peer: other.session, startedAt: 0, maxBlocks: 100 })
    void faster.send(() => {})
    await other.sendRange(chain.slice(3, 6), false)
    await peer.sendRange(chain.slice(3, 8), false)
    assert.deepEqual([faster.gained, request.gained, span.next], [3, 2, 8])
  })

  it('goes on where the memory of what it has sent is gone', async () => {
    begin()
    await peer.sendRange(chain.slice(3, 5), false)
    span.take({ maxBlocks: 2, maxBytes: 1_000_000 }).blocks.forEach(({ bytes }) => { freeMemory(bytes) })
    await peer.sendRange(chain.slice(5, 7), false)
    assert.deepEqual([peer.violation, span.next], [undefined, 7])
  })

  it('is empty where nothing comes but an end', async () => {
    begin()
    await peer.sendRange([], true)
    assert.deepEqual([await ended, request.isEmpty, told], [undefined, true, [[0, 0]]])
  })

  describe('has a peer break the protocol', () => {
    for (const [what, blocks, message] of [
      ['with neither blocks nor an end', [[]], /to have blocks, or to be the last/],
      ['with another height than is due', [[chain[4]!]], /block 4 where block 3 was due/],
      ['with the same block twice', [[chain[3]!, chain[3]!]], /block 3 where block 4 was due/],
      ['with a block that is not linked to the one before, in one answer', [[chain[3]!, fork[4]!]], /block 4 is not linked/],
      ['with a block that is not linked to the one before, in two answers', [[chain[3]!], [fork[4]!]], /block 4 is not linked/],
      ['with more blocks than were asked for', [chain.slice(3, 10), [chain[10]!]], /more blocks than were asked for/]
    ] as const) {
      it(what, async () => {
        begin()

        for (const answer of blocks) {
          await peer.sendRange([...answer], false)
        }

        assert.match(peer.violation?.name ?? '', /^(ProtocolViolation|Decode)Error$/)
        assert.match(peer.violation!.message, message)
        await ended
      })
    }
  })

  it('fails for a block that does not follow what another peer has sent, which may be the liar', async () => {
    begin()
    const other = new FakePeer('bob', new Map(), new FakeClock())
    void new SpanRequest({ span, peer: other.session, startedAt: 0, maxBlocks: 100 }).send(() => {})
    await other.sendRange([fork[3]!], false)
    await peer.sendRange(chain.slice(3, 5), false)
    assert.deepEqual([(await ended as Error).name, (await ended as { code?: string }).code], ['RequestError', 'UNLINKED'])
    assert.equal(peer.violation, undefined)
  })

  it('ends when it is given up, and takes nothing more', async () => {
    begin()
    request.giveUp()
    assert.deepEqual([request.isOver, (await ended as Error).message], [true, 'The request was given up'])
    await peer.sendRange(chain.slice(3, 5), false)
    await turns(1)
    assert.deepEqual([span.waiting, told], [0, []])
  })
})
