import assert from 'node:assert/strict'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { addressOf, connect, GENESIS_HASH, LIBP2P_PARTS, nextEvent, startNode, stopNodes, untilPeers } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleChain } from '../support/sample.ts'
import { PROTOCOL_ID, vibecoin } from '../../src/index.ts'
import type { ServiceInit, VibeCoin } from '../../src/index.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'

type Node = Libp2p<{ vibecoin: VibeCoin, identify: unknown }>

const ECHO = '/echo/1.0.0'

describe('integration/service', () => {
  const running = new Set<Libp2p>()

  afterEach(async () => {
    await stopNodes()
    await Promise.all([...running].map(async (node) => { await node.stop() }))
    running.clear()
  })

  async function startLibp2p (init: Partial<ServiceInit> = {}): Promise<Node> {
    const node = await createLibp2p({
      ...LIBP2P_PARTS,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      services: {
        identify: identify(),
        vibecoin: vibecoin({ network: 'vibecoin-test', genesisHash: GENESIS_HASH, ...init })
      }
    })
    running.add(node)

    return node
  }

  function addressOfNode (node: Libp2p): string {
    return node.getMultiaddrs()[0]!.toString()
  }

  /** The next event of a service. */
  async function next<Type extends 'block' | 'peer:ready' | 'peer:closed'> (service: VibeCoin, type: Type): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    service.addEventListener(type, ({ detail }: CustomEvent) => { resolve(detail) }, { once: true })

    return promise
  }

  it('says what an address looks like where it is told to connect to what is none', async () => {
    const node = await startLibp2p()

    for (const address of ['seed.example', '', '127.0.0.1:8765', '/ip4/127.0.0.1', '/ip4/127.0.0.1/tcp/0', 7]) {
      await assert.rejects(node.services.vibecoin.connect(address as string), {
        name: 'ConfigError', message: /^Expected `address` to be (a multiaddr such as "\/ip4\/10\.0\.0\.2\/tcp\/8765"|an address that can be dialled), got /
      })
    }
  })

  it('meets another one, and blocks pass both ways', async () => {
    const [a, b] = await Promise.all([startLibp2p({ nodeId: 'a', chain: { tip: () => sampleChain(3)[2]!, get: (height) => sampleChain(3)[height] } }), startLibp2p({ nodeId: 'b' })])
    const ready = next(a.services.vibecoin, 'peer:ready')
    const peer = await b.services.vibecoin.connect(addressOfNode(a))
    await ready
    assert.deepEqual([peer.id, peer.nodeId, peer.bestHeight], [a.peerId.toString(), 'a', 2])

    for (const [from, to] of [[a, b], [b, a]] as const) {
      const received = next(to.services.vibecoin, 'block')
      const block = sampleBlock({ height: from === a ? 2 : 11 })
      assert.deepEqual(from.services.vibecoin.broadcast({ type: 'newBlock', block }), { queued: 1, skipped: 0 })
      assert.deepEqual((await received as { block: unknown }).block, block)
    }

    assert.deepEqual(await b.services.vibecoin.requestBlock(1), sampleChain(3)[1])
  })

  it('finds its seeds', async () => {
    const [a, seed] = [await startNode(), await startLibp2p()]
    const node = await startLibp2p({ seedPeers: [addressOf(a), addressOfNode(seed)] })
    await untilPeers(node.services.vibecoin, [a, { libp2p: seed }])
  })

  it('meets a network that startNetwork has started, and says SHUTDOWN when its node stops', async () => {
    const network = await startNode()
    const node = await startLibp2p({ nodeId: 'service' })
    const ready = nextEvent(network, 'peer:ready')
    await node.services.vibecoin.connect(addressOf(network))
    assert.equal((await ready).nodeId, 'service')

    const received = nextEvent(network, 'block')
    node.services.vibecoin.broadcast({ type: 'newBlock', block: sampleBlock() })
    assert.deepEqual((await received).block, sampleBlock())

    const closed = nextEvent(network, 'peer:closed')
    await node.stop()
    const { reason, byRemote } = await closed
    assert.deepEqual([reason, byRemote], ['SHUTDOWN', true])
    assert.throws(() => node.services.vibecoin.broadcast({ type: 'newBlock', block: sampleBlock() }), { name: 'NotRunningError' })
  })

  it('starts again with its node', async () => {
    const network = await startNode()
    const node = await startLibp2p({ seedPeers: [addressOf(network)], reconnectDelay: 100 })
    const { vibecoin: service } = node.services
    await untilPeers(service, [network])
    await node.stop()
    assert.deepEqual(service.peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    await node.start()
    await untilPeers(service, [network])

    const received = nextEvent(network, 'block')
    service.broadcast({ type: 'newBlock', block: sampleBlock({ height: 2 }) })
    assert.equal((await received).block.height, 2)
  })

  it('says what it needs', async () => {
    await assert.rejects(createLibp2p({
      ...LIBP2P_PARTS, services: { vibecoin: vibecoin({ genesisHash: GENESIS_HASH }) }
    }), { name: 'UnmetServiceDependenciesError', message: /@vibecoin\/network.*@libp2p\/identify/ })
  })

  it('does not start a second time on one libp2p node, says what to do, and leaves nothing open', async () => {
    const init = { network: 'vibecoin-test', genesisHash: GENESIS_HASH }
    const node = await createLibp2p({
      ...LIBP2P_PARTS,
      start: false,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      services: { identify: identify(), vibecoin: vibecoin(init), other: vibecoin(init) }
    })

    await assert.rejects(async () => node.start(), (err: Error) => {
      assert.equal(err.name, 'ConfigError')
      assert.match(err.message, /^This libp2p node has a handler of \/vibecoin\/[^ ]+ already: give it one service `vibecoin\(\)`, and a libp2p node of its own to each other$/)
      assert.equal((err.cause as Error).name, 'DuplicateProtocolHandlerError')

      return true
    })
    assert.deepEqual([node.status, node.getMultiaddrs()], ['stopped', []])
  })

  it('refuses options that cannot be used, before there is a node', () => {
    assert.throws(() => vibecoin({} as ServiceInit), { name: 'ConfigError', message: /genesisHash/ })
    assert.throws(() => vibecoin({ genesisHash: GENESIS_HASH, maxInbound: -1 }), { name: 'ConfigError', message: /maxInbound/ })
    assert.throws(() => vibecoin({ genesisHash: GENESIS_HASH, listen: [] } as ServiceInit), { name: 'ConfigError', message: /listen/ })
  })

  describe('on a connection that others use too', () => {
    async function serveEcho (node: Libp2p): Promise<void> {
      await node.handle(ECHO, (stream) => {
        stream.addEventListener('message', ({ data }) => { stream.send(data) })
      })
    }

    async function echo (stream: Stream, text: string): Promise<string> {
      const { promise, resolve } = Promise.withResolvers<string>()
      stream.addEventListener('message', ({ data }) => { resolve(new TextDecoder().decode(data.subarray())) }, { once: true })
      stream.send(new TextEncoder().encode(text))

      return promise
    }

    function connectionOf (node: Libp2p, other: Libp2p): Connection {
      const connections = node.getConnections(other.peerId)
      assert.equal(connections.length, 1)

      return connections[0]!
    }

    it('leaves it open when its session ends', async () => {
      const network = await startNode()
      const node = await startLibp2p()
      await serveEcho(network.libp2p)
      const ready = nextEvent(network, 'peer:ready')
      const peer = await node.services.vibecoin.connect(addressOf(network))
      await ready
      const connection = connectionOf(node, network.libp2p)
      const stream = await connection.newStream(ECHO)
      assert.equal(await echo(stream, 'before'), 'before')

      const closed = nextEvent(network, 'peer:closed')
      assert.ok(node.services.vibecoin.peers.disconnect(peer.id, 'enough'))
      const { reason, detail, byRemote } = await closed
      assert.deepEqual([reason, detail, byRemote], ['SHUTDOWN', 'enough', true])
      await eventually(() => [node, network.libp2p].every((side) => side.getConnections().every(({ streams }) => {
        return streams.every(({ protocol }) => protocol !== PROTOCOL_ID)
      })), 'the end of its stream on both sides')

      assert.equal(await echo(stream, 'after'), 'after')
      assert.equal(connection.status, 'open')
      assert.equal(connectionOf(network.libp2p, node).status, 'open')

      // and a new session can be had on it
      await node.services.vibecoin.connect(addressOf(network))
      assert.equal(connectionOf(node, network.libp2p), connection)
    })

    it('leaves it open when it refuses the peer', async () => {
      const full = await startNode({ maxInbound: 0 })
      const node = await startLibp2p()
      await serveEcho(full.libp2p)
      const stream = await node.dialProtocol(multiaddr(addressOf(full)), ECHO)
      await assert.rejects(node.services.vibecoin.connect(addressOf(full)), { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS' })
      assert.equal(await echo(stream, 'still here'), 'still here')
      assert.equal(connectionOf(node, full.libp2p).status, 'open')
    })

    it('closes it where nothing else does', async () => {
      const [a, b] = await Promise.all([startNode(), startNode()])
      const { there } = await connect(a, b)
      a.peers.disconnect(there.id)
      await eventually(() => a.libp2p.getConnections().length + b.libp2p.getConnections().length === 0, 'the end of the connection')
    })
  })
})
