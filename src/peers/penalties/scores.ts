import { PriorityMap } from '../../util/priority-map.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * What counts against a peer, and an honest one may do too:
 * - `rejected`: it sent a block or transaction that the application rejects.
 * - `invalid`: it sent a block that breaks the rules of the chain.
 * - `stalled`: it left a request unanswered, or stopped in the middle of its answer.
 * - `unavailable`: it does not have what it said it has.
 * - `too-slow`: it does not take what the node sends.
 * - `rate-limited`: it sent more than it may, for 30 s.
 * - `forged`: it told of a peer with a record that this peer has not signed.
 */
export type Offence = 'rejected' | 'invalid' | 'stalled' | 'unavailable' | 'too-slow' | 'rate-limited' | 'forged'

/** What follows for a peer. */
export type Judgement = 'fine' | 'disconnect' | 'ban'

/** How an offence counts. */
export interface OffenceRule {
  /** What it adds to the score. */
  readonly weight: number
  /** Whether it may lead to a ban. Otherwise the score stays below that of a ban, however often the offence comes. */
  readonly mayBan: boolean
}

/** In this time a score loses half of itself. */
export const SCORE_HALF_LIFE_MS: number = 10 * 60 * 1000

/**
 * The score from which on a peer is disconnected.
 *
 * @remarks The node ends the session with `UNSPECIFIED` and "too often: ...".
 */
export const DISCONNECT_SCORE = 50

/**
 * The score from which on a peer is banned.
 *
 * @remarks The node bans the peer and its host, where the last offence is one that may ban.
 */
export const BAN_SCORE = 200

/** Peers that have a score at a time. The lowest score makes room. */
export const MAX_SCORES = 10_000

/**
 * What each offence counts.
 *
 * At a steady rate of `n` a minute the score comes to `n * weight * 14.4`, the half-life in minutes divided by ln 2. So
 * a weight of 1 leads to a disconnection at 3.5 a minute or 50 at once and to a ban at 14 a minute or 200 at once; a
 * weight of 5 at a fifth of that.
 *
 * A node that is overloaded or far away stalls, and says that it does not have what it had, at any rate and all day: these
 * end its sessions, and never ban it. What is sent wrong can be helped, and may ban. A node with older rules sends
 * such things too, but is disconnected at the first one of each further session: with the pauses of a dialer that
 * backs off, or any of 25 s or more, it stays below the ban.
 */
export const OFFENCES: Readonly<Record<Offence, OffenceRule>> = {
  // up to 3 a minute is a node whose pool differs a little from this one's
  rejected: { weight: 1, mayBan: true },
  // the tenth at once ends the session: the node judges a branch of a few refused blocks block by block
  invalid: { weight: 5, mayBan: true },
  // a request takes 10 s to stall: with one after the other the session ends within two minutes
  stalled: { weight: 5, mayBan: false },
  // pruned blocks and a tip that has changed are no fault, unless nothing else comes
  unavailable: { weight: 2, mayBan: false },
  // these two have ended the session by themselves, after half a minute: after three in a row the next one ends at the first
  // offence of any kind
  'too-slow': { weight: 20, mayBan: false },
  'rate-limited': { weight: 20, mayBan: false },
  // a node that tells of what it has not verified is of no use as a source of peers: the second time soon after ends the session
  forged: { weight: 25, mayBan: true }
}

/** The score of a peer as it was at a time by the clock. */
interface Score { readonly value: number, readonly at: number }

/**
 * The scores of peers. They decay by themselves, and outlast the session: a peer that connects anew keeps its score.
 */
export class Scores {
  readonly #clock: Clock
  readonly #maxScores: number
  readonly #scores = new PriorityMap<Score>()

  constructor ({ clock, maxScores = MAX_SCORES }: { clock: Clock, maxScores?: number }) {
    this.#clock = clock
    this.#maxScores = maxScores
  }

  /** How many peers have a score. */
  get size (): number {
    return this.#scores.size
  }

  /** The score of a peer now; 0 where it has none. */
  score (id: string): number {
    const score = this.#scores.get(id)

    return score == null ? 0 : score.value * 2 ** ((score.at - this.#clock.now()) / SCORE_HALF_LIFE_MS)
  }

  /** Counts an offence, and returns what follows for the peer. */
  note (id: string, offence: Offence): Judgement {
    const { weight, mayBan } = OFFENCES[offence]
    const before = this.score(id)
    const most = mayBan ? Infinity : Math.max(before, BAN_SCORE - 1)
    const value = Math.min(before + weight, most)
    this.#set(id, value)

    return judge(value, mayBan)
  }

  /** Forgets the score of a peer. */
  forget (id: string): void {
    this.#scores.delete(id)
  }

  #set (id: string, value: number): void {
    const at = this.#clock.now()

    // never the new one itself: an attacker could hide behind many high scores
    if (this.#scores.get(id) == null && this.#scores.size >= this.#maxScores) {
      this.#scores.delete(this.#scores.lowest!)
    }

    // all scores halve at the same rate: which of two is the lower one does not change with time
    this.#scores.set(id, { value, at }, Math.log2(value) + at / SCORE_HALF_LIFE_MS)
  }
}

function judge (score: number, mayBan: boolean): Judgement {
  if (score >= BAN_SCORE && mayBan) {
    return 'ban'
  }

  return score >= DISCONNECT_SCORE ? 'disconnect' : 'fine'
}
