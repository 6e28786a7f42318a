import { Link } from './link.ts'
import { REST } from './partition.ts'
import type { PartitionKind } from './partition.ts'
import type { Edge } from './topology.ts'
import type { Place } from './link.ts'

interface Wire { from: number, to: number, link: Link }

/** Options of {@link Wires}. */
export interface WiresInit {
  /** Where a node listens; `undefined` while it does not run. */
  placeOf: (index: number) => Place | undefined
}

/** The links of a test network: a TCP proxy for each edge. */
export class Wires {
  readonly #init: WiresInit
  readonly #wires: Wire[] = []
  /** What ends the cut between two nodes. */
  readonly #heals: (() => void)[] = []
  /** What ends the cut of nodes that were killed. */
  readonly #isolated = new Map<number, (() => void)[]>()
  /** The side of each node in a partition; none where there is no partition. */
  #sides: number[] | undefined
  #kind: PartitionKind = 'cut'

  constructor (init: WiresInit) {
    this.#init = init
  }

  get edges (): Edge[] {
    return this.#wires.map(({ from, to }) => [from, to])
  }

  /** Lays one. */
  async lay ([from, to]: Edge): Promise<Link> {
    const link = await Link.start(() => this.#init.placeOf(to))
    this.#wires.push({ from, to, link })

    if (this.isApart(from, to)) {
      this.#heals.push(link.break(this.#kind))
    }

    return link
  }

  /** The ports that a node dials, and the nodes behind them. */
  portsFrom (index: number): { to: number, port: number }[] {
    return this.#wires.filter(({ from }) => from === index).map(({ to, link }) => ({ to, port: link.port }))
  }

  /** Whether there is a link between two nodes, in any direction. */
  joins (a: number, b: number): boolean {
    return this.#wires.some(({ from, to }) => (from === a && to === b) || (from === b && to === a))
  }

  /** Whether two nodes are on different sides of a partition. */
  isApart (a: number, b: number): boolean {
    return this.#sides != null && (this.#sides[a] ?? REST) !== (this.#sides[b] ?? REST)
  }

  /** Ends what goes through all links between the sides, in place of an earlier partition. */
  partition (sides: number[], kind: PartitionKind): void {
    this.heal()
    this.#sides = sides
    this.#kind = kind

    const between = this.#wires.filter(({ from, to }) => this.isApart(from, to))
    this.#heals.push(...between.map(({ link }) => link.break(kind)))
  }

  heal (): void {
    this.#sides = undefined
    this.#heals.splice(0).forEach((heal) => { heal() })
  }

  /** Makes links slower by `ms` in each direction: all, or those between two nodes. Returns what takes that back. */
  delay (ms: number, between?: Edge): () => void {
    const chosen = this.#wires.filter(({ from, to }) => between == null || (between.includes(from) && between.includes(to)))
    const undo = chosen.map(({ link }) => link.delay(ms))

    return () => { undo.forEach((back) => { back() }) }
  }

  /** Holds everything back while nodes start: what they dial waits for those that do not listen yet. */
  async whileHeld (start: () => Promise<void>): Promise<void> {
    const ends = this.#wires.map(({ link }) => link.break('hole'))

    try {
      await start()
    } finally {
      ends.forEach((end) => { end() })
    }
  }

  /** Cuts a node off, as a crash does, until {@link rejoin}. */
  isolate (index: number): void {
    if (!this.#isolated.has(index)) {
      const links = this.#wires.filter(({ from, to }) => from === index || to === index).map(({ link }) => link)
      this.#isolated.set(index, links.map((link) => link.break('cut')))
    }
  }

  rejoin (index: number): void {
    this.#isolated.get(index)?.forEach((end) => { end() })
    this.#isolated.delete(index)
  }

  async close (): Promise<void> {
    await Promise.all(this.#wires.map(async ({ link }) => { await link.close() }))
  }
}
