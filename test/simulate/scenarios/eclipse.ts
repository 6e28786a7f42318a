import { mean, MINUTE, rowsOf } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import type { Simulation } from '../../../src/testing/index.ts'

/** Attackers for each honest node. */
const ATTACKERS = 2

/** The first netgroup of the attackers: honest nodes have one each, before these. */
const FIRST_NETGROUP = 10_000

/** What one attacker dials and takes: more than honest nodes do. */
const ATTACKER_SLOTS = 100

/** Between two pings of a session. */
const PING_MS: number = 10 * MINUTE

/** The networks with which the aim is to hold, and what attackers may have there of the outbound slots of a node. */
const AIM = { netgroups: 8, mean: 2, most: 4 }

/** Attackers with many nodes in few networks, against the dialer and tables of honest nodes. */
export const eclipse: Scenario = {
  about: 'attackers with nodes in 4 to 64 networks, against the real dialer, slots and known peers',
  details: 'For each honest node there are two attackers, which are found, accept every session and dial all they can. The honest ones start again after 5 min, one after the other. The table says how many of 8 outbound slots attackers have 5 min later, at how many nodes they have all of these, and their share of the inbound slots.',
  nodes: 100,
  run: async (options) => {
    const honest = options.nodes
    const rows: Row[] = []

    for (const netgroups of [4, 8, 16, 64]) {
      rows.push(...await rowsOf(options, `${netgroups} networks`, {
        nodes: (1 + ATTACKERS) * honest,
        topology: { seeds: 3 },
        // pings decide nothing here, and there are many sessions
        config: { pingInterval: PING_MS },
        node: (index) => index < honest
          ? {}
          : { netgroup: FIRST_NETGROUP + index % netgroups, config: { maxInbound: ATTACKER_SLOTS, maxOutbound: ATTACKER_SLOTS } },
        script: async (simulation, rows) => {
          await simulation.sleep(5 * MINUTE)

          for (const node of simulation.nodes.slice(0, honest)) {
            node.kill()
            await simulation.sleep(MINUTE / honest)
            await node.start()
          }

          await simulation.sleep(5 * MINUTE)
          rows.push([`${netgroups}`, ...slotsOf(simulation, honest)])
        }
      }))
    }

    const [, average, most] = rows.find(([netgroups]) => Number(netgroups) === AIM.netgroups)!.map(Number)

    return {
      title: `Eclipse of ${honest} nodes by ${ATTACKERS * honest}`,
      columns: ['networks', 'outbound slots of 8', 'of the worst node', 'eclipsed nodes', 'inbound slots [%]'],
      rows,
      aims: [{
        what: `attackers in ${AIM.netgroups} networks have at most ${AIM.mean} outbound slots of a node on average, and never more than ${AIM.most}`,
        isMet: average! <= AIM.mean && most! <= AIM.most
      }],
      chart: { label: 0, value: 1, unit: 'slots' }
    }
  }
}

/** What the attackers have: outbound slots on average and at most, nodes with no other outbound peer, and a share of the inbound slots. */
function slotsOf ({ nodes }: Simulation, honest: number): (string | number)[] {
  const bad = new Set(nodes.slice(honest).map(({ id }) => id))
  const victims = nodes.slice(0, honest).map(({ network }) => [...network.peers])
  const slots = victims.map((peers) => peers.filter(({ direction, id }) => direction === 'outbound' && bad.has(id)).length)
  const eclipsed = victims.filter((peers) => peers.every(({ direction, id }) => direction === 'inbound' || bad.has(id)))
  const inbound = victims.flat().filter(({ direction }) => direction === 'inbound')
  const share = inbound.filter(({ id }) => bad.has(id)).length / Math.max(1, inbound.length)

  return [mean(slots).toFixed(2), Math.max(...slots), eclipsed.length, Math.round(100 * share)]
}
