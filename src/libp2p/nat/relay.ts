import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { locationOfIp } from '../../address/location.ts'
import { tellSeconds } from '../patches/relay-server.ts'
import { MAX_RELAYED_CONNECTIONS } from './relay-client.ts'
import { RelayReservations } from './relay-reservations.ts'
import type { LocationOfIp } from '../../address/location.ts'
import type { StackPart } from '../part.ts'
import type { RelayReservationsComponents } from './relay-reservations.ts'
import type { CircuitRelayServerComponents } from '@libp2p/circuit-relay-v2'

/**
 * Nodes that a relay keeps reachable at a time.
 *
 * @remarks The oldest idle one of the netgroup with the most makes room for one of a netgroup with fewer. Otherwise the relay refuses.
 */
export const MAX_RELAY_CLIENTS = 32

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
