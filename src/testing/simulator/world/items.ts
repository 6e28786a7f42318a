import type { BroadcastMessage } from '../../../types/message.ts'

/** A block or transaction of the script, and when each node had it. */
export class SimulatedItem {
  /** Whether it is a block or a transaction. */
  readonly type: BroadcastMessage['type']
  /** The height of a block. */
  readonly height: number | undefined
  /** The node that made it. */
  readonly from: number
  /** When it was made, in ms of virtual time. */
  readonly at: number
  /** When each node had it, in ms of virtual time; `NaN` where it has not come. */
  readonly heardAt: Float64Array
  #count = 0

  constructor ({ type, height, from, at, nodes }: { type: BroadcastMessage['type'], height?: number, from: number, at: number, nodes: number }) {
    this.type = type
    this.height = height
    this.from = from
    this.at = at
    this.heardAt = new Float64Array(nodes).fill(NaN)
  }

  /** How many nodes have it. */
  get count (): number {
    return this.#count
  }

  /** Takes note that a node has it. */
  note (node: number, at: number): void {
    if (Number.isNaN(this.heardAt[node])) {
      this.heardAt[node] = at
      this.#count++
    }
  }

  /** How long it took to the nodes that have it, the fastest first, in ms. The node that made it is left out. */
  delays (): number[] {
    return [...this.heardAt].flatMap((at, node) => Number.isNaN(at) || node === this.from ? [] : at - this.at).sort((a, b) => a - b)
  }
}

/** The items of a simulation, by what nodes know of them. */
export class Items {
  readonly #items = new Map<string, SimulatedItem>()

  get all (): SimulatedItem[] {
    return [...this.#items.values()]
  }

  add (key: string, item: SimulatedItem): SimulatedItem {
    this.#items.set(key, item)

    return item
  }

  /** Takes note that a node has an item. Does nothing for one that the script has not made. */
  note (key: string, node: number, at: number): void {
    this.#items.get(key)?.note(node, at)
  }
}
