import assert from 'node:assert/strict'
import { BRANCH_LEAD_BLOCKS } from '../../../src/sync/fork/peer-branch.ts'
import { SEARCH_TIMEOUT_MS } from '../../../src/sync/fork/ancestor-search.ts'
import { Branches, MAX_REFUSED_BRANCHES, MAX_TRACKED_BRANCHES, BRANCH_CHECK_MS } from '../../../src/sync/fork/branches.ts'
import { offerBranch } from '../../../src/sync/fork/offer-branch.ts'
import { RecentHashes } from '../../../src/sync/chain/recent-hashes.ts'
import { RunPeers } from '../../../src/sync/run/run-peers.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { growChain } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import { SyncScene } from '../../support/sync-scene.ts'
import type { FakePeer } from '../../support/fake-peer.ts'
import type { PeerBranch } from '../../../src/sync/fork/peer-branch.ts'
import type { OfferEnd } from '../../../src/sync/fork/offer-branch.ts'
import type { Block } from '../../../src/types/block.ts'

const chain = sampleChain(30)
const fork = growChain(chain.slice(0, 20), 30, 'fork')
const long = growChain(chain.slice(0, 20), 400, 'long')

// what becomes of each kind of answer is looked at in sync-run, what attackers do in hostile/forks
describe('sync/fork/branches', () => {
  const { signal } = new AbortController()
  let scene: SyncScene
  let peers: RunPeers
  let branches: Branches
  let taken: number[]

  beforeEach(() => {
    scene = new SyncScene(chain)
    taken = []
    peers = new RunPeers({
      candidates: scene.candidates, peer: undefined, canReorganise: true, onFault: (fault) => { scene.faults.push(fault) }
    })
    branches = new Branches({ writer: scene.writer, clock: scene.clock, peers, requestBlock: scene.requestBlock })
    branches.onTip(29)
  })

  afterEach(async () => {
    await branches.stop()
    assert.equal(scene.clock.pending, 0)
  })

  function look (...found: FakePeer[]): void {
    branches.begin(found.map(({ session, bestHeight }) => ({ peer: session, height: bestHeight })))
  }

  /** Looks at a branch until it is ready, or over. */
  async function whenReady (...found: FakePeer[]): Promise<PeerBranch | undefined> {
    look(...found)

    return scene.drive((async () => {
      while (branches.isBusy && branches.ready == null) {
        await branches.whenChanged(signal)
        branches.takeErrors()
      }

      return branches.ready
    })())
  }

  async function offer (branch: PeerBranch): Promise<OfferEnd> {
    const end = await scene.drive(offerBranch(branch, {
      writer: scene.writer, peers, branches, signal, onTaken: ({ block }) => { taken.push(block.height) }
    }))
    peers.endRound(scene.store.tip())

    return end
  }

  /** Has the chain refuse what it has looked at to the end. */
  function refuse (): void {
    scene.store.reorganise = async ({ blocks }) => {
      for await (const { block } of blocks) {
        assert.ok(block.height > 19)
      }

      return false
    }
  }

  const single = ({ heights }: FakePeer): number[] => heights.filter(([start, end]) => start === end).map(([height]) => height)
  const ranges = ({ heights }: FakePeer): [number, number][] => heights.filter(([start, end]) => start !== end)

  it('asks for single blocks, then for what is above the common one, and offers that from memory', async () => {
    const alice = scene.add('alice', fork)
    const branch = await whenReady(alice)
    assert.deepEqual(single(alice), [29, 28, 27, 25, 21, 13, 17, 19, 20])
    assert.deepEqual(ranges(alice), [[20, 35], [36, 49]])
    alice.onAsk = () => assert.fail('asked while the chain decides')
    assert.deepEqual(await offer(branch!), { isAdopted: true, error: undefined })
    assert.deepEqual(taken, [...fork.keys()].slice(20))
    assert.deepEqual(scene.store.blocks, fork)
  })

  it('asks no other peer: others may be on branches of their own', async () => {
    const bob = scene.add('bob', growChain(chain.slice(0, 25), 40, 'bob'))
    await whenReady(scene.add('alice', fork))
    assert.deepEqual(bob.asked, [])
  })

  it(`fetches ${BRANCH_LEAD_BLOCKS} blocks more than our chain has, and the rest where that was refused`, async () => {
    const offered: number[] = []
    scene.store.reorganise = async ({ height, blocks }) => {
      offered.push(height)
      for await (const { block } of blocks) {
        assert.ok(block.height <= height)
      }
      return false
    }
    const alice = scene.add('alice', long)
    await offer((await whenReady(alice))!)
    assert.equal(scene.candidates.distrust.has(alice.session), false)
    await offer((await whenReady())!)
    assert.deepEqual(offered, [29 + BRANCH_LEAD_BLOCKS, 419])
    assert.equal(scene.candidates.distrust.believed(alice.session), 19)
  })

  it('fetches more where our tip has moved meanwhile', async () => {
    const alice = scene.add('alice', long)
    const branch = await whenReady(alice)
    assert.equal(branch!.blocks.at(-1)!.block.height, 29 + BRANCH_LEAD_BLOCKS)
    branches.onTip(200)
    assert.equal(branches.ready, undefined)
    branches.onTip(200)
    assert.equal((await whenReady())!.blocks.at(-1)!.block.height, 200 + BRANCH_LEAD_BLOCKS)
  })

  it('is over, and no reason for distrust, where our chain has become longer', async () => {
    const alice = scene.add('alice', fork)
    await whenReady(alice)
    branches.onTip(60)
    await turns(3)
    assert.deepEqual([branches.ready, branches.takeErrors(), branches.isBusy], [undefined, [], false])
    peers.endRound(scene.store.tip())
    assert.equal(scene.candidates.distrust.has(alice.session), false)
  })

  it('looks at several side by side, and offers the highest of those that are ready', async () => {
    const slow = scene.add('slow', growChain(chain.slice(0, 25), 60, 'slow'))
    slow.onAsk = () => {}
    const found = [slow, scene.add('alice', fork), scene.add('bob', growChain(chain.slice(0, 25), 40, 'bob'))]
    look(...found)
    await eventually(() => branches.ready?.peer.id === 'bob', 'the highest of them')
    assert.equal(branches.busyPeers, 1)
  })

  it('knows a refused branch again when another peer has it, by one question', async () => {
    refuse()
    await offer((await whenReady(scene.add('alice', fork)))!)
    const bob = scene.add('bob', fork.slice(0, 45))
    assert.equal(await whenReady(bob), undefined)
    peers.endRound(scene.store.tip())
    assert.deepEqual(bob.heights, [[44, 44]])
    assert.ok(scene.candidates.distrust.has(bob.session))
    assert.notEqual(await whenReady(scene.add('carol', growChain(fork.slice(0, 30), 10, 'carol'))), undefined)
  })

  it('looks at the branch of a tie again with each block more, whoever had it first, and forgets that once it is taken', async () => {
    refuse()
    const tie = growChain(chain.slice(0, 29), 20, 'tie')
    const [alice, bob] = [scene.add('alice', tie.slice(0, 30)), scene.add('bob', tie.slice(0, 30))]
    const { distrust } = scene.candidates

    for (const end of [30, 31, 32]) {
      alice.serve(tie.slice(0, end))
      bob.serve(tie.slice(0, end))
      alice.bestHeight = bob.bestHeight = end - 1
      assert.deepEqual([distrust.has(alice.session), distrust.has(bob.session)], [false, false])
      await offer((await whenReady(alice))!)
      assert.equal(await whenReady(bob), undefined)
      peers.endRound(scene.store.tip())
      assert.deepEqual([distrust.has(alice.session), distrust.has(bob.session)], [true, true])
    }

    // it has delivered, and so is not distrusted any more
    scene.store.reorganise = async ({ common, blocks }) => {
      for await (const { block } of blocks) {
        scene.store.blocks.splice(block.height, Infinity, block)
      }

      return common.height === 28
    }
    alice.bestHeight++
    assert.equal(distrust.has(alice.session), false)
    alice.serve(tie.slice(0, 33))
    assert.equal((await offer((await whenReady(alice))!)).isAdopted, true)
    alice.bestHeight = 29
    assert.equal(distrust.has(alice.session), false)
  })

  it('offers no branch that was refused while it was fetched from another peer', async () => {
    refuse()
    const [alice, bob] = [scene.add('alice', fork), scene.add('bob', fork)]
    const first = await whenReady(alice, bob)
    await offer(first!)
    const second = await whenReady()
    scene.store.reorganise = async () => assert.fail('offered')
    assert.deepEqual(await offer(second!), { isAdopted: false, error: undefined })
    assert.ok([alice, bob].every(({ session }) => scene.candidates.distrust.has(session)))
  })

  it(`remembers ${MAX_REFUSED_BRANCHES} refused branches`, async () => {
    const hashesOf = (block: Block): RecentHashes => {
      const hashes = new RecentHashes()
      hashes.push(block)
      return hashes
    }
    const branch = await whenReady(scene.add('alice', fork))
    branches.onRefused(hashesOf(fork[49]!))
    Array.from({ length: MAX_REFUSED_BRANCHES - 1 }, () => { branches.onRefused(new RecentHashes()) })
    assert.equal(branches.isRefused(branch!), true)
    branches.onRefused(new RecentHashes())
    assert.equal(branches.isRefused(branch!), false)
  })

  it(`looks at ${MAX_TRACKED_BRANCHES} at a time, and at each once`, () => {
    const found = Array.from({ length: MAX_TRACKED_BRANCHES + 1 }, (_, i) => Object.assign(scene.add(`peer ${i}`, fork), { onAsk: () => {} }))
    look(...found)
    look(...found)
    assert.equal(branches.busyPeers, MAX_TRACKED_BRANCHES)
  })

  it('is nothing where a peer has our tip', async () => {
    const alice = scene.add('alice', [...chain, ...growChain(chain, 5, 'more').slice(30)])
    assert.equal(await whenReady(alice), undefined)
    peers.endRound(scene.store.tip())
    assert.deepEqual(ranges(alice), [])
    assert.equal(scene.candidates.distrust.has(alice.session), false)
  })

  it('is looked at anew where our chain has changed below it', async () => {
    const alice = scene.add('alice', fork)
    peers.onFault({ peer: alice.session, kind: 'unlinked', height: 30, detail: '' })
    peers.endRound(scene.store.tip())
    const branch = await whenReady(alice)
    const found = (): string[] => peers.branching(scene.store.tip()).map(({ peer }) => peer.id)
    assert.deepEqual(found(), [])
    scene.store.blocks.splice(10, Infinity, ...growChain(chain.slice(0, 10), 20, 'own').slice(10))
    scene.store.reorganise = async () => assert.fail('offered')
    assert.deepEqual(await offer(branch!), { isAdopted: false, error: undefined })
    assert.deepEqual(found(), ['alice'])
  })

  it('says why where a peer does not answer, and distrusts it: it may come back', async () => {
    const alice = scene.add('alice', fork)
    const { session } = alice
    alice.onAsk = () => { queueMicrotask(() => { alice.disconnect() }) }
    look(alice)
    await scene.drive(branches.whenChanged(signal))
    const [error] = branches.takeErrors() as { name?: string, code?: string }[]
    assert.deepEqual([error?.name, error?.code, scene.faults], ['RequestError', 'DISCONNECTED', []])
    peers.endRound(scene.store.tip())
    assert.ok(scene.candidates.distrust.has(session))
  })

  it('says why where a peer leaves while it sends its branch', async () => {
    const alice = scene.add('alice', fork)
    const { onAsk } = alice
    alice.onAsk = (question) => {
      if (question.type === 'requestBlockRange') {
        queueMicrotask(() => { alice.disconnect() })
      } else {
        onAsk(question)
      }
    }
    look(alice)
    await scene.drive(branches.whenChanged(signal))
    const [error] = branches.takeErrors() as { name?: string, code?: string }[]
    assert.deepEqual([error?.name, error?.code, scene.faults], ['RequestError', 'DISCONNECTED', []])
  })

  it(`gives up the search with a peer that has not said within ${SEARCH_TIMEOUT_MS} ms where its branch begins`, async () => {
    const alice = scene.add('alice', fork)
    const { onAsk } = alice
    alice.onAsk = (question) => { scene.clock.setTimeout(() => { onAsk(question) }, 4000) }
    look(alice)
    await turns(3)
    await scene.clock.advance(SEARCH_TIMEOUT_MS - 1)
    assert.deepEqual([branches.busyPeers, scene.faults], [1, []])
    await scene.clock.advance(100)
    assert.deepEqual(scene.faultKinds, ['alice stalled 25'])
    await scene.clock.advance(4000)
  })

  it(`resolves when a branch has changed, and otherwise waits for ${BRANCH_CHECK_MS} ms or for the end`, async () => {
    const changed = branches.whenChanged(signal)
    await scene.clock.advance(BRANCH_CHECK_MS - 1)
    assert.ok(await isPending(changed))
    await scene.clock.advance(1)
    await changed
    const controller = new AbortController()
    const ended = branches.whenChanged(controller.signal)
    controller.abort()
    await ended
  })

  it('ends all branches when stopped, and lets those be looked at again that were not fetched to their end', async () => {
    const [alice, bob] = [scene.add('alice', fork), scene.add('bob', fork)]
    bob.onAsk = () => {}
    await whenReady(alice, bob)
    await branches.stop()
    assert.deepEqual([branches.isBusy, alice.underWay, bob.underWay], [false, 0, 0])
    look(alice)
    assert.equal(branches.isBusy, true)
  })
})
