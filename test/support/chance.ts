import { seededChance } from '../../src/util/chance.ts'
import type { Chance } from '../../src/util/chance.ts'

/** Chance whose numbers a test chooses. Its secrets are the same in each run. */
export function drawing (random: () => number): Chance {
  return { ...seededChance(1), random }
}
