import assert from 'node:assert/strict'
import { eventually, isPending, turns } from '../support/eventually.ts'
import { growChain, MemoryChain, received } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { SyncScene } from '../support/sync-scene.ts'
import { Scene } from './scene.ts'
import { SEARCH_TIMEOUT_MS } from '../../src/sync/fork/ancestor-search.ts'
import type { Attacker } from './scene.ts'
import type { FakePeer, Question } from '../support/fake-peer.ts'
import type { Block } from '../../src/types/block.ts'

const CLAIM = 1_000_000
const OURS = 51

/** The time within which an honest node has to catch up, whatever others do, in ms. */
const SYNC_MS = 15_000

/** Blocks that a node may be behind. */
const MAX_BEHIND = 2

const chain = sampleChain(300)
const branch = growChain(chain.slice(0, 2), 400, 'evil')

/** Answers with one block of a branch after the other, the first at once and the next each after so many ms. */
function drip (scene: SyncScene, peer: FakePeer, blocks: readonly Block[], every: number): (question: Question) => void {
  return (question) => {
    if (question.type === 'requestBlock') {
      queueMicrotask(() => { void peer.sendBlock(blocks[question.height], question) })
      return
    }

    let height = question.startHeight
    const next = (): void => {
      if (peer.state === 'ready' && blocks[height] != null) {
        const isLast = height === question.endHeight
        void peer.sendRange([blocks[height++]!], isLast, question)

        if (!isLast) {
          scene.clock.setTimeout(next, every)
        }
      }
    }

    queueMicrotask(next)
  }
}

/** What a peer that is on a branch does, which has been made beside our tip or claims to go far above it. */
const ATTACKS: [string, (scene: SyncScene, peer: FakePeer) => void][] = [
  ['send the first block of a branch at once, and one in 9 s from then on', (scene, peer) => { peer.onAsk = drip(scene, peer, branch, 9000) }],
  ['send one block of a branch in a second', (scene, peer) => { peer.onAsk = drip(scene, peer, branch, 1000) }],
  ['send 20 blocks of a branch in a second', (scene, peer) => { peer.onAsk = drip(scene, peer, branch, 50) }],
  ['send a block that is none, and say nothing from then on', (scene, peer) => {
    const spoilt = branch.map((block) => ({ ...block, timestamp: 1 }))
    peer.onAsk = drip(scene, peer, spoilt, Number.MAX_SAFE_INTEGER)
  }],
  ['say where their branch begins, and send nothing of it', (_scene, peer) => {
    peer.onAsk = (question) => {
      if (question.type === 'requestBlock') {
        queueMicrotask(() => { void peer.sendBlock(branch[question.height], question) })
      }
    }
  }],
  ['answer each question after 9 s', (scene, peer) => {
    const { onAsk } = peer
    peer.onAsk = (question) => { scene.clock.setTimeout(() => { onAsk(question) }, 9000) }
  }],
  ['say nothing', (_scene, peer) => { peer.onAsk = () => {} }],
  ['send a branch that is refused', (_scene, peer) => { peer.serve(branch) }]
]

describe('hostile/forks', function () {
  this.timeout(120_000)

  let scene: SyncScene

  /** So many peers that do the same. */
  function attack (count: number, behave: (typeof ATTACKS)[number][1], bestHeight = CLAIM): FakePeer[] {
    return Array.from({ length: count }, (_, i) => {
      const peer = scene.add(`evil ${i}`, branch, { bestHeight })
      scene.candidates.noteRival(peer.session, branch[OURS - 1]!)
      behave(scene, peer)

      return peer
    })
  }

  /** Begins to synchronise. */
  function begin (): Promise<unknown> {
    const run = scene.createRun().run()
    run.catch(() => {})

    return run
  }

  /** Our chain is that of the honest peer within SYNC_MS from now, and the synchronisation ends when all peers have gone. */
  async function expectInStep (run: Promise<unknown>): Promise<void> {
    const since = scene.clock.now()

    while (scene.store.head.height < OURS + 49 && scene.clock.now() - since <= SYNC_MS) {
      await scene.clock.advance(250)
    }

    // one of the slow peers may have sent the next block of the same chain by now
    assert.ok(scene.store.head.height >= OURS + 49)
    assert.deepEqual(scene.store.head.hash, chain[scene.store.head.height]?.hash)
    scene.byId.forEach((peer) => { peer.disconnect() })
    await scene.drive(run.catch(() => {}))
  }

  for (const [what, behave] of ATTACKS) {
    for (const count of [1, 8]) {
      it(`has no block of ours wait while ${count} ${what}, and comes to an end`, async () => {
        scene = new SyncScene(chain.slice(0, OURS))
        scene.add('honest', chain.slice(0, OURS))
        scene.store.reorganise = async ({ blocks }) => {
          for await (const { block } of blocks) {
            assert.ok(block.height > 1)
          }

          return false
        }
        attack(count, behave)
        const run = begin()

        for (let height = OURS; height < OURS + 90; height++) {
          await scene.clock.advance(1000)
          const written = scene.writer.append([received(chain[height]!)])

          const before = scene.clock.now()
          await scene.drive(written)
          assert.equal(scene.store.head.height, height)
          assert.equal(scene.clock.now(), before, `block ${height} has waited`)
        }

        assert.ok(!await isPending(run))
        scene.byId.forEach((peer) => { peer.disconnect() })
        await scene.clock.advance(10_000)
      })
    }
  }

  for (const [name, ours] of [['what follows our tip', chain.slice(0, OURS)], ['a better branch', growChain(chain.slice(0, OURS - 1), 1, 'ours')]] as const) {
    for (const [what, behave] of ATTACKS.slice(0, -1)) {
      it(`catches up within ${SYNC_MS} ms with an honest peer that has ${name} while eight ${what}`, async () => {
        scene = new SyncScene(ours)
        attack(8, behave)
        scene.add('honest', chain.slice(0, OURS + 50))
        await expectInStep(begin())
      })
    }
  }

  it(`resolves within ${SEARCH_TIMEOUT_MS} ms where 16 say another hash at our height, and nothing else`, async () => {
    scene = new SyncScene(chain.slice(0, OURS))
    scene.add('honest', chain.slice(0, OURS))
    attack(16, (_scene, peer) => { peer.onAsk = () => {} }, OURS - 1)
    const since = scene.clock.now()
    assert.deepEqual(await scene.drive(scene.createRun().run()), { from: OURS - 1, height: OURS - 1, reorganised: false })
    assert.ok(scene.clock.now() - since <= SEARCH_TIMEOUT_MS)
    assert.deepEqual(scene.candidates.ahead(scene.store.tip(), { rivals: true }), [])
  })

  it('asks one at a time of ten that come from other hosts of a distrusted netgroup and say nothing, one elsewhere at once, and in the end an honest one among them', async () => {
    const at = (peer: FakePeer, i: number, group = '192.0'): FakePeer => Object.assign(peer, { direction: 'inbound', location: { host: `${group}.2.${i}`, netgroup: group } })
    scene = new SyncScene(chain.slice(0, OURS))
    const [first] = attack(1, (_scene, peer) => { peer.onAsk = () => {} })
    scene.candidates.distrust.add(at(first!, 0).session, { above: 0 })
    first!.disconnect()
    const silent = Array.from({ length: 10 }, (_, i) => at(scene.add(`silent ${i}`, branch, { bestHeight: CLAIM }), 1 + i))
    silent.forEach((peer) => { peer.onAsk = () => {} })
    at(scene.add('elsewhere', chain.slice(0, OURS + 5)), 1, '198.51')
    at(scene.add('honest', chain.slice(0, OURS + 50)), 99)
    const run = begin()
    let most = 0

    for (const [height, ms] of [[OURS + 4, SYNC_MS], [OURS + 49, 10 * SYNC_MS]] as const) {
      const since = scene.clock.now()

      while (scene.store.head.height < height && scene.clock.now() - since <= ms) {
        await scene.clock.advance(250)
        most = Math.max(most, silent.filter(({ underWay }) => underWay > 0).length)
      }

      assert.ok(scene.store.head.height >= height)
    }

    assert.equal(most, 1)
    scene.byId.forEach((peer) => { peer.disconnect() })
    await scene.drive(run.catch(() => {}))
  })

  it('looks at a better branch while a peer sends what follows our tip, a block in 9 s', async () => {
    const dripped = growChain(chain.slice(0, OURS), 100, 'dripped')
    scene = new SyncScene(dripped.slice(0, OURS + 1))
    const evil = scene.add('evil', dripped, { bestHeight: CLAIM })
    evil.onAsk = drip(scene, evil, dripped, 9000)
    scene.add('honest', chain.slice(0, OURS + 50))
    await expectInStep(begin())
  })

  for (const every of [9000, 900]) {
    it(`catches up within ${SYNC_MS} ms with an honest peer that has grown since eight began to send what follows our tip, a block in ${every} ms`, async () => {
      scene = new SyncScene(chain.slice(0, OURS))
      const honest = scene.add('honest', chain.slice(0, OURS + 50), { bestHeight: OURS - 1 })
      attack(8, (scene, peer) => { peer.onAsk = drip(scene, peer, chain, every) })
      const run = begin()
      await scene.clock.advance(1000)
      assert.deepEqual(honest.asked, [])
      honest.bestHeight = OURS + 49
      await expectInStep(run)
    })
  }

  describe('a node', () => {
    const genesisHash = chain[0]!.hash
    let real: Scene
    let victim: MemoryChain
    let honest: MemoryChain

    beforeEach(async () => {
      [victim, honest] = [new MemoryChain(chain.slice(0, OURS)), new MemoryChain(chain.slice(0, OURS))]
      real = await Scene.start({ chain: victim, genesisHash }, { chain: honest })
    })

    afterEach(async () => { await real.stop() })

    /** Claims to be far above, and sends one block of a branch at once and one in 9 s. */
    async function dripper (): Promise<Attacker> {
      const attacker = await real.attacker()
      const remote = await attacker.connect({ genesisHash, bestHeight: CLAIM, bestHash: branch[2]!.hash })

      void (async () => {
        for (;;) {
          const { message: { height }, requestId } = await remote.next('requestBlock')
          remote.send({ type: 'responseBlock', block: branch[height] }, requestId)
        }
      })().catch(() => {})
      void (async () => {
        for (;;) {
          const { message: { startHeight }, requestId } = await remote.next('requestBlockRange')
          remote.send({ type: 'responseBlockRange', blocks: [branch[startHeight]!], last: false }, requestId)
        }
      })().catch(() => {})

      return attacker
    }

    /** Says another hash at the height of our tip, and nothing from then on. */
    async function silentRival (): Promise<Attacker> {
      const attacker = await real.attacker()
      await attacker.connect({ genesisHash, bestHeight: OURS - 1, bestHash: branch[OURS - 1]!.hash })

      return attacker
    }

    const attacks: [what: string, attack: () => Promise<Attacker>][] = [['drip branches', dripper], ['are rivals that say nothing', silentRival]]

    for (const [what, attack] of attacks) {
      it(`is at most ${MAX_BEHIND} blocks behind, and answers, while eight ${what}`, async () => {
        await Promise.all(Array.from({ length: 8 }, attack))

        for (let i = 0; i < 60; i++) {
          await real.expectServed(async () => {
            const block = chain[honest.head.height + 1]!
            honest.push([received(block)])
            real.honest.broadcast({ type: 'newBlock', block })
            await eventually(() => victim.head.height === block.height, `block ${block.height}`)
          })
          assert.ok(honest.head.height - victim.head.height <= MAX_BEHIND)
          await turns(20)
        }
      })
    }
  })
})
