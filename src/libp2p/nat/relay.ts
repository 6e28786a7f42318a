import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import { locationOfIp } from '../../address/location.ts'
import { tellSeconds } from '../patches/relay-server.ts'
import { RelayReservations } from './relay-reservations.ts'
import type { LocationOfIp } from '../../address/location.ts'
import type { StackPart } from '../part.ts'
import type { RelayReservationsComponents } from './relay-reservations.ts'
import type { CircuitRelayServerComponents, CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2'
import type { TransportManager } from '@libp2p/interface-internal'

/** Relays that a node is reachable through at a time: when one goes, the other is still there. */
export const RELAY_RESERVATIONS = 2

/**
 * Nodes that a relay keeps reachable at a time.
 *
 * @remarks The oldest idle one of the netgroup with the most makes room for one of a netgroup with fewer. Otherwise the relay refuses.
 */
export const MAX_RELAY_CLIENTS = 32

/**
 * Connections to one of those nodes through the relay, those from one peer through it, and those to a node through one relay.
 *
 * @remarks The relay refuses the connection.
 */
export const MAX_RELAYED_CONNECTIONS = 16

/** {@link MAX_RELAY_CLIENTS} of a public host, behind whose address several nodes may be. */
export const MAX_RELAY_CLIENTS_PER_HOST = 4

/** Connections to one node through a relay that come from a public host. */
export const MAX_RELAYED_CONNECTIONS_PER_HOST = 4

/**
 * How long a connection through a relay may last.
 *
 * @remarks The relay cuts it. A node of this package has moved its session to another circuit before.
 */
export const RELAYED_DURATION_MS: number = 60 * 60 * 1000

/**
 * What a connection through a relay may carry, both ways together: enough for blocks of the usual size, not for a chain.
 *
 * @remarks The relay cuts it. A node of this package has moved its session to another circuit before.
 */
export const RELAYED_BYTES: number = 32 * 1024 * 1024

/** Dials other nodes through relays, and where `listens` is true is reachable through relays too. */
export function createRelayClient (listens: boolean): Required<Pick<StackPart, 'transports' | 'services'>> {
  return {
    transports: [(components: CircuitRelayTransportComponents) => circuitRelayTransport({
      maxInboundStopStreams: MAX_RELAYED_CONNECTIONS,
      maxOutboundStopStreams: MAX_RELAYED_CONNECTIONS
    })(withoutDiscovery(components))],
    services: listens ? { relayListener } : {}
  }
}

/** Relays between other nodes, within limits. Those of one host or netgroup make room for others. */
export function createRelayServer (rule: LocationOfIp = locationOfIp): Required<Pick<StackPart, 'services'>>['services'] {
  const create = circuitRelayServer({
    maxInboundHopStreams: MAX_RELAYED_CONNECTIONS,
    maxOutboundStopStreams: MAX_RELAYED_CONNECTIONS,
    reservations: {
      maxReservations: MAX_RELAY_CLIENTS,
      defaultDurationLimit: RELAYED_DURATION_MS,
      defaultDataLimit: BigInt(RELAYED_BYTES)
    }
  })

  return {
    relay: (components: CircuitRelayServerComponents) => tellSeconds(create(components), RELAYED_DURATION_MS),
    relayReservations: (components: RelayReservationsComponents) => new RelayReservations({
      components,
      clients: { max: MAX_RELAY_CLIENTS, maxPerHost: MAX_RELAY_CLIENTS_PER_HOST },
      circuits: { max: MAX_RELAYED_CONNECTIONS, maxPerHost: MAX_RELAYED_CONNECTIONS_PER_HOST },
      locationOfIp: rule
    })
  }
}

/** Asks relays for a reservation, as the node meets them: each listening address is one. The transport has to be there before. */
function relayListener ({ transportManager }: { transportManager: TransportManager }): object {
  return {
    start: () => {},
    afterStart: async () => {
      await transportManager.listen(Array.from({ length: RELAY_RESERVATIONS }, () => multiaddr('/p2p-circuit')))
    },
    stop: () => {}
  }
}

/** Without enough relays the transport would dial every peer that libp2p discovers, past our slots. It waits for dials of the node. */
function withoutDiscovery (components: CircuitRelayTransportComponents): CircuitRelayTransportComponents {
  const { events } = components

  // the components are a proxy that writes to all parts of libp2p: what is changed here must not get there
  return Object.create(components, {
    randomWalk: { value: { walk: () => [] } },
    events: {
      value: {
        addEventListener: (type: string, ...rest: [never]) => {
          if (type !== 'peer:discovery') {
            events.addEventListener(type as 'connection:close', ...rest)
          }
        },
        removeEventListener: (type: string, ...rest: [never]) => { events.removeEventListener(type as 'connection:close', ...rest) }
      }
    }
  }) as CircuitRelayTransportComponents
}
