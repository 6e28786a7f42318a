import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import { boundRelayAddresses } from '../patches/relay-addresses.ts'
import type { StackPart } from '../part.ts'
import type { CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2'
import type { TransportManager } from '@libp2p/interface-internal'

/** Relays that a node is reachable through at a time: when one goes, the other is still there. */
export const RELAY_RESERVATIONS = 2

/**
 * Connections to one node through a relay, and those from one peer through it.
 *
 * @remarks The relay refuses the connection.
 */
export const MAX_RELAYED_CONNECTIONS = 16

/** Dials other nodes through relays, and where `listens` is true is reachable through relays too. */
export function createRelayClient (listens: boolean): Required<Pick<StackPart, 'transports' | 'services'>> {
  return {
    transports: [(components: CircuitRelayTransportComponents) => boundRelayAddresses(circuitRelayTransport({
      maxInboundStopStreams: MAX_RELAYED_CONNECTIONS,
      maxOutboundStopStreams: MAX_RELAYED_CONNECTIONS
    })(withoutDiscovery(components)))],
    services: listens ? { relayListener } : {}
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
    // called through a relay that it has no reservation at, the transport would listen there: one listener more for each such stream
    transportManager: { value: { listen: async () => Promise.reject(new Error('There is no reservation at this relay')) } },
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
