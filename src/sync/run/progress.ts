import { RateMeter, RATE_WINDOW_MS } from '../../util/rate-meter.ts'
import type { Clock } from '../../util/clock.ts'
import type { SyncProgress } from '../../types/sync.ts'

/** The least time from one `sync:progress` to the next. */
export const PROGRESS_INTERVAL_MS = 250

/** Options of {@link ProgressMeter}. */
export interface ProgressMeterInit {
  clock: Clock
  /** Height of our best block now. */
  from: number
  /** The height that it probably reaches. */
  target: () => number
  /** How many peers have a request under way. */
  peers: () => number
  onProgress: (progress: SyncProgress) => void
}

/** Reports how far a synchronisation is: when it begins, when it ends, and at intervals in between. */
export class ProgressMeter {
  readonly #init: ProgressMeterInit
  readonly #blocks: RateMeter
  readonly #bytes: RateMeter
  /** When blocks of each peer were last counted. As many peers as there are sessions, at most. */
  readonly #sentAt = new Map<string, number>()
  #height: number
  #timer: unknown
  #reportedAt = 0
  #isOver = false

  constructor (init: ProgressMeterInit) {
    this.#init = init
    this.#blocks = new RateMeter(init.clock)
    this.#bytes = new RateMeter(init.clock)
    this.#height = init.from
    this.#report()
  }

  /** Height of the best block that was appended, or taken of a branch. */
  get height (): number { return this.#height }

  /** Counts blocks, the last of which is at `height`, and the peers that have sent them. */
  add (height: number, { blocks, bytes, senders }: { blocks: number, bytes: number, senders: Iterable<string> }): void {
    this.#height = Math.max(this.#height, height)
    const now = this.#init.clock.now()

    for (const id of senders) {
      this.#sentAt.set(id, now)
    }
    this.#blocks.add(blocks)
    this.#bytes.add(bytes)
    const { clock } = this.#init
    const wait = this.#reportedAt + PROGRESS_INTERVAL_MS - clock.now()

    if (wait <= 0) {
      this.#report()
    } else if (!this.#isOver) {
      this.#timer ??= clock.setTimeout(() => { this.#report() }, wait)
    }
  }

  /** Reports the height at which it has ended, which may be lower than what was taken of a branch. */
  end (height: number): void {
    this.#height = height
    this.#report()
    this.#isOver = true
  }

  /** Peers whose blocks were counted lately. The others are forgotten. */
  #countSenders (): number {
    const since = this.#init.clock.now() - RATE_WINDOW_MS

    for (const [id, at] of this.#sentAt) {
      if (at < since) {
        this.#sentAt.delete(id)
      }
    }

    return this.#sentAt.size
  }

  #report (): void {
    const { clock, from, target, peers, onProgress } = this.#init

    if (this.#isOver) {
      return
    }

    clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#reportedAt = clock.now()
    const to = Math.max(target(), this.#height)
    const blocksPerSecond = this.#blocks.perSecond
    const left = to - this.#height

    onProgress({
      from,
      to,
      height: this.#height,
      blocksPerSecond,
      bytesPerSecond: this.#bytes.perSecond,
      peers: Math.max(peers(), this.#countSenders()),
      eta: left === 0 ? 0 : blocksPerSecond > 0 ? left / blocksPerSecond * 1000 : undefined
    })
  }
}
