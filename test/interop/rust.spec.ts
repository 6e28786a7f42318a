import assert from 'node:assert/strict'
import { once } from 'node:events'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { killPeers, PeerProcess, digestOf, peerChain } from './peer-process.ts'
import { differences } from './vectors.ts'
import { addressOf, nextEvent, startNode, stopNodes } from '../integration/nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleTransaction } from '../support/sample.ts'
import type { PeerEvent, PeerOptions } from './peer-process.ts'
import type { Block, Network, NetworkConfig } from '../../src/index.ts'

const binary = process.env.VIBECOIN_RUST_PEER ?? ''
const LARGE = 3 * 512 * 1024

/** That of the peers. */
const GENESIS = new Uint8Array(32).fill(1)

/** How often both dial at the same time. */
const ROUNDS = 40

/** A chain of a peer's, whose hashes are not those that `MemoryChain` checks. */
function chainOf (blocks: readonly Block[]): MemoryChain {
  return Object.assign(new MemoryChain(blocks), { verify: () => {} })
}

async function start (config: Partial<NetworkConfig> = {}): Promise<Network> {
  return startNode({ genesisHash: GENESIS, ...config })
}

/** The reason of the next session that ends: it may have been ready here before the peer has said what it thinks of it. */
async function refusal (node: Network): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  node.addEventListener('peer:closed', ({ detail }) => { resolve(detail.reason) })
  node.addEventListener('peer:refused', ({ detail }) => { resolve(detail.reason) })

  return promise
}

interface Pair { node: Network, peer: PeerProcess }

interface PairWithChain extends Pair { chain: MemoryChain }

describe('interop/rust', () => {
  before(function () {
    if (binary === '') {
      console.log('    skipped: VIBECOIN_RUST_PEER does not name a peer that was built')
      this.skip()
    }
  })

  afterEach(async () => {
    await killPeers()
    await stopNodes()
  })

  /** A node and a peer with a session, which the one or the other has opened. */
  async function startPair (opener: 'node' | 'peer', options: PeerOptions = {}, config: Partial<NetworkConfig> = {}): Promise<PairWithChain> {
    const chain = chainOf(peerChain(GENESIS, 0))
    const node = await start({ autoSync: false, chain, ...config })
    const peer = await PeerProcess.start(binary, options)

    if (opener === 'node') {
      await node.connect(peer.address)
    } else {
      const ready = nextEvent(node, 'peer:ready')
      await peer.ask({ do: 'dial', address: addressOf(node) })
      await ready
    }

    await peer.event('ready')

    return { node, peer, chain: config.chain as MemoryChain | undefined ?? chain }
  }

  /** A node and a peer, of which one has the smaller id. */
  async function startOrdered (smaller: 'node' | 'peer'): Promise<Pair> {
    const keys = await Promise.all([0, 1].map(async () => generateKeyPair('Ed25519')))
    const bytes = keys.map((key) => peerIdFromPrivateKey(key).toMultihash().bytes)
    const [low, high] = Buffer.compare(bytes[0]!, bytes[1]!) < 0 ? [keys[0]!, keys[1]!] : [keys[1]!, keys[0]!]
    const [mine, theirs] = smaller === 'node' ? [low, high] : [high, low]
    // nobody dials but the test
    const node = await start({ privateKey: mine, reconnectDelay: 60_000, maxReconnectDelay: 60_000 })
    const peer = await PeerProcess.start(binary, { seed: theirs.raw.subarray(0, 32) })

    return { node, peer }
  }

  it('decodes every fixture as it says', async () => {
    assert.deepEqual(await differences(binary), [])
  })

  for (const opener of ['node', 'peer'] as const) {
    it(`shakes hands where the ${opener} dials, pings, and says good-bye`, async () => {
      const { node, peer } = await startPair(opener, { chain: { length: 3 } })
      const ready = await peer.event('ready')
      assert.deepEqual([ready.direction, ready.height], [opener === 'peer' ? 'outbound' : 'inbound', 0])
      const [there] = node.peers
      assert.deepEqual([there?.id, there?.bestHeight, there?.userAgent.startsWith('vibecoin-peer-rust/')], [peer.id, 3, true])
      await peer.event('pong')
      await eventually(() => there?.rtt != null, 'a pong of the peer')
      const closed = nextEvent(node, 'peer:closed')
      await peer.ask({ do: 'disconnect', peer: node.libp2p.peerId.toString(), reason: 'SHUTDOWN', detail: 'good-bye' })
      const { reason, detail } = await closed
      assert.deepEqual([reason, detail], ['SHUTDOWN', 'good-bye'])
      assert.equal((await peer.event('closed')).by, 'us')
    })
  }

  describe('refuses and is refused', () => {
    const cases: { title: string, options: PeerOptions, by: 'us' | 'them' | 'either', reason: string }[] = [
      { title: 'another version', options: { args: ['--version', '2'] }, by: 'either', reason: 'INCOMPATIBLE_VERSION' },
      { title: 'another network', options: { network: 'vibecoin-other' }, by: 'either', reason: 'WRONG_NETWORK' },
      { title: 'another genesis block', options: { genesis: new Uint8Array(32).fill(2) }, by: 'either', reason: 'WRONG_NETWORK' },
      { title: 'one too many', options: { args: ['--max-peers', '0'] }, by: 'us', reason: 'TOO_MANY_CONNECTIONS' }
    ]

    for (const { title, options, by, reason } of cases) {
      it(`${title}: ${reason}`, async () => {
        const node = await start()
        const heard = refusal(node)
        const peer = await PeerProcess.start(binary, options)
        await peer.ask({ do: 'dial', address: addressOf(node) })
        const refused = await peer.event('refused')
        assert.deepEqual([refused.reason, by === 'either' ? ['us', 'them'].includes(refused.by as string) : refused.by], [reason, by === 'either' || by])
        assert.equal(await heard, reason)
      })
    }

    it('one that is banned: BANNED', async () => {
      const node = await start()
      const peer = await PeerProcess.start(binary, { args: ['--ban', node.libp2p.peerId.toString()] })
      const heard = refusal(node)
      await peer.ask({ do: 'dial', address: addressOf(node) })
      assert.equal(await heard, 'BANNED')
    })

    it('one that broke the protocol: PROTOCOL_VIOLATION, then without a word', async () => {
      const { node, peer } = await startPair('peer')
      await peer.ask({ do: 'send', peer: node.libp2p.peerId.toString(), frame: '00' })
      const { by, reason } = await peer.event('closed')
      assert.deepEqual([by, reason], ['them', 'PROTOCOL_VIOLATION'])
      await peer.event('disconnected')
      const told = peer.events.length
      await peer.ask({ do: 'dial', address: addressOf(node) })
      const heard = await eventually(() => peer.events.slice(told).find(({ event }) => event !== 'done'), 'the peer to hear of it')
      assert.ok(heard.event === 'unreachable' || heard.event === 'disconnected', JSON.stringify(heard))
    })
  })

  describe('one session', () => {
    for (const smaller of ['node', 'peer'] as const) {
      it(`stays of two that are opened at the same time, that of the ${smaller}, and nothing is lost`, async () => {
        const { node, peer } = await startOrdered(smaller)
        let collisions = 0

        for (let round = 0; round < ROUNDS; round++) {
          const before = peer.events.length
          const isNew = (event: PeerEvent): boolean => peer.events.indexOf(event) >= before
          const arrived = nextEvent(node, 'transaction')
          const sent = nextEvent(node, 'peer:ready').then(() => {
            node.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(round) }) })
          })
          const dial = async (): Promise<unknown> => peer.ask({ do: 'dial', address: addressOf(node) })
          // at once, or while the node opens its stream: then there are two for sure
          const connected = round % 2 === 0 ? dial() : once(node.libp2p, 'connection:open').then(dial)
          const opened = Promise.all([node.connect(peer.address), connected])
          await peer.event('ready', isNew)
          await peer.ask({ do: 'broadcast', kind: 'transaction' })
          await Promise.all([opened, arrived, sent, peer.event('item', isNew)])
          const isOver = ({ event, direction }: PeerEvent): boolean => event === 'unreachable' || (direction === 'outbound' && event !== 'pong')
          await eventually(() => peer.events.some((event) => isNew(event) && isOver(event)), 'the end of the dial of the peer')
          const last = (): string | undefined => peer.events.findLast(({ event }) => event === 'ready')?.direction as string | undefined
          await eventually(() => node.peers.get(peer.id)?.direction === (last() === 'inbound' ? 'outbound' : 'inbound'), 'both to agree')
          const said = peer.events.slice(before)
          // where the node is the first to decide, the peer hears of it
          assert.deepEqual(said.filter(({ event, reason }) => event === 'closed' && reason !== 'DUPLICATE_CONNECTION'), [])

          if (said.some(({ event }) => ['retired', 'refused', 'closed'].includes(event))) {
            collisions++
            assert.equal(last(), smaller === 'peer' ? 'outbound' : 'inbound', JSON.stringify(said))
          }

          const closed = nextEvent(node, 'peer:closed')
          await peer.ask({ do: 'disconnect', peer: node.libp2p.peerId.toString(), reason: 'SHUTDOWN' })
          await closed
          await Promise.all([peer.event('disconnected', isNew), peer.event('closed', (event) => isNew(event) && event.by === 'us')])
          await eventually(() => node.libp2p.getConnections().length === 0, 'the connections to be gone here too')
        }

        console.log(`      ${collisions} of ${ROUNDS} had two streams`)
        assert.ok(collisions > ROUNDS / 4)
      })
    }
  })

  it('sends and takes blocks of 1.5 MiB, and relays them as they came', async () => {
    const { node, peer, chain } = await startPair('node')
    const came = nextEvent(node, 'block')
    const made = await peer.ask({ do: 'broadcast', kind: 'block', size: LARGE })
    assert.equal(digestOf((await came).block), made.digest)
    await eventually(() => chain.head.height === 1, 'the block to be appended')
    const block = peerChain(GENESIS, 2, LARGE)[2]!
    chain.push([{ block, bytes: new Uint8Array(0) }])
    node.broadcast({ type: 'newBlock', block })
    const item = await peer.event('item')
    assert.deepEqual([item.kind, item.digest, item.height], ['block', digestOf(block), 2])
    node.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
    assert.equal((await peer.event('item', ({ kind }) => kind === 'transaction')).bytes, 185)
  })

  it('serves and fetches ranges of blocks of 1.5 MiB', async () => {
    const { node, peer } = await startPair('node', { chain: { length: 8, proofBytes: LARGE } })
    assert.deepEqual(await node.sync(), { from: 0, height: 8, reorganised: false })
    await killPeers()

    const other = await PeerProcess.start(binary)
    const ready = nextEvent(node, 'peer:ready')
    await other.ask({ do: 'dial', address: addressOf(node) })
    await ready
    await other.event('ready')
    const { height, bytes } = await other.ask({ do: 'sync', peer: node.libp2p.peerId.toString(), to: 8 })
    assert.deepEqual([height, Number(bytes) > 8 * LARGE], [8, true])
    assert.notEqual(peer.id, other.id)
  })
})
