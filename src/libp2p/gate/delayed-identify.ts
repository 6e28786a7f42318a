import { systemClock } from '../../util/clock.ts'
import { locationOf, locationOfIp } from '../../address/location.ts'
import { HostRates } from '../../address/host-rates.ts'
import { MAX_RATED_HOSTS } from '../../address/host-rates.ts'
import type { Clock } from '../../util/clock.ts'
import type { ResolvedNetworkConfig } from '../../config/resolve.ts'
import type { LocationOfIp } from '../../address/location.ts'
import type { Connection, Libp2pEvents, Startable, TypedEventTarget } from '@libp2p/interface'

/**
 * How long a connection has to last until libp2p's identify runs on it, unless the DHT or NAT traversal is on.
 *
 * One that ends sooner, such as that of a refused peer, is not worth it. A node that many dial at once has sessions to begin first.
 */
export const IDENTIFY_DELAY_MS = 1000

/** Connections of one public host on which identify runs in a second. The others wait. */
export const IDENTIFY_RATE_PER_HOST = 2

/** What {@link DelayedIdentify} needs of libp2p. */
export interface DelayedIdentifyComponents {
  events: TypedEventTarget<Libp2pEvents>
  identify: { identify (connection: Connection): Promise<unknown> }
}

/** Options of {@link DelayedIdentify}. */
export interface DelayedIdentifyInit {
  components: DelayedIdentifyComponents
  /** How long a connection has to last until it is asked, in ms. */
  delay: number
  clock?: Clock
  locationOfIp?: LocationOfIp
}

/**
 * Runs libp2p's identify on connections that have lasted for a while, and not on all as they are opened: that is two more streams for
 * each, and no session depends on what they bring. Where there are many connections of one host, they take turns.
 */
export class DelayedIdentify implements Startable {
  readonly #components: DelayedIdentifyComponents
  readonly #delay: number
  readonly #clock: Clock
  readonly #locationOfIp: LocationOfIp
  readonly #rates: HostRates
  /** The timers of those that have not been asked yet: as many as libp2p lets in. */
  readonly #waiting = new Map<Connection, unknown>()

  constructor ({ components, delay, clock = systemClock, locationOfIp: rule = locationOfIp }: DelayedIdentifyInit) {
    this.#components = components
    this.#delay = delay
    this.#clock = clock
    this.#locationOfIp = rule
    this.#rates = new HostRates({ perSecond: IDENTIFY_RATE_PER_HOST, maxHosts: MAX_RATED_HOSTS, clock })
  }

  /** Connections that have not been asked yet. */
  get size (): number {
    return this.#waiting.size
  }

  start (): void {
    this.#components.events.addEventListener('connection:open', this.#onOpen)
    this.#components.events.addEventListener('connection:close', this.#onClose)
  }

  stop (): void {
    this.#components.events.removeEventListener('connection:open', this.#onOpen)
    this.#components.events.removeEventListener('connection:close', this.#onClose)
    this.#waiting.forEach((timer) => { this.#clock.clearTimeout(timer) })
    this.#waiting.clear()
  }

  readonly #onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    // libp2p may tell of a connection that has ended
    if (connection.status !== 'open') {
      return
    }

    if (this.#delay > 0) {
      this.#wait(connection, this.#delay)
    } else {
      this.#identify(connection)
    }
  }

  readonly #onClose = ({ detail: connection }: CustomEvent<Connection>): void => {
    this.#clock.clearTimeout(this.#waiting.get(connection))
    this.#waiting.delete(connection)
  }

  #wait (connection: Connection, ms: number): void {
    this.#waiting.set(connection, this.#clock.setTimeout(() => { this.#identify(connection) }, ms))
  }

  #identify (connection: Connection): void {
    this.#waiting.delete(connection)
    const { host, netgroup: group } = locationOf(connection.remoteAddr, this.#locationOfIp)

    if (host != null && group != null && !this.#rates.take(host)) {
      this.#wait(connection, IDENTIFY_DELAY_MS)
    } else {
      // it has logged why, and a peer without identify is as good as any
      this.#components.identify.identify(connection).catch(() => {})
    }
  }
}

/** Whether a part that options ask for goes by what libp2p's identify brings: which protocols a peer has, and where it sees us. */
export function usesIdentify ({ discovery, nat }: Pick<ResolvedNetworkConfig, 'discovery' | 'nat'>): boolean {
  return (discovery.dht != null && discovery.dht !== false) || Object.values(nat).includes(true)
}
