import assert from 'node:assert/strict'
import { identify } from '@libp2p/identify'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { GENESIS_HASH, LIBP2P_PARTS, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { resolveServiceConfig } from '../../src/config/resolve.ts'
import { createService } from '../../src/service/index.ts'
import { netgroupOf } from '../../src/address/netgroup.ts'
import { scopeOf } from '../../src/address/scope.ts'
import type { VibeCoin, VibeCoinComponents } from '../../src/index.ts'
import type { AddressRules } from '../../src/address/scope.ts'
import type { IdentifyComponents } from '@libp2p/identify'
import type { Libp2p, StreamHandler } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

// libp2p has nothing tried that is an address for documentation
const HOST = '5.6.7.8'
const NEW_HOST = '4.3.2.1'
const HOST_IP6 = '2a00:1450::7'

/** As if 127.0.0.0/16 were a local network, and the others in 127.0.0.0/8 networks on the internet. */
const RULES: AddressRules = {
  scopeOf: (address) => {
    const [, second] = /^\/ip4\/127\.(\d+)\./.exec(address.toString()) ?? []

    return second == null ? scopeOf(address) : second === '0' ? 'private' : 'public'
  },
  netgroupOf: (ip) => {
    const [, second] = /^127\.(\d+)\./.exec(ip) ?? []

    return second == null ? netgroupOf(ip) : second === '0' ? undefined : second
  }
}

interface Node {
  libp2p: Libp2p<{ vibecoin: VibeCoin, identify: unknown }>
  /** Where it sees everybody else; a test may change that. Where they are unless it is set. */
  sees: string | undefined
  /** What libp2p would have tried if it had AutoNAT. */
  observed: () => string[]
}

/** libp2p's identify, which says that it sees others where `sees` says. */
function identifyAt (sees: () => string | undefined): (components: IdentifyComponents) => unknown {
  return (components) => {
    const registrar = Object.assign(Object.create(components.registrar) as typeof components.registrar, {
      handle: async (protocol: string, handler: StreamHandler, options?: object) => {
        return components.registrar.handle(protocol, (stream, connection) => {
          const host = sees()
          const remoteAddr = host == null ? connection.remoteAddr : multiaddr(`/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/54321`)

          return handler(stream, Object.create(connection, { remoteAddr: { value: remoteAddr } }) as typeof connection)
        }, options)
      }
    })

    return identify()({ ...pick(components), registrar })
  }
}

/** The components of identify: libp2p's are behind a proxy that shows none of them when it is copied. */
function pick (components: IdentifyComponents): IdentifyComponents {
  const { peerStore, registrar, privateKey, addressManager, peerId, events, logger, nodeInfo } = components

  return { peerStore, registrar, privateKey, addressManager, peerId, events, logger, nodeInfo }
}

describe('integration/external-address', () => {
  const running = new Set<Node>()

  afterEach(async () => {
    await stopNodes()
    await Promise.all([...running].map(async ({ libp2p }) => { await libp2p.stop() }))
    running.clear()
  })

  async function start (host: string, facts: { sees?: string, announce?: string[] } = {}): Promise<Node> {
    let components: VibeCoinComponents | undefined
    const service = createService(resolveServiceConfig({ network: 'vibecoin-test', genesisHash: GENESIS_HASH, maxOutbound: 20 }), {
      knownPeers: undefined, ...{ addressRules: RULES }
    })
    const node: Omit<Node, 'libp2p'> = {
      sees: facts.sees,
      observed: () => components?.addressManager.getObservedAddrs().map(String) ?? []
    }
    const libp2p = await createLibp2p({
      ...LIBP2P_PARTS,
      addresses: { listen: [`/ip4/${host}/tcp/0`], announce: facts.announce ?? [] },
      connectionManager: { inboundConnectionThreshold: 1000 },
      services: {
        identify: identifyAt(() => node.sees),
        vibecoin: (given: VibeCoinComponents) => service(components = given)
      }
    })
    const started = Object.assign(node, { libp2p })
    running.add(started)

    return started
  }

  /** Nodes in `count` networks, from 127.<first>.0.0 on, that see everybody at a host. */
  async function startObservers (count: number, first: number, sees: string): Promise<Node[]> {
    return Promise.all(Array.from({ length: count }, async (_, i) => start(`127.${first + i}.0.1`, { sees })))
  }

  function portOf ({ libp2p }: Node): string {
    return /\/tcp\/(\d+)/.exec(libp2p.getMultiaddrs()[0]!.toString())![1]!
  }

  /** Makes sessions from a node to others, and waits until it has been told where they see it. */
  async function dial (node: Node, others: Node[]): Promise<void> {
    const identified = new Set<string>()
    const onIdentify = ({ detail }: { detail: { peerId: { toString (): string } } }): void => { identified.add(detail.peerId.toString()) }
    node.libp2p.addEventListener('peer:identify', onIdentify)

    for (const { libp2p } of others) {
      await node.libp2p.services.vibecoin.connect(addressOf(libp2p))
    }

    await eventually(() => others.every(({ libp2p }) => identified.has(libp2p.peerId.toString())), 'all to say where they see it')
    node.libp2p.removeEventListener('peer:identify', onIdentify)
  }

  /** Where a node can be dialled, whatever it says itself. */
  function addressOf (libp2p: Libp2p): string {
    const { components } = libp2p as unknown as { components: { transportManager: TransportManager } }
    const [listening] = components.transportManager.getAddrs()

    return `${String(listening)}/p2p/${libp2p.peerId.toString()}`
  }

  /** What a node has said of its addresses in the handshake with another. */
  async function toldTo ({ peers }: VibeCoin, { libp2p }: { libp2p: Libp2p }): Promise<string[]> {
    const told = await eventually(() => peers.get(libp2p.peerId.toString())?.info?.listenAddrs, 'a session')

    return told.map((bytes) => multiaddr(bytes).toString().replace(`/p2p/${libp2p.peerId.toString()}`, ''))
  }

  it('is told to others when peers in three networks have seen the same', async () => {
    const node = await start('127.0.0.1')
    const [first, second, third, next] = await startObservers(4, 1, HOST)
    await dial(node, [first!, second!])
    assert.deepEqual(node.observed(), [])
    await dial(node, [third!])
    await eventually(() => node.observed().length > 0, 'an external address')
    const external = `/ip4/${HOST}/tcp/${portOf(node)}`
    assert.deepEqual(node.observed(), [external])

    await dial(node, [next!])
    assert.deepEqual(await toldTo(first!.libp2p.services.vibecoin, node), [])
    assert.deepEqual(await toldTo(next!.libp2p.services.vibecoin, node), [external])
    assert.deepEqual(node.libp2p.getMultiaddrs().length, 1, 'libp2p announces nothing that nobody has tried')
  })

  it('is told together with local addresses to peers in the local network', async () => {
    const node = await start('127.0.0.1')
    const neighbour = await start('127.0.0.2')
    await dial(node, await startObservers(3, 1, HOST))
    await eventually(() => node.observed().length > 0, 'an external address')
    await dial(node, [neighbour])
    assert.deepEqual(await toldTo(neighbour.libp2p.services.vibecoin, node), [`/ip4/127.0.0.1/tcp/${portOf(node)}`, `/ip4/${HOST}/tcp/${portOf(node)}`])
  })

  it('is not what one liar says, nor many in one network, nor those in the local network', async () => {
    const node = await start('127.0.0.1')
    const liars = await Promise.all(['127.1.0.1', '127.1.0.2', '127.1.200.1', '127.1.200.2', '127.0.0.3', '127.0.0.4', '127.2.0.1'].map(async (host) => {
      return start(host, { sees: NEW_HOST })
    }))
    await dial(node, liars)
    assert.deepEqual(node.observed(), [])
  })

  it('is not what those say who have dialled the node', async () => {
    const node = await start('127.0.0.1')
    const liars = await startObservers(4, 1, NEW_HOST)
    const identified = new Set<string>()
    node.libp2p.addEventListener('peer:identify', ({ detail }) => { identified.add(detail.peerId.toString()) })
    await Promise.all(liars.map(async (liar) => liar.libp2p.services.vibecoin.connect(addressOf(node.libp2p))))
    await eventually(() => identified.size === liars.length, 'all to say where they see it')
    assert.deepEqual(node.observed(), [])
  })

  it('is what the majority says, and the new one when that has changed', async () => {
    const node = await start('127.0.0.1')
    const liars = await startObservers(3, 1, NEW_HOST)
    const honest = await startObservers(4, 10, HOST)
    await dial(node, [...honest, ...liars])
    const addressAt = (host: string): string => `/ip4/${host}/tcp/${portOf(node)}`
    await eventually(() => node.observed().includes(addressAt(HOST)), 'the address that most see')
    assert.deepEqual(node.observed(), [addressAt(HOST)])

    // the address has changed: connections break, and new ones come from elsewhere
    await Promise.all([...liars, ...honest].map(async (other) => {
      other.sees = NEW_HOST
      await node.libp2p.hangUp(other.libp2p.peerId)
    }))
    await eventually(() => node.libp2p.services.vibecoin.peers.counts.outbound === 0, 'the end of all sessions')
    await dial(node, honest)
    await eventually(() => node.observed().includes(addressAt(NEW_HOST)), 'the new address')
    assert.deepEqual(node.observed(), [addressAt(NEW_HOST)])
  })

  it('is none where nothing is listened on for its kind', async () => {
    const node = await start('127.0.0.1')
    await dial(node, await startObservers(4, 1, HOST_IP6))
    assert.deepEqual(node.observed(), [])
  })

  it('is what is configured where something is, whatever peers see', async () => {
    const announce = ['/dns4/node.example.org/tcp/443/tls/ws', '/ip4/10.0.0.5/tcp/8765', '/dnsaddr/example.org', '/ip4/9.9.9.9/tcp/8080/ws']
    const node = await start('127.0.0.1', { announce })
    const observers = await startObservers(4, 1, HOST)
    await dial(node, observers)
    assert.deepEqual([await toldTo(observers[3]!.libp2p.services.vibecoin, node), node.observed()], [announce, []])
  })

  it('is configured the same way with startNetwork', async () => {
    const announce = ['/dns4/node.example.org/tcp/443/tls/ws', '/dnsaddr/example.org']
    const node = await startNode({ announce })
    const other = await startNode()
    await node.connect(other.libp2p.getMultiaddrs()[0]!.toString())
    assert.deepEqual(await toldTo(other, node), announce)
  })
})
