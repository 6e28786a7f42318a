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
  const straight = (): string[] => ids(peers.straight(tip))
  const branches = (): string[] => ids(peers.branches(tip))
  const fault = (peer: Session, kind: FaultKind, height = 10): void => { peers.onFault({ peer, kind, height, detail: '' }) }

  it('may ask everybody who is ahead, the highest first', () => {
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
    peers.settle(tip)
    assert.equal(peers.target(tip), 9)
  })

  it('aims at no more than whoever is in doubt is believed to have', () => {
    scene.byId.delete('bob')
    scene.candidates.doubts.add(alice, { above: 20 })
    assert.equal(peers.target(tip), 20)
  })

  for (const kind of ['stalled', 'violation', 'unavailable'] as const) {
    it(`asks nobody again who was found ${kind}, from the next turn on`, () => {
      fault(alice, kind)
      assert.deepEqual(straight(), ['alice', 'bob'])
      assert.equal(peers.settle(tip), true)
      assert.deepEqual([straight(), branches(), peers.target(tip)], [['bob'], [], 39])
      assert.equal(peers.settle(tip), false)
      assert.deepEqual(scene.faultKinds, [`alice ${kind} 10`])
    })
  }

  it('looks at the branch of whoever is found unlinked, once, unless it grows', () => {
    fault(alice, 'unlinked')
    peers.settle(tip)
    assert.deepEqual([straight(), branches()], [['bob'], ['alice']])
    peers.onOffered(peers.branches(tip)[0]!)
    assert.deepEqual(branches(), [])
    scene.byId.get('alice')!.bestHeight++
    assert.deepEqual(branches(), ['alice'])
  })

  it('holds nothing against a peer whose block does not follow one that has not become ours', () => {
    fault(alice, 'unlinked', 12)
    fault(bob, 'unlinked', 10)
    peers.settle({ ...tip, height: 10 })
    assert.deepEqual(scene.faultKinds, ['bob unlinked 10'])
    assert.deepEqual([straight(), branches()], [['alice'], ['bob']])
    fault(alice, 'unlinked', 12)
    peers.settle({ ...tip, height: 11 })
    assert.deepEqual(branches(), ['alice', 'bob'])
  })

  it('asks those on branches again when our chain has changed over, or has turned out to be theirs', () => {
    fault(alice, 'unlinked')
    fault(bob, 'unlinked')
    peers.settle(tip)
    peers.onLinked(bob, tip)
    peers.settle(tip)
    assert.deepEqual(straight(), ['bob'])
    peers.onAdopted()
    peers.settle(tip)
    assert.deepEqual(straight(), ['alice', 'bob'])
  })

  it('goes by the lowest of what a peer lacks, and tells of it once', () => {
    fault(alice, 'unavailable', 40)
    fault(alice, 'unavailable', 20)
    fault(alice, 'unavailable', 30)
    assert.deepEqual(scene.faults, [])
    peers.settle(tip)
    assert.deepEqual(scene.faultKinds, ['alice unavailable 20'])
    assert.equal(scene.candidates.doubts.believed(alice), 19)
  })

  it('doubts who took too long only where it has sent nothing', () => {
    peers.onDelivered(alice, 10)
    fault(alice, 'stalled')
    fault(bob, 'stalled')
    peers.settle(tip)
    assert.deepEqual([alice, bob].map((peer) => scene.candidates.doubts.has(peer)), [false, true])
    assert.equal(peers.hasStalled(tip), true)
    assert.equal(peers.hasStalled({ ...tip, height: 59 }), false)
  })

  it('has somebody in step where one who kept its word is as high as we are', () => {
    const top = { height: 39, hash: chain[39]!.hash }
    fault(alice, 'unavailable', 40)
    peers.settle(tip)
    assert.equal(peers.isInStep(top), true)
    fault(bob, 'violation')
    peers.settle(tip)
    assert.equal(peers.isInStep(top), false)
  })

  it('has nobody in step who is in doubt', () => {
    assert.equal(peers.isInStep(tip), true)
    scene.candidates.doubts.add(alice, { above: 9 })
    scene.candidates.doubts.add(bob, { above: 9 })
    assert.equal(peers.isInStep(tip), false)
  })

  it('believes nobody in doubt where others are as high as we are', () => {
    scene.candidates.doubts.add(alice, { above: 9 })
    scene.candidates.doubts.add(bob, { above: 9 })
    assert.equal(create().begin(tip), true)
    scene.add('level', chain.slice(0, 10))
    assert.equal(create().begin(tip), false)
  })

  it('asks only the one that is named, and believes it', () => {
    scene.candidates.doubts.add(bob, { above: 9 })
    peers = create('bob')
    assert.equal(peers.begin(tip), true)
    assert.deepEqual(straight(), ['bob'])
    scene.byId.delete('bob')
    assert.deepEqual(straight(), [])
    assert.equal(peers.isReady(alice), false)
  })

  it('believes those in doubt where nobody else has anything, and only then', () => {
    scene.candidates.doubts.add(alice, { above: 9 })
    peers = create()
    assert.equal(peers.begin(tip), true)
    assert.deepEqual(straight(), ['bob'])
    scene.candidates.doubts.add(bob, { above: 9 })
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
    scene.candidates.noteBeside(carol, rival[9]!)
    peers = create()
    assert.equal(peers.begin(tip), true)
    assert.deepEqual([straight(), branches()], [[], ['carol']])
    assert.equal(create(undefined, false).begin(tip), false)
  })

  it('takes a peer whose own branch is not linked for a liar', () => {
    peers.onBranchFault({ peer: alice, kind: 'unlinked', height: 6, detail: '' }, { height: 5 })
    peers.settle(tip)
    assert.deepEqual([straight(), branches()], [['bob'], []])
    assert.equal(scene.candidates.doubts.believed(alice), 5)
    assert.deepEqual(scene.faultKinds, ['alice unlinked 6'])
  })

  it('ends the session with whoever sent an invalid block', () => {
    peers.onInvalid({ peer: alice, height: 12, error: new Error('bad') })
    peers.settle(tip)
    assert.equal((alice as unknown as { closed: string }).closed, 'PROTOCOL_VIOLATION')
    assert.deepEqual([scene.faultKinds, straight()], [['alice invalid 12'], ['bob']])
  })

  it('takes a peer whose branch does not come for one that stalls, and believes it up to where that begins', () => {
    peers.onBranchFault({ peer: alice, kind: 'stalled', height: 12, detail: '' }, { height: 5 })
    peers.settle(tip)
    assert.deepEqual([straight(), peers.hasStalled(tip)], [['bob'], true])
    assert.equal(scene.candidates.doubts.believed(alice), 5)
  })

  it('doubts whoever sent an invalid block, for it may come back', () => {
    peers.onInvalid({ peer: alice, height: 12, error: new Error('bad') })
    peers.settle(tip)
    assert.equal(scene.candidates.doubts.believed(alice), 11)
  })

  it('knows in the middle of a turn whose blocks do not follow our tip, and who of them goes further', () => {
    fault(alice, 'unlinked', 11)
    fault(bob, 'unlinked', 10)
    peers.settleUnlinked(9)
    assert.deepEqual([ids(peers.diverged(9)), ids(peers.diverged(39))], [['bob'], []])
    peers.settleUnlinked(10)
    assert.deepEqual(ids(peers.diverged(10)), ['alice', 'bob'])
    peers.onOffered(peers.diverged(10)[0]!)
    assert.deepEqual(ids(peers.diverged(10)), ['bob'])
    peers.onWithdrawn(alice)
    assert.deepEqual(ids(peers.diverged(10)), ['alice', 'bob'])
  })
})
