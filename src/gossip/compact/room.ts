import { FAILED_COMPACT_BLOCKS } from './pending.ts'
import { TokenBucket } from '../../util/token-bucket.ts'
import type { Pending, WholeWants } from './pending.ts'
import type { AssemblerBounds, ReceivedCompact } from './types.ts'
import type { Session } from '../../session/session.ts'
import type { Rate } from '../../types/limits.ts'
import type { Clock } from '../../util/clock.ts'

/**
 * Transactions of the pool that the node hashes for the compact blocks of one peer, all at once: the whole pool 16 times.
 *
 * @remarks The node asks that peer for whole blocks.
 */
export const MAX_PEER_HASHES: number = 16 * 16_384

/** The same in a second. */
export const PEER_HASHES_PER_SECOND: number = 2 * 16_384

/**
 * Transactions of the pool that the node hashes for the compact blocks of all inbound peers, all at once: the whole pool 32 times.
 *
 * @remarks The node asks inbound peers for whole blocks.
 */
export const MAX_INBOUND_HASHES: number = 32 * 16_384

/** The same in a second: less than a tenth of a second of processor time. */
export const INBOUND_HASHES_PER_SECOND: number = 16 * 16_384

const PEER_HASHES: Rate = { perSecond: PEER_HASHES_PER_SECOND, burst: MAX_PEER_HASHES }
const INBOUND_HASHES: Rate = { perSecond: INBOUND_HASHES_PER_SECOND, burst: MAX_INBOUND_HASHES }

/** What one peer has cost in a session. */
interface Costs {
  failures: TokenBucket
  hashes: TokenBucket
}

/** Options of {@link AssemblyRoom}. */
export interface AssemblyRoomInit {
  clock: Clock
  bounds: AssemblerBounds
  /** The blocks that are being put together, by their keys. */
  pending: ReadonlyMap<string, Pending>
  whole: WholeWants
}

/**
 * Decides which compact blocks an assembler takes: as many as its bounds say, and few of peers whose compact blocks came to nothing. Each
 * costs a hash of transactions of the pool, so these are counted too: peers may send blocks that are of no use as fast as others.
 */
export class AssemblyRoom {
  readonly #init: AssemblyRoomInit
  readonly #costs = new WeakMap<Session, Costs>()
  readonly #inboundHashes: TokenBucket

  constructor (init: AssemblyRoomInit) {
    this.#init = init
    this.#inboundHashes = new TokenBucket(INBOUND_HASHES, init.clock)
  }

  /** Whether there is room for a compact block, beside so many bytes. */
  isThereFor ({ key, bytes, from }: ReceivedCompact, bytesUnderWay: number): boolean {
    const { bounds, pending: all, whole } = this.#init
    const { failures, hashes } = this.#costsOf(from)
    const pending = all.get(key)
    const isBounded = pending == null ? all.size < bounds.blocks : pending.sources.length + pending.failed.length < bounds.sources
    const ofPeer = [...all.values()].filter(({ peers }) => peers.has(from.id)).length

    return isBounded && ofPeer < bounds.blocksOfPeer && bytesUnderWay + bytes <= bounds.bytes && !whole.has(key, from.id) &&
      failures.tokens >= 1 && hashes.tokens > 0 && (from.direction === 'outbound' || this.#inboundHashes.tokens > 0)
  }

  /** Takes note of how many transactions were hashed for a compact block. */
  noteHashes (from: Session, count: number): void {
    this.#costsOf(from).hashes.take(count)

    // an attacker can hardly make this node dial it
    if (from.direction === 'inbound') {
      this.#inboundHashes.take(count)
    }
  }

  /** Takes note of a compact block of a peer that came to nothing. */
  noteFailure (from: Session): void {
    this.#costsOf(from).failures.take(1)
  }

  #costsOf (from: Session): Costs {
    const { clock } = this.#init
    const costs = this.#costs.get(from) ?? {
      failures: new TokenBucket(FAILED_COMPACT_BLOCKS, clock), hashes: new TokenBucket(PEER_HASHES, clock)
    }
    this.#costs.set(from, costs)

    return costs
  }
}
