import assert from 'node:assert/strict'
import { RunPeers } from '../../../src/sync/run/run-peers.ts'
import { growChain } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import { SyncScene } from '../../support/sync-scene.ts'
import type { Session } from '../../../src/session/session.ts'
import type { Candidate } from '../../../src/sync/run/candidates.ts'
import type { FaultKind } from '../../../src/types/sync.ts'

const chain = sampleChain(60)
const tip = { height: 9, hash: chain[9]!.hash }

describe('sync/run/run-peers', () => {
  let scene: SyncScene
  let peers: RunPeers
  let alice: Session
  let bob: Session

  beforeEach(() => {
    scene = new SyncScene(chain.slice(0, 10))
    alice = scene.add('alice', chain).session
    bob = scene.add('bob', chain.slice(0, 40)).session
    peers = create()
    assert.equal(peers.begin(tip), true)
  })

  function create (peer?: string, canReorganise = true): RunPeers {
    return new RunPeers({ candidates: scene.candidates, peer, canReorganise, onFault: (fault) => { scene.faults.push(fault) } })
  }

  const ids = (candidates: Candidate[]): string[] => candidates.map(({ peer }) => peer.id)
  const straight = (): string[] => ids(peers.extending(tip))
  const branches = (): string[] => ids(peers.branching(tip))
  const fault = (peer: Session, kind: FaultKind, height = 10): void => { peers.onFault({ peer, kind, height, detail: '' }) }

  it('may ask every peer who is ahead, the highest first', () => {
    assert.deepEqual([straight(), branches()], [['alice', 'bob'], []])
  })

  it('aims at what more than half of those say who are there, then at what those say who deliver', () => {
    assert.equal(peers.target(tip), 39)
    scene.byId.delete('bob')
    assert.equal(peers.target(tip), 59)
    scene.add('level', chain.slice(0, 10))
    assert.equal(peers.target(tip), 9)
    peers.onDelivered(alice, 10)
    assert.equal(peers.target(tip), 59)
    fault(alice, 'violation')
    peers.endRound(tip)
    assert.equal(peers.target(tip), 9)
  })

  it('aims at no more than a distrusted peer is believed to have', () => {
    scene.byId.delete('bob')
    scene.candidates.distrust.add(alice, { above: 20 })
    assert.equal(peers.target(tip), 20)
  })

  for (const kind of ['stalled', 'violation', 'unavailable'] as const) {
    it(`asks a peer no more that was found ${kind}, from the next round on`, () => {
      fault(alice, kind)
      assert.deepEqual(straight(), ['alice', 'bob'])
      assert.equal(peers.endRound(tip), true)
      assert.deepEqual([straight(), branches(), peers.target(tip)], [['bob'], [], 39])
      assert.equal(peers.endRound(tip), false)
      assert.deepEqual(scene.faultKinds, [`alice ${kind} 10`])
    })
  }

  it('looks at the branch of a peer that is found unlinked, once, unless it grows', () => {
    fault(alice, 'unlinked')
    peers.endRound(tip)
    assert.deepEqual([straight(), branches()], [['bob'], ['alice']])
    peers.onBranchBegun(peers.branching(tip)[0]!)
    assert.deepEqual(branches(), [])
    scene.byId.get('alice')!.bestHeight++
    assert.deepEqual(branches(), ['alice'])
  })

  it('holds nothing against a peer whose block does not follow one that has not become ours', () => {
    fault(alice, 'unlinked', 12)
    fault(bob, 'unlinked', 10)
    peers.endRound({ ...tip, height: 10 })
    assert.deepEqual(scene.faultKinds, ['bob unlinked 10'])
    assert.deepEqual([straight(), branches()], [['alice'], ['bob']])
    fault(alice, 'unlinked', 12)
    peers.endRound({ ...tip, height: 11 })
    assert.deepEqual(branches(), ['alice', 'bob'])
  })

  it('asks peers on branches again when our chain has changed over, or has turned out to be theirs', () => {
    fault(alice, 'unlinked')
    fault(bob, 'unlinked')
    peers.endRound(tip)
    peers.onLinked(bob, tip)
    peers.endRound(tip)
    assert.deepEqual(straight(), ['bob'])
    peers.onAdopted()
    peers.endRound(tip)
    assert.deepEqual(straight(), ['alice', 'bob'])
  })

  it('looks again at the branch of a peer that has been on our chain since, and of one that goes further after a change of branch', () => {
    const leave = (peer: Session): void => {
      fault(peer, 'unlinked')
      peers.endRound(tip)
    }
    const look = (): void => { peers.branching(tip).forEach((candidate) => { peers.onBranchBegun(candidate) }) }
    leave(alice)
    look()
    peers.onLinked(alice, { ...tip, height: 8 })
    peers.endRound(tip)
    leave(alice)
    assert.deepEqual(branches(), ['alice'])
    leave(bob)
    look()
    assert.deepEqual(branches(), [])
    peers.onAdopted()
    // bob is as high as the new tip, and alice is above it
    peers.endRound({ ...tip, height: 39 })
    leave(alice)
    leave(bob)
    assert.deepEqual(branches(), ['alice'])
  })

  it('goes by the lowest of what a peer lacks, and tells of it once', () => {
    fault(alice, 'unavailable', 40)
    fault(alice, 'unavailable', 20)
    fault(alice, 'unavailable', 30)
    assert.deepEqual(scene.faults, [])
    peers.endRound(tip)
    assert.deepEqual(scene.faultKinds, ['alice unavailable 20'])
    assert.equal(scene.candidates.distrust.believed(alice), 19)
  })

  it('distrusts a peer that took too long only where it has sent nothing', () => {
    peers.onDelivered(alice, 10)
    fault(alice, 'stalled')
    fault(bob, 'stalled')
    peers.endRound(tip)
    assert.deepEqual([alice, bob].map((peer) => scene.candidates.distrust.has(peer)), [false, true])
    assert.equal(peers.hasStalled(tip), true)
    assert.equal(peers.hasStalled({ ...tip, height: 59 }), false)
  })

  it('is synced where a peer that kept its word is as high as we are', () => {
    const top = { height: 39, hash: chain[39]!.hash }
    fault(alice, 'unavailable', 40)
    peers.endRound(tip)
    assert.equal(peers.isSynced(top), true)
    fault(bob, 'violation')
    peers.endRound(tip)
    assert.equal(peers.isSynced(top), false)
  })

  it('is not synced by a distrusted peer', () => {
    assert.equal(peers.isSynced(tip), true)
    scene.candidates.distrust.add(alice, { above: 9 })
    scene.candidates.distrust.add(bob, { above: 9 })
    assert.equal(peers.isSynced(tip), false)
  })

  it('believes no distrusted peer where others are as high as we are', () => {
    scene.candidates.distrust.add(alice, { above: 9 })
    scene.candidates.distrust.add(bob, { above: 9 })
    assert.equal(create().begin(tip), true)
    scene.add('level', chain.slice(0, 10))
    assert.equal(create().begin(tip), false)
  })

  it('asks only the one that is named, and believes it', () => {
    scene.candidates.distrust.add(bob, { above: 9 })
    peers = create('bob')
    assert.equal(peers.begin(tip), true)
    assert.deepEqual(straight(), ['bob'])
    scene.byId.delete('bob')
    assert.deepEqual(straight(), [])
    assert.equal(peers.isReady(alice), false)
  })

  it('believes distrusted peers where no other has anything, and only then', () => {
    scene.candidates.distrust.add(alice, { above: 9 })
    peers = create()
    assert.equal(peers.begin(tip), true)
    assert.deepEqual(straight(), ['bob'])
    scene.candidates.distrust.add(bob, { above: 9 })
    peers = create()
    assert.equal(peers.begin(tip), true)
    assert.deepEqual(straight(), ['alice', 'bob'])
    scene.byId.clear()
    assert.equal(create().begin(tip), false)
  })

  it('looks at who is beside us only where our chain can change over', () => {
    const rival = growChain(chain.slice(0, 9), 1, 'rival')
    scene.byId.clear()
    const carol = scene.add('carol', rival).session
    scene.candidates.noteRival(carol, rival[9]!)
    peers = create()
    assert.equal(peers.begin(tip), true)
    assert.deepEqual([straight(), branches()], [[], ['carol']])
    assert.equal(create(undefined, false).begin(tip), false)
  })

  it('takes a peer whose own branch is not linked for a liar', () => {
    peers.onBranchFault({ peer: alice, kind: 'unlinked', height: 6, detail: '' }, { height: 5 })
    peers.endRound(tip)
    assert.deepEqual([straight(), branches()], [['bob'], []])
    assert.equal(scene.candidates.distrust.believed(alice), 5)
    assert.deepEqual(scene.faultKinds, ['alice unlinked 6'])
  })

  it('ends the session with a peer that sent an invalid block', () => {
    peers.onInvalid({ peer: alice, height: 12, error: new Error('bad') })
    peers.endRound(tip)
    assert.equal((alice as unknown as { closed: string }).closed, 'PROTOCOL_VIOLATION')
    assert.deepEqual([scene.faultKinds, straight()], [['alice invalid 12'], ['bob']])
  })

  it('takes a peer whose branch does not come for one that stalls, and believes it up to where that begins', () => {
    peers.onBranchFault({ peer: alice, kind: 'stalled', height: 12, detail: '' }, { height: 5 })
    peers.endRound(tip)
    assert.deepEqual([straight(), peers.hasStalled(tip)], [['bob'], true])
    assert.equal(scene.candidates.distrust.believed(alice), 5)
  })

  it('distrusts a peer that sent an invalid block, for it may come back', () => {
    peers.onInvalid({ peer: alice, height: 12, error: new Error('bad') })
    peers.endRound(tip)
    assert.equal(scene.candidates.distrust.believed(alice), 11)
  })

  it('knows in the middle of a round whose blocks do not follow our tip, and which of those go further', () => {
    fault(alice, 'unlinked', 11)
    fault(bob, 'unlinked', 10)
    peers.settleUnlinked(9)
    assert.deepEqual([ids(peers.diverged(9)), ids(peers.diverged(39))], [['bob'], []])
    peers.settleUnlinked(10)
    assert.deepEqual(ids(peers.diverged(10)), ['alice', 'bob'])
    peers.onBranchBegun(peers.diverged(10)[0]!)
    assert.deepEqual(ids(peers.diverged(10)), ['bob'])
    peers.onBranchAbandoned(alice)
    assert.deepEqual(ids(peers.diverged(10)), ['alice', 'bob'])
  })
})
