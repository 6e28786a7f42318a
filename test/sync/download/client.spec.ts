import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { streamPair } from '@libp2p/utils'
import { systemClock } from '../../../src/util/clock.ts'
import { DEFAULTS } from '../../../src/config/resolve.ts'
import { decodeBody } from '../../../src/codec/message.ts'
import { SessionManager } from '../../../src/peers/manager/manager.ts'
import { COMEBACK_CHECK_MS, COMEBACK_TIMEOUT_MS } from '../../../src/sync/download/comeback.ts'
import { BlockClient } from '../../../src/sync/download/client.ts'
import { Span } from '../../../src/sync/download/span.ts'
import { BlockServer } from '../../../src/sync/serve/server.ts'
import { checkedSource } from '../../../src/sync/serve/checked-source.ts'
import { readChain } from '../../../src/sync/serve/read-chain.ts'
import { eventually, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakePeer, REQUEST_TIMEOUT } from '../../support/fake-peer.ts'
import { growChain } from '../../support/memory-chain.ts'
import { budgetFor } from '../../support/rates.ts'
import { sampleBlock, sampleChain, sampleHash, sampleNodeInfo } from '../../support/sample.ts'
import { managerParts, NO_LOCATIONS } from '../../support/session-parts.ts'
import type { Session } from '../../../src/session/session.ts'
import type { RequestOptions } from '../../../src/sync/download/client.ts'
import type { Block } from '../../../src/types/block.ts'
import type { ChainSource } from '../../../src/types/chain.ts'
import type { Logger } from '@libp2p/interface'

const chain = sampleChain(30)

/** What has come of a range so far. */
interface Taken {
  blocks: Block[]
  error: Error & { code?: string } | undefined
  done: Promise<void>
}

describe('sync/download/client', () => {
  let clock: FakeClock
  let peers: Map<string, FakePeer>
  let client: BlockClient

  beforeEach(() => {
    clock = new FakeClock()
    peers = new Map()
    client = new BlockClient({
      peers: {
        get: (id: string) => peers.get(id),
        [Symbol.iterator]: () => [...peers.values()][Symbol.iterator]()
      } as unknown as SessionManager,
      clock
    })
  })

  afterEach(() => {
    // whatever happened, no peer is left with a request that no peer waits for
    for (const peer of peers.values()) {
      assert.equal(peer.underWay, 0, `${peer.id} has requests under way`)
    }

    assert.equal(clock.pending, 0, 'timers are left')
  })

  function add (id: string, settings: { bestHeight?: number, rtt?: number } = {}): FakePeer {
    return Object.assign(new FakePeer(id, peers, clock), settings)
  }

  const rejection = async (promise: Promise<unknown>): Promise<Error & { code?: string }> => {
    return promise.then(() => assert.fail('it was to fail'), (err: unknown) => err as Error)
  }

  it('says what it got for a height', async () => {
    await assert.rejects(client.block('3' as never), { name: 'EncodeError', message: /got "3"$/ })
  })

  describe('a range whose signal is aborted while no caller takes from it', () => {
    it('lets go of its requests and timers at once, and throws the reason when it is asked again', async () => {
      // as much as was fetched: some of it, with a request under way, and all of it
      for (const served of [chain.slice(0, 3), chain]) {
        const controller = new AbortController()
        const alice = add('alice').serve(served)
        const range = client.range(1, 29, { signal: controller.signal })
        assert.deepEqual((await range.next()).value, chain[1])
        await turns(3)
        assert.ok(clock.pending > 0)
        controller.abort(new Error('enough'))
        assert.equal(clock.pending, 0)
        assert.equal(alice.underWay, 0)
        assert.equal(getEventListeners(controller.signal, 'abort').length, 2, 'until it is asked again')
        await assert.rejects(range.next(), { message: 'enough' })
        assert.deepEqual(await range.next(), { done: true, value: undefined })
        assert.equal(getEventListeners(controller.signal, 'abort').length, 0)
      }
    })

    it('lets go of the blocks that have come', async () => {
      setFlagsFromString('--expose-gc')
      const collectGarbage = runInNewContext('gc') as () => void
      const push = Reflect.get<Span, 'push'>(Span.prototype, 'push')
      const fetched: WeakRef<Block>[] = []
      Span.prototype.push = function (received, peer) {
        fetched.push(new WeakRef(received.block))

        return Reflect.apply(push, this, [received, peer])
      }

      try {
        const controller = new AbortController()
        add('alice').serve(chain)
        const range = client.range(1, 29, { signal: controller.signal })
        await range.next()
        await turns(1)
        assert.equal(fetched.length, 29)
        controller.abort(new Error('enough'))
        await eventually(() => {
          collectGarbage()

          // the one that was taken last
          return fetched.filter((ref) => ref.deref() != null).length <= 1
        }, 'the blocks to go')
        await assert.rejects(range.next(), { message: 'enough' })
      } finally {
        Span.prototype.push = push
      }
    })
  })

  describe('of a peer behind a relay whose session ends', () => {
    /** Another session with it, in which it serves this chain, or nothing. */
    function comeBack (blocks?: readonly Block[]): FakePeer {
      const peer = Object.assign(add('alice'), { isRelayed: true })

      return blocks == null ? peer : peer.serve(blocks)
    }

    it('asks for a block once more, in the next session', async () => {
      const first = comeBack()
      const block = client.block(3)
      first.disconnect()
      await turns(1)
      comeBack(chain)
      await clock.advance(COMEBACK_CHECK_MS)
      assert.deepEqual(await block, chain[3])
    })

    it('fails where it is not back in time, and where it goes once more', async () => {
      const first = comeBack()
      const failed = rejection(client.block(3))
      first.disconnect()
      await turns(1)
      await clock.advance(COMEBACK_TIMEOUT_MS)
      assert.equal((await failed).code, 'DISCONNECTED')
      const second = comeBack()
      const failedAgain = rejection(client.block(3))
      second.disconnect()
      await turns(1)
      const third = comeBack()
      await clock.advance(COMEBACK_CHECK_MS)
      third.disconnect()
      assert.equal((await failedAgain).code, 'DISCONNECTED')
    })

    it('goes on with a range from the block that is next, which follows what was given before', async () => {
      for (const [next, code] of [[chain, undefined], [growChain(chain.slice(0, 2), 5, 'other'), 'UNLINKED']] as const) {
        const first = comeBack()
        const taken: Block[] = []
        const done = (async () => { for await (const block of client.range(1, 5)) { taken.push(block) } })()
        done.catch(() => {})
        await turns(1)
        await first.sendRange(chain.slice(1, 4), false)
        first.disconnect()
        await turns(2)
        const second = comeBack(next)
        await clock.advance(COMEBACK_CHECK_MS)
        await (code == null ? done : assert.rejects(done, { name: 'RequestError', code }))
        assert.deepEqual([taken, second.heights[0]], [chain.slice(1, code == null ? 6 : 4), [4, 5]])
        peers.clear()
      }
    })

    it('waits for it once where it brings nothing, and again where it brings something', async () => {
      let peer = comeBack()
      const failed = rejection((async () => { for await (const block of client.range(1, 5)) { assert.ok(block) } })())

      for (const blocks of [[], chain.slice(1, 2), []]) {
        await turns(1)

        if (blocks.length > 0) {
          await peer.sendRange(blocks, false)
        }

        peer.disconnect()
        await turns(2)
        peer = comeBack()
        await clock.advance(COMEBACK_CHECK_MS)
      }

      await turns(1)
      assert.deepEqual(peer.heights[0], [2, 5])
      peer.disconnect()
      assert.equal((await failed).code, 'DISCONNECTED')
    })
  })

  describe('block', () => {
    it('asks for the block at a height and gives it', async () => {
      const alice = add('alice').serve(chain)

      assert.deepEqual(await client.block(3), chain[3])
      assert.deepEqual(alice.asked, [{ type: 'requestBlock', height: 3, id: 1n }])
    })

    it('throws where there is no peer to ask', async () => {
      await assert.rejects(client.block(3), { name: 'RequestError', code: 'NO_PEERS' })
    })

    it('is undefined where no peer has it, after every peer was asked', async () => {
      const all = ['a', 'b', 'c'].map((id) => add(id).serve([]))

      assert.equal(await client.block(3), undefined)
      assert.deepEqual(all.map(({ asked }) => asked.length), [1, 1, 1])
    })

    it('asks another where the first does not have it', async () => {
      add('alice', { rtt: 1 }).serve([])
      add('bob', { rtt: 2 }).serve(chain)

      assert.deepEqual(await client.block(3), chain[3])
    })

    it('takes another height for a violation, and asks another peer', async () => {
      const alice = add('alice', { rtt: 1 })
      alice.onAsk = () => { queueMicrotask(() => { void alice.sendBlock(chain[4]) }) }
      add('bob', { rtt: 2 }).serve(chain)

      assert.deepEqual(await client.block(3), chain[3])
      assert.equal(alice.violation?.name, 'ProtocolViolationError')
    })

    it('throws where the only answer was a violation', async () => {
      const alice = add('alice')
      alice.onAsk = () => { queueMicrotask(() => { void alice.sendBlock(chain[4]) }) }

      await assert.rejects(client.block(3), { name: 'RequestError', code: 'INVALID_RESPONSE' })
    })

    it('asks another when the first does not answer in time, or goes away', async () => {
      const [alice, bob, carol] = [add('alice', { rtt: 1 }), add('bob', { rtt: 2 }), add('carol', { rtt: 3 })]
      const block = client.block(3)
      assert.deepEqual([alice.asked.length, bob.asked.length], [1, 0])
      await clock.advance(REQUEST_TIMEOUT - 1)
      assert.equal(bob.asked.length, 0)
      await clock.advance(1)
      assert.equal(bob.asked.length, 1)
      bob.disconnect()
      await turns(1)
      await carol.sendBlock(chain[3])

      assert.deepEqual(await block, chain[3])
    })

    it('throws what the last one failed with where no peer answers', async () => {
      add('alice', { rtt: 1 })
      const bob = add('bob', { rtt: 2 })
      const block = rejection(client.block(3))
      await clock.advance(REQUEST_TIMEOUT)
      bob.disconnect()
      const { name, code, message } = await block

      assert.deepEqual({ name, code }, { name: 'RequestError', code: 'DISCONNECTED' })
      assert.ok(message.includes('No response within'), message)
    })

    it('is undefined where some do not have it and others do not answer', async () => {
      add('alice', { rtt: 1 }).serve([])
      add('bob', { rtt: 2 })
      const block = client.block(3)
      await clock.advance(REQUEST_TIMEOUT)

      assert.equal(await block, undefined)
    })

    it('ends when its signal is aborted, and asks no other peer', async () => {
      const [alice, bob] = [add('alice', { rtt: 1 }), add('bob', { rtt: 2 })]
      const controller = new AbortController()
      const block = client.block(3, { signal: controller.signal })
      controller.abort(new Error('no longer needed'))

      await assert.rejects(block, { message: 'no longer needed' })
      assert.equal(bob.asked.length, 0)
      await alice.sendBlock(chain[3])
      assert.equal(alice.violation, undefined)
    })

    describe('of peers that may be asked for so much', () => {
      const blocksAsked = { perSecond: 10 / 0.9, burst: 1 }

      it('asks one that may be asked at once', async () => {
        const alice = add('alice', { rtt: 1 }).serve(chain)
        const bob = add('bob', { rtt: 2 }).serve(chain)
        const carol = add('carol', { rtt: 3, bestHeight: 2 }).serve(chain)
        alice.budget = budgetFor(clock, { blocksAsked })
        bob.budget = budgetFor(clock, { blocksAsked })
        await client.block(3)
        await client.block(4)

        assert.deepEqual([alice, bob, carol].map(({ asked }) => asked.length), [1, 1, 0])
      })

      it('waits until the peer may be asked', async () => {
        const alice = add('alice').serve(chain)
        alice.budget = budgetFor(clock, { blocksAsked })
        await client.block(3)
        const block = client.block(4)
        await clock.advance(99)
        assert.equal(alice.asked.length, 1)
        await clock.advance(2)
        assert.deepEqual(await block, chain[4])
      })

      it('ends while it waits when its signal is aborted, or the peer goes', async () => {
        const alice = add('alice').serve(chain)
        alice.budget = budgetFor(clock, { blocksAsked })
        await client.block(3)
        const controller = new AbortController()
        const blocks = [rejection(client.block(4, { signal: controller.signal })), rejection(client.block(4))]
        controller.abort(new Error('no longer needed'))
        alice.disconnect()
        alice.budget.stop()

        assert.deepEqual((await Promise.all(blocks)).map(({ message, code }) => code ?? message), ['no longer needed', 'DISCONNECTED'])
        assert.equal(alice.asked.length, 1)
      })
    })

    it('asks no peer where its signal is aborted before it begins', async () => {
      const signal = AbortSignal.abort(new Error('no longer needed'))
      await assert.rejects(client.block(3, { signal }), { message: 'no longer needed' })
      const alice = add('alice')

      await assert.rejects(client.block(3, { signal }), { message: 'no longer needed' })
      assert.equal(alice.asked.length, 0)
    })

    it('asks only the peer that is named', async () => {
      add('alice', { rtt: 1 }).serve(chain)
      const bob = add('bob', { rtt: 2 }).serve([])

      assert.equal(await client.block(3, { peer: 'bob' }), undefined)
      assert.equal(bob.asked.length, 1)
      await assert.rejects(client.block(3, { peer: 'carol' }), { name: 'RequestError', code: 'NO_PEERS' })
    })

    it('asks peers that say to have it first, the quickest of them first, then the others', async () => {
      const order: string[] = []

      const settings: [id: string, bestHeight: number, rtt: number | undefined][] = [
        ['short and quick', 5, 1], ['slow', 10, 200], ['not measured', 10, undefined], ['quick', 10, 20], ['short and slow', 9, 300], ['higher', 11, 30]
      ]

      for (const [id, bestHeight, rtt] of settings) {
        const peer = add(id, { bestHeight, rtt })
        peer.onAsk = () => {
          order.push(id)
          queueMicrotask(() => { void peer.sendBlock(undefined) })
        }
      }

      await client.block(10)
      assert.deepEqual(order, ['quick', 'higher', 'slow', 'not measured', 'short and quick', 'short and slow'])
    })
  })

  describe('range', () => {
    async function take (from: number, to: number, options?: RequestOptions): Promise<Block[]> {
      const blocks: Block[] = []

      for await (const block of client.range(from, to, options)) {
        blocks.push(block)
      }

      return blocks
    }

    /** Takes a range while the test goes on. */
    function takeAside (from: number, to: number, options?: RequestOptions): Taken {
      const taken: Taken = { blocks: [], error: undefined, done: Promise.resolve() }

      taken.done = (async () => {
        for await (const block of client.range(from, to, options)) {
          taken.blocks.push(block)
        }
      })().catch((err: unknown) => { taken.error = err as Error })

      return taken
    }

    it('asks for the blocks and gives them in order', async () => {
      const alice = add('alice').serve(chain)

      assert.deepEqual(await take(3, 12), chain.slice(3, 13))
      assert.deepEqual(alice.asked, [{ type: 'requestBlockRange', startHeight: 3, endHeight: 12, id: 1n }])
    })

    it('takes one block', async () => {
      add('alice').serve(chain)
      assert.deepEqual(await take(3, 3), [chain[3]])
    })

    it('gives nothing and asks no peer for a range that is empty', async () => {
      const alice = add('alice').serve(chain)

      assert.deepEqual(await take(4, 3), [])
      assert.equal(alice.asked.length, 0)
    })

    it('gives blocks while others are still on their way', async () => {
      const alice = add('alice')
      const taken = takeAside(0, 9)
      await alice.sendRange(chain.slice(0, 4), false)
      await turns(1)
      assert.deepEqual(taken.blocks, chain.slice(0, 4))
      await alice.sendRange(chain.slice(4, 10), true)
      await taken.done

      assert.deepEqual(taken.blocks, chain.slice(0, 10))
    })

    it('asks for nothing before a block is taken', async () => {
      const alice = add('alice').serve(chain)
      const range = client.range(0, 9)
      await turns(1)
      assert.equal(alice.asked.length, 0)
      await range.return()
    })

    it('throws where there is no peer to ask', async () => {
      await assert.rejects(take(0, 9), { name: 'RequestError', code: 'NO_PEERS' })
    })

    describe('that is ended', () => {
      it('ends when its signal is aborted while it waits', async () => {
        const alice = add('alice')
        const controller = new AbortController()
        const taken = takeAside(0, 9, { signal: controller.signal })
        await alice.sendRange(chain.slice(0, 2), false)
        await turns(1)
        controller.abort(new Error('no longer needed'))
        await taken.done

        assert.deepEqual(taken.blocks, chain.slice(0, 2))
        assert.equal(taken.error?.message, 'no longer needed')
      })

      it('gives out no more where its signal is aborted while the taker has a block', async () => {
        add('alice').serve(chain)
        const controller = new AbortController()
        const range = client.range(0, 9, { signal: controller.signal })
        await range.next()
        controller.abort(new Error('no longer needed'))

        await assert.rejects(range.next(), { message: 'no longer needed' })
        assert.deepEqual(await range.next(), { done: true, value: undefined })
      })

      it('asks no peer where its signal is aborted before it begins', async () => {
        const signal = AbortSignal.abort(new Error('no longer needed'))
        await assert.rejects(take(0, 9, { signal }), { message: 'no longer needed' })
        const alice = add('alice')
        await assert.rejects(take(0, 9, { signal }), { message: 'no longer needed' })

        assert.equal(alice.asked.length, 0)
      })

      it('gives its request up when the loop is left, and lets what still comes pass', async () => {
        const alice = add('alice')
        const leaving = (async () => {
          for await (const block of client.range(0, 9)) {
            return block
          }
        })()
        await turns(1)
        await alice.sendRange(chain.slice(0, 4), false)

        assert.deepEqual(await leaving, chain[0])
        assert.equal(alice.underWay, 0)
        await alice.sendRange(chain.slice(4, 10), true)
        assert.equal(alice.violation, undefined)
      })

      it('gives its request up when the taker fails', async () => {
        const alice = add('alice')
        const failing = (async () => {
          for await (const block of client.range(0, 9)) {
            throw new Error(`block ${block.height} is not valid`)
          }
        })()
        await turns(1)
        await alice.sendRange(chain.slice(0, 4), false)

        await assert.rejects(failing, { message: 'block 0 is not valid' })
        assert.equal(alice.underWay, 0)
      })
    })

    it('asks only the peer that is named', async () => {
      add('alice', { rtt: 1 }).serve(chain)
      const bob = add('bob', { rtt: 2 }).serve(chain, 5)

      assert.deepEqual(await take(0, 9, { peer: 'bob' }), chain.slice(0, 10))
      assert.equal(bob.asked.length, 2)
      await assert.rejects(take(0, 9, { peer: 'carol' }), { name: 'RequestError', code: 'NO_PEERS' })
    })
  })

  describe('with real sessions', () => {
    const log = Object.assign(() => {}, { error: () => {}, trace: () => {} }) as unknown as Logger
    let managers: SessionManager[]

    beforeEach(() => {
      managers = []
    })

    afterEach(async () => {
      const closed = managers.map(async (manager) => manager.close())
      await clock.advance(1000)
      await Promise.all(closed)
    })

    /** A node that serves a chain, or none. */
    function node (source?: ChainSource): SessionManager {
      const checked = checkedSource(readChain(source, systemClock))
      const server = new BlockServer({
        // a range of the chain's own is not checked: what is wrong in it is sent
        source: {
          ...checked,
          range: (request, peer) => source?.range?.(request.startHeight, request.endHeight) ?? checked.range(request, peer)
        },
        clock: systemClock,
        log,
        onError: (err) => { assert.fail(String(err)) },
        maxFrameBytes: DEFAULTS.maxFrameBytes
      })

      const manager = new SessionManager({
        local: { id: `node ${managers.length}`, bytes: Uint8Array.of(managers.length) },
        config: DEFAULTS,
        clock,
        log,
        ...managerParts(clock),
        localNode: async () => sampleNodeInfo(),
        bestHeight: () => 42,
        ...NO_LOCATIONS
      })
      manager.attach({
        onReady: () => {},
        onMessage: (session, { type, body, requestId }) => {
          return type === 'requestBlock' || type === 'requestBlockRange'
            ? server.serve(decodeBody(type, body), requestId, session)
            : undefined
        },
        onClosed: () => {}
      })
      managers.push(manager)

      return manager
    }

    async function join (from: SessionManager, to: SessionManager): Promise<Session> {
      const [outbound, inbound] = await streamPair({ delay: 0 })
      const key = (manager: SessionManager): { id: string, bytes: Uint8Array } => {
        const index = managers.indexOf(manager)

        return { id: `node ${index}`, bytes: Uint8Array.of(index) }
      }
      to.accept({ stream: inbound, peer: key(from), address: '/memory/1' })
      const session = from.dialled({ stream: outbound, peer: key(to), address: '/memory/2' }, from.slots.reserve('outbound')!)
      await session.ready
      await eventually(() => to.get(key(from).id), 'the other side to be ready')

      return session
    }

    function arrayChain (blocks: readonly Block[]): ChainSource {
      return { tip: () => ({ height: blocks.length - 1, hash: blocks.at(-1)!.hash }), get: (height) => blocks[height] }
    }

    it('gets a block, and hears that there is none', async () => {
      const [here, there] = [node(), node(arrayChain(chain))]
      await join(here, there)
      const client = new BlockClient({ peers: here, clock })

      assert.deepEqual(await client.block(7), chain[7])
      assert.equal(await client.block(30), undefined)
    })

    it('gets a range of several requests and many frames, from a chain that is read as it goes', async () => {
      const blocks = Array.from({ length: 60 }, (_, height) => sampleBlock({
        height, hash: sampleHash(`h ${height}`), prevHash: sampleHash(`h ${height - 1}`), transactions: [], proof: new Uint8Array(200_000)
      }))
      const [here, there] = [node(), node(arrayChain(blocks))]
      await join(here, there)
      const client = new BlockClient({ peers: here, clock })
      const heights: number[] = []

      for await (const { height } of client.range(0, 59)) {
        heights.push(height)
      }

      assert.deepEqual(heights, blocks.map(({ height }) => height))
    })

    it('goes on with another when the one that serves goes away at any point', async () => {
      for (const at of [0, 1, 7, 28]) {
        managers = []
        const here = node()
        let reads = 0
        const leaving = node({
          ...arrayChain(chain),
          get: async (height) => {
            if (reads++ === at) {
              void leaving.close()
            }

            return chain[height]
          }
        })
        const staying = node(arrayChain(chain))
        await join(here, leaving)
        await join(here, staying)
        const client = new BlockClient({ peers: here, clock })
        const heights: number[] = []

        for await (const { height } of client.range(0, 29)) {
          heights.push(height)
        }

        assert.deepEqual(heights, chain.map(({ height }) => height), `it left at its read ${at}`)
        const closed = managers.map(async (manager) => manager.close())
        await clock.advance(1000)
        await Promise.all(closed)
      }
    })

    it('leaves a loop in the middle without harm to the session', async () => {
      const [here, there] = [node(), node(arrayChain(chain))]
      const session = await join(here, there)
      const client = new BlockClient({ peers: here, clock })

      for (let i = 0; i < 5; i++) {
        for await (const { height } of client.range(0, 29)) {
          if (height === i) {
            break
          }
        }
      }

      assert.deepEqual(await client.block(7), chain[7])
      assert.equal(session.state, 'ready')
    })

    it('ends the session with a peer that sends what was not asked for', async () => {
      const [here, there] = [node(), node({ ...arrayChain(chain), range: () => [chain[5]!] })]
      const session = await join(here, there)
      const client = new BlockClient({ peers: here, clock })
      const { code } = await rejection(client.range(0, 9).next())

      assert.equal(code, 'INVALID_RESPONSE')
      assert.equal(session.state, 'closed')
      await eventually(() => there.counts.inbound === 0, 'the other side to hear of it')
    })
  })
})
