import { hash } from '../../peers/eviction.ts'
import { tipOf } from '../../sync/chain/link.ts'
import { bytesEqual } from '../../util/bytes.ts'
import type { Target } from '../targets/target.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/** How often the node tries another peer beside full outbound slots. Half of the interval is certain, the rest is drawn. */
export const EXTRA_INTERVAL_MS = 120_000

/**
 * The same for a node that has just begun. Its first peers are those that it happened to hear of first, and an attacker may have seen to
 * that.
 */
export const EARLY_EXTRA_INTERVAL_MS = 40_000

/** How long a node has just begun. */
export const EARLY_MS = 600_000

/** How often the node tries another peer while its tip is stale. */
export const STALE_INTERVAL_MS = 30_000

/** How long the tip of the chain may stand still before it is stale. Without a chain: how long no useful block may come. */
export const STALE_TIP_MS = 600_000

/**
 * How long there may be one outbound session too many.
 *
 * @remarks The node ends one of its outbound sessions with `TOO_MANY_CONNECTIONS`.
 */
export const EXTRA_TRIAL_MS = 30_000

/** How often the node checks whether a dial or an end is due, in ms. */
const CHECK_MS = 5000

/** Which peer is to be dialled beside the others: of those that were reached, the one in the netgroup with the lowest rank. */
export interface ExtraWish {
  /** The rank of a netgroup, or of the peer id of one that is in none. */
  rankOf: (netgroup: string) => number
  /** The rank has to be below this one. */
  below: number
}

/** What of a session matters here. */
export type ExtraCandidate = Pick<Session, 'id' | 'direction' | 'asksBlockOnly' | 'readyFor' | 'lastUsefulBlockAt' | 'location' | 'close'>

/** Options of {@link ExtraPeer}. */
export interface ExtraPeerInit {
  clock: Clock
  chance: Chance
  peers: Iterable<ExtraCandidate>
  maxOutbound: number
  /** Peer ids that take no slot. */
  reserved: ReadonlySet<string>
  /** Dials a peer in a slot beside the others, where there is one to dial. */
  dialExtra: (wish?: ExtraWish) => void
  /** The tip of this node; `undefined` where there is no chain. */
  tip: () => Tip | undefined
}

/**
 * Dials another peer now and then while all outbound slots are taken, and ends the least useful session. So a network that was split grows
 * together again, and an attacker that had all slots first does not keep them.
 *
 * In its first minutes it dials the peer whose netgroup comes first in the order by which the session to end is chosen, so that each dial
 * brings it nearer to rest. Later it dials any: who knows few others would never meet the rest of a network.
 */
export class ExtraPeer {
  readonly #init: ExtraPeerInit
  readonly #secret: Uint32Array
  #nextDial = Infinity
  #startedAt = 0
  /** The tip at the last check, and when a check last found that it had moved. */
  #tip: Tip | undefined
  #movedAt = 0
  #timer: unknown

  constructor (init: ExtraPeerInit) {
    this.#init = init
    this.#secret = init.chance.fill(new Uint32Array(2))
  }

  start (): void {
    this.stop()
    this.#startedAt = this.#init.clock.now()
    this.#nextDial = this.#startedAt + this.#pause(EARLY_EXTRA_INTERVAL_MS)
    this.#tip = undefined
    this.#checkTip()
    this.#watch()
  }

  stop (): void {
    this.#init.clock.clearTimeout(this.#timer)
  }

  #watch (): void {
    this.#timer = this.#init.clock.setTimeout(() => {
      this.#watch()
      this.#check()
    }, CHECK_MS)
  }

  #check (): void {
    const { clock, dialExtra, maxOutbound, peers, reserved } = this.#init
    const outbound = [...peers].filter(({ id, direction, asksBlockOnly }) => {
      return direction === 'outbound' && !asksBlockOnly && !reserved.has(id)
    })
    this.#checkTip()

    if (outbound.length > maxOutbound) {
      this.#settle(outbound)
    } else if (outbound.length === maxOutbound && clock.now() >= this.#nextDial) {
      this.#nextDial = clock.now() + this.#pause(this.#isEarly ? EARLY_EXTRA_INTERVAL_MS : EXTRA_INTERVAL_MS)
      dialExtra(this.#isEarly ? this.#wish(outbound) : undefined)
    } else if (this.#isStale()) {
      this.#nextDial = Math.min(this.#nextDial, clock.now() + this.#pause(STALE_INTERVAL_MS))
    }
  }

  /** Ends the least useful session, once the youngest has had time to show what it is worth. */
  #settle (outbound: readonly ExtraCandidate[]): void {
    if (outbound.every(({ readyFor }) => readyFor >= EXTRA_TRIAL_MS)) {
      leastOf(outbound, this.#secret)?.close('TOO_MANY_CONNECTIONS', 'somebody else has taken the place')
    }
  }

  /** One that would stay: its netgroup comes before that of the session that would have to go. */
  #wish (outbound: readonly ExtraCandidate[]): ExtraWish {
    const rankOf = (netgroup: string): number => hash(netgroup, this.#secret)
    const least = leastOf(outbound, this.#secret)

    return { rankOf, below: least == null ? Infinity : rankOf(least.location.netgroup ?? least.id) }
  }

  /** Only blocks that the chain accepts move the tip. Others are no sign that this node hears of all blocks. */
  #checkTip (): void {
    const { clock, tip } = this.#init
    const latest = tip()

    if (latest != null && (this.#tip?.height !== latest.height || !bytesEqual(this.#tip.hash, latest.hash))) {
      this.#tip = tipOf(latest)
      this.#movedAt = clock.now()
    }
  }

  #isStale (): boolean {
    const { clock, peers } = this.#init
    const useful = [...peers].map(({ lastUsefulBlockAt }) => lastUsefulBlockAt ?? -Infinity)
    const since = this.#tip == null ? Math.max(this.#startedAt, ...useful) : this.#movedAt

    return clock.now() - since >= STALE_TIP_MS
  }

  get #isEarly (): boolean { return this.#init.clock.now() - this.#startedAt < EARLY_MS }

  #pause (interval: number): number {
    return interval * (1 + this.#init.chance.random()) / 2
  }
}

/** The rank of a target by a wish. One that the node has not reached has none: it may be somewhere else, or nowhere. */
export function rankOf ({ key, addresses, groups, lastSuccess }: Readonly<Target>, wish: ExtraWish): number {
  return lastSuccess < 0 ? Infinity : wish.rankOf(groups.get(addresses[0] ?? '') ?? key)
}

/**
 * The outbound session to end. Half of the sessions are safe: those with the latest useful blocks. Of the others, the secret decides: the
 * session goes whose netgroup has the highest hash. An attacker cannot influence that, and it does not change: so the sessions come to
 * rest.
 */
export function leastOf<Candidate extends ExtraCandidate> (outbound: readonly Candidate[], secret: Uint32Array): Candidate | undefined {
  const isUseful = ({ lastUsefulBlockAt }: Candidate): boolean => lastUsefulBlockAt != null
  const useful = outbound.filter(isUseful).sort((a, b) => b.lastUsefulBlockAt! - a.lastUsefulBlockAt!)
  const safe = new Set(useful.slice(0, Math.floor(outbound.length / 2)))
  const rank = ({ id, location }: Candidate): number => hash(location.netgroup ?? id, secret)

  return outbound.filter((session) => !safe.has(session)).sort((a, b) => rank(b) - rank(a))[0]
}
