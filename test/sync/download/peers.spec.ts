import assert from 'node:assert/strict'
import { FakePeer } from '../../support/fake-peer.ts'
import { DownloadPeers, MAX_SPREAD } from '../../../src/sync/download/peers.ts'
import { Span } from '../../../src/sync/download/span.ts'
import { FakeClock } from '../../support/fake-clock.ts'

describe('sync/download/peers', () => {
  let clock: FakeClock
  let all: Map<string, FakePeer>
  let peers: DownloadPeers

  beforeEach(() => {
    clock = new FakeClock()
    all = new Map()
    peers = new DownloadPeers({ peers: () => Array.from(all.values(), ({ session }) => session), clock })
  })

  function add (id: string, settings: { bestHeight: number, isRelayed: boolean }): FakePeer {
    return Object.assign(new FakePeer(id, all, clock), settings)
  }

  /** Has a peer deliver so many bytes in a second. */
  async function deliver (peer: FakePeer, bytes: number): Promise<void> {
    const request = peers.begin(new Span(1, 2), peer.session, 1000)
    await clock.advance(1000)
    peers.onBytes(request, bytes)
    peers.finish(request)
  }

  describe('free', () => {
    it(`has a peer that is slower than the fastest by ${MAX_SPREAD} times, and none that is slower, as long as that one may have the block`, async () => {
      const fast = add('fast', { bestHeight: 20, isRelayed: false })
      const slow = add('slow', { bestHeight: 30, isRelayed: false })
      const slower = add('slower', { bestHeight: 30, isRelayed: false })
      await deliver(fast, MAX_SPREAD * 1000)
      await deliver(slow, 1000)
      await deliver(slower, 999)
      const free = (height: number): string[] => peers.free(height, 1_000_000).map(({ id }) => id)

      assert.deepEqual(free(20), ['fast', 'slow'])
      assert.deepEqual(free(21), ['fast', 'slow', 'slower'])
    })
  })

  describe('isReliable', () => {
    it('is a peer that has delivered what was taken and was not late, and any where there is no such peer', async () => {
      const known = add('known', { bestHeight: 20, isRelayed: false })
      const unknown = add('unknown', { bestHeight: 30, isRelayed: false })
      assert.equal(peers.isReliable(unknown.session, 20), true)
      await deliver(known, 1000)
      assert.equal(peers.isReliable(unknown.session, 20), true, 'what it has sent may be made up')
      peers.noteProven(known.session)
      assert.deepEqual([known, unknown].map(({ session }) => peers.isReliable(session, 20)), [true, false])
      assert.equal(peers.isReliable(unknown.session, 21), true, 'the other one does not have it')
      peers.noteLate(known.session)
      assert.equal(peers.isReliable(unknown.session, 20), true)
    })
  })

  describe('mayHave, of a peer that has dropped old blocks', () => {
    it('is false below its lowest height, also where no other peer has the block, and true from there on', () => {
      const pruned = Object.assign(add('pruned', { bestHeight: 20, isRelayed: false }), { lowestHeight: 10 })

      assert.deepEqual([0, 1, 9, 10, 20, 21].map((height) => peers.mayHave(pruned.session, height)), [true, false, false, true, true, true])
    })

    it('makes it no reason to pass over a relay for a block that only the peer behind it keeps', () => {
      const relayed = add('relayed', { bestHeight: 20, isRelayed: true })
      Object.assign(add('pruned', { bestHeight: 20, isRelayed: false }), { lowestHeight: 10 })

      assert.deepEqual([9, 10].map((height) => peers.mayHave(relayed.session, height)), [true, false])
    })

    it('is what the error says where no peer keeps a block', () => {
      Object.assign(add('pruned', { bestHeight: 20, isRelayed: false }), { lowestHeight: 10 })
      const error = peers.error(9, 20)

      assert.equal(error.code, 'UNAVAILABLE')
      assert.match(error.message, /blocks 9 to 20: peer pruned keeps no blocks below 10/)
    })
  })

  describe('mayHave, of a peer that is reached through a relay', () => {
    it('is false where another one has the block, and true where no other one has', () => {
      const relayed = add('relayed', { bestHeight: 20, isRelayed: true })
      add('direct', { bestHeight: 10, isRelayed: false })

      assert.equal(peers.mayHave(relayed.session, 10), false)
      assert.equal(peers.mayHave(relayed.session, 11), true)
    })

    it('is true where all who have the block are reached through relays', () => {
      const relayed = add('relayed', { bestHeight: 20, isRelayed: true })
      add('other', { bestHeight: 20, isRelayed: true })

      assert.equal(peers.mayHave(relayed.session, 10), true)
    })

    it('is true when the others are asked no more, or turn out not to have the block', () => {
      const relayed = add('relayed', { bestHeight: 20, isRelayed: true })
      const first = add('first', { bestHeight: 20, isRelayed: false })
      const second = add('second', { bestHeight: 20, isRelayed: false })
      peers.exclude(first.session, new Error('gone'))
      assert.equal(peers.mayHave(relayed.session, 10), false)
      peers.lacks(second.session, 10)
      assert.equal(peers.mayHave(relayed.session, 10), true)
      assert.equal(peers.mayHave(relayed.session, 9), false)
    })

    it('takes nothing away from the others', () => {
      add('relayed', { bestHeight: 20, isRelayed: true })
      const direct = add('direct', { bestHeight: 10, isRelayed: false })

      assert.equal(peers.mayHave(direct.session, 10), true)
      assert.equal(peers.mayHave(direct.session, 11), false, 'the other one says to have it')
      assert.equal(peers.mayHave(direct.session, 21), true, 'nobody says to have it')
    })
  })
})
