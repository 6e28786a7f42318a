import { hash } from '../../peers/eviction.ts'
import { tipOf } from '../../sync/chain/link.ts'
import { bytesEqual } from '../../util/bytes.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/** How often the node tries another peer beside full outbound slots. Half of the interval is certain, the rest is drawn. */
export const EXTRA_INTERVAL_MS = 120_000

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

/** How often it is looked whether one of these is due, in ms. */
const CHECK_MS = 5000

/** A session as far as it is judged. */
export type ExtraCandidate = Pick<Session, 'id' | 'direction' | 'readyFor' | 'lastUsefulBlockAt' | 'location' | 'close'>

/** Options of {@link ExtraPeer}. */
export interface ExtraPeerInit {
  clock: Clock
  peers: Iterable<ExtraCandidate>
  maxOutbound: number
  /** Peer ids that take no slot. */
  reserved: ReadonlySet<string>
  /** Dials somebody in a slot beside the others, where there is anybody. */
  dialExtra: () => void
  /** Our tip; `undefined` where there is no chain. */
  tip: () => Tip | undefined
  /** 0 to 1. */
  random?: () => number
  /** Two numbers that nobody else knows. */
  secret?: Uint32Array
}

/**
 * Tries somebody new now and then while all outbound slots are taken, and lets the least of the sessions go. So a network that was
 * split grows together again, and who came first to all slots does not keep them.
 */
export class ExtraPeer {
  readonly #init: ExtraPeerInit
  readonly #random: () => number
  readonly #secret: Uint32Array
  #nextDial = Infinity
  #startedAt = 0
  /** Our tip when it was last looked at, and when it was found to have moved. */
  #tip: Tip | undefined
  #movedAt = 0
  #timer: unknown

  constructor (init: ExtraPeerInit) {
    this.#init = init
    this.#random = init.random ?? Math.random
    this.#secret = init.secret ?? crypto.getRandomValues(new Uint32Array(2))
  }

  start (): void {
    this.stop()
    this.#startedAt = this.#init.clock.now()
    this.#nextDial = this.#startedAt + this.#pause(EXTRA_INTERVAL_MS)
    this.#tip = undefined
    this.#lookAtTip()
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
    const outbound = [...peers].filter(({ id, direction }) => direction === 'outbound' && !reserved.has(id))
    this.#lookAtTip()

    if (outbound.length > maxOutbound) {
      this.#settle(outbound)
    } else if (outbound.length === maxOutbound && clock.now() >= this.#nextDial) {
      this.#nextDial = clock.now() + this.#pause(EXTRA_INTERVAL_MS)
      dialExtra()
    } else if (this.#isStale()) {
      this.#nextDial = Math.min(this.#nextDial, clock.now() + this.#pause(STALE_INTERVAL_MS))
    }
  }

  /** Ends the least of the sessions, once the youngest has had time to show what it is worth. */
  #settle (outbound: readonly ExtraCandidate[]): void {
    if (outbound.every(({ readyFor }) => readyFor >= EXTRA_TRIAL_MS)) {
      leastOf(outbound, this.#secret)?.close('TOO_MANY_CONNECTIONS', 'somebody else has taken the place')
    }
  }

  /** Blocks of peers that our chain takes move the tip. Those that it does not take are no sign that we hear of all there is. */
  #lookAtTip (): void {
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

  #pause (interval: number): number {
    return interval * (1 + this.#random()) / 2
  }
}

/**
 * Who of the outbound sessions goes. Half of them are safe, those with the latest useful blocks. Of the others it is the one whose
 * network comes last in an order that only the secret tells: what an attacker can do has no influence on it, and it does not
 * change, so that the sessions come to rest.
 */
export function leastOf<Candidate extends ExtraCandidate> (outbound: readonly Candidate[], secret: Uint32Array): Candidate | undefined {
  const isUseful = ({ lastUsefulBlockAt }: Candidate): boolean => lastUsefulBlockAt != null
  const useful = outbound.filter(isUseful).sort((a, b) => b.lastUsefulBlockAt! - a.lastUsefulBlockAt!)
  const safe = new Set(useful.slice(0, Math.floor(outbound.length / 2)))
  const rankOf = ({ id, location }: Candidate): number => hash(location.netgroup ?? id, secret)

  return outbound.filter((session) => !safe.has(session)).sort((a, b) => rankOf(b) - rankOf(a))[0]
}
