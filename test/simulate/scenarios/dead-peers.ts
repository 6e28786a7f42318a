import { EPOCH_MS } from '../../../src/testing/simulator/time/process.ts'
import { ipOf, peerIdOf, PORT } from '../../../src/testing/simulator/world/addresses.ts'
import { MINUTE, rowsOf, SECOND } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import type { KnownPeer } from '../../../src/types/known-peers.ts'

/** The first netgroup of the dead: those that are there have one each, before these. */
const FIRST_NETGROUP = 1000

/** How long the node may take until its slots are full, in s. */
const MOST_SECONDS = 120

/** A node whose known peers are all gone but a few. */
export const deadPeers: Scenario = {
  about: 'a node whose known peers are dead but for ten, with up to ten thousand',
  details: 'The node finds no peers but those that it knows. A node keeps the thousand that it has reached last: those that are there are in the middle of them. The table says after how long it has 1, 4 and 8 peers.',
  nodes: 10,
  run: async (options) => {
    const alive = options.nodes
    const rows: Row[] = []

    for (const dead of [0, 100, 1000, 10_000]) {
      const known = knownPeers({ alive, dead, seed: String(options.seed) })
      rows.push(...await rowsOf(options, `${dead} dead peers`, {
        nodes: alive + 1,
        topology: [],
        node: (index) => index > 0 ? {} : { isStarted: false, knownPeers: known, config: { maxOutbound: 8 } },
        script: async (simulation, rows) => {
          const [first] = simulation.nodes
          await first!.start()

          for (const peers of [1, 4, 8]) {
            await simulation.until(() => [...first!.network.peers].length >= peers, `${peers} peers`, { within: 120 * MINUTE })
            rows.push([`${dead} dead: ${peers} peers`, (simulation.now / SECOND).toFixed(1)])
          }
        }
      }))
    }

    const slowest = Math.max(...rows.map(([, seconds]) => Number(seconds)))

    return {
      title: 'Dead peers',
      columns: ['known peers', 'after [s]'],
      rows,
      chart: { label: 0, value: 1, unit: 's' },
      aims: [{ what: `8 peers within ${MOST_SECONDS} s, whatever else the node knows`, isMet: slowest <= MOST_SECONDS }]
    }
  }
}

/** What the node knows from an earlier run. */
function knownPeers ({ alive, dead, seed }: { alive: number, dead: number, seed: string }): KnownPeer[] {
  return Array.from({ length: alive + dead }, (_, index): KnownPeer => {
    const isAlive = index < alive
    const [source, name] = isAlive ? [ipOf(index + 1, index + 1), seed] : [ipOf(FIRST_NETGROUP + index, 1), `${seed} dead`]

    return {
      id: peerIdOf(name, index + 1).toString(),
      addresses: [`/ip4/${source}/tcp/${PORT}`],
      lastSuccess: EPOCH_MS - (isAlive ? 500 : index) * SECOND,
      source
    }
  })
}
