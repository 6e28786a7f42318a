import assert from 'node:assert/strict'
import { FakeSession } from '../../support/fake-session.ts'
import { circuitWith } from '../../support/circuits.ts'
import { budgetFor, ratesOf } from '../../support/rates.ts'
import { readEnvelope } from '../../../src/codec/envelope.ts'
import { digestKeyOf } from '../../../src/codec/digest.ts'
import { FrameReader } from '../../../src/codec/frame.ts'
import { Delivery, haveFrame } from '../../../src/gossip/send/delivery.ts'
import { ANNOUNCE_BYTES, Distribution } from '../../../src/gossip/send/distribution.ts'
import { ReadyPeers } from '../../../src/gossip/peers.ts'
import { SeenCache } from '../../../src/gossip/seen-cache.ts'
import { RateGuard } from '../../../src/session/limits/rate-limits.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { systemChance } from '../../../src/util/chance.ts'
import type { BroadcastResult } from '../../../src/gossip/send/distribution.ts'
import type { ReadyPeer } from '../../../src/gossip/peers.ts'
import type { RateLimits } from '../../../src/types/limits.ts'
import type { BroadcastMessage } from '../../../src/types/message.ts'

const TEN = { perSecond: 10, burst: 10 }

describe('gossip/send/delivery', () => {
  let clock: FakeClock
  let heldBack: string[]

  beforeEach(() => {
    clock = new FakeClock()
    heldBack = []
  })

  function peerWith (rates: Partial<RateLimits>): { session: FakeSession, peer: ReadyPeer } {
    const session = Object.assign(new FakeSession('alice'), { budget: budgetFor(clock, rates) })

    return { session, peer: { id: session.id, number: 0, session: session.session, usesShortDigests: false, isBlockOnly: false } }
  }

  describe('push', () => {
    const frame = haveFrame([])
    const deliver = (peer: ReadyPeer, type: BroadcastMessage['type']): boolean => {
      return new Delivery((type) => { heldBack.push(type) }).push(peer, type, () => frame)
    }

    it('sends a peer nine tenths of what it takes at once, of each kind, and nothing more', () => {
      const { session, peer } = peerWith({ transactions: TEN, blocks: TEN })
      assert.deepEqual(Array.from({ length: 10 }, () => deliver(peer, 'newBlock')), [...Array<boolean>(9).fill(true), false])
      assert.deepEqual(Array.from({ length: 10 }, () => deliver(peer, 'newTransaction')), [...Array<boolean>(9).fill(true), false])
      assert.deepEqual([session.queue.length, heldBack], [18, ['newBlock', 'newTransaction']])
    })

    it('sends more when there is time for it', () => {
      const { peer } = peerWith({ blocks: TEN })

      while (deliver(peer, 'newBlock'));

      clock.stall(112)
      assert.deepEqual([deliver(peer, 'newBlock'), deliver(peer, 'newBlock')], [true, false])
    })

    it('gives transactions half of a circuit, and blocks all of it', () => {
      const { peer } = peerWith({})
      const { circuit, use } = circuitWith(clock, 1000 + frame.byteLength)
      Object.assign(peer.session, { circuit })
      use(circuit.capacity / 2 - frame.byteLength - 2)
      assert.equal(deliver(peer, 'newTransaction'), true)
      use(4)
      assert.equal(deliver(peer, 'newTransaction'), false)
      assert.equal(deliver(peer, 'newBlock'), true)
      use(circuit.room - frame.byteLength - 2)
      assert.equal(deliver(peer, 'newBlock'), true)
      use(4)
      assert.equal(deliver(peer, 'newBlock'), false)
      assert.equal(circuit.isLow, true)
      assert.deepEqual(heldBack, [])
    })

    it('does not count what was not taken', () => {
      const { session, peer } = peerWith({ transactions: TEN })
      session.isBusy = true
      Array.from({ length: 20 }, () => deliver(peer, 'newTransaction')).forEach((isSent) => { assert.equal(isSent, false) })
      session.isBusy = false
      assert.equal(deliver(peer, 'newTransaction'), true)
      assert.deepEqual(heldBack, [])
    })
  })

  describe('tell', () => {
    const keys = Array.from({ length: 12 }, (_, i) => digestKeyOf(Uint8Array.of(i)))
    const tell = (peer: ReadyPeer, keys: string[]): boolean => new Delivery().announce(peer, keys, () => haveFrame(keys))

    it('tells of as many as a peer takes, and of nothing after that', () => {
      const { session, peer } = peerWith({ digests: TEN })
      assert.deepEqual([tell(peer, keys), tell(peer, keys)], [true, false])
      assert.equal(session.queue[0]!.digests!.length, 9)
      clock.stall(1000)
      assert.equal(tell(peer, keys.slice(3, 5)), true)
      assert.equal(session.queue[1]!.digests!.length, 2)
    })

    it('does not count what was not taken', () => {
      const { session, peer } = peerWith({ digests: TEN })
      session.isFull = true
      assert.equal(tell(peer, keys.slice(0, 9)), false)
      session.isFull = false
      assert.equal(tell(peer, keys.slice(0, 9)), true)
    })
  })

  describe('of many items', () => {
    const rates = ratesOf({ transactions: { perSecond: 100, burst: 100 }, blocks: TEN, digests: { perSecond: 100, burst: 100 } })
    let session: FakeSession
    let distribution: Distribution
    let guard: RateGuard

    beforeEach(() => {
      const seen = new SeenCache({ clock, chance: systemChance }, 8)
      const peers = new ReadyPeers(8)
      session = peerWith(rates).session
      distribution = new Distribution({
        peers, seen, clock, chance: systemChance, maxFrameBytes: 1024 * 1024, onThrottled: (type) => { heldBack.push(type) }
      })
      guard = new RateGuard(rates, clock)
      distribution.onReady(peers.add(session.session))
    })

    afterEach(() => {
      distribution.stop()
      assert.equal(clock.pending, 0)
    })

    function send (type: BroadcastMessage['type'], { count, bytes = 200 }: { count: number, bytes?: number }): BroadcastResult {
      const total = { queued: 0, skipped: 0 }

      for (let i = 0; i < count; i++) {
        const item = new Uint8Array(bytes)
        new DataView(item.buffer).setFloat64(0, Math.random())
        const { queued, skipped } = distribution.send({
          type, key: digestKeyOf(item), item, frame: undefined, from: undefined, pushes: 3, wants: undefined
        })
        total.queued += queued
        total.skipped += skipped
      }

      return total
    }

    /** Has the peer read what was sent to it. */
    function deliver (): void {
      for (const { frame } of session.queue.splice(0)) {
        const [body] = new FrameReader({ maxBytes: () => 1024 * 1024 }).cut(frame.slice())
        guard.onMessage(readEnvelope(body!), body!.byteLength)
      }
    }

    it('holds no peer up by a storm of transactions, and says what was dropped', () => {
      let dropped = 0

      for (let round = 0; round < 100; round++) {
        dropped += send('newTransaction', { count: 50 }).skipped
        deliver()
        clock.stall(50)
      }

      assert.deepEqual([guard.slowedMs, guard.exceeded], [0, undefined])
      assert.ok(dropped > 4000 && dropped < 4910, `${dropped} of 5000`)
      assert.equal(heldBack.length, dropped)
    })

    it('announces the blocks that are too many, whatever their size, and sends them as soon as it may when they are asked for', async () => {
      assert.deepEqual(send('newBlock', { count: 20 }), { queued: 20, skipped: 0 })
      assert.deepEqual(session.types, [...Array<string>(9).fill('newBlock'), ...Array<string>(11).fill('have')])
      const digests = session.queue.flatMap(({ digests }) => digests ?? []).map((digest) => Buffer.from(digest, 'hex').toString('latin1'))
      const peer = { id: session.id, number: 0, session: session.session, usesShortDigests: false, isBlockOnly: false }
      session.queue.length = 0
      distribution.onWant(digests, peer)
      assert.deepEqual(session.types, [])
      await clock.advance(1100)
      assert.deepEqual(session.types, Array<string>(9).fill('newBlock'))
      deliver()
      await clock.advance(300)
      assert.deepEqual(session.types, Array<string>(2).fill('newBlock'))
      deliver()
      assert.equal(guard.slowedMs, 0)
    })

    it('announces large transactions that are too many', () => {
      send('newTransaction', { count: 100, bytes: ANNOUNCE_BYTES })
      assert.deepEqual(session.types, [...Array<string>(90).fill('newTransaction'), ...Array<string>(10).fill('have')])
    })

    it('announces no more than the peer takes', () => {
      assert.deepEqual(send('newBlock', { count: 200 }), { queued: 99, skipped: 101 })
      deliver()
      assert.equal(guard.slowedMs, 0)
    })
  })
})
