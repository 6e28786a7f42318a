import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { Synchroniser } from '../../src/sync/synchroniser.ts'
import { eventually, isPending, turns } from '../support/eventually.ts'
import { growChain } from '../support/memory-chain.ts'
import { sampleBlockHash, sampleChain } from '../support/sample.ts'
import { SyncScene } from '../support/sync-scene.ts'
import type { Block } from '../../src/types/block.ts'
import type { SyncEnd, SyncOptions, SyncResult } from '../../src/types/sync.ts'

const chain = sampleChain(60)

describe('sync/synchroniser', () => {
  let scene: SyncScene
  let synchroniser: Synchroniser
  let ends: SyncEnd[]

  function start (blocks: readonly Block[]): void {
    scene = new SyncScene(blocks)
    synchroniser = create()
    ends = []
  }

  function create ({ writer }: { writer: undefined | SyncScene['writer'] } = scene): Synchroniser {
    return new Synchroniser({
      writer,
      peers: scene.peers,
      knownHeight: () => 9,
      clock: scene.clock,
      createDownload: scene.createDownload,
      requestBlock: scene.requestBlock,
      onProgress: (progress) => { scene.progress.push(progress) },
      onFault: (fault) => { scene.faults.push(fault) },
      onGrown: () => { scene.grown++ },
      onEnd: (end) => { ends.push(end) }
    })
  }

  beforeEach(() => { start(chain.slice(0, 10)) })

  afterEach(async () => {
    await turns(3)
    assert.equal(scene.clock.pending, 0, 'timers are left')
    assert.equal(synchroniser.running, false)
  })

  const sync = async (options?: SyncOptions): Promise<SyncResult> => scene.drive(synchroniser.sync(options))
  const height = (): number => scene.store.head.height

  /** A peer that answers nothing until it is told to. */
  function addSlow (id = 'slow'): { answer: () => void, asked: () => number } {
    const peer = scene.add(id, chain)
    const { onAsk } = peer
    peer.onAsk = () => {}

    return {
      asked: () => peer.asked.length,
      answer: () => {
        peer.onAsk = onAsk
        peer.asked.forEach(onAsk)
      }
    }
  }

  it('appends what peers have, tells how it went, and that it has ended', async () => {
    scene.add('alice', chain)

    assert.deepEqual(await sync(), { from: 9, height: 59, reorganised: false })
    assert.deepEqual(ends, [{ from: 9, height: 59, reorganised: false, error: undefined }])
    assert.ok(scene.progress.length >= 2)
    assert.ok(scene.grown > 0)
  })

  it('rejects where there is no chain to append to', async () => {
    scene.add('alice', chain)
    await assert.rejects(create({ writer: undefined }).sync(), { name: 'SyncError', code: 'NO_STORE' })
  })

  it('rejects where there is no peer to ask, or not the one that is named', async () => {
    await assert.rejects(synchroniser.sync(), { name: 'RequestError', code: 'NO_PEERS' })
    scene.add('alice', chain)
    await assert.rejects(synchroniser.sync({ peer: 'bob' }), { name: 'RequestError', code: 'NO_PEERS' })
    assert.deepEqual(ends, [])
  })

  it('resolves at once where no peer has more, and reports nothing', async () => {
    scene.add('alice', chain.slice(0, 10))
    assert.deepEqual(await synchroniser.sync(), { from: 9, height: 9, reorganised: false })
    assert.deepEqual([ends, scene.progress], [[], []])
  })

  it('tells why it has ended early', async () => {
    scene.add('liar', chain.slice(0, 20), { bestHeight: 1000 })
    await assert.rejects(sync(), { code: 'UNAVAILABLE' })
    const [end] = ends
    assert.deepEqual([end?.from, end?.height, end?.reorganised, (end?.error as { code?: string }).code], [9, 19, false, 'UNAVAILABLE'])
  })

  it('tells that our chain failed before it could begin', async () => {
    scene.add('alice', chain)
    scene.store.tip = () => { throw new Error('disk on fire') }
    await assert.rejects(sync(), { name: 'SyncError', code: 'STORE' })
    assert.deepEqual(ends.map(({ error, ...end }) => ({ ...end, code: (error as { code?: string }).code })), [
      { from: 9, height: 9, reorganised: false, code: 'STORE' }
    ])
  })

  it('has one under way for all who ask for it', async () => {
    const slow = addSlow()
    const first = synchroniser.sync()
    const second = synchroniser.sync()
    await turns(3)
    assert.equal(synchroniser.running, true)
    slow.answer()
    assert.deepEqual(await scene.drive(Promise.all([first, second])), [0, 1].map(() => ({ from: 9, height: 59, reorganised: false })))
    assert.equal(ends.length, 1)
    assert.equal(scene.downloads.length, 1)
  })

  it('begins anew when the last one has ended', async () => {
    const alice = scene.add('alice', chain, { bestHeight: 20 })
    await sync()
    alice.bestHeight = 30
    assert.deepEqual(await sync(), { from: 20, height: 30, reorganised: false })
  })

  it('waits for one that asks others, then asks those it is to ask', async () => {
    const slow = addSlow()
    scene.add('bob', chain.slice(0, 30))
    const named = synchroniser.sync({ peer: 'bob' })
    const all = synchroniser.sync()
    await scene.drive(named)
    await turns(3)
    assert.equal(height(), 29)
    slow.answer()
    await scene.drive(all)
    assert.equal(height(), 59)
    assert.equal(ends.length, 2)
  })

  describe('a signal', () => {
    it('ends it for the caller that gave it, and for no other', async () => {
      const slow = addSlow()
      const controller = new AbortController()
      const first = synchroniser.sync({ signal: controller.signal })
      const second = synchroniser.sync()
      await turns(3)
      controller.abort(new Error('no longer'))
      await assert.rejects(first, { message: 'no longer' })
      assert.ok(await isPending(second))
      slow.answer()
      assert.equal((await scene.drive(second)).height, 59)
      assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
    })

    it('ends it altogether where no other caller waits', async () => {
      const slow = addSlow()
      const controller = new AbortController()
      const only = synchroniser.sync({ signal: controller.signal })
      await eventually(() => slow.asked() > 0, 'a question')
      controller.abort(new Error('no longer'))
      await assert.rejects(only, { message: 'no longer' })
      await eventually(() => !synchroniser.running, 'the end')
      assert.equal(ends[0]?.error?.name, 'AbortError')
      slow.answer()
      assert.equal((await sync()).height, 59)
    })

    it('that is aborted already begins nothing', async () => {
      scene.add('alice', chain)
      await assert.rejects(synchroniser.sync({ signal: AbortSignal.abort(new Error('no longer')) }), { message: 'no longer' })
      assert.deepEqual(scene.downloads, [])
    })

    it('ends the wait for one that asks others', async () => {
      const slow = addSlow()
      scene.add('bob', chain.slice(0, 30))
      const all = synchroniser.sync()
      const controller = new AbortController()
      const named = synchroniser.sync({ peer: 'bob', signal: controller.signal })
      await turns(3)
      controller.abort(new Error('no longer'))
      await assert.rejects(named, { message: 'no longer' })
      slow.answer()
      await scene.drive(all)
    })

    it('ends it at once, however long a write takes, and the next one waits for that', async () => {
      scene.add('alice', chain)
      const write = Promise.withResolvers<void>()
      let writes = 0
      scene.store.append = async (blocks) => {
        writes++
        await write.promise
        scene.store.push(blocks)
      }
      const controller = new AbortController()
      const first = synchroniser.sync({ signal: controller.signal })
      await eventually(() => writes > 0, 'a write')
      controller.abort(new Error('no longer'))
      await assert.rejects(first, { message: 'no longer' })
      const second = synchroniser.sync()
      assert.ok(await isPending(second))
      assert.equal(writes, 1)
      write.resolve()
      const { from, height } = await scene.drive(second)
      assert.ok(from > 9)
      assert.equal(height, 59)
    })
  })

  describe('stop', () => {
    it('ends it for every peer, also for peers that wait for another one', async () => {
      const slow = addSlow()
      scene.add('bob', chain.slice(0, 30))
      const all = [synchroniser.sync(), synchroniser.sync(), synchroniser.sync({ peer: 'bob' })]
      await eventually(() => slow.asked() > 0, 'a question')
      synchroniser.stop()

      for (const one of all) {
        await assert.rejects(one, { name: 'NotRunningError' })
      }

      await eventually(() => !synchroniser.running, 'the end')
      assert.deepEqual(ends.map(({ error }) => error?.name), ['NotRunningError'])
    })

    it('may be followed by another one', async () => {
      const slow = addSlow()
      synchroniser.stop()
      const first = synchroniser.sync()
      synchroniser.stop()
      await assert.rejects(first, { name: 'NotRunningError' })
      slow.answer()
      assert.equal((await sync()).height, 59)
    })
  })

  it('knows who is ahead, and who is beside us where our chain can change over', async () => {
    const rival = growChain(chain.slice(0, 9), 1, 'rival')
    scene.add('alice', chain)
    const bob = scene.add('bob', rival)
    synchroniser.noteRival(bob.session, rival[9]!)
    const ids = (of: Synchroniser): string[] => of.ahead(scene.store.tip()).map(({ peer }) => peer.id)
    assert.deepEqual(ids(synchroniser), ['alice', 'bob'])
    const { store } = scene
    scene.useStore({ tip: () => store.tip(), get: () => undefined, append: () => {} })
    assert.deepEqual(ids(create()), ['alice'])
  })

  it('believes a peer again that delivers', async () => {
    const liar = scene.add('liar', chain.slice(0, 10), { bestHeight: 1000 })
    await assert.rejects(sync(), { code: 'UNAVAILABLE' })
    assert.deepEqual(synchroniser.ahead(scene.store.tip()), [])
    synchroniser.onDelivered(liar.session, 10)
    assert.equal(synchroniser.ahead(scene.store.tip()).length, 1)
  })

  /** What a peer is like. */
  const character = fc.record({
    kind: fc.constantFrom('honest' as const, 'capped' as const, 'silent' as const, 'leaves' as const, 'invalid' as const, 'boasts' as const),
    fork: fc.constantFrom('main', 'main', 'a', 'b'),
    common: fc.nat(30),
    length: fc.integer({ min: 1, max: 50 }),
    /** After how many questions, or at which height. */
    at: fc.nat(40)
  })

  it('ends with the best chain or a named error, whatever peers do', async () => {
    const main = growChain(sampleChain(1), 60, 'main')

    const characters = fc.array(character, { minLength: 1, maxLength: 5 })

    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 40 }), characters, async (ours, characters) => {
      start(main.slice(0, ours))
      let longest = ours - 1
      const longestHonest = (): number => longest

      characters.forEach(({ kind, fork, common, length, at }, i) => {
        const blocks = fork === 'main' ? main.slice(0, length + 1) : growChain(main.slice(0, common + 1), length, fork)
        const spoilt = blocks.map((block) => kind === 'invalid' && block.height === at ? { ...block, timestamp: 1 } : block)
        const peer = scene.add(`${kind} ${i}`, spoilt, {
          bestHeight: blocks.length - 1 + (kind === 'boasts' ? at + 1 : 0), cap: kind === 'capped' ? 3 : Infinity
        })
        const { onAsk } = peer
        peer.onAsk = (question) => {
          if (kind === 'leaves' && peer.asked.length > at % 5) {
            queueMicrotask(() => { peer.disconnect() })
          } else if (kind !== 'silent' || peer.asked.length <= at % 5) {
            onAsk(question)
          }
        }

        longest = kind === 'honest' || kind === 'capped' ? Math.max(longest, blocks.length - 1) : longest
      })

      const before = scene.store.blocks.slice()
      const outcome = await sync().catch((err: unknown) => err as Error & { code?: string })

      if (outcome instanceof Error) {
        // a chain in memory does not fail: that would be us giving it what does not fit
        assert.ok(outcome.name === 'RequestError', `${outcome.name} ${outcome.code}: ${outcome.message}`)
      } else {
        assert.equal(outcome.height, height())
      }

      const { blocks, appended, branches } = scene.store
      assert.ok(height() >= longestHonest(), `at ${height()}, ${longestHonest()} could be had`)
      blocks.forEach((block, i) => {
        assert.equal(block.height, i)
        assert.deepEqual(block.hash, i === 0 ? before[0]!.hash : sampleBlockHash(block))
        assert.ok(i === 0 || Buffer.compare(block.prevHash, blocks[i - 1]!.hash) === 0)
      })
      assert.ok(branches.some(({ adopted }) => adopted) || new Set(appended.flat()).size === appended.flat().length)
      assert.ok([...scene.byId.values()].every(({ underWay }) => underWay === 0))
      assert.ok(scene.clock.pending === 0)
    }), { numRuns: 150 })
  }).timeout(60_000)
})
