import { kadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { boundDiscovery } from '../patches/bounded-discovery.ts'
import { boundComponents } from './dht-components.ts'
import { DhtConnections } from './dht-connections.ts'
import { withoutWalks } from '../patches/dht-walks.ts'
import { DialableAddresses } from '../../address/dialable.ts'
import { systemChance } from '../../util/chance.ts'
import type { DhtConnectionsComponents } from './dht-connections.ts'
import type { StackPart } from '../part.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { FoundPeer, PeerSource } from '../../types/peer-source.ts'
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht'

/** How often a node looks for its neighbours in the DHT, so that they know of it. */
export const SELF_QUERY_INTERVAL_MS = 900_000

/** From the start of a node until it looks for its neighbours in the DHT for the first time. */
export const FIRST_SELF_QUERY_MS = 1000

/** Nodes that a query of the DHT asks at the same time, on as many ways that do not cross. */
export const QUERY_WAYS = 3

/** Streams of the DHT on one connection, in each direction. */
export const MAX_DHT_STREAMS = 8

/** Updates of the DHT's routing table, and pings for them, that may wait. */
export const MAX_DHT_QUEUE = 256

/** Bytes of the key that a random walk looks for. */
const KEY_BYTES = 32

/**
 * A DHT of the nodes of one network: nodes of other networks do not even speak its protocol. It is there to find nodes, and
 * stores nothing. `localAddresses` are those of this machine's interfaces.
 */
export function createDht (
  { network, discovery, listen, announce, seedPeers }: ResolvedNetworkConfig, localAddresses: () => string[] = () => []
): StackPart {
  const mode = typeof discovery.dht === 'string' ? discovery.dht : listen.length > 0 ? 'server' : 'client'
  const filter = new DialableAddresses(() => [...listen, ...announce, ...seedPeers, ...localAddresses()])
  let dht: KadDHT | undefined

  const createService = kadDHT({
    protocol: dhtProtocol(network),
    clientMode: mode === 'client',
    alpha: QUERY_WAYS,
    disjointPaths: QUERY_WAYS,
    querySelfInterval: SELF_QUERY_INTERVAL_MS,
    initialQuerySelfInterval: FIRST_SELF_QUERY_MS,
    maxInboundStreams: MAX_DHT_STREAMS,
    maxOutboundStreams: MAX_DHT_STREAMS,
    routingTableUpdateMaxQueueSize: MAX_DHT_QUEUE,
    peerInfoMapper: (peer) => {
      const accepted = new Set(filter.accept({ peerId: peer.id.toString(), addresses: peer.multiaddrs.map(String) }))

      return { ...peer, multiaddrs: peer.multiaddrs.filter((address) => accepted.has(address.toString())) }
    }
  })

  return {
    services: {
      ping: ping(),
      dhtConnections: (components: DhtConnectionsComponents) => new DhtConnections(components),
      dht: (components: KadDHTComponents & { dhtConnections: DhtConnections }) => {
        dht = withoutWalks(createService(boundComponents(components, { filter, connections: components.dhtConnections })))

        return boundDiscovery(dht as KadDHT & Parameters<typeof boundDiscovery>[0], filter)
      }
    },
    peerSources: [randomWalk(() => dht)]
  }
}

/** The protocol id of the DHT of a network, whose name may hold any character. */
export function dhtProtocol (network: string): string {
  return `/vibecoin/${encodeURIComponent(network)}/kad/1.0.0`
}

/** Looks for a random id, and yields every peer that it hears of on the way. */
function randomWalk (dht: () => KadDHT | undefined): PeerSource {
  return {
    name: 'dht',
    find: async function * (signal): AsyncGenerator<FoundPeer, void, undefined> {
      const key = systemChance.fill(new Uint8Array(KEY_BYTES))

      for await (const event of dht()?.getClosestPeers(key, { signal }) ?? []) {
        if (event.name === 'PEER_RESPONSE') {
          yield * event.closer.map(({ id, multiaddrs }) => ({ peerId: id.toString(), addresses: multiaddrs.map(String) }))
        }
      }
    }
  }
}
