import { create } from './dom.ts'
import { formatMs } from './format.ts'

/** That a node has had an item: when, in ms since the Unix epoch, and from which one; `null` where it has made it. */
export interface Arrival { node: string, at: number, from: string | null }

/** When the first node had it. */
export function firstOf (arrivals: readonly Arrival[]): number {
  return Math.min(...arrivals.map(({ at }) => at))
}

/** How many nodes have had it, and how long it took to the last of them. */
export function spreadOf (arrivals: readonly Arrival[]): string {
  const last = Math.max(...arrivals.map(({ at }) => at)) - firstOf(arrivals)

  return arrivals.length === 1 ? '1 node' : `${arrivals.length} nodes in ${formatMs(last)}`
}

/** A line with a dot for each node: the further right, the later it was. */
export function renderTravel (arrivals: readonly Arrival[], kind: string): HTMLElement {
  const first = firstOf(arrivals)
  const scale = Math.max(50, ...arrivals.map(({ at }) => (at - first) * 1.05))
  const dots = arrivals.map(({ node, at, from }) => {
    const how = from == null ? 'made it' : `from ${from}, after ${formatMs(at - first)}`
    const dot = create('i', { className: from == null ? 'maker' : kind, title: `${node}: ${how}` })
    dot.style.left = `${100 * (at - first) / scale}%`

    return dot
  })

  return create('div', { className: 'travel', ariaHidden: 'true' }, ...dots)
}
