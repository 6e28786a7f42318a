import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { MAX_DHT_STREAM_BYTES } from '../../../src/libp2p/discovery/dht-components.ts'
import { createDht, dhtProtocol } from '../../../src/libp2p/discovery/dht.ts'
import { eventually } from '../../support/eventually.ts'
import { LIBP2P_PARTS } from '../../integration/nodes.ts'
import type { FoundPeer, PeerSource } from '../../../src/types/peer-source.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { KadDHT } from '@libp2p/kad-dht'

const NETWORK = 'vibecoin-test'
const LISTEN = ['/ip4/127.0.0.1/tcp/0']

/** The kinds of messages of the protocol, as numbers of its schema. */
const GET_VALUE = 1
const ADD_PROVIDER = 2
const GET_PROVIDERS = 3
const FIND_NODE = 4

interface DhtNode { libp2p: Libp2p<{ dht: KadDHT }>, source: PeerSource }

describe('libp2p/discovery/dht', () => {
  const running: Libp2p[] = []

  afterEach(async () => {
    await Promise.all(running.splice(0).map(async (libp2p) => { await libp2p.stop() }))
  })

  async function start (): Promise<DhtNode> {
    const { services, peerSources } = createDht(resolveConfig({
      genesisHash: new Uint8Array(32), network: NETWORK, listen: LISTEN, discovery: { dht: true }
    }))

    const libp2p = await createLibp2p<{ dht: KadDHT }>({
      ...LIBP2P_PARTS, addresses: { listen: LISTEN }, services: { ...services, identify: identify() } as never
    })

    running.push(libp2p)

    return { libp2p, source: peerSources![0]! }
  }

  /** One that answers requests of the DHT as a test likes, or only makes them. */
  async function startRaw (onRequest?: (stream: Stream) => void): Promise<Libp2p> {
    const libp2p = await createLibp2p({ ...LIBP2P_PARTS, addresses: { listen: LISTEN }, services: { identify: identify(), ping: ping() } })
    running.push(libp2p)

    if (onRequest != null) {
      await libp2p.handle(dhtProtocol(NETWORK), (stream: Stream) => {
        stream.addEventListener('message', () => { onRequest(stream) }, { once: true })
      })
    }

    return libp2p
  }

  /** Connects two and waits until the first has the other in its table. */
  async function meet ({ libp2p }: DhtNode, other: Libp2p): Promise<Connection> {
    const table = (libp2p.services.dht as unknown as { routingTable: { find: (peer: unknown) => Promise<unknown> } }).routingTable
    const connection = await libp2p.dial(other.getMultiaddrs())
    let isThere = false

    await eventually(() => {
      void table.find(other.peerId).then((peer) => { isThere = peer != null })

      return isThere
    }, 'a place in the routing table')

    return connection
  }

  async function find (source: PeerSource): Promise<FoundPeer[]> {
    const found: FoundPeer[] = []

    for await (const peer of source.find(AbortSignal.timeout(8000))) {
      found.push(peer)
    }

    return found
  }

  it('finds those whom others know', async () => {
    const [a, b, c] = await Promise.all([start(), start(), start()])
    await meet(b, c.libp2p)
    await meet(a, b.libp2p)
    const found = await find(a.source)

    const addresses = c.libp2p.getMultiaddrs().map((address) => address.toString().replace(/\/p2p\/.*/, ''))
    assert.deepEqual(found.find(({ peerId }) => peerId === c.libp2p.peerId.toString())?.addresses, addresses)
  })

  it('finds no peer before there is a node, and ends when it is aborted', async () => {
    const { peerSources } = createDht(resolveConfig({ genesisHash: new Uint8Array(32) }))
    assert.deepEqual(await find(peerSources![0]!), [])

    const { source } = await start()
    const abort = new AbortController()
    const next = source.find(abort.signal)[Symbol.asyncIterator]().next()
    abort.abort()
    await assert.rejects(next)
  })

  it('does not walk about by itself', async () => {
    const { libp2p } = await start()
    const { routingTableRefresh } = libp2p.services.dht as unknown as {
      routingTableRefresh: { refreshTable: () => void, refreshTimeoutId?: unknown }
    }

    // what libp2p does not show is where it is expected
    assert.equal(Object.hasOwn(routingTableRefresh, 'refreshTable'), true)
    routingTableRefresh.refreshTable()
    assert.equal(routingTableRefresh.refreshTimeoutId, undefined)
  })

  it('does not ask libp2p to stay connected to whom it knows', async () => {
    const [a, b] = await Promise.all([start(), start()])
    await meet(a, b.libp2p)
    const { routingTable } = a.libp2p.services.dht as unknown as {
      routingTable: { closestPeerTagger: { updatePeerTags: () => Promise<void> } }
    }
    await routingTable.closestPeerTagger.updatePeerTags()
    const { tags } = await a.libp2p.peerStore.get(b.libp2p.peerId)

    assert.ok(tags.has('kad-peer'))
    assert.deepEqual([...tags.keys()].filter((tag) => tag.startsWith('keep-alive')), [])
  })

  describe('from a peer that lies', () => {
    it('takes no addresses that may not be dialled', async () => {
      const [alice, bob] = await Promise.all([1, 2].map(async () => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))))
      const liar = await startRaw((stream) => {
        stream.send(answer([
          peerOf(alice!.toMultihash().bytes, '/ip4/10.0.0.1/tcp/22', '/dnsaddr/evil.example', '/unix/%2Ftmp%2Fx', '/ip4/224.0.0.1/tcp/1'),
          peerOf(bob!.toMultihash().bytes, ...Array.from({ length: 20 }, (_, i) => `/ip4/127.0.0.1/tcp/${i + 1}`))
        ]))
      })
      const node = await start()
      await meet(node, liar)
      await find(node.source)

      assert.equal(await node.libp2p.peerStore.has(alice!), false)
      assert.equal((await node.libp2p.peerStore.get(bob!)).addresses.length, 8)
    })

    it(`reads ${MAX_DHT_STREAM_BYTES} bytes of an answer and no more`, async () => {
      const id = new Uint8Array([0x12, 0x20, ...new Uint8Array(32)])
      let peers = 0
      const liar = await startRaw((stream) => {
        const parts: Uint8Array[] = []

        for (; parts.reduce((sum, { length }) => sum + length, 0) < MAX_DHT_STREAM_BYTES; peers++) {
          parts.push(peerOf(Uint8Array.from(id).fill(peers & 255, 30).fill(peers >> 8, 33), '/ip4/127.0.0.1/tcp/1'))
        }

        stream.send(answer(parts))
      })
      const node = await start()
      await meet(node, liar)
      const found = await find(node.source)

      assert.ok(peers > 1000)
      assert.deepEqual(found, [])
      assert.ok((await node.libp2p.peerStore.all()).length < 10)
    })

    it('stores nothing', async () => {
      const node = await start()
      const liar = await startRaw()
      const cid = Uint8Array.from([1, 0x55, 0x12, 0x20, ...new Uint8Array(32).fill(7)])
      const provider = peerOf(liar.peerId.toMultihash().bytes, '/ip4/127.0.0.1/tcp/1')
      const stream = await liar.dialProtocol(node.libp2p.getMultiaddrs(), dhtProtocol(NETWORK))
      const answers: Uint8Array[] = []
      stream.addEventListener('message', ({ data }) => { answers.push(data.subarray()) })
      stream.send(frame(field(1, ADD_PROVIDER), bytes(2, cid), bytes(9, provider)))
      stream.send(frame(field(1, GET_PROVIDERS), bytes(2, cid)))
      await eventually(() => answers.length > 0, 'an answer')

      assert.equal(Buffer.concat(answers).includes(Buffer.from(liar.peerId.toMultihash().bytes)), false)
    })

    it(`reads ${MAX_DHT_STREAM_BYTES} bytes of requests and no more`, async () => {
      const node = await start()
      const liar = await startRaw()
      const stream = await liar.dialProtocol(node.libp2p.getMultiaddrs(), dhtProtocol(NETWORK))
      stream.send(frame(field(1, GET_VALUE), bytes(2, new Uint8Array(MAX_DHT_STREAM_BYTES))))
      await eventually(() => stream.status === 'reset' || stream.status === 'aborted', 'the stream to be reset')
    })
  })
})

/** What is sent in answer to a search: these peers. */
function answer (peers: Uint8Array[]): Uint8Array {
  return frame(field(1, FIND_NODE), ...peers.map((peer) => bytes(8, peer)))
}

function peerOf (id: Uint8Array, ...addresses: string[]): Uint8Array {
  return Buffer.concat([bytes(1, id), ...addresses.map((address) => bytes(2, multiaddr(address).bytes))])
}

/** A message with its length before it. */
function frame (...fields: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(fields)

  return Buffer.concat([varint(body.length), body])
}

function field (number: number, value: number): Uint8Array {
  return Buffer.from([number << 3, value])
}

function bytes (number: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([number << 3 | 2]), varint(value.length), value])
}

function varint (value: number): Uint8Array {
  return value < 128 ? Uint8Array.of(value) : Uint8Array.of(value & 127 | 128, ...varint(value >>> 7))
}
