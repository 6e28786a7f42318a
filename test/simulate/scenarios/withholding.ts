import { decodeMessage } from '../../../src/index.ts'
import { MINUTE, quantile, rowsOf } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'

const BLOCK_BYTES = 200_000

/** Nodes that announce blocks and do not send them. */
export const withholding: Scenario = {
  about: 'a share of the nodes announces blocks and sends none',
  details: 'An honest node makes a block of 200 KB. The table says after how long half of the honest nodes have it, and all of them.',
  nodes: 100,
  run: async (options) => {
    const { nodes } = options
    const rows: Row[] = []

    for (const share of [0, 0.1, 0.3, 0.5]) {
      rows.push(...await rowsOf(options, `${100 * share} % withhold`, {
        node: (index) => index >= nodes * share ? {} : { tamper: (message) => decodeMessage(message).message?.type === 'newBlock' ? [] : [message] },
        script: async (simulation, rows) => {
          await simulation.untilConnected(2)
          const among = simulation.nodes.map(({ index }) => index).filter((index) => index >= nodes * share)
          const item = simulation.mine(simulation.nodes.at(-1)!, { bytes: BLOCK_BYTES })
          await simulation.untilHeard(item, { among, within: 10 * MINUTE })
          const delays = among.map((index) => item.heardAt[index]! - item.at).sort((a, b) => a - b)
          rows.push([`${100 * share} %`, Math.round(quantile(delays, 0.5)), Math.round(delays.at(-1)!)])
        }
      }))
    }

    return { title: 'Withholding', columns: ['withhold', 'half [ms]', 'all honest [ms]'], rows, chart: { label: 0, value: 2, unit: 'ms' } }
  }
}
