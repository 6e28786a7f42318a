import { systemClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { ResolvedNetworkConfig } from '../config.ts'
import type { Connection, Libp2pEvents, Startable, TypedEventTarget } from '@libp2p/interface'

/**
 * How long a connection has to last until it is asked what is at its other end, in ms. One that ends sooner, such as that of somebody
 * who was refused, is not worth it, and a node that many dial at once has sessions to begin first.
 */
export const IDENTIFY_DELAY_MS = 1000

/** What {@link Introductions} needs of libp2p. */
export interface IntroductionsComponents {
  events: TypedEventTarget<Libp2pEvents>
  identify: { identify (connection: Connection): Promise<unknown> }
}

/**
 * Runs libp2p's identify on connections that have lasted for a while, and not on all as they are opened: that is two more streams for
 * each, and no session depends on what they bring.
 */
export class Introductions implements Startable {
  readonly #components: IntroductionsComponents
  readonly #clock: Clock
  /** The timers of those that have not lasted long enough yet: as many as libp2p lets in. */
  readonly #waiting = new Map<Connection, unknown>()

  constructor (components: IntroductionsComponents, clock: Clock = systemClock) {
    this.#components = components
    this.#clock = clock
  }

  /** Connections that have not lasted long enough yet. */
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
    // it may have ended before it was told of
    if (connection.status === 'open') {
      this.#waiting.set(connection, this.#clock.setTimeout(() => { this.#identify(connection) }, IDENTIFY_DELAY_MS))
    }
  }

  readonly #onClose = ({ detail: connection }: CustomEvent<Connection>): void => {
    this.#clock.clearTimeout(this.#waiting.get(connection))
    this.#waiting.delete(connection)
  }

  #identify (connection: Connection): void {
    this.#waiting.delete(connection)
    // it has logged why, and whoever speaks no identify is as good a peer
    this.#components.identify.identify(connection).catch(() => {})
  }
}

/** Whether a part that options ask for goes by what libp2p's identify brings: which protocols a peer has, and where it sees us. */
export function usesIdentify ({ discovery, nat }: Pick<ResolvedNetworkConfig, 'discovery' | 'nat'>): boolean {
  return (discovery.dht != null && discovery.dht !== false) || Object.values(nat).includes(true)
}
