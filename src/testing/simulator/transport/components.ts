import { TypedEventEmitter } from '@libp2p/interface'
import { Dialling } from './dialling.ts'
import { NO_LOGGER } from './log.ts'
import type { Host } from './host.ts'
import type { World } from './world.ts'
import type { VibeCoinComponents } from '../../../service/api.ts'
import type { Connection, ComponentLogger, Libp2pEvents, PeerId, StreamHandler } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What of the parts of libp2p the service uses. The types of these parts have more. */
type UsedConnectionManager = Pick<ConnectionManager, 'getConnections' | 'openConnection'>
type UsedRegistrar = Pick<Registrar, 'handle' | 'unhandle' | 'register' | 'unregister'>
type UsedAddressManager = Pick<
  AddressManager,
  'getAddresses' | 'getAddressesWithMetadata' | 'getAnnounceAddrs' | 'getListenAddrs' | 'getObservedAddrs' | 'addObservedAddr' | 'removeObservedAddr'
>

/** Options of {@link createComponents}. */
export interface ComponentsInit {
  world: World
  host: Host
  logger?: ComponentLogger | undefined
}

/** What the service of one run of a node gets in the place of libp2p: the simulated network. */
export function createComponents ({ world, host, logger }: ComponentsInit): VibeCoinComponents {
  const dialling = new Dialling(world, host)
  const connectionManager: UsedConnectionManager = {
    getConnections: (peer?: PeerId): Connection[] => dialling.connections(peer),
    openConnection: async (target, options = {}) => dialling.open([target].flat() as Multiaddr[], options)
  }

  return {
    peerId: host.peerId,
    connectionManager: connectionManager as ConnectionManager,
    registrar: createRegistrar(host) as Registrar,
    addressManager: createAddressManager(host) as AddressManager,
    events: new TypedEventEmitter<Libp2pEvents>(),
    logger: logger ?? NO_LOGGER
  }
}

function createRegistrar ({ handlers }: Host): UsedRegistrar {
  return {
    handle: async (protocol, handler: StreamHandler) => { handlers.set(protocol, handler) },
    unhandle: async (protocol) => { handlers.delete(protocol) },
    // it tells of relayed connections that become direct ones, which there are none of
    register: async () => 'simulated',
    unregister: () => {}
  }
}

/** A reachable node knows its address. One behind a NAT knows of none that others could dial. */
function createAddressManager ({ address, isReachable }: Host): UsedAddressManager {
  const own = isReachable ? [address] : []

  return {
    getAddresses: () => own,
    getListenAddrs: () => own,
    getAnnounceAddrs: () => [],
    getObservedAddrs: () => [],
    addObservedAddr: () => {},
    removeObservedAddr: () => {},
    getAddressesWithMetadata: () => own.map((multiaddr) => ({ multiaddr, verified: true, expires: Infinity, type: 'transport' }))
  }
}
