import assert from 'node:assert/strict'
import { Room, ROOM_CHECK_MS } from '../../src/service/room.ts'
import { SendBudget } from '../../src/session/limits/send-budget.ts'
import { isPending, turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { ratesOf } from '../support/rates.ts'
import type { RoomPeer } from '../../src/service/room.ts'

/** A peer that takes 90 transactions at once, and 90 a second. */
interface Peer extends RoomPeer { outbox: RoomPeer['outbox'] & { belowMark: boolean } }

describe('service/room', () => {
  let clock: FakeClock
  let peers: Peer[]
  let room: Room

  beforeEach(() => {
    clock = new FakeClock()
    peers = []
    room = new Room({ clock, peers: { [Symbol.iterator]: () => peers[Symbol.iterator]() } })
  })

  function add (): Peer {
    const peer: Peer = {
      budget: new SendBudget(ratesOf({ transactions: { perSecond: 100, burst: 100 } }), clock),
      outbox: { belowMark: true, cancel: () => false, whenBelowMark: async () => {} }
    }
    peers.push(peer)

    return peer
  }

  /** Broadcasts as many as come through without a wait. */
  async function sendAll (): Promise<number> {
    for (let sent = 0; ; sent++) {
      const waiting = room.wait()

      if (await isPending(waiting)) {
        void waiting.then(() => { peers.forEach(({ budget }) => { budget.take('transactions') }) })
        return sent
      }

      peers.forEach(({ budget }) => { budget.take('transactions') })
      room.noteSent()
    }
  }

  it('is there for as many as the peer takes at once, and then as they come back', async () => {
    add()
    assert.equal(await sendAll(), 90)
    const waiting = room.wait()
    await clock.advance(ROOM_CHECK_MS)
    assert(await isPending(waiting), 'the one before it has the only token')
    await clock.advance(2 * ROOM_CHECK_MS)
    await waiting
  })

  it('is not there without a peer, and is with the first', async () => {
    const waiting = room.wait()
    await clock.advance(100 * ROOM_CHECK_MS)
    assert(await isPending(waiting))
    add()
    await clock.advance(ROOM_CHECK_MS - 1)
    assert(await isPending(waiting))
    await clock.advance(1)
    await waiting
  })

  it('is there where half of the peers take what is sent, and not where fewer do', async () => {
    const [stuck, other] = [add(), add(), add(), add()]
    stuck.outbox.belowMark = false
    other.outbox.belowMark = false
    await room.wait()
    peers[2]!.outbox.belowMark = false
    const waiting = room.wait()
    assert(await isPending(waiting))
    peers[2]!.outbox.belowMark = true
    await clock.advance(ROOM_CHECK_MS)
    await waiting
  })

  it('lets many callers in no faster than one, in their order', async () => {
    add()
    const done: number[] = []
    const all = Promise.all(Array.from({ length: 100 }, async (_, i) => {
      await room.wait()
      done.push(i)
    }))
    await turns(2)
    assert.equal(done.length, 90)
    await clock.advance(ROOM_CHECK_MS)
    await all
    assert.deepEqual(done, Array.from({ length: 100 }, (_, i) => i), 'those before have broadcast nothing')
  })

  it('ends with the reason of a signal, and leaves no timer', async () => {
    const cancel = new AbortController()
    const waiting = room.wait(undefined, cancel.signal)
    cancel.abort(new Error('enough'))
    await assert.rejects(waiting, { message: 'enough' })
    await assert.rejects(room.wait(cancel.signal), { message: 'enough' })
    await clock.advance(ROOM_CHECK_MS)
    assert.equal(clock.pending, 0)
  })
})
