import { mean, MINUTE, rowsOf } from '../scenario.ts'
import type { Row } from '../result.ts'
import type { Scenario } from '../scenario.ts'
import type { Simulation } from '../../../src/testing/index.ts'

/** Attackers for each honest node. */
const ATTACKERS = 2

/** The first netgroup of the attackers: honest nodes are before these. */
const FIRST_NETGROUP = 10_000

/** An attacker takes all sessions that come. It opens as many as honest nodes do: full inbound slots are another attack. */
const ATTACKER = { maxInbound: 100, maxBlockOnly: 0 } as const

/** Between two pings of a session. */
const PING_MS: number = 10 * MINUTE

/** Outbound slots of a node. */
const SLOTS = 8

/** In how many networks the attackers are, and in how many the honest nodes; as many as there are of these where that is more. */
const CASES = [
  { netgroups: 8, honest: Infinity },
  { netgroups: 32, honest: Infinity },
  { netgroups: 8, honest: 24 }
] as const

/** What attackers in 8 networks may have of the outbound slots of a node, where honest nodes are in 100. */
const AIM = { netgroups: 8, honest: 100, mean: 2, most: 4 }

/** Attackers with many nodes in few networks, against the dialer and tables of honest nodes. */
export const eclipse: Scenario = {
  about: 'attackers with nodes in 8 or 32 networks, against the real dialer, slots and known peers',
  details: 'For each honest node there are two attackers, which are found, accept every session, and dial 8 honest nodes each. An honest node has a network of its own, and in the last row shares one of 24 with others. The honest ones start again after 5 min, one after the other. The table says how many of 8 outbound slots attackers have 10 min later, how many a draw of networks would give them, at how many nodes they have all of them, and their share of the inbound slots.',
  nodes: 100,
  run: async (options) => {
    const rows: Row[] = []

    for (const { netgroups, honest } of CASES) {
      rows.push(await play(options, { netgroups, honest: Math.min(honest, options.nodes) }))
    }

    const [, share, average, most] = rows[CASES.findIndex(({ netgroups }) => netgroups === AIM.netgroups)]!.map(Number)
    const [, crowdedShare, crowded] = rows.at(-1)!.map(Number)

    return {
      title: `Eclipse of ${options.nodes} nodes by ${ATTACKERS * options.nodes}`,
      columns: ['networks, honest ones', 'by a draw', `outbound slots of ${SLOTS}`, 'of the worst node', 'eclipsed nodes', 'inbound slots [%]'],
      rows,
      aims: [
        {
          what: options.nodes >= AIM.honest
            ? `attackers in ${AIM.netgroups} networks have at most ${AIM.mean} outbound slots of a node on average, and never more than ${AIM.most}`
            : `attackers in ${AIM.netgroups} networks have at most one outbound slot more than a draw would give them, on average`,
          isMet: options.nodes >= AIM.honest ? average! <= AIM.mean && most! <= AIM.most : average! <= share! + 1
        },
        { what: 'the same where honest nodes share networks: at most one slot more than by a draw', isMet: crowded! <= crowdedShare! + 1 }
      ],
      chart: { label: 0, value: 2, unit: 'slots' }
    }
  }
}

async function play (
  options: Parameters<Scenario['run']>[0], { netgroups, honest }: { netgroups: number, honest: number }
): Promise<Row> {
  const [row] = await rowsOf(options, `${netgroups} networks beside ${honest}`, {
    nodes: (1 + ATTACKERS) * options.nodes,
    topology: { seeds: 3 },
    // pings decide nothing here, and there are many sessions
    config: { pingInterval: PING_MS },
    node: (index) => {
      return index < options.nodes
        ? { netgroup: index % honest }
        : { netgroup: FIRST_NETGROUP + index % netgroups, config: ATTACKER, mayDial: (to) => to < options.nodes }
    },
    script: async (simulation, rows) => {
      await simulation.sleep(5 * MINUTE)

      for (const node of simulation.nodes.slice(0, options.nodes)) {
        node.kill()
        await simulation.sleep(MINUTE / options.nodes)
        await node.start()
      }

      await simulation.sleep(10 * MINUTE)
      const draw = SLOTS * netgroups / (netgroups + honest - 1)
      rows.push([`${netgroups} beside ${honest}`, Math.min(SLOTS, draw).toFixed(2), ...slotsOf(simulation, options.nodes)])
    }
  })

  return row!
}

/** What the attackers have: outbound slots on average and at most, nodes with no other outbound peer, and a share of the inbound slots. */
function slotsOf ({ nodes }: Simulation, honest: number): (string | number)[] {
  const bad = new Set(nodes.slice(honest).map(({ id }) => id))
  const victims = nodes.slice(0, honest).map(({ network }) => [...network.peers])
  const slots = victims.map((peers) => {
    return peers.filter(({ direction, isBlockOnly, id }) => direction === 'outbound' && !isBlockOnly && bad.has(id)).length
  })
  const eclipsed = victims.filter((peers) => peers.every(({ direction, id }) => direction === 'inbound' || bad.has(id)))
  const inbound = victims.flat().filter(({ direction }) => direction === 'inbound')
  const share = inbound.filter(({ id }) => bad.has(id)).length / Math.max(1, inbound.length)

  return [mean(slots).toFixed(2), Math.max(...slots), eclipsed.length, Math.round(100 * share)]
}
