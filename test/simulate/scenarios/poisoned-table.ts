import { mean } from '../scenario.ts'
import { POISON_NETWORKS, poisonedSlots } from '../../connect/exchange/poisoned-table.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'

const RECORDS = 5000

/** Honest peers that a fresh node has heard of. */
const HONEST = [8, 16, 64] as const

/** How many of them there are where the aim is to hold, and what the attacker may have there on average. */
const AIM = { honest: 16, mean: 2 }

/** Fresh nodes whose tables an attacker fills. */
export const poisonedTable: Scenario = {
  about: `fresh nodes, told of ${RECORDS} peers of an attacker in ${POISON_NETWORKS} networks`,
  details: 'One honest peer tells a fresh node of 8, 16 or 64 others, each in a network of its own. The attacker tells of 5,000 records of 4 networks, from each of these, before that or after it. There is no simulation: the table and the order of dials are those of a node, and every dial makes a session. The table says how many of 8 outbound slots the attacker gets.',
  nodes: 20,
  run: async ({ nodes, seed, signal, onProgress }) => {
    const results: { honest: number, isFirst: boolean, slots: number[] }[] = []

    for (const honest of HONEST) {
      for (const isFirst of [true, false]) {
        signal?.throwIfAborted()
        onProgress?.(`${honest} honest`, 0)
        await new Promise((resolve) => { setImmediate(resolve) })
        results.push({ honest, isFirst, slots: poisonedSlots({ honest, records: RECORDS, runs: nodes, seed: String(seed), isFirst }) })
      }
    }

    const aimed = results.filter(({ honest }) => honest >= AIM.honest)

    return {
      title: `${RECORDS} records of ${POISON_NETWORKS} networks`,
      columns: ['honest peers', 'slots of 8', 'of the worst node'],
      rows: results.map(({ honest, isFirst, slots }): Row => {
        return [`${honest}, told ${isFirst ? 'after' : 'before'} the attacker's`, mean(slots).toFixed(2), Math.max(...slots)]
      }),
      aims: [{
        what: `beside ${AIM.honest} honest peers and more, the attacker has at most ${AIM.mean} of 8 slots on average, and never more than ${POISON_NETWORKS}`,
        isMet: aimed.every(({ slots }) => mean(slots) <= AIM.mean && Math.max(...slots) <= POISON_NETWORKS)
      }],
      chart: { label: 0, value: 1, unit: 'slots' }
    }
  }
}
