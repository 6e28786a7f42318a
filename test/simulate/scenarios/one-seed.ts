import { mean, MINUTE, quantile, rowsOf } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import type { Simulation } from '../../../src/testing/index.ts'

const OUTBOUND = 8
const INBOUND = 32

/** Looks at the network, in minutes. */
const AFTER: readonly number[] = [1, 2, 5, 10, 20]

/** Pings decide nothing here, and there are many sessions. */
const PING_MS: number = 10 * MINUTE

/** A network whose nodes know one seed alone, and find each other by asking. */
export const oneSeed: Scenario = {
  about: 'nodes that know one seed alone, and ask each other for peers',
  details: 'Every node knows the first one, which has room for 32 as all have. There is no DHT and no DNS: the nodes ask each other for peers. They start at once. The table says how many of 8 outbound slots are filled, how many nodes have filled all, and how many peers a node knows.',
  nodes: 300,
  run: async (options) => {
    const rows: Row[] = await rowsOf(options, 'one seed', {
      topology: Array.from({ length: options.nodes - 1 }, (_, index): [number, number] => [index + 1, 0]),
      node: () => ({ chain: false }),
      config: { maxOutbound: OUTBOUND, maxInbound: INBOUND, maxPendingHandshakes: 16, pingInterval: PING_MS },
      script: async (simulation, rows) => {
        for (const minutes of AFTER) {
          await simulation.sleep(minutes * MINUTE - simulation.now)
          rows.push([`${minutes} min`, ...filledOf(simulation)])
        }
      }
    })

    return {
      title: `${options.nodes} nodes that know one seed`,
      columns: ['after', `outbound slots of ${OUTBOUND}`, 'nodes with all of them', 'of the worst node', 'peers that half of the nodes know'],
      rows,
      aims: [{
        what: `all nodes have filled their ${OUTBOUND} outbound slots after ${AFTER.at(-1)} min`, isMet: rows.at(-1)?.[2] === options.nodes
      }],
      chart: { label: 0, value: 2, unit: 'nodes' }
    }
  }
}

function filledOf ({ running }: Simulation): (string | number)[] {
  const statuses = running.map(({ network }) => network.status())
  const slots = statuses.map(({ slots }) => Math.min(OUTBOUND, slots.outbound.used))
  const known = statuses.map(({ known: { reached, heardOf } }) => reached + heardOf).sort((a, b) => a - b)

  return [mean(slots).toFixed(2), slots.filter((count) => count === OUTBOUND).length, Math.min(...slots), quantile(known, 0.5)]
}
