import { shuffle } from '../../src/util/shuffle.ts'
import { Random } from '../fuzz/random.ts'

/** How many nodes there may be: two sides with a majority among three, and what one machine carries. */
export const MIN_NODES = 3
export const MAX_NODES = 32

/** What may go wrong: with a node, with the link between two nodes, and with all links between two sides. */
export const NODE_KINDS = ['kill', 'pause'] as const
export const LINK_KINDS = ['delay', 'hole', 'half-hole', 'cut'] as const
export const KINDS = [...NODE_KINDS, ...LINK_KINDS, 'partition'] as const

export type IncidentKind = typeof KINDS[number]

/** Something that goes wrong, and ends. */
export interface Incident {
  kind: IncidentKind
  /** When it begins, in ms from the start. */
  at: number
  /** How long it lasts, in ms. */
  ms: number
  /** A node, the two ends of a link, or the nodes of one side; by their number from 0. */
  nodes: number[]
  /** How much later what is sent through a slow link arrives, in ms. */
  delayMs: number
}

/** How long each lasts, in ms, at least and at most. */
export const DURATIONS_MS: Readonly<Record<IncidentKind, readonly [number, number]>> = {
  kill: [200, 3000],
  pause: [500, 6000],
  delay: [2000, 8000],
  hole: [1000, 8000],
  'half-hole': [1000, 8000],
  cut: [200, 4000],
  partition: [2500, 8000]
}

const DELAYS_MS: readonly [number, number] = [20, 400]

/** Of all nodes, how many may be down or paused at a time: one in so many. */
export const OUT_SHARE = 3

/** Between two incidents, in ms: at least, and at most. */
const INTERVAL_MS: readonly [number, number] = [500, 1300]

/** What goes wrong, in the order in which it begins. The same for the same options. All of it is over in time. */
export function planIncidents ({ seconds, nodes, seed }: { seconds: number, nodes: number, seed: number }): Incident[] {
  const random = new Random(seed)
  const plan: Incident[] = []
  const end = seconds * 1000
  let bag: IncidentKind[] = []
  let at = 0

  for (;;) {
    at += between(random, INTERVAL_MS)
    // each kind has its turn before one comes again
    bag = bag.length === 0 ? shuffle([...KINDS], () => random.fraction()) : bag
    const kind = bag.pop()!
    const ms = Math.min(between(random, DURATIONS_MS[kind]), end - at)

    if (ms < DURATIONS_MS[kind][0]) {
      if (end - at < DURATIONS_MS.kill[0]) {
        return plan
      }
    } else {
      const chosen = chooseNodes(random, { kind, nodes, out: nodesOut(plan, at) })

      if (chosen == null) {
        // later, when fewer nodes are out
        bag.unshift(kind)
      } else {
        plan.push({ kind, at, ms, nodes: chosen, delayMs: kind === 'delay' ? between(random, DELAYS_MS) : 0 })
      }
    }
  }
}

/** The nodes that are down or paused at a moment. */
export function nodesOut (plan: readonly Incident[], at: number): Set<number> {
  // a node that comes back needs some time to start
  const isOut = ({ kind, ...incident }: Incident): boolean => isOfNode(kind) && incident.at <= at && at <= incident.at + incident.ms + 2000

  return new Set(plan.filter(isOut).flatMap(({ nodes }) => nodes))
}

function isOfNode (kind: IncidentKind): boolean {
  return (NODE_KINDS as readonly string[]).includes(kind)
}

function chooseNodes (
  random: Random, { kind, nodes, out }: { kind: IncidentKind, nodes: number, out: ReadonlySet<number> }
): number[] | undefined {
  const all = shuffle(Array.from({ length: nodes }, (_, node) => node), () => random.fraction())

  if (isOfNode(kind)) {
    return out.size < Math.max(1, Math.floor(nodes / OUT_SHARE)) ? all.filter((node) => !out.has(node)).slice(0, 1) : undefined
  }

  return all.slice(0, kind === 'partition' ? between(random, [1, Math.floor(nodes / 2)]) : 2)
}

function between (random: Random, [least, most]: readonly [number, number]): number {
  const min = Math.round(least)

  return min + random.below(Math.round(most) - min + 1)
}
