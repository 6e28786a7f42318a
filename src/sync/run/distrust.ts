import { PriorityMap } from '../../util/priority-map.ts'
import { backoff } from '../../util/backoff.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'

/**
 * How long the node distrusts a peer that did not have what it said to have, the first time. It doubles each time.
 *
 * @remarks The node asks the peer again.
 */
export const FIRST_DISTRUST_MS = 30_000

/** How long the node distrusts a peer at most. */
export const LONGEST_DISTRUST_MS: number = 10 * 60 * 1000

/** Distrusted peers that are remembered, hosts, and networks. The one whose time ends first makes room. */
export const MAX_DISTRUSTED = 1024

/** What is doubted of a peer. */
export interface DistrustedRange {
  /** It is believed to have blocks of use to us up to this height. */
  above: number
  /** A branch that was refused goes this far; a claim of more is worth another look. Without it nothing is. */
  upTo?: number
}

interface Doubt extends Required<DistrustedRange> {
  times: number
  /** By the clock. */
  until: number
}

/** Who is doubted. */
export type DistrustedPeer = Pick<Session, 'id' | 'bestHeight'> & Partial<Pick<Session, 'direction' | 'location'>>

/**
 * The peers whose claims were not kept, and those whose branch was refused: for a while they are not believed, longer
 * each time, so that nobody keeps us busy with words. That outlasts the session. A name costs nothing to those who have
 * dialled us: newcomers at the same public host share the doubt, until one of them delivers. A host costs little: newcomers in
 * the same network are believed, but one at a time.
 */
export class Distrust<Peer extends DistrustedPeer = Session> {
  readonly #clock: Clock
  readonly #byId = new PriorityMap<Doubt>()
  readonly #byHost = new PriorityMap<Doubt>()
  readonly #byGroup = new PriorityMap<Doubt>()
  /** Those who have delivered something. */
  readonly #proven = new WeakSet<Peer>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Doubts a peer from now on. */
  add (peer: Peer, { above, upTo = Infinity }: DistrustedRange): void {
    const host = hostOf(peer)
    this.#add(this.#byId, peer.id, { above, upTo })

    if (host != null) {
      this.#add(this.#byHost, host, { above, upTo: Infinity })
      this.#add(this.#byGroup, peer.location!.netgroup!, { above, upTo: Infinity })
    }
  }

  /**
   * The network that a peer has to wait its turn in: it has dialled us from where others did who are in doubt now, and has
   * delivered nothing. `undefined` where it is free, or in doubt itself.
   */
  crowdOf (peer: Peer): string | undefined {
    const group = this.#proven.has(peer) || hostOf(peer) == null ? undefined : peer.location?.netgroup
    const shared = group == null ? undefined : this.#byGroup.get(group)

    return shared != null && shared.until > this.#clock.now() && !this.has(peer) ? group : undefined
  }

  /** Whether a peer is in doubt now. */
  has (peer: Peer): boolean {
    return this.#of(peer) != null
  }

  /** The height that a peer is believed to have. */
  believed (peer: Peer): number {
    return Math.min(peer.bestHeight, this.#of(peer)?.above ?? Infinity)
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. Where it was doubted to have it, it is believed again. */
  onDelivered (peer: Peer, height: number): void {
    this.#proven.add(peer)

    if (height > (this.#byId.get(peer.id)?.above ?? Infinity)) {
      this.#byId.delete(peer.id)
    }
  }

  /** What is doubted of a peer now, if anything. */
  #of (peer: Peer): Doubt | undefined {
    const now = this.#clock.now()
    const own = this.#byId.get(peer.id)

    if (own != null && own.until > now) {
      return peer.bestHeight <= own.upTo + growth(own) ? own : undefined
    }

    const host = own != null || this.#proven.has(peer) ? undefined : hostOf(peer)
    const shared = host == null ? undefined : this.#byHost.get(host)

    return shared != null && shared.until > now ? shared : undefined
  }

  #add (doubts: PriorityMap<Doubt>, key: string, range: Required<DistrustedRange>): void {
    const now = this.#clock.now()
    const before = doubts.get(key)
    // what is long over counts no more
    const times = before == null || now - before.until >= LONGEST_DISTRUST_MS ? 1 : before.times + 1
    const until = now + backoff({ first: FIRST_DISTRUST_MS, longest: LONGEST_DISTRUST_MS }, times)
    doubts.set(key, { ...range, times, until }, until)

    if (doubts.size > MAX_DISTRUSTED) {
      doubts.delete(doubts.lowest!)
    }
  }
}

/** The public host of a peer that has dialled us: behind a private one there may be a proxy that brings everybody. */
function hostOf ({ direction, location }: DistrustedPeer): string | undefined {
  return direction === 'inbound' && location?.netgroup != null ? location.host : undefined
}

/** By how much a refused branch has to grow to be worth a look before its time: one block at first, then two, four and so on. */
function growth ({ times }: Doubt): number {
  return 2 ** (times - 1) - 1
}
