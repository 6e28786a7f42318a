import { view } from '../../memory/pool.ts'

/** Small items lie one behind the other in memory of this size. */
const SHARED_BYTES: number = 64 * 1024

/** Larger items have memory of their own. */
const MAX_SMALL_BYTES: number = SHARED_BYTES / 4

/** A piece of memory with items in it. */
interface Shared {
  readonly bytes: Uint8Array
  /** Bytes that are taken. */
  used: number
  /** Items in it that are not freed. */
  items: number
  /** Whether a view of it was given away. */
  isLent: boolean
}

/**
 * Copies of items, each in a slot, for what frees them in about the order in which it has put them. The node makes no object for an item.
 * It uses memory again when all of its items are freed, unless a view of it was given away: a flood of items leaves nothing to collect.
 */
export class SlotMemory {
  readonly #shared: (Shared | undefined)[] = []
  readonly #starts: Uint32Array
  readonly #lengths: Uint32Array
  #current: Shared | undefined
  /** Free memory that comes next. */
  #spare: Shared | undefined
  #bytes = 0

  constructor (slots: number) {
    this.#starts = new Uint32Array(slots)
    this.#lengths = new Uint32Array(slots)
  }

  /** Bytes of the items. */
  get bytes (): number { return this.#bytes }

  /** Copies an item into a free slot. */
  put (slot: number, item: Uint8Array): void {
    const { byteLength } = item
    const shared = byteLength > MAX_SMALL_BYTES ? createShared(byteLength) : this.#withRoomFor(byteLength)
    shared.bytes.set(item, shared.used)
    this.#shared[slot] = shared
    this.#starts[slot] = shared.used
    this.#lengths[slot] = byteLength
    this.#bytes += byteLength
    shared.used += byteLength
    shared.items++
  }

  /** The item in a slot. It stays as it is when the slot is freed. */
  get (slot: number): Uint8Array {
    const shared = this.#shared[slot]!
    const start = this.#starts[slot]!
    shared.isLent = true

    return view(shared.bytes, start, start + this.#lengths[slot]!)
  }

  free (slot: number): void {
    const shared = this.#shared[slot]!
    this.#shared[slot] = undefined
    this.#bytes -= this.#lengths[slot]!

    if (--shared.items === 0) {
      this.#release(shared)
    }
  }

  /** Frees all slots. */
  clear (): void {
    this.#shared.length = 0
    this.#current = undefined
    this.#spare = undefined
    this.#bytes = 0
  }

  #withRoomFor (bytes: number): Shared {
    if (this.#current == null || this.#current.used + bytes > SHARED_BYTES) {
      this.#current = this.#spare ?? createShared(SHARED_BYTES)
      this.#spare = undefined
    }

    return this.#current
  }

  #release (shared: Shared): void {
    if (shared === this.#current) {
      this.#current = undefined
    }

    if (!shared.isLent && shared.bytes.byteLength === SHARED_BYTES) {
      shared.used = 0
      this.#spare = shared
    }
  }
}

function createShared (bytes: number): Shared {
  return { bytes: new Uint8Array(bytes), used: 0, items: 0, isLent: false }
}
