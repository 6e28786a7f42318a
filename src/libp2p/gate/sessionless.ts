import { KEEP_ALIVE } from '@libp2p/interface'
import { locationOf } from '../../address/location.ts'
import { pickSurplus } from '../../address/host-limits.ts'
import { IDLE_CONNECTION_MS, MAX_SESSIONLESS, MAX_SESSIONLESS_PER_HOST, SWEEP_INTERVAL_MS } from './gate-limits.ts'
import type { Clock } from '../../util/clock.ts'
import type { Located } from '../../address/host-limits.ts'
import type { Location, LocationOfIp } from '../../address/location.ts'
import type { Connection, Libp2pEvents, Peer, PeerId, Startable, TypedEventTarget } from '@libp2p/interface'

/** The tag of peers that have a reservation at our relay (@libp2p/circuit-relay-v2 4.3): their connections have no streams. */
export const RELAY_CLIENT_TAG = 'circuit-relay-source'

/** What {@link SessionlessConnections} needs of libp2p. */
export interface SessionlessComponents {
  events: TypedEventTarget<Libp2pEvents>
  peerStore: { get (peer: PeerId): Promise<Pick<Peer, 'tags'>> }
}

/** Options of {@link SessionlessConnections}. */
export interface SessionlessConnectionsInit {
  components: SessionlessComponents
  /** Says which connections are those of sessions. As long as it is `undefined`, all are. */
  owner: () => { hasSession (connection: Connection): boolean } | undefined
  clock: Clock
  locationOfIp: LocationOfIp
  /** Called when a connection is cut because there are too many. */
  onCut?: () => void
}

interface Entry extends Located {
  readonly connection: Connection
  /** When there was a session or a stream last, or the connection was opened. */
  usedAt: number
  /** Needed without a stream, at the last look. */
  isKept: boolean
}

/**
 * Bounds the connections that others have opened and that no session uses: how many, how many of one host, and how long they may
 * be idle. Otherwise they would take up libp2p's connections, and no other peer could connect. What the DHT or a protocol of the
 * application does there goes on within these bounds.
 */
export class SessionlessConnections implements Startable {
  readonly #init: SessionlessConnectionsInit
  /** All connections that others have opened, the oldest first: as many as libp2p lets in. */
  readonly #inbound = new Map<Connection, Entry>()
  /** How many of these each public host has. */
  readonly #hosts = new Map<string, number>()
  #timer: unknown
  #isRunning = false

  constructor (init: SessionlessConnectionsInit) {
    this.#init = init
  }

  /** Connections that others have opened, sessions or not. */
  get size (): number {
    return this.#inbound.size
  }

  start (): void {
    this.#isRunning = true
    this.#init.components.events.addEventListener('connection:open', this.#onOpen)
    this.#init.components.events.addEventListener('connection:close', this.#onClose)
  }

  stop (): void {
    this.#isRunning = false
    this.#init.components.events.removeEventListener('connection:open', this.#onOpen)
    this.#init.components.events.removeEventListener('connection:close', this.#onClose)
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#inbound.clear()
    this.#hosts.clear()
  }

  readonly #onOpen = ({ detail: connection }: CustomEvent<Connection>): void => {
    // libp2p may tell of a connection that has ended
    if (connection.direction !== 'inbound' || connection.status !== 'open') {
      return
    }

    const { clock, locationOfIp } = this.#init
    const location = locationOf(connection.remoteAddr, locationOfIp)
    this.#inbound.set(connection, { connection, location, usedAt: clock.now(), isKept: false })
    this.#countHost(location, 1)
    this.#arm()
    const surplus = this.#surplus(location)

    if (surplus != null) {
      this.#forget(surplus.connection)
      this.#init.onCut?.()
      surplus.connection.abort(new Error('Too many connections without a session'))
    }
  }

  readonly #onClose = ({ detail }: CustomEvent<Connection>): void => {
    this.#forget(detail)
  }

  /** The connection that has to go for one that was just opened there. Looks at each only where so many could be without a session. */
  #surplus ({ host, netgroup }: Location): Entry | undefined {
    const ofHost = host == null || netgroup == null ? 0 : this.#hosts.get(host)!

    if (this.#inbound.size <= MAX_SESSIONLESS && ofHost <= MAX_SESSIONLESS_PER_HOST) {
      return undefined
    }

    const sessionless = [...this.#inbound.values()].filter((entry) => !entry.isKept && !this.#hasSession(entry))

    return pickSurplus(sessionless, { max: MAX_SESSIONLESS, maxPerHost: MAX_SESSIONLESS_PER_HOST })
  }

  #forget (connection: Connection): void {
    const entry = this.#inbound.get(connection)

    if (entry != null) {
      this.#inbound.delete(connection)
      this.#countHost(entry.location, -1)
    }
  }

  #countHost ({ host, netgroup }: Location, change: 1 | -1): void {
    if (host == null || netgroup == null) {
      return
    }

    const count = (this.#hosts.get(host) ?? 0) + change

    if (count === 0) {
      this.#hosts.delete(host)
    } else {
      this.#hosts.set(host, count)
    }
  }

  #arm (): void {
    this.#timer ??= this.#init.clock.setTimeout(() => { void this.#sweep() }, SWEEP_INTERVAL_MS)
  }

  async #sweep (): Promise<void> {
    // of several connections of one peer the last is the one that is needed
    const entries = [...this.#inbound.values()]
    const last = new Set(new Map(entries.map((entry) => [entry.connection.remotePeer.toString(), entry])).values())
    await Promise.all(entries.map(async (entry) => this.#look(entry, last.has(entry))))

    // it may have been stopped meanwhile, and started again
    this.#init.clock.clearTimeout(this.#timer)
    this.#timer = undefined

    if (this.#isRunning && this.#inbound.size > 0) {
      this.#arm()
    }
  }

  async #look (entry: Entry, isLast: boolean): Promise<void> {
    const { clock } = this.#init

    if (this.#hasSession(entry)) {
      entry.usedAt = clock.now()
      return
    }

    entry.isKept = isLast && await this.#isNeeded(entry.connection.remotePeer)

    if (entry.isKept || hasStream(entry.connection)) {
      entry.usedAt = clock.now()
    } else if (this.#inbound.has(entry.connection) && clock.now() - entry.usedAt >= IDLE_CONNECTION_MS) {
      this.#forget(entry.connection)
      void end(entry.connection)
    }
  }

  #hasSession ({ connection }: Entry): boolean {
    return this.#init.owner()?.hasSession(connection) !== false
  }

  async #isNeeded (peer: PeerId): Promise<boolean> {
    const tags = await this.#init.components.peerStore.get(peer).then(({ tags }) => [...tags.keys()], () => [])

    return tags.some((tag) => tag === RELAY_CLIENT_TAG || tag.startsWith(KEEP_ALIVE))
  }
}

/** Closes a connection, or cuts it. Never throws. */
async function end (connection: Connection): Promise<void> {
  try {
    await connection.close()

    // a circuit that its remote has closed, and does not read, waits for that without an end: libp2p leaves it so
    if (connection.status === 'closing') {
      connection.abort(new Error('The connection does not come to an end'))
    }
  } catch (err) {
    connection.abort(err instanceof Error ? err : new Error(String(err)))
  }
}

/** Whether there is a stream on a connection, and it is agreed what for. */
function hasStream ({ streams }: Connection): boolean {
  return streams.some(({ protocol }) => protocol !== '')
}
