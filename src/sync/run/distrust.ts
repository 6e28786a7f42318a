import { PriorityMap } from '../../util/priority-map.ts'
import { backoff } from '../../util/backoff.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/**
 * How long the node distrusts a peer that did not have what it said to have, the first time. It doubles each time.
 *
 * @remarks The node asks the peer again after that.
 */
export const FIRST_DISTRUST_MS = 30_000

/** How long the node distrusts a peer at most. */
export const LONGEST_DISTRUST_MS: number = 10 * 60 * 1000

/** Distrusted peers that the node remembers, and as many hosts and netgroups. The one whose time ends first makes room. */
export const MAX_DISTRUSTED = 1024

/** Which heights of a peer are not believed. */
export interface DistrustedRange {
  /** The peer is believed to have blocks of use to us up to this height. */
  above: number
  /** A branch that our chain has refused goes this far: a claim of more is worth another look. Without it no claim is. */
  upTo?: number
}

interface DistrustEntry extends Required<DistrustedRange> {
  times: number
  /** By the clock. */
  until: number
}

/** What {@link Distrust} knows a peer by. */
export type DistrustedPeer = Pick<Session, 'id' | 'bestHeight'> & Partial<Pick<Session, 'direction' | 'location'>>

/**
 * The peers that did not have what they claimed, and those whose branch our chain has refused. The node does not believe them
 * for a while, longer each time: empty claims would keep it busy. That outlasts the session.
 *
 * A peer id costs an inbound peer nothing: newcomers at the same public host share the distrust, until one of them delivers.
 * A host costs little: newcomers in the same netgroup are believed, but one at a time.
 */
export class Distrust<Peer extends DistrustedPeer = Session> {
  readonly #clock: Clock
  readonly #byId = new PriorityMap<DistrustEntry>()
  readonly #byHost = new PriorityMap<DistrustEntry>()
  readonly #byNetgroup = new PriorityMap<DistrustEntry>()
  /** The peers that have delivered a block of our chain. */
  readonly #proven = new WeakSet<Peer>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Distrusts a peer from now on. */
  add (peer: Peer, { above, upTo = Infinity }: DistrustedRange): void {
    const host = hostOf(peer)
    this.#add(this.#byId, peer.id, { above, upTo })

    if (host != null) {
      this.#add(this.#byHost, host, { above, upTo: Infinity })
      this.#add(this.#byNetgroup, peer.location!.netgroup!, { above, upTo: Infinity })
    }
  }

  /**
   * The netgroup in which a peer has to wait: an inbound peer that has delivered nothing, in the netgroup of a distrusted one.
   * `undefined` where it need not wait, or is distrusted itself.
   */
  distrustedNetgroup (peer: Peer): string | undefined {
    const netgroup = this.#proven.has(peer) || hostOf(peer) == null ? undefined : peer.location?.netgroup
    const shared = netgroup == null ? undefined : this.#byNetgroup.get(netgroup)

    return shared != null && shared.until > this.#clock.now() && !this.has(peer) ? netgroup : undefined
  }

  /** Whether a peer is distrusted now. */
  has (peer: Peer): boolean {
    return this.#of(peer) != null
  }

  /** The height that a peer is believed to have. */
  believed (peer: Peer): number {
    return Math.min(peer.bestHeight, this.#of(peer)?.above ?? Infinity)
  }

  /** In how many ms the node asks the peer again; `undefined` where it is not distrusted. */
  remaining (peer: Peer): number | undefined {
    const entry = this.#of(peer)

    return entry == null ? undefined : entry.until - this.#clock.now()
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. A peer that was not believed to have it is believed again. */
  onDelivered (peer: Peer, height: number): void {
    this.#proven.add(peer)

    if (height > (this.#byId.get(peer.id)?.above ?? Infinity)) {
      this.#byId.delete(peer.id)
    }
  }

  /** What is not believed of a peer now, if anything. */
  #of (peer: Peer): DistrustEntry | undefined {
    // asked of each peer at each ping, and mostly there is none
    if (this.#byId.size === 0 && this.#byHost.size === 0) {
      return undefined
    }

    const now = this.#clock.now()
    const own = this.#byId.get(peer.id)

    if (own != null && own.until > now) {
      return peer.bestHeight <= own.upTo + growth(own) ? own : undefined
    }

    const host = own != null || this.#proven.has(peer) ? undefined : hostOf(peer)
    const shared = host == null ? undefined : this.#byHost.get(host)

    return shared != null && shared.until > now ? shared : undefined
  }

  #add (entries: PriorityMap<DistrustEntry>, key: string, range: Required<DistrustedRange>): void {
    const now = this.#clock.now()
    const before = entries.get(key)
    // distrust that is long over counts no more
    const times = before == null || now - before.until >= LONGEST_DISTRUST_MS ? 1 : before.times + 1
    const until = now + backoff({ first: FIRST_DISTRUST_MS, longest: LONGEST_DISTRUST_MS }, times)
    entries.set(key, { ...range, times, until }, until)

    if (entries.size > MAX_DISTRUSTED) {
      entries.delete(entries.lowest!)
    }
  }
}

/** The public host of an inbound peer: behind a private one there may be a proxy with many peers. */
function hostOf ({ direction, location }: DistrustedPeer): string | undefined {
  return direction === 'inbound' && location?.netgroup != null ? location.host : undefined
}

/** By how much a refused branch has to grow to be looked at before its time: by one block at first, then by two, by four and so on. */
function growth ({ times }: DistrustEntry): number {
  return 2 ** (times - 1) - 1
}
