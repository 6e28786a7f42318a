import { describe } from '../../config/checks.ts'
import { ConfigError } from '../../errors.ts'
import { seededChance } from '../../util/chance.ts'

/** Which node dials which other one, by their numbers from 0. */
export type Edge = readonly [from: number, to: number]

/**
 * The shape of a network.
 *
 * - `line`: Each node but the first dials the one before it.
 * - `ring`: A line whose first node dials the last one.
 * - `star`: All dial node 0.
 * - `full`: Each node dials all before it.
 * - `random`: A tree, and as many edges more as there are nodes. The same for the same seed.
 *
 * Edges of one's own may leave nodes without any.
 */
export type Topology = 'line' | 'ring' | 'star' | 'full' | 'random' | readonly Edge[]

const NAMES = ['line', 'ring', 'star', 'full', 'random']

/** The edges of a network. Throws a `ConfigError` for one that is none. */
export function edgesOf (topology: Topology, nodes: number, seed: string | number): Edge[] {
  const others = Array.from({ length: nodes }, (_, i) => i).slice(1)

  switch (topology) {
    case 'line': return others.map((i) => [i, i - 1])
    case 'ring': return [...others.map((i): Edge => [i, i - 1]), ...nodes > 2 ? [[0, nodes - 1] as const] : []]
    case 'star': return others.map((i) => [i, 0])
    case 'full': return others.flatMap((i) => Array.from({ length: i }, (_, j): Edge => [i, j]))
    case 'random': return randomEdges(nodes, seed)
    default: return checkEdges(topology, nodes)
  }
}

function randomEdges (nodes: number, seed: string | number): Edge[] {
  const chance = seededChance(`topology ${seed}`)
  const below = (limit: number): number => Math.floor(chance.random() * limit)
  const edges = new Map<string, Edge>()
  const most = nodes * (nodes - 1) / 2

  for (let i = 1; i < nodes; i++) {
    const to = below(i)
    edges.set(`${i} ${to}`, [i, to])
  }

  while (edges.size < Math.min(most, 2 * nodes - 1)) {
    const from = 1 + below(nodes - 1)
    const to = below(from)
    edges.set(`${from} ${to}`, [from, to])
  }

  return [...edges.values()]
}

function checkEdges (edges: readonly Edge[], nodes: number): Edge[] {
  const pairs = new Set<string>()

  if (!isPairs(edges)) {
    throw new ConfigError(`Expected \`topology\` to be one of ${NAMES.map(describe).join(', ')}, or edges such as [[1, 0], [2, 0]], got ${describe(edges)}`)
  }

  for (const [from, to] of edges) {
    const pair = `${Math.min(from, to)} ${Math.max(from, to)}`
    const isThere = [from, to].every((i) => Number.isInteger(i) && i >= 0 && i < nodes)

    if (!isThere || from === to || pairs.has(pair)) {
      throw new ConfigError(`Expected each edge to lead from one of ${nodes} nodes to another, once, got [${from}, ${to}]`)
    }

    pairs.add(pair)
  }

  return [...edges]
}

function isPairs (edges: unknown): boolean {
  return Array.isArray(edges) && edges.every((edge) => Array.isArray(edge))
}
