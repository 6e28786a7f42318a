import { ConfigError } from '../../../errors.ts'
import { shuffle } from '../../../util/shuffle.ts'
import type { Chance } from '../../../util/chance.ts'

/** Pairs of indexes of nodes: the first dials the second. */
export type Edges = readonly (readonly [from: number, to: number])[]

/**
 * Which nodes dial which.
 *
 * - `'line'`, `'ring'`, `'star'`: each node dials the next one, or all dial the first.
 * - `{ degree }`: a random graph in which each node has about as many peers. Each dials half of them.
 * - pairs of indexes: the first dials the second.
 * - `{ seeds }`: each node knows the first nodes alone, and finds the others as it does in a network: with its dialer and discovery.
 */
export type SimulatedTopology = 'line' | 'ring' | 'star' | { readonly degree: number } | { readonly seeds: number } | Edges

/** Which nodes each node dials, by index. */
export function dialsOf (topology: SimulatedTopology, nodes: number, chance: Chance): number[][] {
  const dials = Array.from({ length: nodes }, (): number[] => [])

  for (const [from, to] of edgesOf(topology, nodes, chance)) {
    if (dials[from] == null || dials[to] == null || from === to) {
      throw new ConfigError(`Expected \`topology\` to have pairs of two of ${nodes} nodes, got [${from}, ${to}]`)
    }

    dials[from].push(to)
  }

  return dials
}

function edgesOf (topology: SimulatedTopology, nodes: number, chance: Chance): Edges {
  const all = Array.from({ length: nodes }, (_, index) => index)

  if (topology === 'line' || topology === 'ring') {
    return all.slice(0, topology === 'line' || nodes < 3 ? -1 : undefined).map((index) => [index, (index + 1) % nodes])
  }

  if (topology === 'star') {
    return all.slice(1).map((index) => [index, 0])
  }

  if ('seeds' in topology) {
    return all.flatMap((from) => all.slice(0, topology.seeds).filter((to) => to !== from).map((to): [number, number] => [from, to]))
  }

  return 'degree' in topology ? randomGraph(all, topology.degree, chance) : topology
}

/** Half as many rings through all nodes as each is to have peers, none with an edge of another: so the graph is connected. */
function randomGraph (all: readonly number[], degree: number, chance: Chance): Edges {
  const edges: [number, number][] = []
  const known = new Set<string>()
  const rings = Math.max(1, Math.min(Math.floor(degree / 2), Math.floor((all.length - 1) / 2)))

  for (let ring = 0; ring < rings; ring++) {
    const order = shuffle([...all], chance.random)

    for (const [at, from] of order.entries()) {
      const to = order[(at + 1) % order.length]!
      const key = from < to ? `${from} ${to}` : `${to} ${from}`

      // a few edges less are better than to look for long
      if (from !== to && !known.has(key)) {
        known.add(key)
        edges.push([from, to])
      }
    }
  }

  return edges
}
