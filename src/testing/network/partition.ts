import { describe } from '../../config/checks.ts'
import { ConfigError } from '../../errors.ts'

/** How a partition may show. */
const KINDS = ['cut', 'hole', 'half-hole'] as const

/**
 * How a partition shows.
 *
 * - `cut`: The connections are reset at once, and new ones are too.
 * - `hole`: Nothing passes, and no node is told.
 * - `half-hole`: What the node has sent that has dialled does not come. What comes back does.
 */
export type PartitionKind = typeof KINDS[number]

/** The side of the nodes that no group names. */
export const REST = -1

/** The side of each node, by the groups of a partition. Throws a `ConfigError` for what are no groups, and for a node in two of them. */
export function sidesOf (groups: readonly (readonly number[])[], nodes: number): number[] {
  if (!Array.isArray(groups) || !groups.every((group) => Array.isArray(group))) {
    throw new ConfigError(`Expected \`groups\` to be arrays of the numbers of nodes, such as [[0, 1], [2]], got ${describe(groups)}`)
  }

  const sides = Array<number>(nodes).fill(REST)

  groups.forEach((group: readonly number[], side) => {
    for (const index of group) {
      if (!Object.hasOwn(sides, index)) {
        throw new ConfigError(`Expected a node from 0 to ${nodes - 1} in group ${side}, got ${describe(index)}`)
      }

      if (sides[index] !== REST) {
        throw new ConfigError(`Expected each node in one group, and once, got node ${index} in group ${sides[index]} and in group ${side}`)
      }

      sides[index] = side
    }
  })

  return sides
}

/** Throws a `ConfigError` for a kind that there is not. */
export function checkKind (kind: PartitionKind): void {
  if (!KINDS.includes(kind)) {
    throw new ConfigError(`Expected \`kind\` to be one of ${KINDS.map(describe).join(', ')}, got ${describe(kind)}`)
  }
}
