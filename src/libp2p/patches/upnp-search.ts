import { systemClock } from '../../util/clock.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import type { Clock } from '../../util/clock.ts'
import type { AbortOptions } from '@libp2p/interface'

/** How long a gateway with UPnP may take for its description, in ms. */
export const DESCRIPTION_TIMEOUT_MS = 3000

/**
 * Gateways with UPnP that the node asks for ports, the first that it finds.
 *
 * @remarks The node asks no others.
 */
export const MAX_UPNP_GATEWAYS = 8

/** A gateway of @achingbrain/nat-port-mapper 4. */
interface GatewayInside {
  id: string
  readonly host: string
  /** Where it was found. */
  readonly gateway: object
  /** Searches by itself for a gateway that it has not found for an hour. */
  getGateway: () => Promise<object>
  setGateway: (gateway: object) => void
}

/** The client of @achingbrain/nat-port-mapper 4. */
interface ClientInside {
  findGateways: (options: AbortOptions & { searchInterval: number }) => AsyncGenerator<GatewayInside, void, undefined>
  getGateway: (location: URL, options: AbortOptions) => Promise<GatewayInside>
}

/** Finds where the descriptions of gateways are. Ends with the signal. */
export type FindLocations = (options: { signal: AbortSignal, interval: number }) => AsyncIterable<URL>

/**
 * Has `@libp2p/upnp-nat` 4 find gateways with `find`, and never by itself: its own search reads what comes to UDP port 1900 in an event
 * handler that throws, and fetches without an end whatever URL it is told. Throws for another version, which would search so.
 */
export function searchUpnpWith (upnp: object, find: FindLocations, clock: Clock = systemClock): void {
  const client = (upnp as { portMappingClient?: Partial<ClientInside> }).portMappingClient
  const describe = client?.getGateway?.bind(client)

  if (client?.findGateways == null || describe == null) {
    throw new Error('Expected the client of @libp2p/upnp-nat 4. Install the version that package.json asks for')
  }

  const known = new Map<string, GatewayInside>()

  client.findGateways = async function * ({ signal = new AbortController().signal, searchInterval: interval }) {
    for await (const location of find({ signal, interval })) {
      const gateway = await withTimeLimit({ clock, ms: DESCRIPTION_TIMEOUT_MS, signals: [signal] }, async (limit) => {
        return describe(location, { signal: limit })
      }).catch(() => undefined)
      const taken = gateway == null ? undefined : take(gateway, known)

      if (taken != null) {
        yield taken
      }
    }
  }
}

/** A gateway as the node keeps it: the one that is known, or a new one where there is room. `undefined` for what has no name. */
function take (gateway: GatewayInside, known: Map<string, GatewayInside>): GatewayInside | undefined {
  // the description decides what the name is
  if (typeof gateway.id as unknown !== 'string' || typeof gateway.setGateway as unknown !== 'function') {
    return undefined
  }

  const id = `${gateway.id} at ${gateway.host}`
  const same = known.get(id)
  // it may have another port now
  same?.setGateway(gateway.gateway)

  if (same != null || known.size >= MAX_UPNP_GATEWAYS) {
    return same
  }

  // the next search tells where it is then
  known.set(id, Object.assign(gateway, { id, getGateway: async () => Promise.resolve(gateway.gateway) }))

  return gateway
}
