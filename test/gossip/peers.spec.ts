import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FakeSession } from '../support/fake-session.ts'
import { ReadyPeers } from '../../src/gossip/peers.ts'
import type { Session } from '../../src/session/session.ts'

function session (id: string): Session {
  return new FakeSession(id).session
}

describe('gossip/peers', () => {
  it('gives each peer a number of its own, and takes it back', () => {
    const peers = new ReadyPeers(2)
    const [a, b, c] = [session('a'), session('b'), session('c')]
    assert.deepEqual([peers.add(a).number, peers.add(b).number], [0, 1])
    assert.equal(peers.remove(a)?.number, 0)
    assert.equal(peers.get('a'), undefined)
    assert.equal(peers.add(c).number, 0)
    assert.deepEqual([...peers].map(({ id }) => id), ['b', 'c'])
    assert.equal(peers.size, 2)
  })

  it('has none for one more than there are, who keeps that', () => {
    const peers = new ReadyPeers(2)
    const sessions = ['a', 'b', 'c'].map(session)
    assert.deepEqual(sessions.map((each) => peers.add(each).number), [0, 1, undefined])
    peers.remove(sessions[0]!)

    assert.equal(peers.get('c')?.number, undefined)
    assert.equal(peers.remove(sessions[2]!)?.id, 'c')
    assert.deepEqual(['d', 'e'].map((id) => peers.add(session(id)).number), [0, undefined])
  })

  it('keeps a peer and its number when another session takes the place of the first', () => {
    const peers = new ReadyPeers(4)
    const [first, second] = [session('a'), session('a')]
    const peer = peers.add(first)
    assert.equal(peers.add(second), peer)
    assert.equal(peer.session, second)
    assert.equal(peers.remove(first), undefined)
    assert.equal(peers.get('a'), peer)
    assert.equal(peers.remove(second), peer)
    assert.equal(peers.remove(second), undefined)
    assert.equal(peers.size, 0)
  })

  it('lets go of a peer whose latest session ends before an earlier one', () => {
    const peers = new ReadyPeers(4)
    const [first, second] = [session('a'), session('a')]
    peers.add(first)
    peers.add(second)
    assert.equal(peers.remove(second)?.number, 0)
    assert.equal(peers.remove(first), undefined)
    assert.equal(peers.add(session('b')).number, 0)
  })

  it('never has two peers with the same number, and none left away while there are some', () => {
    const step = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), isAdd: fc.boolean() })

    fc.assert(fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const peers = new ReadyPeers(5)
      const sessions = new Map<string, Session>()

      for (const { id, isAdd } of steps) {
        if (isAdd) {
          const added = session(id)
          sessions.set(id, added)
          const hadRoom = [...peers].filter(({ number }) => number != null).length < 5
          assert.equal(peers.add(added).number != null, hadRoom || peers.get(id)?.number != null)
        } else if (sessions.has(id)) {
          peers.remove(sessions.get(id)!)
          sessions.delete(id)
        }

        const numbers = [...peers].flatMap(({ number }) => number ?? [])
        assert.equal(new Set(numbers).size, numbers.length)
        assert.deepEqual(new Set([...peers].map(({ id }) => id)), new Set(sessions.keys()))
      }
    }))
  })
})
