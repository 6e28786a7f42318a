import { Link } from '../../src/testing/network/link.ts'
import type { Place, Trouble } from '../../src/testing/network/link.ts'

/** A link of its own from each node to each other one. */
export class Mesh {
  /** From, then to; no node has one to itself. */
  readonly #links: (Link | undefined)[][]

  private constructor (links: (Link | undefined)[][]) {
    this.#links = links
  }

  static async start (locations: readonly Place[]): Promise<Mesh> {
    return new Mesh(await Promise.all(locations.map(async (from) => {
      return Promise.all(locations.map(async (to) => from === to ? undefined : Link.start(to)))
    })))
  }

  /** Where a node reaches the others. */
  addressesFor (from: number): string[] {
    return this.#links[from]!.flatMap((link) => link == null ? [] : [`/ip4/127.0.0.1/tcp/${link.port}`])
  }

  /** Breaks what is between two nodes. Returns what takes that back. */
  break (trouble: Trouble, [a, b]: readonly number[]): () => void {
    const restore = this.#between([a!], [b!]).map((link) => link.break(trouble))

    return () => { restore.forEach((end) => { end() }) }
  }

  delay (ms: number, [a, b]: readonly number[]): () => void {
    const restore = this.#between([a!], [b!]).map((link) => link.delay(ms))

    return () => { restore.forEach((end) => { end() }) }
  }

  /** Cuts one side off from all others, without a word. Returns what takes that back. */
  part (side: readonly number[]): () => void {
    const others = this.#links.map((_, node) => node).filter((node) => !side.includes(node))
    const restore = this.#between(side, others).map((link) => link.break('hole'))

    return () => { restore.forEach((end) => { end() }) }
  }

  async close (): Promise<void> {
    await Promise.all(this.#links.flat().map(async (link) => link?.close()))
  }

  /** The links between two sides, in both directions. */
  #between (side: readonly number[], others: readonly number[]): Link[] {
    return side.flatMap((a) => others.flatMap((b) => [this.#links[a]![b]!, this.#links[b]![a]!]))
  }
}
