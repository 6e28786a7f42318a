import type { CounterGroup, Metrics } from '@libp2p/interface'

/** What a node has counted: names of metrics, and for each the label and how often. */
export type Counts = Map<string, Map<string, number>>

/** The metrics of a node, which keep the groups of counters and nothing else. */
export function createCounters (counts: Counts): Metrics {
  const group = (name: string): CounterGroup => {
    const values = counts.get(name) ?? new Map<string, number>()
    counts.set(name, values)

    return {
      increment: (changes) => {
        for (const label in changes) {
          const change = changes[label]
          values.set(label, (values.get(label) ?? 0) + (typeof change === 'number' ? change : 1))
        }
      },
      reset: () => { values.clear() }
    }
  }

  // what is registered for something else does nothing
  const nothing = { update: () => {}, increment: () => {}, decrement: () => {}, reset: () => {}, observe: () => {}, timer: () => () => {} }

  return new Proxy({}, {
    get: (_target, method) => method === 'registerCounterGroup' ? group : () => nothing
  }) as Metrics
}

/** How often a label was counted. */
export function countOf (counts: Counts, name: string, label: string): number {
  return counts.get(name)?.get(label) ?? 0
}
