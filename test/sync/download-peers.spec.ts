import assert from 'node:assert/strict'
import { FakePeer } from './fake-peer.ts'
import { DownloadPeers } from '../../src/sync/download-peers.ts'
import { FakeClock } from '../fake-clock.ts'

describe('sync/download-peers', () => {
  let clock: FakeClock
  let all: Map<string, FakePeer>
  let peers: DownloadPeers

  beforeEach(() => {
    clock = new FakeClock()
    all = new Map()
    peers = new DownloadPeers(() => Array.from(all.values(), ({ session }) => session), clock)
  })

  function add (id: string, settings: { bestHeight: number, isRelayed: boolean }): FakePeer {
    return Object.assign(new FakePeer(id, all, clock), settings)
  }

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
