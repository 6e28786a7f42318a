import { KEEP_ALIVE, NotFoundError } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_DISCOVERED_ADDRESSES } from '../patches/bounded-discovery.ts'
import type { DhtConnections } from './dht-connections.ts'
import type { DialableAddresses } from '../../address/dialable.ts'
import type { PeerData, PeerId, Stream } from '@libp2p/interface'
import type { KadDHTComponents } from '@libp2p/kad-dht'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a peer may send on one stream of the DHT: an answer of 20 peers has about 10 KiB. */
export const MAX_DHT_STREAM_BYTES: number = 128 * 1024

/**
 * What the DHT is given of libp2p, so that what others tell it stays within bounds: it stores nothing for them, reads no
 * more than an answer can have, remembers few addresses of each peer, dials only what may be dialled, and keeps no
 * connections.
 */
export function boundComponents (
  components: KadDHTComponents, { filter, connections }: { filter: DialableAddresses, connections: DhtConnections }
): KadDHTComponents {
  const { addressManager, connectionManager, events, logger, metrics, peerId, peerStore, privateKey, registrar } = components

  const accept = (addresses: Multiaddr[]): Multiaddr[] => {
    return filter.accept({ addresses: addresses.map(String) }).slice(0, MAX_DISCOVERED_ADDRESSES).map((address) => multiaddr(address))
  }

  return {
    addressManager, events, logger, peerId, privateKey,
    ...(metrics == null ? {} : { metrics }),
    connectionManager: narrow(connectionManager, {
      openStream: async (peer, ...rest) => {
        return limitReading(await connections.use(peer as PeerId, async () => connectionManager.openStream(peer, ...rest)))
      },
      isDialable: async (addresses, options) => {
        const accepted = accept([addresses].flat())

        return accepted.length > 0 && connectionManager.isDialable(accepted, options)
      }
    }),
    datastore: narrow({} as KadDHTComponents['datastore'], {
      get: async () => Promise.reject(new NotFoundError('Nothing is stored')),
      put: async (key) => Promise.resolve(key),
      delete: async () => Promise.resolve(),
      query: () => (async function * () {})()
    }),
    peerStore: narrow(peerStore, {
      all: async (query) => peerStore.all(query),
      get: async (peer, options) => peerStore.get(peer, options),
      getInfo: async (peer, options) => peerStore.getInfo(peer, options),
      merge: async (peer, data, options) => peerStore.merge(peer, limitData(data, accept), options)
    }),
    // it comes after the DHT where another part has asked for it
    ping: { ping: async (peer, options) => connections.use(peer as PeerId, async () => components.ping.ping(peer, options)) },
    registrar: narrow(registrar, {
      register: async (protocol, topology, options) => registrar.register(protocol, topology, options),
      unregister: (id) => { registrar.unregister(id) },
      handle: async (protocol, handler, options) => {
        await registrar.handle(protocol, async (stream, connection) => handler(limitReading(stream), connection), options)
      },
      unhandle: async (protocol, options) => registrar.unhandle(protocol, options)
    })
  }
}

/** A part of libp2p with these methods and no others: what the DHT begins to use is to be looked at first. */
function narrow<Whole extends object> (_whole: Whole, methods: Partial<Whole>): Whole {
  return methods as Whole
}

/** Ends a stream on which the peer sends too much. */
function limitReading (stream: Stream): Stream {
  let bytes = 0

  stream.addEventListener('message', ({ data }) => {
    bytes += data.byteLength

    if (bytes > MAX_DHT_STREAM_BYTES) {
      stream.abort(new Error(`More than ${MAX_DHT_STREAM_BYTES} bytes on a stream of the DHT`))
    }
  })

  return stream
}

/** What is remembered of a peer: with addresses that may be dialled, and without asking libp2p to stay connected to it. */
function limitData (data: PeerData, accept: (addresses: Multiaddr[]) => Multiaddr[]): PeerData {
  const tags = Object.entries(data.tags instanceof Map ? Object.fromEntries(data.tags) : data.tags ?? {})

  return {
    ...data,
    ...(data.multiaddrs == null ? {} : { multiaddrs: accept(data.multiaddrs) }),
    ...(data.tags == null ? {} : { tags: Object.fromEntries(tags.filter(([tag]) => !tag.startsWith(KEEP_ALIVE))) })
  }
}
