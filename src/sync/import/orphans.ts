import { bytesEqual } from '../../util/bytes.ts'
import type { Clock } from '../../util/clock.ts'
import type { BlockSteps } from '../../types/timeline.ts'
import type { Usage } from '../../types/status.ts'
import type { Session } from '../../session/session.ts'

/**
 * Blocks that wait for their parents.
 *
 * @remarks The one furthest above the tip of the peer with the most makes room.
 */
export const MAX_ORPHANS = 64

/**
 * Bytes of the blocks that wait for their parents.
 *
 * @remarks The one furthest above the tip of the peer with the most bytes makes room.
 */
export const MAX_ORPHAN_BYTES: number = 16 * 1024 * 1024

/** Blocks of one peer that wait for their parents. */
export const MAX_PEER_ORPHANS = 8

/** How far above the tip a block that waits for its parent may be. What is further away is fetched in order. */
export const MAX_ORPHAN_DEPTH = 128

/**
 * How long a block waits for its parent.
 *
 * @remarks The node drops the block. A synchronisation fetches it later.
 */
export const ORPHAN_TTL_MS = 60_000

/** The sender of a block. */
export type OrphanSender = Pick<Session, 'id'>

/** A block whose parent is not on our chain. Only its bytes are kept: a decoded block takes many times the memory. */
export interface Orphan<Sender extends OrphanSender = Session> {
  height: number
  prevHash: Uint8Array
  /** The encoded block. */
  item: Uint8Array
  from: Sender
  /** Of its way into the node. */
  steps?: BlockSteps | undefined
}

/** Options of {@link Orphans}. */
export interface OrphansInit<Sender extends OrphanSender = Session> {
  clock: Clock
  /** Called with an orphan that was kept and is dropped without being taken. */
  onDropped: (orphan: Orphan<Sender>) => void
}

/**
 * Blocks that came before their parents, bounded in number, bytes, depth and time. Where there are too many, the peer that has the most
 * loses one: no peer can push out what others sent.
 */
export class Orphans<Sender extends OrphanSender = Session> {
  readonly #init: OrphansInit<Sender>
  /** In the order in which they came, with the time until which each is kept. */
  readonly #kept = new Map<Orphan<Sender>, number>()
  #bytes = 0
  #timer: unknown

  constructor (init: OrphansInit<Sender>) {
    this.#init = init
  }

  get size (): number { return this.#kept.size }

  /** Bytes of encoded blocks. */
  get bytes (): number { return this.#bytes }

  /** How much waits, and how much may. */
  get usage (): Usage { return { items: this.size, maxItems: MAX_ORPHANS, bytes: this.#bytes, maxBytes: MAX_ORPHAN_BYTES } }

  /** Keeps a block. False where it is too far above the tip, or would be the next to make room. */
  add ({ height, prevHash, item, from, steps }: Orphan<Sender>, tipHeight: number): boolean {
    if (height - tipHeight > MAX_ORPHAN_DEPTH || item.byteLength > MAX_ORPHAN_BYTES) {
      return false
    }

    // both are views of a frame, which may be many times as large as the block
    const orphan = { height, prevHash: new Uint8Array(prevHash), item: new Uint8Array(item), from, steps }
    this.#kept.set(orphan, this.#init.clock.now() + ORPHAN_TTL_MS)
    this.#bytes += item.byteLength

    for (let excess = this.#excess(from); excess != null; excess = this.#excess(from)) {
      this.#remove(excess)

      if (excess === orphan) {
        return false
      }

      this.#init.onDropped(excess)
    }

    this.#watch()

    return true
  }

  /** Takes a block whose parent has this hash. */
  take (parentHash: Uint8Array): Orphan<Sender> | undefined {
    for (const orphan of this.#kept.keys()) {
      if (bytesEqual(orphan.prevHash, parentHash)) {
        this.#remove(orphan)
        return orphan
      }
    }

    return undefined
  }

  /** Drops the blocks that are not above `height`. */
  dropUpTo (height: number): void {
    this.#drop((orphan) => orphan.height <= height)
  }

  /** Drops the blocks that a session has brought. */
  dropOf (from: Sender): void {
    this.#drop((orphan) => orphan.from === from)
  }

  /** Drops everything. */
  clear (): void {
    this.#drop(() => true)
  }

  /** The block that makes room, where there are too many. */
  #excess ({ id }: Sender): Orphan<Sender> | undefined {
    const own = [...this.#kept.keys()].filter(({ from }) => from.id === id)

    if (own.length > MAX_PEER_ORPHANS) {
      return deepest(own)
    }

    if (this.#bytes > MAX_ORPHAN_BYTES) {
      return this.#mostOf(({ item }) => item.byteLength)
    }

    return this.#kept.size > MAX_ORPHANS ? this.#mostOf(() => 1) : undefined
  }

  /** The deepest block of the peer that has the most. */
  #mostOf (weigh: (orphan: Orphan<Sender>) => number): Orphan<Sender> {
    const weights = new Map<string, number>()

    for (const orphan of this.#kept.keys()) {
      weights.set(orphan.from.id, (weights.get(orphan.from.id) ?? 0) + weigh(orphan))
    }

    const most = Math.max(...weights.values())

    return deepest([...this.#kept.keys()].filter(({ from }) => weights.get(from.id) === most))
  }

  #drop (isOver: (orphan: Orphan<Sender>) => boolean): void {
    for (const orphan of [...this.#kept.keys()].filter(isOver)) {
      this.#remove(orphan)
      this.#init.onDropped(orphan)
    }
  }

  #remove (orphan: Orphan<Sender>): void {
    this.#kept.delete(orphan)
    this.#bytes -= orphan.item.byteLength
    this.#watch()
  }

  /** Sets the one timer, for the oldest block. */
  #watch (): void {
    const { clock } = this.#init
    const [expires] = this.#kept.values()
    clock.clearTimeout(this.#timer)
    this.#timer = expires == null ? undefined : clock.setTimeout(() => { this.#expire() }, expires - clock.now())
  }

  #expire (): void {
    const now = this.#init.clock.now()
    this.#timer = undefined
    this.#drop((orphan) => this.#kept.get(orphan)! <= now)
    this.#watch()
  }
}

/** The block furthest above the tip, of several the one that came last: it is the last to be of use. */
function deepest<Kept extends { height: number }> (orphans: readonly Kept[]): Kept {
  return orphans.reduce((deepest, orphan) => orphan.height >= deepest.height ? orphan : deepest)
}
