import { seededChance } from '../../../util/chance.ts'
import type { LinkOptions } from '../options.ts'

/** The latency between two hosts, in ms: the same both ways, and for the same seed. */
export function latencyBetween (latency: Required<LinkOptions>['latency'], seed: string): (from: number, to: number) => number {
  if (typeof latency === 'number') {
    return () => latency
  }

  if (typeof latency === 'function') {
    return (from, to) => latency(Math.min(from, to), Math.max(from, to))
  }

  const [least, most] = latency

  return (from, to) => least + (most - least) * seededChance(`${seed} link ${Math.min(from, to)} ${Math.max(from, to)}`).random()
}
