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

/**
 * Blocks of a refused branch that cost next to nothing to fetch again, as those of a tie do.
 *
 * @remarks The node looks at a longer branch again when it has grown by 1 block, then by 2, then by 4.
 */
export const MAX_SHORT_BRANCH_BLOCKS = 8

/** Which heights of a peer are not believed. */
export interface DistrustedRange {
  /** The peer is believed to have blocks of use to us up to this height. */
  above: number
  /** A branch that our chain has refused goes this far: a claim of more is worth another look. Without it no claim is. */
  upTo?: number
  /** How many blocks that branch has. Up to MAX_SHORT_BRANCH_BLOCKS, each block more is worth a look, however often it was refused. */
  blocks?: number
}

/** Why a peer is distrusted: it does not have what it claims, or has a branch that our chain has refused, of few blocks or many. */
type Reason = 'claim' | 'short' | 'long'

const NEVER: Record<Reason, number> = { claim: 0, short: 0, long: 0 }

interface Distrusted extends Pick<DistrustedRange, 'above'> { upTo: number, reason: Reason }

interface DistrustEntry {
  above: number
  upTo: number
  /** How often there was each reason: a refused branch makes no later claim worse, and a tie no later branch. */
  times: Record<Reason, number>
  /** By how much the refused branch has to grow. */
  growth: number
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
  add (peer: Peer, { above, upTo = Infinity, blocks = Infinity }: DistrustedRange): void {
    const reason: Reason = upTo === Infinity ? 'claim' : blocks > MAX_SHORT_BRANCH_BLOCKS ? 'long' : 'short'
    const host = hostOf(peer)
    this.#add(this.#byId, peer.id, { above, upTo, reason })

    if (host != null) {
      // under other names a peer could have the same long branch looked at again and again
      const shared: Distrusted = { above, upTo: reason === 'short' ? upTo : Infinity, reason }
      this.#addShared(this.#byHost, host, shared)
      this.#addShared(this.#byNetgroup, peer.location!.netgroup!, shared)
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
      return covers(own, peer) ? own : undefined
    }

    const host = own != null || this.#proven.has(peer) ? undefined : hostOf(peer)
    const shared = host == null ? undefined : this.#byHost.get(host)

    return shared != null && shared.until > now && covers(shared, peer) ? shared : undefined
  }

  #add (entries: PriorityMap<DistrustEntry>, key: string, { above, upTo, reason }: Distrusted): void {
    const now = this.#clock.now()
    const before = entries.get(key)
    // distrust that is long over counts no more
    const counted = before == null || now - before.until >= LONGEST_DISTRUST_MS ? NEVER : before.times
    const times = { ...counted, [reason]: counted[reason] + 1 }
    const until = now + backoff({ first: FIRST_DISTRUST_MS, longest: LONGEST_DISTRUST_MS }, times[reason])
    entries.set(key, { above, upTo, times, until, growth: reason === 'long' ? 2 ** (times.long - 1) - 1 : 0 }, until)

    if (entries.size > MAX_DISTRUSTED) {
      entries.delete(entries.lowest!)
    }
  }

  /** What several peers share: the short branch of one does not end what is held against another. */
  #addShared (entries: PriorityMap<DistrustEntry>, key: string, distrusted: Distrusted): void {
    const before = entries.get(key)

    if (before == null || before.upTo < Infinity || before.until <= this.#clock.now() || distrusted.reason !== 'short') {
      this.#add(entries, key, distrusted)
    }
  }
}

/** The public host of an inbound peer: behind a private one there may be a proxy with many peers. */
function hostOf ({ direction, location }: DistrustedPeer): string | undefined {
  return direction === 'inbound' && location?.netgroup != null ? location.host : undefined
}

/** Whether what a peer claims is no more than what is not believed. */
function covers ({ upTo, growth }: DistrustEntry, { bestHeight }: DistrustedPeer): boolean {
  return bestHeight <= upTo + growth
}
