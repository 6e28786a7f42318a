import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'

/** How long a peer is in doubt for the first time, in ms. It doubles from one time to the next. */
export const FIRST_DOUBT_MS = 30_000

/** How long a peer is in doubt at most, in ms. */
export const LONGEST_DOUBT_MS: number = 10 * 60 * 1000

/** What is doubted of a peer. */
export interface DoubtedRange {
  /** It is believed to have blocks of use to us up to this height. */
  above: number
  /** A branch that was refused goes this far; a claim of more is worth another look. Without it nothing is. */
  upTo?: number
}

interface Doubt extends Required<DoubtedRange> {
  times: number
  /** By the clock. */
  until: number
}

/** Who is doubted. */
export type DoubtedPeer = Pick<Session, 'bestHeight'>

/**
 * The peers whose claims were not kept, and those whose branch was refused: for a while they are not believed, longer
 * each time, so that nobody keeps us busy with words.
 */
export class Doubts<Peer extends DoubtedPeer = Session> {
  readonly #clock: Clock
  /** As long as the session lasts. */
  readonly #doubts = new WeakMap<Peer, Doubt>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Doubts a peer from now on. */
  add (peer: Peer, { above, upTo = Infinity }: DoubtedRange): void {
    const times = (this.#doubts.get(peer)?.times ?? 0) + 1
    const duration = Math.min(LONGEST_DOUBT_MS, FIRST_DOUBT_MS * 2 ** (times - 1))
    this.#doubts.set(peer, { above, upTo, times, until: this.#clock.now() + duration })
  }

  /** Whether a peer is in doubt now. */
  has (peer: Peer): boolean {
    const doubt = this.#doubts.get(peer)

    return doubt != null && doubt.until > this.#clock.now() && peer.bestHeight <= doubt.upTo + growth(doubt)
  }

  /** The height that a peer is believed to have. */
  believed (peer: Peer): number {
    return this.has(peer) ? Math.min(peer.bestHeight, this.#doubts.get(peer)!.above) : peer.bestHeight
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. Where it was doubted to have it, it is believed again. */
  onDelivered (peer: Peer, height: number): void {
    if (height > (this.#doubts.get(peer)?.above ?? Infinity)) {
      this.#doubts.delete(peer)
    }
  }
}

/** By how much a refused branch has to grow to be worth a look before its time: one block at first, then two, four and so on. */
function growth ({ times }: Doubt): number {
  return 2 ** (times - 1) - 1
}
