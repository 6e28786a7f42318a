import { multiaddr } from '@multiformats/multiaddr'
import type { SocketProtocol } from './ask-for-port.ts'
import type { InnerPort, MappedAddresses, MappedPorts } from './mapped-ports.ts'
import type { PcpMapRequest } from './pcp.ts'
import type { Clock } from '../../../util/clock.ts'

/**
 * How often the node asks the gateway for its ports again. A gateway that was restarted has forgotten them.
 *
 * @remarks Others do not reach the node for so long.
 */
export const PORT_RENEWAL_MS = 60_000

/** The same where the gateway leads no port to the node, in ms. */
export const PORT_RETRY_MS = 600_000

/** The shortest time between two rounds, in ms, however short the time is that the gateway grants. */
export const MIN_PORT_RENEWAL_MS = 10_000

/** How long the gateway is to keep a mapping of which it hears no more, in seconds. It may say less, and more counts as this. */
export const PORT_LIFETIME_S = 600

/** The latest date of JavaScript: a mapping that the node believes in does not expire by itself. */
const MAX_DATE = 8_640_000_000_000_000

/** A mapping that a gateway has granted. */
export interface Mapping {
  request: PcpMapRequest
  protocol: SocketProtocol
  gateway: string
  externalAddress: string
  externalPort: number
  /** For how long, in seconds. */
  lifetime: number
}

/** Options of {@link Mappings}. */
export interface MappingsInit {
  addressManager: MappedAddresses
  ports: MappedPorts
  /** Whether the node takes an address for good because the gateway says so. */
  isBelieved: boolean
  clock: Clock
}

/** The ports that gateways lead here in PCP and NAT-PMP. libp2p hears of each, and when it is no more. */
export class Mappings {
  readonly #init: MappingsInit
  /** Each with when the gateway forgets it, by the clock. */
  readonly #mappings = new Map<string, Mapping & { until: number }>()

  constructor (init: MappingsInit) {
    this.#init = init
  }

  get all (): Mapping[] {
    return [...this.#mappings.values()]
  }

  /** How long until they are to be asked for again, in ms. */
  get nextIn (): number {
    const now = this.#init.clock.now()
    const halves = [...this.#mappings.values()].map(({ until }) => (until - now) / 2)

    return halves.length === 0 ? PORT_RETRY_MS : Math.max(MIN_PORT_RENEWAL_MS, Math.min(PORT_RENEWAL_MS, ...halves))
  }

  find (request: PcpMapRequest): Mapping | undefined {
    return this.#mappings.get(keyOf(request))
  }

  /** Takes note of one that was granted, anew or again. */
  add (mapping: Mapping): void {
    const { request, externalAddress, externalPort, lifetime } = mapping
    const known = this.find(request)
    const until = this.#init.clock.now() + 1000 * Math.min(lifetime, PORT_LIFETIME_S)

    if (known?.externalAddress !== externalAddress || known.externalPort !== externalPort) {
      this.forget(request)
      this.#tell(mapping)
    }

    this.#mappings.set(keyOf(request), { ...mapping, until })
  }

  /** Takes note of one that is no more, if there was one. */
  forget (request: PcpMapRequest): void {
    const mapping = this.find(request)

    if (mapping == null) {
      return
    }

    const { externalAddress, externalPort } = mapping
    const { localAddress, port, protocol } = request
    this.#mappings.delete(keyOf(request))
    this.#init.ports.delete(innerOf(request))
    this.#init.addressManager.removePublicAddressMapping(localAddress, port, externalAddress, externalPort, protocol)
  }

  forgetExpired (): void {
    const now = this.#init.clock.now()
    const expired = [...this.#mappings.values()].filter(({ until }) => until <= now)
    expired.forEach(({ request }) => { this.forget(request) })
  }

  #tell ({ request, protocol, externalAddress, externalPort }: Mapping): void {
    const { addressManager, clock, isBelieved, ports } = this.#init
    const { localAddress, port, protocol: transport } = request
    ports.add(innerOf(request), { by: protocol, externalAddress })
    addressManager.addPublicAddressMapping(localAddress, port, externalAddress, externalPort, transport)

    if (isBelieved) {
      const address = multiaddr(`/ip4/${externalAddress}/${transport}/${externalPort}`)
      addressManager.confirmObservedAddr(address, { type: 'ip-mapping', ttl: MAX_DATE - clock.date() })
    }
  }
}

/** What tells the mappings of this node apart. */
export function keyOf ({ localAddress, protocol, port }: PcpMapRequest): string {
  return `${localAddress} ${protocol} ${port}`
}

function innerOf ({ localAddress, protocol, port }: PcpMapRequest): InnerPort {
  return { address: localAddress, protocol, port }
}
