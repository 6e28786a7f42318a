import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { addressOf, nextEvent, startNode, stopNodes, untilPeers } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { growChain } from '../support/memory-chain.ts'
import { quickClock } from '../support/quick-clock.ts'
import { sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { useTempDir } from '../support/temp-dir.ts'
import { Scene } from './scene.ts'
import { digestOf, encodeTransaction } from '../../src/index.ts'
import { HEALTHY_AFTER_MS } from '../../src/connect/dial/dialer.ts'
import type { Attacker } from './scene.ts'
import type { Block, Network, NodeInfo, Transaction } from '../../src/index.ts'
import type { RawSession } from '../../src/testing/index.ts'
import type { Libp2pEvents, TypedEventTarget } from '@libp2p/interface'

const FEATURES = { features: 7n }

/** Of a transaction that is pushed, and of one that is announced by its whole digest. */
const DATA_BYTES = [64, 20_000] as const

/** A session that the victim has opened with a peer, and what it has said of itself in it. */
interface Dialled { session: RawSession, info: NodeInfo, id: string }

let named = 0

function newTransactions (): Transaction[] {
  return DATA_BYTES.map((bytes) => {
    const id = sampleHash(`block-only ${++named}`)

    return sampleTransaction({ id, data: new Uint8Array(bytes).fill(named) })
  })
}

function newBlock (): Block {
  return growChain(sampleChain(1), 1, `block-only ${++named}`).at(-1)!
}

const digestsOf = (them: Transaction[]): Uint8Array[] => them.map((one) => Uint8Array.from(digestOf(encodeTransaction(one))))
const shortOf = (digests: Uint8Array[]): Uint8Array => Buffer.concat(digests.map((digest) => digest.subarray(0, 16)))

/** Has a node hear of a peer as from a discovery of libp2p. */
function tell (node: Network, { libp2p }: Pick<Attacker, 'libp2p'> | Network): void {
  const { events } = (node.libp2p as unknown as { components: { events: TypedEventTarget<Libp2pEvents> } }).components
  events.dispatchEvent(new CustomEvent('peer:discovery', { detail: { id: libp2p.peerId, multiaddrs: libp2p.getMultiaddrs() } }))
}

describe('hostile/block-only', function () {
  this.timeout(60_000)

  let scene: Scene
  /** A peer that the victim has dialled, and that is sent transactions. */
  let usual: RawSession
  /** One that it has dialled for blocks alone. */
  let only: RawSession
  let dialled: Dialled[]
  let relayed: Set<string>

  beforeEach(async () => {
    scene = await Scene.start({ maxOutbound: 1, maxBlockOnly: 1 })
    relayed = new Set()
    scene.honest.router.handle('newTransaction', ({ id }) => { relayed.add(Buffer.from(id).toString('hex')) })
    const first = await dial()
    const second = await dial()
    ;[usual, only] = [first.session, second.session]
    dialled = [first, second]
    await eventually(() => scene.victim.peers.counts.blockOnly === 1, 'the block-only session')
  })

  afterEach(async () => {
    await scene.stop()
    await stopNodes()
  })

  /** The next peer that the victim dials. */
  async function dial (): Promise<Dialled> {
    const attacker = await scene.attacker()
    tell(scene.victim, attacker)
    const session = await eventually(() => attacker.accepted[0], 'the dial')
    const info = await session.handshake(FEATURES)
    await eventually(() => scene.victim.peers.get(attacker.id), 'the session')

    return { session, info, id: attacker.id }
  }

  /** Nodes that dial no others. */
  async function startTwo (): Promise<Network[]> {
    return Promise.all([40, 41].map(async (net) => startNode({ listen: [`/ip4/127.${net}.0.1/tcp/0`], maxOutbound: 0 })))
  }

  /** What has come of this and was not taken. */
  const unread = (session: RawSession, ...types: string[]): string[] => {
    return session.unread.filter((text) => types.some((type) => text.startsWith(type)))
  }
  const all = ['newTransaction', 'have', 'want', 'requestPeers']

  it('is what the second dial is, by the handshake, and what both sides see', () => {
    assert.deepEqual(dialled.map(({ info }) => info.blockOnly), [undefined, true])
    assert.deepEqual(dialled.map(({ id }) => scene.victim.peers.get(id)?.isBlockOnly), [false, true])
    const { slots } = scene.victim.status()
    assert.deepEqual([slots.outbound, slots.blockOnly], [{ used: 1, limit: 1 }, { used: 1, limit: 1 }])
  })

  it('takes no transaction of a peer that sends and announces them all the same, and asks for none: the session stays, and blocks pass', async () => {
    const transactions = newTransactions()
    const digests = digestsOf(transactions)
    only.send({ type: 'have', digests: [], shortDigests: shortOf(digests) })
    transactions.forEach((transaction) => { only.send({ type: 'newTransaction', transaction }) })
    await scene.expectHonestServed()
    assert.deepEqual([relayed.size, unread(only, 'want')], [0, []])
    assert.equal(scene.victim.status().memory.transactionPool.items, 0)

    // the same are taken of a peer from which they are
    transactions.forEach((transaction) => { usual.send({ type: 'newTransaction', transaction }) })
    await eventually(() => relayed.size === transactions.length, 'the transactions at the honest peer')
    const block = newBlock()
    const passed = nextEvent(scene.honest, 'block', ({ block: { hash } }) => Buffer.compare(hash, block.hash) === 0)
    only.send({ type: 'newBlock', block })
    await passed
    assert.equal(only.closure, undefined)
  })

  it('sends and announces no transaction there, of itself or of others, and answers no question for one', async () => {
    const transactions = newTransactions()
    transactions.forEach((transaction) => { scene.victim.broadcast({ type: 'newTransaction', transaction }) })
    const others = newTransactions()
    others.forEach((transaction) => { scene.honest.broadcast({ type: 'newTransaction', transaction }) })
    await eventually(() => scene.victim.status().memory.transactionPool.items === 4, 'all transactions at the victim')
    await eventually(() => unread(usual, 'newTransaction', 'have').length >= 4, 'all of them, or that there are, at the usual peer')
    const digests = digestsOf([...transactions, ...others])
    only.send({ type: 'want', digests, shortDigests: shortOf(digests) })
    const block = newBlock()
    scene.victim.broadcast({ type: 'newBlock', block })
    await only.next('newBlock')
    await scene.expectHonestServed()

    assert.deepEqual(unread(only, 'newTransaction', 'have'), [])
  })

  it('announces no pool to a peer that says at once that it wants blocks alone', async () => {
    newTransactions().forEach((transaction) => { scene.victim.broadcast({ type: 'newTransaction', transaction }) })
    const [first, second] = [await scene.attacker(), await scene.attacker()]
    const [session, other] = [await first.connect({ ...FEATURES, blockOnly: true }), await second.connect(FEATURES)]
    await other.next('have')
    await scene.expectHonestServed()

    assert.deepEqual(unread(session, ...all), [])
  })

  it('asks there for no peers, and tells of none', async () => {
    await usual.next('requestPeers')
    only.send({ type: 'requestPeers', count: 64 }, 5n)
    await scene.expectHonestServed()

    assert.deepEqual(unread(only, 'requestPeers', 'responsePeers'), [])
  })

  it('makes room for one with transactions where the victim has lost its other peers, and finds no more', async () => {
    const [first, second] = await startTwo()
    const config = { maxOutbound: 1, maxBlockOnly: 1, seedPeers: [addressOf(first!)] }
    const victim = await startNode(config, undefined, { clock: quickClock(60) })
    await untilPeers(victim, [first!])
    tell(victim, second!)
    await untilPeers(victim, [second!])
    const id = second!.libp2p.peerId.toString()
    assert.equal(victim.peers.get(id)?.isBlockOnly, true)
    await first!.stop()

    await eventually(() => victim.peers.get(id)?.isBlockOnly === false, 'a session that takes transactions')
  })

  describe('after a restart', () => {
    const dir = useTempDir()

    it('is what the victim has again with the same peer, and not a session with one that an observer of transactions could find', async () => {
      const [first, second] = await startTwo()
      const config = { dataDir: dir(), maxOutbound: 1, maxBlockOnly: 1, features: [] }
      const victim = await startNode({ ...config, seedPeers: [addressOf(first!)] }, undefined, { clock: quickClock(60) })
      await untilPeers(victim, [first!])
      tell(victim, second!)
      await untilPeers(victim, [second!])
      const idOf = ({ libp2p }: Network): string => libp2p.peerId.toString()
      const blockOnly = ({ peers }: Network): string[] => [...peers].filter(({ isBlockOnly }) => isBlockOnly).map(({ id }) => id)
      assert.deepEqual(blockOnly(victim), [idOf(second!)])
      await eventually(() => {
        const ages = victim.status().peers.map(({ readyAt }) => Date.now() - readyAt!)

        return ages.every((ms) => ms * 60 > HEALTHY_AFTER_MS)
      }, 'sessions that have lasted')
      await victim.stop()

      const again = await startNode({ ...config, listen: ['/ip4/127.0.0.1/tcp/0'] })
      await untilPeers(again, [second!])
      assert.deepEqual(blockOnly(again), [idOf(second!)])
      assert.equal(multiaddr(again.peers.get(idOf(second!))!.address).toString().includes('127.41.0.1'), true)
    })
  })
})
