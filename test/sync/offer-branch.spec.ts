import assert from 'node:assert/strict'
import { MAX_REFUSED_BRANCHES, offerBranch } from '../../src/sync/offer-branch.ts'
import { RecentHashes } from '../../src/sync/recent-hashes.ts'
import { RunPeers } from '../../src/sync/run-peers.ts'
import { growChain } from '../memory-chain.ts'
import { sampleChain } from '../sample.ts'
import { SyncScene } from './sync-scene.ts'
import type { OfferContext, OfferEnd } from '../../src/sync/offer-branch.ts'
import type { FakePeer } from './fake-peer.ts'
import type { Tip } from '../../src/types/node-info.ts'

const chain = sampleChain(30)
const fork = growChain(chain.slice(0, 20), 30, 'fork')

// what becomes of each kind of answer is looked at in sync-run
describe('sync/offer-branch', () => {
  let scene: SyncScene
  let context: OfferContext
  let taken: number[]
  let asked: boolean

  beforeEach(() => {
    scene = new SyncScene(chain)
    taken = []
    asked = false
    const peers = new RunPeers({
      candidates: scene.candidates, peer: undefined, canReorganise: true, onFault: (fault) => { scene.faults.push(fault) }
    })
    context = {
      writer: scene.writer,
      clock: scene.clock,
      peers,
      createDownload: scene.createDownload,
      requestBlock: scene.requestBlock,
      signal: new AbortController().signal,
      refused: [],
      onSource: (source) => { asked ||= source != null },
      onTaken: ({ block }) => { taken.push(block.height) }
    }
  })

  async function offer (peer: FakePeer, tip: Tip = scene.store.tip()): Promise<OfferEnd> {
    const end = await scene.drive(offerBranch({ peer: peer.session, height: peer.bestHeight }, tip, context))
    context.peers.settle(tip)

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

  it('asks for single blocks, then for what is above the common one', async () => {
    const alice = scene.add('alice', fork)
    assert.deepEqual(await offer(alice), { isAdopted: true, error: undefined })
    assert.deepEqual(alice.heights.filter(([start, end]) => start === end).map(([height]) => height), [29, 28, 27, 25, 21, 13, 17, 19, 20])
    assert.deepEqual(scene.downloads, [[20, 49]])
    assert.deepEqual(taken, [...fork.keys()].slice(20))
    assert.ok(asked)
    assert.deepEqual(scene.store.blocks, fork)
  })

  it('asks nobody else: others may be on branches of their own', async () => {
    const alice = scene.add('alice', fork)
    const bob = scene.add('bob', growChain(chain.slice(0, 25), 40, 'bob'))
    await offer(alice)
    assert.deepEqual(bob.asked, [])
  })

  it('fetches nothing where the chain does not look', async () => {
    const alice = scene.add('alice', fork)
    scene.store.reorganise = async () => false
    assert.deepEqual(await offer(alice), { isAdopted: false, error: undefined })
    assert.deepEqual(scene.downloads, [])
    assert.equal(scene.candidates.doubts.believed(alice.session), 19)
  })

  it('knows a refused branch again when another peer has it, by one question', async () => {
    refuse()
    await offer(scene.add('alice', fork))
    const bob = scene.add('bob', fork.slice(0, 45))
    assert.deepEqual(await offer(bob), { isAdopted: false, error: undefined })
    assert.deepEqual(bob.heights, [[44, 44]])
    assert.ok(scene.candidates.doubts.has(bob.session))
    const carol = scene.add('carol', growChain(fork.slice(0, 30), 10, 'carol'))
    await offer(carol)
    assert.deepEqual(scene.downloads, [[20, 49], [20, 39]])
  })

  it('looks at a refused branch again where it has grown', async () => {
    refuse()
    await offer(scene.add('alice', fork.slice(0, 40)))
    await offer(scene.add('bob', fork))
    assert.deepEqual(scene.downloads, [[20, 39], [20, 49]])
  })

  it(`remembers ${MAX_REFUSED_BRANCHES} refused branches`, async () => {
    refuse()
    context.refused.push(...Array.from({ length: MAX_REFUSED_BRANCHES - 1 }, () => new RecentHashes()))
    const [first] = context.refused
    await offer(scene.add('alice', fork))
    assert.equal(context.refused.length, MAX_REFUSED_BRANCHES)
    assert.equal(context.refused[0], first)
    await offer(scene.add('bob', growChain(fork.slice(0, 30), 10, 'bob')))
    assert.equal(context.refused.length, MAX_REFUSED_BRANCHES)
    assert.notEqual(context.refused[0], first)
  })

  it('is nothing where a peer has our tip', async () => {
    const alice = scene.add('alice', [...chain, ...growChain(chain, 5, 'more').slice(30)])
    assert.deepEqual(await offer(alice), { isAdopted: false, error: undefined })
    assert.deepEqual([scene.downloads, scene.store.branches], [[], []])
    assert.equal(scene.candidates.doubts.has(alice.session), false)
  })

  it('says why where a peer does not answer', async () => {
    const alice = scene.add('alice', fork)
    alice.onAsk = () => { queueMicrotask(() => { alice.disconnect() }) }
    const { error } = await offer(alice)
    assert.deepEqual([error?.name, (error as { code?: string }).code, scene.faults], ['RequestError', 'DISCONNECTED', []])
  })
})
