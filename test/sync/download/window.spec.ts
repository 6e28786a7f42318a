import assert from 'node:assert/strict'
import { DownloadWindow, WINDOW_BLOCKS, WINDOW_BYTES, WINDOW_SLACK_BYTES } from '../../../src/sync/download/window.ts'
import { MAX_RANGE_BLOCKS } from '../../../src/sync/serve/server.ts'
import { sampleBlock, sampleHash } from '../../support/sample.ts'
import type { Session } from '../../../src/session/session.ts'
import type { DownloadPeers } from '../../../src/sync/download/peers.ts'
import type { Span } from '../../../src/sync/download/span.ts'
import type { SpanRequest } from '../../../src/sync/download/span-request.ts'

const alice = { id: 'alice' } as Session
const bob = { id: 'bob' } as Session
const MIB = 1024 * 1024

/** What a block is thought to be before any has come, and what the end of a range is not divided below. */
const FIRST_BLOCK_BYTES = 16 * 1024
const MIN_SHARE_BLOCKS = 16

/** Peers that have everything, and may be asked for as much as a test says. */
class FakePeers {
  count = 1
  bytes = 100 * FIRST_BLOCK_BYTES
  blocks = Infinity
  readonly lasts = new Map<Session, number>()
  readonly unreliable = new Set<Session>()

  mayHave = (peer: Session, height: number): boolean => height <= this.lastHeight(peer)
  isReliable = (peer: Session): boolean => !this.unreliable.has(peer)
  lastHeight = (peer: Session): number => this.lasts.get(peer) ?? Infinity
  requestBytes = (): number => this.bytes
  maxBlocks = (): number => this.blocks
}

/** Has a span as good as asked of a peer. */
function ask (span: Span | undefined): Span {
  span!.requests.add({} as SpanRequest)

  return span!
}

/** Has the next blocks of a span come, of so many bytes each. */
function fill (span: Span, count: number, bytes: number): void {
  for (let left = count; left > 0; left--) {
    const height = span.next
    const block = sampleBlock({ height, hash: sampleHash(`b ${height}`), prevHash: sampleHash(`b ${height - 1}`), transactions: [] })
    span.push({ block, bytes: new Uint8Array(bytes) }, alice)
  }
}

const rangeOf = (span: Span | undefined): [number, number] | undefined => span == null ? undefined : [span.startHeight, span.endHeight]

describe('sync/download/window', () => {
  let peers: FakePeers

  beforeEach(() => {
    peers = new FakePeers()
  })

  function create (endHeight: number, startHeight = 0): DownloadWindow {
    return new DownloadWindow(peers as unknown as DownloadPeers, { startHeight, endHeight })
  }

  describe('what a peer is asked for', () => {
    it('is what comes next, as much as it is to be asked for in one go', () => {
      const window = create(1_000_000, 7)
      assert.deepEqual([rangeOf(ask(window.spanFor(alice))), rangeOf(ask(window.spanFor(bob)))], [[7, 106], [107, 206]])
      peers.blocks = 3
      assert.deepEqual(rangeOf(ask(window.spanFor(alice))), [207, 209])
      peers.blocks = Infinity
      peers.bytes = Infinity
      assert.deepEqual(rangeOf(ask(window.spanFor(alice))), [210, 209 + MAX_RANGE_BLOCKS])
      peers.bytes = 1
      assert.deepEqual(rangeOf(ask(window.spanFor(alice))), [210 + MAX_RANGE_BLOCKS, 210 + MAX_RANGE_BLOCKS])
    })

    it('goes as far as it has blocks, and is nothing above that', () => {
      const window = create(1000)
      peers.lasts.set(alice, 49)
      assert.deepEqual(rangeOf(ask(window.spanFor(alice))), [0, 49])
      assert.equal(window.spanFor(alice), undefined)
      assert.deepEqual(rangeOf(ask(window.spanFor(bob))), [50, 149])
    })

    it(`is a fair part of what is left, but not less than ${MIN_SHARE_BLOCKS} blocks`, () => {
      peers.count = 4
      const window = create(119)
      assert.deepEqual(rangeOf(ask(window.spanFor(alice))), [0, 29])
      const ranges = [30, 53, 70].map(() => rangeOf(ask(window.spanFor(alice))))
      assert.deepEqual(ranges, [[30, 52], [53, 69], [70, 85]])
    })

    it('is by the size of the last blocks', () => {
      const window = create(1_000_000)
      window.onBlocks(1000, 1000 * 1024)
      assert.ok(window.blockBytes >= 1024 && window.blockBytes < 1100, String(window.blockBytes))
      const [start, end] = rangeOf(ask(window.spanFor(alice)))!
      assert.ok(end - start + 1 > 1000)
      window.onBlocks(0, 0)
      window.onBlocks(1000, 1000 * 100_000)
      assert.equal(window.blockBytes, 100_000)
    })

    it('is what was begun and given up before anything new, and what has come of it stays with who sent it', () => {
      const window = create(1_000_000)
      const span = ask(window.spanFor(alice))
      ask(window.spanFor(alice))
      fill(span, 10, 100)
      span.requests.clear()
      peers.bytes = 40 * FIRST_BLOCK_BYTES
      assert.deepEqual(rangeOf(ask(window.spanFor(bob))), [10, 49])
      assert.deepEqual(rangeOf(ask(window.spanFor(bob))), [50, 89])
      assert.deepEqual(window.spans.map(rangeOf), [[0, 9], [10, 49], [50, 89], [90, 99], [100, 199]])
      assert.deepEqual(window.spans.map(({ waiting }) => waiting), [10, 0, 0, 0, 0])
    })

    it('is not what everything waits for, where others have shown to deliver', () => {
      const window = create(1000)
      peers.unreliable.add(bob)
      assert.equal(window.spanFor(bob), undefined)
      const head = ask(window.spanFor(alice))
      const second = ask(window.spanFor(bob))
      assert.deepEqual(rangeOf(second), [100, 199])
      head.requests.clear()
      second.requests.clear()
      assert.deepEqual(rangeOf(window.spanFor(bob)), [100, 199])
      assert.deepEqual(rangeOf(window.spanFor(alice)), [0, 99])
    })
  })

  describe('its room', () => {
    it(`is ${WINDOW_BYTES / MIB} MiB, as far as can be foreseen`, () => {
      const window = create(1_000_000)
      let asked = 0

      for (let span = window.spanFor(alice); span != null; span = window.spanFor(alice)) {
        asked += ask(span).endHeight - span.startHeight + 1
      }

      assert.ok(asked * FIRST_BLOCK_BYTES <= WINDOW_BYTES && (asked + 100) * FIRST_BLOCK_BYTES > WINDOW_BYTES, `${asked} blocks`)
    })

    it(`is ${WINDOW_BLOCKS} blocks, however small they are`, () => {
      const window = create(1_000_000)
      window.onBlocks(100_000, 100_000)
      peers.bytes = Infinity
      // 145 times this is one more
      peers.blocks = (WINDOW_BLOCKS + 1) / 145
      let asked = 0

      for (let span = window.spanFor(alice); span != null; span = window.spanFor(alice)) {
        asked += ask(span).endHeight - span.startHeight + 1
      }

      assert.equal(asked, 144 * peers.blocks)
    })

    it('is always there for what everything waits for', () => {
      const window = create(1_000_000)
      const head = ask(window.spanFor(alice))
      const second = ask(window.spanFor(alice))
      fill(second, 100, WINDOW_BYTES / 100)
      assert.equal(window.spanFor(alice), undefined)
      head.requests.clear()
      assert.equal(window.spanFor(alice), head)
      const alone = create(1_000_000)
      alone.onBlocks(1000, 1000 * 2 * WINDOW_BYTES)
      assert.deepEqual(rangeOf(alone.spanFor(alice)), [0, 0])
    })

    it('is made, where blocks turn out to be larger, by dropping what is of use last', () => {
      const window = create(1_000_000)
      const spans = [1, 2, 3, 4].map(() => ask(window.spanFor(alice)))
      const bytes = (WINDOW_BYTES + WINDOW_SLACK_BYTES) / 40
      spans.forEach((span) => { fill(span, 10, bytes) })
      assert.equal(window.isOverfull, false)
      fill(spans[0]!, 1, 1)
      assert.deepEqual([window.isOverfull, window.bytes], [true, WINDOW_BYTES + WINDOW_SLACK_BYTES + 1])
      const dropped = window.trim()
      // two of four have to go until it is half of the window or less, and one more for the byte
      assert.deepEqual(dropped, [spans[3], spans[2], spans[1]])
      assert.deepEqual(window.spans.map((span) => [span.startHeight, span.waiting]), [[0, 11], [100, 0], [200, 0], [300, 0]])
      assert.deepEqual([window.isOverfull, window.spans.every((span) => span.startHeight === 0 || span.isOpen)], [false, true])
    })

    it('is never made by dropping the first, which is of use next', () => {
      const window = create(1_000_000)
      fill(ask(window.spanFor(alice)), 2, WINDOW_BYTES)
      assert.deepEqual([window.isOverfull, window.trim()], [true, []])
    })
  })

  it('goes on after its first span, and is complete when all were handed out', () => {
    const window = create(149)
    assert.deepEqual([window.isComplete, window.height, window.head], [false, 0, undefined])
    const [first, second] = [ask(window.spanFor(alice)), ask(window.spanFor(alice))]
    assert.equal(window.spanFor(alice), undefined)
    fill(first, 10, 1)
    assert.deepEqual([window.head, window.height], [first, 10])
    window.shift()
    assert.deepEqual([window.head, window.height], [second, 100])
    window.shift()
    assert.deepEqual([window.isComplete, window.height, window.bytes], [true, 150, 0])
  })

  it('forgets what has come of its first span from a height on', () => {
    const window = create(149)
    fill(ask(window.spanFor(alice)), 10, 1)
    window.restartHead(5)
    assert.deepEqual([rangeOf(window.head), window.height, window.bytes], [[5, 99], 5, 0])
    window.clear()
    assert.equal(window.head, undefined)
  })
})
