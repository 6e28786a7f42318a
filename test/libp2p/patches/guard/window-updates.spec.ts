import assert from 'node:assert/strict'
import { FIN, PING, SYN, WINDOW, yamuxFrame } from '../../../attacks/bare.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { MAX_WITHHELD_BYTES, MAX_WITHHELD_MS, WindowUpdates } from '../../../../src/libp2p/patches/guard/window-updates.ts'

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)
const update = (streamId: number, bytes: number): Uint8Array => plain(yamuxFrame(WINDOW, 0, streamId, bytes))

describe('libp2p/patches/guard/window-updates', () => {
  let clock: FakeClock
  let updates: WindowUpdates
  let sent: Uint8Array[]
  let ended: Set<number>
  let errors: Error[]
  let broken: Error | undefined

  beforeEach(() => {
    clock = new FakeClock()
    sent = []
    ended = new Set()
    errors = []
    broken = undefined
    updates = new WindowUpdates({
      clock,
      isOpen: (streamId) => !ended.has(streamId),
      send: (frame) => {
        if (broken != null) {
          throw broken
        }

        sent.push(frame)
      },
      onError: (err) => { errors.push(err) }
    })
  })

  /** The muxer reads, and sends updates of these streams and bytes meanwhile. */
  function read (...all: [streamId: number, bytes: number][]): void {
    updates.hold()
    all.forEach(([streamId, bytes]) => { assert.equal(updates.take(update(streamId, bytes)), true) })
    updates.release()
  }

  it(`are joined for each stream by itself, and sent when one has ${MAX_WITHHELD_BYTES} bytes`, () => {
    read([1, 10], [3, 7], [1, MAX_WITHHELD_BYTES - 11])
    assert.deepEqual(sent, [])
    read([1, 1])
    assert.deepEqual(sent, [update(1, MAX_WITHHELD_BYTES)])
    read([3, 2 * MAX_WITHHELD_BYTES])
    assert.deepEqual(sent, [update(1, MAX_WITHHELD_BYTES), update(3, 2 * MAX_WITHHELD_BYTES + 7)])
    assert.equal(clock.pending, 0)
  })

  it(`are sent after ${MAX_WITHHELD_MS} ms, whatever was read meanwhile`, async () => {
    read([1, 10], [3, 7])
    await clock.advance(MAX_WITHHELD_MS - 1)
    read([1, 5])
    assert.deepEqual(sent, [])
    await clock.advance(1)
    assert.deepEqual(sent, [update(1, 15), update(3, 7)])
    assert.equal(clock.pending, 0)
    read([1, 1])
    await clock.advance(MAX_WITHHELD_MS)
    assert.deepEqual(sent.slice(2), [update(1, 1)])
  })

  it('have the connection end that does not take them any more, and not the process', async () => {
    read([1, 10], [3, 7])
    broken = new Error('A connection that is closing')
    await clock.advance(MAX_WITHHELD_MS)
    assert.deepEqual([errors, sent, clock.pending], [[broken], [], 0])
    broken = undefined
    read([1, 1])
    await clock.advance(MAX_WITHHELD_MS)
    assert.deepEqual(sent, [update(1, 1)])
  })

  it('go before data, all of them, also while the muxer reads', () => {
    assert.equal(updates.takeAll(), undefined)
    read([1, 10], [3, 7])
    assert.deepEqual(updates.takeAll(), Uint8Array.from([...update(1, 10), ...update(3, 7)]))
    assert.deepEqual([updates.takeAll(), clock.pending], [undefined, 0])
    updates.hold()
    updates.take(update(1, 5))
    assert.deepEqual(updates.takeAll(), update(1, 5))
    updates.release()
    assert.deepEqual([sent, clock.pending], [[], 0])
  })

  it('are dropped with their stream', () => {
    read([1, 10], [3, 7])
    updates.forget(1)
    updates.forget(5)
    assert.deepEqual(updates.takeAll(), update(3, 7))
    read([3, 8])
    updates.forget(3)
    assert.deepEqual([updates.takeAll(), clock.pending], [undefined, 0])
  })

  it('are not kept of a stream that has ended with the data that they are for', () => {
    ended.add(1).add(3)
    read([1, 10], [3, 2 * MAX_WITHHELD_BYTES])
    assert.deepEqual([sent, updates.takeAll(), clock.pending], [[], undefined, 0])
  })

  it('are sent by themselves when the muxer does not read', () => {
    assert.equal(updates.take(update(1, 10)), false)
    read()
    assert.equal(updates.take(update(1, 10)), false)
  })

  it('are not joined where they say more, and other frames are left alone', () => {
    updates.hold()

    for (const frame of [yamuxFrame(WINDOW, SYN, 1, 0), yamuxFrame(WINDOW, FIN, 1, 0), yamuxFrame(PING, SYN, 0, 1)]) {
      assert.equal(updates.take(plain(frame)), false)
    }
  })
})
