/** An entry of a {@link PriorityMap}, and its index in the heap. */
interface Entry<Value> {
  readonly key: string
  value: Value
  priority: number
  index: number
}

/**
 * A map that knows which of its entries has the lowest priority, in a binary heap. A full table makes room at the cost of a few
 * comparisons: an attacker that fills it with invented identities does not make each of them dearer.
 */
export class PriorityMap<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #heap: Entry<Value>[] = []

  get size (): number {
    return this.#heap.length
  }

  /** The value under this key. */
  get (key: string): Value | undefined {
    return this.#entries.get(key)?.value
  }

  /** Adds the value or replaces it, with a priority that is a number. */
  set (key: string, value: Value, priority: number): void {
    const existing = this.#entries.get(key)
    const entry = existing ?? { key, value, priority, index: this.#heap.length }
    entry.value = value
    entry.priority = priority

    if (existing == null) {
      this.#entries.set(key, entry)
      this.#heap.push(entry)
    }

    this.#settle(entry)
  }

  /** Takes the entry out. False where there is none. */
  delete (key: string): boolean {
    const entry = this.#entries.get(key)

    if (entry == null) {
      return false
    }

    this.#entries.delete(key)
    const last = this.#heap.pop()!

    if (last !== entry) {
      this.#put(last, entry.index)
      this.#settle(last)
    }

    return true
  }

  /** The key of the lowest priority. */
  get lowest (): string | undefined {
    return this.#heap[0]?.key
  }

  /** A copy of all values, in no order. */
  values (): Value[] {
    return this.#heap.map(({ value }) => value)
  }

  #settle (entry: Entry<Value>): void {
    this.#rise(entry)
    this.#sink(entry)
  }

  #rise (entry: Entry<Value>): void {
    while (entry.index > 0) {
      const parent = this.#heap[(entry.index - 1) >> 1]!

      if (parent.priority <= entry.priority) {
        return
      }

      this.#swap(parent, entry)
    }
  }

  #sink (entry: Entry<Value>): void {
    for (;;) {
      const child = this.#lowestChild(entry)

      if (child == null || child.priority >= entry.priority) {
        return
      }

      this.#swap(entry, child)
    }
  }

  #lowestChild ({ index }: Entry<Value>): Entry<Value> | undefined {
    const left = this.#heap[2 * index + 1]
    const right = this.#heap[2 * index + 2]

    return right != null && right.priority < left!.priority ? right : left
  }

  #swap (a: Entry<Value>, b: Entry<Value>): void {
    const { index } = a
    this.#put(a, b.index)
    this.#put(b, index)
  }

  #put (entry: Entry<Value>, index: number): void {
    this.#heap[index] = entry
    entry.index = index
  }
}
