import type { Host } from '../transport/host.ts'

/** Which parts of the network are cut off from each other. */
export class Cuts {
  readonly #parts = new Map<number, number>()

  /** Cuts these parts off from each other, and all other nodes from them. */
  cut (parts: readonly (readonly number[])[]): void {
    this.#parts.clear()
    parts.forEach((nodes, part) => { nodes.forEach((node) => { this.#parts.set(node, part) }) })
  }

  heal (): void {
    this.#parts.clear()
  }

  isCut (one: Host, other: Host): boolean {
    return this.#parts.size > 0 && this.#parts.get(one.index) !== this.#parts.get(other.index)
  }
}
