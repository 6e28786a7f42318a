import { peerCounts, quantile, rowsOf, SECOND } from '../scenario.ts'
import type { Scenario } from '../scenario.ts'

const BLOCKS = 20
const BLOCK_BYTES = 10_000

/** Many nodes join at once, and know one seed. */
export const flashCrowd: Scenario = {
  about: 'hundreds of nodes join at once behind one seed, and fetch its chain',
  details: `The seed has ${BLOCKS} blocks of 10 KB and 32 inbound slots. The table says how many nodes have a peer, how many peers half of them have, and how many have the chain.`,
  nodes: 500,
  run: async (options) => {
    const joiners = options.nodes
    const rows = await rowsOf(options, 'flash crowd', {
      nodes: joiners + 1,
      topology: { seeds: 1 },
      node: (index) => ({ isStarted: index === 0 }),
      config: { maxInbound: 32 },
      script: async (simulation, rows) => {
        const { nodes } = simulation

        for (let block = 0; block < BLOCKS; block++) {
          simulation.mine(nodes[0]!, { bytes: BLOCK_BYTES })
        }

        await Promise.all(nodes.map(async (node) => node.start()))

        for (const seconds of [5, 15, 30, 60, 120, 240]) {
          await simulation.sleep(seconds * SECOND - simulation.now)
          const peers = peerCounts(nodes)
          const complete = nodes.filter(({ chain }) => chain.height === BLOCKS).length
          rows.push([`${seconds} s`, peers.filter((count) => count > 0).length, quantile(peers, 0.5), complete])
        }
      }
    })

    return {
      title: `Flash crowd of ${joiners}`,
      columns: ['after', 'with a peer', 'half have peers', 'with the chain'],
      rows,
      aims: [{ what: 'every node has the chain after 4 min', isMet: rows.at(-1)?.[3] === joiners + 1 }],
      chart: { label: 0, value: 3, unit: 'nodes' }
    }
  }
}
