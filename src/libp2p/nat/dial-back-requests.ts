import { isPrivate } from '@libp2p/utils'
import { systemClock } from '../../util/clock.ts'
import type { Clock } from '../../util/clock.ts'
import type { Connection, Startable } from '@libp2p/interface'
import type { AddressManager, Registrar } from '@libp2p/interface-internal'

/** The protocol in which a peer is asked to dial this node. */
export const DIAL_REQUEST_PROTOCOL = '/libp2p/autonat/2/dial-request'

/** How often the node looks for addresses that are to be tested. */
export const DIAL_BACK_CHECK_MS = 10_000

/**
 * Peers that the node asks about new addresses at a time.
 *
 * @remarks The others are asked at the next check, 10 s later.
 */
export const MAX_DIAL_BACK_REQUESTS = 8

/** What {@link DialBackRequests} needs of libp2p. */
export interface DialBackRequestsComponents {
  registrar: Pick<Registrar, 'register' | 'unregister'>
  addressManager: Pick<AddressManager, 'getAddressesWithMetadata'>
}

/** Options of {@link DialBackRequests}. */
export interface DialBackRequestsInit {
  components: DialBackRequestsComponents
  /** Asks a peer to dial the addresses of this node that are to be tested. Never throws. */
  ask: (connection: Connection) => Promise<void>
  clock?: Clock
}

/**
 * Has the peers that are there test an address that appears or changes, and one whose test has expired. AutoNAT asks a peer once, when it
 * connects: without this an address that a gateway maps later is tested by peers that come after it alone.
 */
export class DialBackRequests implements Startable {
  readonly #init: Required<DialBackRequestsInit>
  /** The peers that can be asked, each with what it was asked about. */
  readonly #asked = new Map<Connection, ReadonlySet<string>>()
  #topology: string | undefined
  #timer: unknown

  constructor (init: DialBackRequestsInit) {
    this.#init = { clock: systemClock, ...init }
  }

  async start (): Promise<void> {
    this.#topology = await this.#init.components.registrar.register(DIAL_REQUEST_PROTOCOL, {
      onConnect: (_peer, connection) => { this.#onConnection(connection) }
    })
    this.#schedule()
  }

  stop (): void {
    this.#init.clock.clearTimeout(this.#timer)
    this.#asked.clear()

    if (this.#topology != null) {
      this.#init.components.registrar.unregister(this.#topology)
    }
  }

  #onConnection (connection: Connection): void {
    // AutoNAT asks it by itself
    this.#asked.set(connection, this.#toBeTested())
    connection.addEventListener('close', () => { this.#asked.delete(connection) }, { once: true })
  }

  #schedule (): void {
    this.#timer = this.#init.clock.setTimeout(() => {
      this.#schedule()
      this.#check()
    }, DIAL_BACK_CHECK_MS)
  }

  #check (): void {
    const wanted = this.#toBeTested()
    const news = [...this.#asked].filter(([, asked]) => [...wanted].some((address) => !asked.has(address))).slice(0, MAX_DIAL_BACK_REQUESTS)

    for (const [connection] of news) {
      this.#asked.set(connection, wanted)
      void this.#init.ask(connection)
    }
  }

  /** The public addresses that are to be tested. One whose test has expired is another one than before. */
  #toBeTested (): Set<string> {
    const now = this.#init.clock.date()
    const addresses = this.#init.components.addressManager.getAddressesWithMetadata()

    return new Set(addresses.flatMap(({ multiaddr, expires }) => {
      return expires < now && !isPrivate(multiaddr) ? [`${multiaddr.toString()} ${expires}`] : []
    }))
  }
}
