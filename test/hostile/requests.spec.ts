import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { Scene } from './scene.ts'
import { encodeBlock } from '../../src/index.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import { MAX_RANGE_BLOCKS, MAX_SERVED_REQUESTS, RANGE_FRAME_BYTES } from '../../src/sync/serve/server.ts'
import type { Attacker } from './scene.ts'
import type { Block, ChainSource, FaultKind, PeerClosure } from '../../src/index.ts'
import type { RawSession } from '../../src/testing/index.ts'

const MIB = 1024 * 1024
/** What is around the blocks in a frame. */
const FRAME_SLACK_BYTES = 4096
const LENGTH = 2000

const chain = sampleChain(LENGTH, 'main', 1000)
const genesisHash = chain[0]!.hash
const tip = { bestHeight: LENGTH - 1, bestHash: chain.at(-1)!.hash, genesisHash }

/** A chain that can only be read, and counts that. */
class CountedChain implements ChainSource {
  reads = 0
  /** Reads under way, and the most that there were at a time. */
  #underWay = 0
  most = 0

  tip (): { height: number, hash: Uint8Array } {
    return { height: LENGTH - 1, hash: chain.at(-1)!.hash }
  }

  async get (height: number): Promise<Uint8Array | undefined> {
    this.reads++
    this.most = Math.max(this.most, ++this.#underWay)
    // one that is asked for one block after the other has others wait, but not for each
    await (this.reads % 16 === 0 ? setImmediate() : undefined)
    this.#underWay--
    const block = chain[height]

    return block == null ? undefined : encodeBlock(block)
  }
}

/** Watches a number until something is over. Returns the most that it was. */
async function peakOf (value: () => number, isOver: () => boolean): Promise<number> {
  let peak = 0

  while (!isOver()) {
    peak = Math.max(peak, value())
    await setImmediate()
  }

  return peak
}

describe('hostile/requests', function () {
  this.timeout(60_000)

  describe('a node that serves', () => {
    const ASKED = { perSecond: 2000, burst: 10_000 }
    let source: CountedChain
    let scene: Scene

    before(async () => {
      source = new CountedChain()
      scene = await Scene.start({
        chain: source, genesisHash, sendTimeout: 1500, requestTimeout: 1000, rateLimits: { blocksAsked: ASKED }
      }, { chain: new CountedChain() })
    })

    beforeEach(() => {
      source.reads = 0
      source.most = 0
    })

    afterEach(async () => {
      for (const { id } of [...scene.victim.peers].filter(({ id }) => id !== scene.honest.libp2p.peerId.toString())) {
        scene.victim.peers.disconnect(id)
      }

      await scene.expectNobodyElse()
    })

    after(async () => { await scene.stop() })

    it('reads little for a peer that asks for a lot and takes nothing, and ends with TOO_SLOW', async () => {
      const attacker = await scene.attacker()
      const remote = await attacker.connect({ genesisHash })
      const session = scene.sessionWith(attacker)
      remote.stream.pause()

      for (let i = 1; i <= 200; i++) {
        remote.send({ type: 'requestBlockRange', startHeight: 0, endHeight: MAX_RANGE_BLOCKS - 1 }, BigInt(i))
      }

      const peak = await scene.expectHonestServedDuring(peakOf(() => session.bufferedBytes.out, () => session.state === 'closed'))
      await scene.expectFate(attacker, { reason: 'TOO_SLOW', isBanned: false })
      const { reads } = source
      assert.ok(peak > MIB / 2 && peak <= MIB + MAX_SERVED_REQUESTS * (RANGE_FRAME_BYTES + FRAME_SLACK_BYTES), `${peak} bytes waited`)
      assert.ok(reads * 1000 < 4 * MIB, `${reads} blocks were read`)
      await scene.expectHonestServed()
      assert.equal(source.reads, reads, 'nothing is read for a peer that has gone')
    })

    it('answers ten thousand questions asked at once, each once, a few at a time', async () => {
      const attacker = await scene.attacker()
      const remote = await attacker.connect({ genesisHash })
      const COUNT = 10_000
      const answers: bigint[] = []

      for (let i = 1; i <= COUNT; i++) {
        remote.send({ type: 'requestBlock', height: i % LENGTH }, BigInt(i))
      }

      await scene.expectHonestServedDuring((async () => {
        while (answers.length < COUNT) {
          answers.push((await remote.next('responseBlock')).requestId!)
        }
      })())
      assert.deepEqual(answers.sort((a, b) => Number(a - b)), Array.from({ length: COUNT }, (_, i) => BigInt(i + 1)))
      assert.equal(source.reads, COUNT)
      assert.equal(source.most, MAX_SERVED_REQUESTS)
      assert.equal(scene.sessionWith(attacker).state, 'ready')
    })

    it('reads the same blocks again and again no faster than it may be asked for them', async () => {
      const attacker = await scene.attacker()
      const remote = await attacker.connect({ genesisHash })
      const since = performance.now()

      for (let i = 1; i <= 1000; i++) {
        remote.send({ type: 'requestBlockRange', startHeight: 0, endHeight: MAX_RANGE_BLOCKS - 1 }, BigInt(i))
      }

      await scene.expectHonestServedDuring(eventually(() => source.reads >= ASKED.burst + ASKED.perSecond, 'what is allowed'))
      // a request that begins within the limit is served to its end
      const most = ASKED.burst + ASKED.perSecond * (performance.now() - since) / 1000 + MAX_RANGE_BLOCKS
      assert.ok(source.reads <= most, `${source.reads} blocks were read, where ${most} were allowed`)
      assert.ok(scene.sessionWith(attacker).rates.slowedMs > 0)
    })

    it('sends what one answer may hold where everything there may be is asked for', async () => {
      const remote = await (await scene.attacker()).connect({ genesisHash })
      remote.send({ type: 'requestBlockRange', startHeight: 0, endHeight: Number.MAX_SAFE_INTEGER }, 2n ** 64n - 1n)
      let count = 0

      for (let isOver = false; !isOver;) {
        const { message: { blocks, last }, requestId } = await remote.next('responseBlockRange')
        assert.equal(requestId, 2n ** 64n - 1n)
        count += blocks.length
        isOver = last
      }

      assert.equal(count, MAX_RANGE_BLOCKS)
      assert.ok(source.reads <= MAX_RANGE_BLOCKS + 1)
    })

    for (const [what, type, body] of [
      ['a range that ends before it begins', 'requestBlockRange', [0x08, 5, 0x10, 3]],
      ['a height that is no safe integer', 'requestBlock', [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
      ['a height that is longer than a number can be', 'requestBlock', [0x08, ...Array<number>(10).fill(0xff), 1]]
    ] as const) {
      it(`reads nothing, and bans a peer that asks for ${what}`, async () => {
        const attacker = await scene.attacker()
        const remote = await attacker.connect({ genesisHash })
        remote.sendBody(type, Uint8Array.from(body), 1n)
        await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
        assert.equal(source.reads, 0)
        await scene.expectHonestServed()
      })
    }

    for (const [what, answer] of [
      ['a block under an id that was not used', (remote, id) => { remote.send({ type: 'responseBlock', block: chain[5]! }, id + 1n) }],
      ['a block without an id', (remote) => { remote.send({ type: 'responseBlock', block: chain[5]! }) }],
      ['that there is no block, under the id 0', (remote) => { remote.send({ type: 'responseBlock', block: undefined }, 0n) }],
      ['a range where a block was asked for', (remote, id) => {
        remote.send({ type: 'responseBlockRange', blocks: [chain[5]!], last: true }, id)
      }],
      ['the same block twice', (remote, id) => {
        remote.send({ type: 'responseBlock', block: chain[5]! }, id)
        remote.send({ type: 'responseBlock', block: chain[5]! }, id)
      }],
      ['another block', (remote, id) => { remote.send({ type: 'responseBlock', block: chain[6]! }, id) }],
      ['what is no block', (remote, id) => { remote.sendBody('responseBlock', Uint8Array.of(0x0a, 3, 0x0a, 0xff, 1), id) }]
    ] as [string, (remote: RawSession, id: bigint) => void][]) {
      it(`bans a peer that answers with ${what}`, async () => {
        const attacker = await scene.attacker()
        const remote = await attacker.connect(tip)
        const asked = scene.victim.requestBlock(5, { peer: attacker.id })
          .then((block) => block?.height, (err: unknown) => (err as Error).name)
        const { requestId } = await remote.next('requestBlock')
        answer(remote, requestId!)
        await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
        assert.ok([5, 'RequestError', 'DisconnectedError'].includes(await asked ?? ''))
        await scene.expectHonestServed()
      })
    }

    it('bans a peer that sends more than it was asked for, and uses none of what is too much', async () => {
      const attacker = await scene.attacker()
      const remote = await attacker.connect(tip)
      const got: number[] = []
      const asked = (async () => {
        for await (const { height } of scene.victim.requestBlockRange(5, 7, { peer: attacker.id })) {
          got.push(height)
        }
      })().catch(() => {})
      const { requestId } = await remote.next('requestBlockRange')
      remote.send({ type: 'responseBlockRange', blocks: chain.slice(5, 9), last: false }, requestId)
      await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
      await asked
      assert.ok(got.every((height, i) => height === 5 + i && height <= 7), got.join())
    })

    it('drops what a peer goes on answering after the request was given up, and holds none of it', async () => {
      const attacker = await scene.attacker()
      const remote = await attacker.connect(tip)
      const session = scene.sessionWith(attacker)
      const asked = scene.victim.requestBlock(5, { peer: attacker.id })
      const { requestId } = await remote.next('requestBlock')
      await assert.rejects(asked, { name: 'RequestError', code: 'TIMEOUT' })
      let most = 0

      const flood = async (): Promise<void> => {
        for (let i = 0; i < 200; i++) {
          remote.sendBody('responseBlock', new Uint8Array(100_000), requestId)
          await setImmediate()
          most = Math.max(most, session.bufferedBytes.in)
        }

        remote.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
        await remote.next('pong')
      }

      await scene.expectHonestServedDuring(flood())
      assert.ok(most <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${most} bytes were held`)
      assert.ok(session.bytesIn > 200 * 100_000)
      assert.equal(session.state, 'ready')
    })
  })

  describe('a node that fetches a chain', () => {
    /** Answers a question for a range; nothing where it is left alone. */
    type Behaviour = (remote: RawSession, range: { startHeight: number, endHeight: number }, id: bigint) => void

    const forked = growChain(chain.slice(0, 1), LENGTH - 1, 'fork')

    /** A behaviour that answers with these blocks. */
    function sends (blocksOf: (startHeight: number, endHeight: number) => readonly Block[], last = true): Behaviour {
      return (remote, { startHeight, endHeight }, id) => {
        remote.send({ type: 'responseBlockRange', blocks: [...blocksOf(startHeight, endHeight)], last }, id)
      }
    }

    function honestBlocks (startHeight: number, endHeight: number): Block[] {
      return chain.slice(startHeight, endHeight + 1)
    }

    /** What each attacker does, what is said of it, and whether it is kept out. */
    const kinds: [string, FaultKind, boolean, Behaviour][] = [
      ['begins below', 'violation', true, sends((start, end) => honestBlocks(start - 1, end - 1))],
      ['begins above', 'violation', true, sends((start, end) => honestBlocks(start + 1, end))],
      ['goes on above', 'violation', true, sends((start, end) => honestBlocks(start, end + 1))],
      ['repeats', 'violation', true, sends((start) => [chain[start]!, chain[start]!])],
      ['goes backwards', 'violation', true, sends((start, end) => honestBlocks(start, end).reverse())],
      ['leaves a gap', 'violation', true, sends((start) => [chain[start]!, chain[start + 2]!])],
      ['breaks a link', 'violation', true, sends((start) => [chain[start]!, { ...chain[start + 1]!, prevHash: new Uint8Array(32) }])],
      ['changes heights', 'violation', true, sends((start, end) => {
        return honestBlocks(start, end).map((block) => ({ ...block, height: block.height + 10 }))
      })],
      ['sends neither blocks nor an end', 'violation', true, (remote, _range, id) => {
        remote.sendBody('responseBlockRange', new Uint8Array(0), id)
      }],
      ['sends another kind', 'violation', true, (remote, { startHeight }, id) => {
        remote.send({ type: 'responseBlock', block: chain[startHeight]! }, id)
      }],
      ['sends what is no block', 'violation', true, (remote, _range, id) => {
        remote.sendBody('responseBlockRange', Uint8Array.of(0x0a, 3, 0x0a, 0xff, 1), id)
      }],
      ['is on a branch', 'unlinked', false, sends((start, end) => forked.slice(start, end + 1))],
      ['has nothing', 'unavailable', false, sends(() => [])],
      ['says nothing', 'stalled', false, () => {}],
      ['stops in the middle', 'stalled', false, sends((start) => honestBlocks(start, start), false)]
    ]

    let scene: Scene
    let store: MemoryChain
    /** Resolves when the honest node is to answer. */
    let gate: { promise: Promise<void>, resolve: () => void }
    let faults: Map<string, Set<FaultKind>>

    beforeEach(async () => {
      store = new MemoryChain(chain.slice(0, 1))
      gate = Promise.withResolvers<void>()
      faults = new Map()

      scene = await Scene.start({ chain: store, genesisHash, autoSync: false, requestTimeout: 1500 }, {
        chain: new CountedChain(),
        handlers: {
          requestBlockRange: async function * ({ startHeight, endHeight }) {
            await gate.promise
            yield * honestBlocks(startHeight, endHeight)
          }
        }
      })
      scene.victim.addEventListener('sync:fault', ({ detail: { peer, kind } }) => {
        faults.set(peer.id, (faults.get(peer.id) ?? new Set()).add(kind))
      })
    })

    afterEach(async () => { await scene.stop() })

    /** Connects somebody who claims to have everything. `onAsked` is called with each question for a range. */
    async function connect (behave: Behaviour, onAsked: () => void = () => {}): Promise<Attacker> {
      const attacker = await scene.attacker()
      const remote = await attacker.connect(tip)
      const answer = async (): Promise<void> => {
        for (;;) {
          const { message, requestId } = await remote.next('requestBlockRange')
          onAsked()
          behave(remote, message, requestId!)
        }
      }
      // it ends with the session
      void answer().catch(() => {})

      return attacker
    }

    it('gets all of it from one honest peer among one of each kind that is none, names these, and bans who broke the protocol', async () => {
      const asked = new Set<string>()
      const closures = new Map<string, PeerClosure>()
      scene.victim.addEventListener('peer:closed', ({ detail }) => { closures.set(detail.peer.id, detail) })
      const attackers = await Promise.all(kinds.map(async ([name,,, behave]) => connect(behave, () => {
        asked.add(name)

        // so that none is spared
        if (asked.size === kinds.length) {
          gate.resolve()
        }
      })))
      const synced = scene.victim.sync()
      await eventually(() => asked.size === kinds.length, 'everybody to be asked').catch(() => {
        throw new Error(`Not asked: ${kinds.map(([name]) => name).filter((name) => !asked.has(name)).join()}`)
      })
      await synced

      assert.deepEqual(store.blocks, chain)
      assert.deepEqual(store.appended.flat(), chain.slice(1).map(({ height }) => height), 'each once')

      const told = Object.fromEntries(kinds.map(([name], i) => {
        const { id, host } = attackers[i]!
        const isBanned = scene.victim.peers.isBanned(id)
        assert.equal(scene.victim.peers.isBanned(host), isBanned, name)
        assert.equal(closures.get(id)?.reason, isBanned ? 'PROTOCOL_VIOLATION' : undefined, name)

        return [name, [[...faults.get(id) ?? []].join(), isBanned]]
      }))
      assert.deepEqual(told, Object.fromEntries(kinds.map(([name, kind, isBanned]) => [name, [kind, isBanned]])))
      assert.equal(faults.get(scene.honest.libp2p.peerId.toString()), undefined, 'the honest peer is blamed for nothing')
    })

    it('ends the session with a peer whose blocks break the rules of the chain, and goes on with others', async () => {
      const attacker = await connect(sends((start, end) => honestBlocks(start, end).map((block) => ({ ...block, timestamp: 1 }))))
      const error = await scene.victim.sync({ peer: attacker.id }).then(() => undefined, (err: unknown) => err)
      assert.ok(error instanceof Error)
      assert.deepEqual(faults.get(attacker.id), new Set(['invalid']))
      await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: false })
      gate.resolve()
      await scene.victim.sync()
      assert.deepEqual(store.blocks, chain)
    })

    it('gives up where no peer has what all claim to have, after a few questions, and has it from one that comes later', async () => {
      gate.resolve()
      // it would come back by itself
      scene.honest.peers.ban(scene.victim.libp2p.peerId.toString())
      await eventually(() => [...scene.victim.peers].length === 0, 'the end of the honest session')
      let questions = 0
      const attackers = await Promise.all(Array.from({ length: 6 }, async () => connect(sends(() => []), () => { questions++ })))
      await assert.rejects(scene.victim.sync(), { name: 'RequestError', code: 'UNAVAILABLE' })
      assert.ok(questions >= attackers.length && questions <= 4 * attackers.length, `${questions} questions`)
      assert.ok(attackers.every((attacker) => scene.sessionWith(attacker).state === 'ready'))

      scene.honest.peers.unban(scene.victim.libp2p.peerId.toString())
      await scene.honest.connect(scene.victim.libp2p.getMultiaddrs()[0]!.toString())
      await scene.victim.sync()
      assert.deepEqual(store.blocks, chain)
    })

    it('loses nothing and gets nothing twice while one peer after the other goes in the middle of an answer', async () => {
      const GOERS = 8
      let gone = 0

      const leave: Behaviour = (remote, { startHeight, endHeight }, id) => {
        const half = startHeight + Math.floor((endHeight - startHeight) / 2)
        remote.send({ type: 'responseBlockRange', blocks: honestBlocks(startHeight, half), last: false }, id)
        // when it has left here
        void setImmediate().then(() => { remote.stream.abort(new Error('gone')) })

        if (++gone === GOERS) {
          gate.resolve()
        }
      }

      const goers = await Promise.all(Array.from({ length: GOERS }, async () => connect(leave)))
      await scene.victim.sync()
      assert.deepEqual(store.blocks, chain)
      assert.deepEqual(store.appended.flat(), chain.slice(1).map(({ height }) => height))
      assert.equal(gone, GOERS)
      assert.ok(goers.every(({ id, host }) => !faults.has(id) && !scene.victim.peers.isBanned(id) && !scene.victim.peers.isBanned(host)))
    })
  })
})
