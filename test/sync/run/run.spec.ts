import assert from 'node:assert/strict'
import { InvalidBlockError } from '../../../src/errors.ts'
import { FIRST_DISTRUST_MS } from '../../../src/sync/run/distrust.ts'
import { MAX_IDLE_ROUNDS } from '../../../src/sync/run/run.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { growChain } from '../../support/memory-chain.ts'
import { sampleChain } from '../../support/sample.ts'
import { SyncScene } from '../../support/sync-scene.ts'
import type { FakePeer, Question } from '../../support/fake-peer.ts'
import type { Block } from '../../../src/types/block.ts'
import type { ReceivedBlock } from '../../../src/types/chain.ts'
import type { SyncResult } from '../../../src/types/sync.ts'

const chain = sampleChain(100)
const fork = growChain(chain.slice(0, 20), 60, 'fork')

/** A block that no honest peer sends, in the place of one, and what follows it. */
function spoil (blocks: readonly Block[], height: number): Block[] {
  return blocks.map((block) => block.height === height ? { ...block, timestamp: 1 } : block)
}

async function takeAll (blocks: AsyncIterable<ReceivedBlock>): Promise<Block[]> {
  const taken: Block[] = []

  for await (const { block } of blocks) {
    taken.push(block)
  }

  return taken
}

describe('sync/run/run', () => {
  let scene: SyncScene

  function start (length: number, source = chain): void {
    scene = new SyncScene(source.slice(0, length))
  }

  beforeEach(() => { start(10) })

  afterEach(async () => {
    await turns(3)

    for (const peer of scene.byId.values()) {
      assert.equal(peer.underWay, 0, `${peer.id} has requests under way`)
    }

    assert.equal(scene.clock.pending, 0, 'timers are left')
  })

  const run = async (options?: Parameters<SyncScene['createRun']>[0]): Promise<SyncResult> => scene.drive(scene.createRun(options).run())
  const height = (): number => scene.store.head.height

  it('has nothing to do where no peer has more', async () => {
    scene.add('same', chain.slice(0, 10))
    scene.add('lower', chain.slice(0, 5))
    const sync = scene.createRun()

    assert.deepEqual(await sync.run(), { from: 9, height: 9, reorganised: false })
    assert.equal(sync.result, undefined)
    assert.deepEqual([scene.progress, scene.downloads], [[], []])
  })

  it('appends what peers have', async () => {
    scene.add('alice', chain)
    scene.add('bob', chain.slice(0, 50))

    assert.deepEqual(await run(), { from: 9, height: 99, reorganised: false })
    assert.deepEqual(scene.store.blocks, chain)
    assert.deepEqual(scene.downloads, [[10, 99]])
    assert.deepEqual(scene.faults, [])
    assert.ok(scene.grown > 0)
    const { height, to, from } = scene.progress.at(-1)!
    assert.deepEqual({ height, to, from }, { height: 99, to: 99, from: 9 })
    assert.deepEqual([scene.progress[0]!.height, scene.progress[0]!.to], [9, 49])
  })

  it('goes on with what peers have got meanwhile', async () => {
    const alice = scene.add('alice', chain, { bestHeight: 50 })
    scene.store.append = (blocks) => {
      alice.bestHeight = 99
      scene.store.push(blocks)
    }
    await run()
    assert.equal(height(), 99)
  })

  it('asks no peer but the one that is named', async () => {
    const alice = scene.add('alice', chain)
    scene.add('bob', chain.slice(0, 50))

    assert.equal((await run({ peer: 'bob' })).height, 49)
    assert.deepEqual(alice.asked, [])
  })

  it('goes on with others where a peer goes away, and fails where no peer is left', async () => {
    const alice = scene.add('alice', chain, { cap: 5 })
    const serve = alice.onAsk
    alice.onAsk = (question) => {
      if (alice.asked.length > 6) {
        alice.disconnect()
      } else {
        serve(question)
      }
    }
    await assert.rejects(run(), { name: 'RequestError' })
    assert.ok(height() >= 14 && height() < 99)
    scene.add('bob', chain)
    await run()
    assert.equal(height(), 99)
  })

  describe('a claim that is not kept', () => {
    it('is no reason to fail where others are as high as we are, and distrusts the peer', async () => {
      scene.add('alice', chain.slice(0, 60))
      const liar = scene.add('liar', chain.slice(0, 60), { bestHeight: 1_000_000 })

      assert.deepEqual(await run(), { from: 9, height: 59, reorganised: false })
      assert.deepEqual(scene.faultKinds, ['liar unavailable 60'])
      assert.equal(scene.candidates.distrust.believed(liar.session), 59)
    })

    it('is no reason to fail where its blocks do not follow either, is tried once, and shows in no progress', async () => {
      start(30)
      scene.add('alice', chain.slice(0, 30))
      scene.add('bob', chain.slice(0, 30))
      // says to have our blocks too, and sends others for the next one
      const liar = scene.add('liar', fork, { bestHeight: Number.MAX_SAFE_INTEGER })
      const { onAsk } = liar
      liar.onAsk = (question) => {
        if (question.type === 'requestBlock') {
          queueMicrotask(() => { void liar.sendBlock(chain[question.height], question) })
        } else {
          onAsk(question)
        }
      }

      assert.deepEqual(await run(), { from: 29, height: 29, reorganised: false })
      const asked = liar.asked.length
      assert.ok(asked > 0)
      assert.deepEqual([...new Set(scene.progress.map(({ to }) => to))], [29])

      for (let i = 0; i < 3; i++) {
        assert.deepEqual(await run(), { from: 29, height: 29, reorganised: false })
      }

      assert.equal(liar.asked.length, asked)
    })

    it('is no reason to fail where the peer that made it has gone', async () => {
      scene.add('alice', chain.slice(0, 10))
      const liar = scene.add('liar', chain.slice(0, 10), { bestHeight: 50 })
      liar.onAsk = () => { queueMicrotask(() => { liar.disconnect() }) }
      assert.deepEqual(await run(), { from: 9, height: 9, reorganised: false })
    })

    it('is a reason to fail where no other peer is there', async () => {
      scene.add('liar', chain.slice(0, 60), { bestHeight: 1_000_000 })
      await assert.rejects(run(), { name: 'RequestError', code: 'UNAVAILABLE' })
      assert.equal(height(), 59)
      assert.equal(scene.progress.at(-1)!.height, 59)
      assert.equal(scene.progress.at(-1)!.to, 59)
    })

    it('keeps us busy once', async () => {
      const liar = scene.add('liar', chain.slice(0, 10), { bestHeight: 1_000_000 })
      scene.add('alice', chain.slice(0, 10))
      await run()
      const asked = liar.asked.length
      scene.add('bob', chain.slice(0, 20))
      await run()
      assert.equal(height(), 19)
      assert.equal(liar.asked.length, asked)
      await scene.clock.advance(FIRST_DISTRUST_MS)
      await run()
      assert.ok(liar.asked.length > asked)
    })

    it('of a distrusted peer is given another try where no other peer has anything', async () => {
      const alice = scene.add('alice', chain.slice(0, 10), { bestHeight: 50 })
      await assert.rejects(run(), { code: 'UNAVAILABLE' })
      alice.serve(chain)
      assert.equal((await run()).height, 50)
      assert.equal(scene.candidates.distrust.has(alice.session), false)
    })

    it('of a distrusted peer is believed where it is named', async () => {
      const alice = scene.add('alice', chain.slice(0, 10), { bestHeight: 50 })
      await assert.rejects(run(), { code: 'UNAVAILABLE' })
      alice.serve(chain)
      scene.add('bob', chain.slice(0, 12))
      await run({ peer: 'alice' })
      assert.equal(height(), 50)
    })
  })

  it('fails where a peer takes too long and no other peer can go on, and waits for no other peer that long', async () => {
    const slow = scene.add('slow', chain)
    slow.onAsk = () => {}
    await assert.rejects(run(), { name: 'RequestError', code: 'TIMEOUT' })
    assert.deepEqual(scene.faultKinds.slice(0, 1), ['slow stalled 10'])
    assert.equal(scene.candidates.distrust.believed(slow.session), 9)
    scene.add('alice', chain)
    await run()
    assert.equal(height(), 99)
  })

  it('fails where a peer that is ahead took too long, also where one inbound peer is as high as we are', async () => {
    scene.add('slow', chain).onAsk = () => {}
    scene.add('alice', chain.slice(0, 10))
    await assert.rejects(run(), { code: 'TIMEOUT' })
  })

  for (const [others, level] of [
    ['an outbound peer is', { alice: 'outbound' }], ['two peers are', { alice: 'inbound', bob: 'inbound' }]
  ] as const) {
    it(`does not fail for silent peers where ${others} as high as we are, and asks them no more`, async () => {
      const silent = ['liar', 'other'].map((id) => Object.assign(scene.add(id, chain, { bestHeight: 1_000_000 }), { onAsk: () => {} }))
      Object.entries(level).forEach(([id, direction]) => { Object.assign(scene.add(id, chain.slice(0, 10)), { direction }) })
      assert.deepEqual(await run(), { from: 9, height: 9, reorganised: false })
      assert.deepEqual(scene.faultKinds.sort(), ['liar stalled 10', 'other stalled 10'])
      const asked = silent.map((peer) => peer.asked.length)
      scene.add('carol', chain.slice(0, 20))
      await run()
      assert.equal(height(), 19)
      assert.deepEqual(silent.map((peer) => peer.asked.length), asked)
    })
  }

  it('fails where a peer that has delivered stops, also where others are as high as we are', async () => {
    const alice = scene.add('alice', chain)
    const { onAsk } = alice
    alice.onAsk = (question) => {
      // what the others have, and then nothing
      if (question.type === 'requestBlock') {
        onAsk(question)
      } else if (question.startHeight < 20) {
        queueMicrotask(() => { void alice.sendRange(chain.slice(question.startHeight, 20), question.endHeight < 20, question) })
      }
    }

    for (const id of ['bob', 'carol']) {
      scene.add(id, chain.slice(0, 20))
    }

    await assert.rejects(run(), { name: 'RequestError' })
    assert.equal(height(), 19)
  })

  it('fails for peers that took too long, whatever others said after that', async () => {
    scene.add('slow', chain).onAsk = () => {}
    scene.add('alice', chain.slice(0, 10))
    const liar = scene.add('liar', chain.slice(0, 10), { bestHeight: 50 })
    const { onAsk } = liar
    liar.onAsk = (question) => { scene.clock.setTimeout(() => { onAsk(question) }, 900) }
    await assert.rejects(run(), { code: 'TIMEOUT' })
    assert.deepEqual(scene.faults.map(({ peer, kind }) => `${peer.id} ${kind}`).sort(), ['liar unavailable', 'slow stalled'])
  })

  it('fails with what a download fails with where that is none of its errors', async () => {
    scene.add('alice', chain)
    Object.assign(scene, { createDownload: () => ({ busyPeers: 0, bufferedBytes: 0, batches: async function * () { throw new TypeError('oops') } }) })
    await assert.rejects(run(), { name: 'TypeError', message: 'oops' })
  })

  describe('an invalid block', () => {
    it('ends the session with its sender, and others go on from the last good one', async () => {
      const bad = scene.add('bad', spoil(chain, 30))
      await assert.rejects(run(), { name: 'RequestError', code: 'INVALID_RESPONSE' })
      assert.equal(height(), 29)
      assert.deepEqual(scene.faultKinds, ['bad invalid 30'])
      assert.equal(bad.closed, 'PROTOCOL_VIOLATION')
      scene.add('alice', chain)
      await run()
      assert.deepEqual(scene.store.blocks, chain)
    })

    it('does not stop a run that others can go on with', async () => {
      scene.add('bad', spoil(chain, 30))
      scene.add('worse', spoil(chain, 10))
      scene.add('alice', chain)
      assert.equal((await run()).height, 99)
      assert.deepEqual(scene.store.blocks, chain)
    })

    it('does not end the sessions with others', async () => {
      const alice = scene.add('alice', chain)
      scene.add('bad', spoil(chain, 30))
      await run()
      assert.equal(alice.closed, undefined)
    })
  })

  describe('a chain that fails', () => {
    it('ends it, and says why', async () => {
      scene.add('alice', chain)
      scene.store.append = (blocks) => {
        if (blocks[0]!.block.height > 30) {
          throw new Error('disk full')
        }
        scene.store.push(blocks.slice(0, 21))
        if (blocks.length > 21) {
          throw new Error('disk full')
        }
      }
      await assert.rejects(run(), { name: 'SyncError', code: 'STORE' })
      assert.equal(height(), 30)
      assert.deepEqual(scene.faults, [])
    })

    it('ends it before anything was done where it has no tip', async () => {
      scene.add('alice', chain)
      scene.store.tip = () => { throw new Error('disk on fire') }
      await assert.rejects(run(), { name: 'SyncError', code: 'STORE' })
    })

    it('does not go on for ever where it appends nothing', async () => {
      const alice = scene.add('alice', chain)
      scene.store.append = () => {}
      await assert.rejects(run(), { name: 'SyncError', code: 'STORE' })
      assert.ok(alice.asked.length < 200, `${alice.asked.length} questions`)
    })

    it(`does not go on for ever where its tip moves on its own, after ${MAX_IDLE_ROUNDS}rounds`, async () => {
      scene.add('alice', chain)
      const tip = scene.store.tip.bind(scene.store)
      let looks = 0
      scene.store.tip = () => ++looks % 2 === 0 ? tip() : { height: 8, hash: chain[8]!.hash }
      await assert.rejects(run(), { name: 'SyncError', code: 'STORE' })
      assert.ok(scene.downloads.length <= 2 * MAX_IDLE_ROUNDS)
    })
  })

  it('goes on where the application appends blocks meanwhile', async () => {
    let own = 0
    scene.add('alice', chain, { cap: 7 })
    scene.store.append = async (blocks) => {
      scene.store.push(blocks)
      await turns(2)

      // the application was given the next one by another peer
      if (own < 3 && height() < 99) {
        own++
        scene.store.blocks.push(chain[height() + 1]!)
      }
    }
    await run()
    assert.deepEqual(scene.store.blocks, chain)
    assert.ok(own > 0)
  })

  it('goes on until no peer has more where the application mines on its own tip meanwhile, again and again', async () => {
    const long = sampleChain(1000)
    const alice = scene.add('alice', long, { cap: 7 })
    let own = 0
    scene.store.append = (blocks) => {
      if (own < 4) {
        own++
        scene.store.mine('own')
        throw new Error('the tip has moved')
      }

      scene.store.push(blocks)
    }
    assert.deepEqual(await run(), { from: 9, height: 999, reorganised: true })
    assert.deepEqual([own, scene.store.blocks], [4, long])
    assert.deepEqual([alice.closed, scene.candidates.distrust.has(alice.session)], [undefined, false])
  })

  it('ends when its signal is aborted; what was appended stays', async () => {
    const controller = new AbortController()
    const alice = scene.add('alice', chain, { cap: 5 })
    const serve = alice.onAsk
    alice.onAsk = (question) => { if (alice.asked.length < 6) { serve(question) } }
    const done = scene.createRun({ signal: controller.signal }).run()
    await eventually(() => height() > 9, 'the first blocks')
    assert.ok(await isPending(done))
    controller.abort(new Error('no longer'))
    await assert.rejects(done, { message: 'no longer' })
    assert.ok(height() > 9 && height() < 99)
  })

  describe('a branch', () => {
    const changeOver = (): FakePeer => {
      start(30)
      return scene.add('alice', fork)
    }

    it('is offered where no peer has what follows our tip, and taken where the chain takes it', async () => {
      const alice = changeOver()
      assert.deepEqual(await run(), { from: 29, height: 79, reorganised: true })
      assert.deepEqual(scene.store.blocks, fork)
      assert.deepEqual(scene.store.branches, [{ common: 19, height: 79, adopted: true }])
      assert.deepEqual(scene.faultKinds, ['alice unlinked 30'])
      assert.equal(alice.closed, undefined)
      assert.equal(scene.progress.at(-1)!.height, 79)
    })

    it('is gone on with after it was taken', async () => {
      changeOver()
      scene.store.reorganise = async ({ common, blocks }) => {
        for await (const { block } of blocks) {
          scene.store.blocks.splice(block.height, Infinity, block)
          if (block.height === 40) {
            break
          }
        }
        return common.height === 19
      }
      assert.deepEqual(await run(), { from: 29, height: 79, reorganised: true })
      assert.deepEqual(scene.store.blocks, fork)
    })

    it('is left alone where a peer has what follows our tip, and is looked at afterwards', async () => {
      changeOver()
      scene.add('bob', chain.slice(0, 60))
      await run()
      assert.deepEqual(scene.store.blocks, fork)
      assert.deepEqual(scene.store.appended.flat(), [...chain.keys()].slice(30, 60))
      assert.deepEqual(scene.store.branches, [{ common: 19, height: 79, adopted: true }])
    })

    it('is not looked at where our chain has become longer', async () => {
      changeOver()
      scene.add('bob', chain)
      await run()
      assert.deepEqual(scene.store.blocks, chain)
      assert.deepEqual(scene.store.branches, [])
    })

    it('that is refused is not asked for again for a while, unless it grows', async () => {
      const alice = changeOver()
      scene.store.reorganise = async () => false
      assert.deepEqual(await run(), { from: 29, height: 29, reorganised: false })
      scene.add('bob', chain.slice(0, 31))
      const asked = alice.asked.length
      await run()
      assert.deepEqual([height(), alice.asked.length], [30, asked])
      alice.bestHeight++
      assert.deepEqual(scene.candidates.ahead(scene.store.tip(), { rivals: true }).map(({ peer }) => peer.id), ['alice'])
    })

    it('that leaves our chain further below our tip than may be in memory is an error that says so, unless another peer is where we are', async () => {
      const [ours, theirs] = [growChain(chain.slice(0, 20), 70, 'ours'), growChain(chain.slice(0, 20), 72, 'theirs', 1024 * 1024)]
      start(90, ours)
      scene.add('alice', theirs)
      await assert.rejects(run(), {
        name: 'RequestError',
        code: 'UNLINKED',
        message: 'The chain of peer alice leaves ours at block 19, 70 blocks below our tip: more of it would have to be in memory than may be'
      })
      assert.deepEqual([height(), scene.store.branches], [89, []])

      start(90, ours)
      scene.add('alice', theirs)
      scene.add('bob', ours)
      assert.deepEqual(await run(), { from: 89, height: 89, reorganised: false })
    })

    it('that is refused is not fetched from every peer who has it', async () => {
      changeOver()
      scene.add('bob', fork)
      scene.add('carol', fork)
      let offers = 0
      scene.store.reorganise = async ({ blocks }) => {
        offers++
        assert.equal((await takeAll(blocks)).length, 60)
        return false
      }
      assert.equal((await run()).height, 29)
      assert.equal(offers, 1)
      assert.deepEqual(['alice', 'bob', 'carol'].map((id) => scene.candidates.distrust.has(scene.byId.get(id)!.session)), [true, true, true])
    })

    it('is refused too where it is said to be taken and nothing has changed', async () => {
      const alice = changeOver()
      scene.store.reorganise = async () => true
      assert.deepEqual(await run(), { from: 29, height: 29, reorganised: false })
      assert.ok(scene.candidates.distrust.has(alice.session))
    })

    it('of another peer is looked at where the first is refused', async () => {
      changeOver()
      const short = growChain(chain.slice(0, 25), 20, 'short')
      scene.add('bob', short)
      scene.store.reorganise = async ({ common, blocks }) => {
        if (common.height !== 24) {
          return false
        }
        for await (const { block } of blocks) {
          scene.store.blocks.splice(block.height, Infinity, block)
        }
        return true
      }
      assert.equal((await run()).reorganised, true)
      assert.deepEqual(scene.store.blocks, short)
    })

    it('cannot be taken by a chain that does not know how', async () => {
      changeOver()
      const { store } = scene
      scene.useStore({ tip: () => store.tip(), get: (height) => store.get(height), append: (blocks) => { store.push(blocks) } })
      await assert.rejects(run(), { name: 'SyncError', code: 'FORK' })
      assert.equal(scene.candidates.ahead(store.tip(), { rivals: false }).length, 0)
      scene.add('bob', chain.slice(0, 50))
      assert.equal((await run()).height, 49)
    })

    it('with an invalid block ends the session with its sender', async () => {
      start(30)
      const bad = scene.add('bad', spoil(fork, 50))
      await assert.rejects(run(), { name: 'RequestError', code: 'INVALID_RESPONSE' })
      assert.equal(bad.closed, 'PROTOCOL_VIOLATION')
      assert.deepEqual(scene.faultKinds, ['bad unlinked 30', 'bad invalid 50'])
      assert.deepEqual(scene.store.blocks, chain.slice(0, 30))
      scene.add('alice', fork)
      await run()
      assert.deepEqual(scene.store.blocks, fork)
    })

    it('that is only found invalid when it is there ends the session with its sender', async () => {
      const alice = changeOver()
      scene.store.reorganise = async ({ blocks }) => {
        await takeAll(blocks)
        throw new InvalidBlockError('spends what is not there')
      }
      await assert.rejects(run(), {
        code: 'INVALID_RESPONSE', message: `Peer ${alice.session.id} sent an invalid branch, blocks 20 to ${fork.length - 1}: spends what is not there`
      })
      assert.equal(alice.closed, 'PROTOCOL_VIOLATION')
      assert.deepEqual(scene.faultKinds.at(-1), `alice invalid ${fork.length - 1}`)
    })

    it('that is refused as invalid before a block of it was taken names its first block', async () => {
      changeOver()
      scene.store.reorganise = async () => { throw new InvalidBlockError('is too long') }
      await assert.rejects(run(), { code: 'INVALID_RESPONSE', message: /sent an invalid branch, blocks 20 to 20: is too long$/ })
      assert.deepEqual(scene.faultKinds.at(-1), 'alice invalid 20')
    })

    it('that stops coming counts against its sender, is offered as far as it has come, and another one goes on', async () => {
      start(30)
      const half = scene.add('half', fork.slice(0, 40), { bestHeight: 1000 })
      await assert.rejects(run(), { code: 'UNAVAILABLE' })
      assert.equal(scene.candidates.distrust.believed(half.session), 39)
      assert.deepEqual(scene.store.blocks, fork.slice(0, 40))
      scene.add('alice', fork)
      await run()
      assert.deepEqual(scene.store.blocks, fork)
    })

    it('that could not be fetched is not fetched again because it grows', async () => {
      const alice = changeOver()
      const send = alice.send.bind(alice)
      let tries = 0
      alice.send = (priority, message, id) => {
        if (message.type !== 'requestBlockRange' || message.startHeight !== 20) {
          return send(priority, message, id)
        }

        tries++
        alice.bestHeight++
        return false
      }
      await assert.rejects(run(), { name: 'RequestError', code: 'DISCONNECTED' })
      assert.equal(tries, 1)
    })

    it('that a chain cannot take is the chain\'s fault', async () => {
      const alice = changeOver()
      scene.store.reorganise = async () => { throw new Error('disk full') }
      await assert.rejects(run(), { name: 'SyncError', code: 'STORE', message: 'The chain could not change over to a branch: disk full' })
      assert.equal(alice.closed, undefined)
    })

    it('is left where a peer does not say where it begins', async () => {
      const alice = changeOver()
      const { onAsk } = alice
      alice.onAsk = (question) => { if (question.type === 'requestBlockRange') { onAsk(question) } }
      await assert.rejects(run(), { code: 'TIMEOUT' })
      assert.deepEqual(scene.faultKinds, ['alice unlinked 30', 'alice stalled 29'])
    })

    it('as high as ours that does not come is no reason to fail where others are as high', async () => {
      start(30)
      const rival = growChain(chain.slice(0, 29), 1, 'rival')
      const silent = scene.add('silent', rival)
      scene.candidates.noteRival(silent.session, rival[29]!)
      silent.onAsk = () => {}
      scene.add('alice', chain.slice(0, 30))
      assert.deepEqual(await run(), { from: 29, height: 29, reorganised: false })
      assert.deepEqual(scene.faultKinds, ['silent stalled 29'])
    })

    it('as high as ours is offered where the handshake or a block has shown it', async () => {
      start(30)
      const rival = growChain(chain.slice(0, 29), 1, 'rival')
      const alice = scene.add('alice', rival)
      await run()
      assert.deepEqual(scene.store.branches, [])
      scene.candidates.noteRival(alice.session, rival[29]!)
      const wins = Buffer.compare(rival[29]!.hash, chain[29]!.hash) < 0
      assert.deepEqual(await run(), { from: 29, height: 29, reorganised: wins })
      assert.deepEqual(scene.store.branches, [{ common: 28, height: 29, adopted: wins }])
      await run()
      assert.equal(scene.store.branches.length, 1)
    })

    it('does not go back and forth where the chain takes every branch', async () => {
      start(30)
      const forks = ['a', 'b', 'c'].map((name) => growChain(chain.slice(0, 29), 1, name))
      forks.forEach((blocks, i) => { scene.candidates.noteRival(scene.add(`peer ${i}`, blocks).session, blocks[29]!) })
      let offers = 0
      scene.store.reorganise = async ({ blocks }) => {
        offers++
        for await (const { block } of blocks) {
          scene.store.blocks.splice(block.height, Infinity, block)
        }
        return true
      }
      await run()
      assert.equal(offers, 3)
    })

    it('of a peer that lies about it is not offered', async () => {
      start(30)
      // says to have our blocks, and sends others for the next one
      const liar = scene.add('liar', fork)
      liar.onAsk = (question) => {
        queueMicrotask(() => {
          if (question.type === 'requestBlock') {
            void liar.sendBlock(chain[question.height], question)
          } else {
            void liar.sendRange(fork.slice(question.startHeight, question.endHeight + 1), true, question)
          }
        })
      }
      await assert.rejects(run(), { name: 'RequestError', code: 'UNLINKED' })
      assert.deepEqual(scene.store.branches, [])
      assert.ok(liar.asked.length < 20)
    })

    it('is given up when the signal is aborted', async () => {
      const alice = changeOver()
      const controller = new AbortController()
      const { onAsk } = alice
      const isBranch = (question: Question): boolean => question.type === 'requestBlockRange' && question.startHeight === 20
      alice.onAsk = (question) => { if (!isBranch(question)) { onAsk(question) } }
      const done = scene.createRun({ signal: controller.signal }).run()
      await eventually(() => alice.asked.some(isBranch), 'the question for its branch')
      controller.abort(new Error('no longer'))
      await assert.rejects(done, { message: 'no longer' })
      assert.deepEqual(scene.store.blocks, chain.slice(0, 30))
    })

    it('is given up while the chain decides, when the signal is aborted', async () => {
      changeOver()
      const controller = new AbortController()
      const taken: number[] = []
      scene.store.reorganise = async ({ blocks }) => {
        for await (const { block } of blocks) {
          taken.push(block.height)
          controller.abort(new Error('no longer'))
        }
        return false
      }
      await assert.rejects(run({ signal: controller.signal }), { message: 'no longer' })
      await turns(3)
      assert.deepEqual(scene.store.blocks, chain.slice(0, 30))
    })
  })
})
