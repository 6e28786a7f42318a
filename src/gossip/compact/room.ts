import { FAILED_COMPACT_BLOCKS } from './pending.ts'
import { TokenBucket } from '../../util/token-bucket.ts'
import type { AssemblerBounds, Pending, WholeWants } from './pending.ts'
import type { ReceivedCompact } from './types.ts'
import type { Session } from '../../session/session.ts'
import type { Clock } from '../../util/clock.ts'

/** Options of {@link AssemblyRoom}. */
export interface AssemblyRoomInit {
  clock: Clock
  bounds: AssemblerBounds
  /** The blocks that are being put together, by their keys. */
  pending: ReadonlyMap<string, Pending>
  whole: WholeWants
}

/** Decides which compact blocks an assembler takes: as many as its bounds say, and few of peers whose compact blocks came to nothing. */
export class AssemblyRoom {
  readonly #init: AssemblyRoomInit
  readonly #failures = new WeakMap<Session, TokenBucket>()

  constructor (init: AssemblyRoomInit) {
    this.#init = init
  }

  /** Whether there is room for a compact block, beside so many bytes. */
  isThereFor ({ key, bytes, from }: ReceivedCompact, bytesUnderWay: number): boolean {
    const { bounds, pending: all, whole } = this.#init
    const pending = all.get(key)
    const isBounded = pending == null ? all.size < bounds.blocks : pending.sources.length + pending.failed.length < bounds.sources
    const ofPeer = [...all.values()].filter(({ peers }) => peers.has(from.id)).length

    return isBounded && ofPeer < bounds.blocksOfPeer && bytesUnderWay + bytes <= bounds.bytes &&
      !whole.has(key, from.id) && this.#failuresOf(from).tokens >= 1
  }

  /** Takes note of a compact block of a peer that came to nothing. */
  noteFailure (from: Session): void {
    this.#failuresOf(from).take(1)
  }

  #failuresOf (from: Session): TokenBucket {
    const bucket = this.#failures.get(from) ?? new TokenBucket(FAILED_COMPACT_BLOCKS, this.#init.clock)
    this.#failures.set(from, bucket)

    return bucket
  }
}
