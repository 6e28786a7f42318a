import { BAD } from './bad.ts'
import { KINDS } from './story.ts'
import { simulate } from '../../../src/testing/index.ts'
import type { Action, Story } from './story.ts'
import type { LinkOptions, NodeOptions, Simulation, SimulationReport } from '../../../src/testing/index.ts'

/** How long everything may take to come to rest, in ms of virtual time: twice the longest pause between two dials. */
const REST_MS = 600_000

const SEEDS = 3
const MAX_OUTBOUND = 4
const MAX_INBOUND = 8

/** Runs a story, and throws for the first property that does not hold. */
export async function tell (story: Story, signal?: AbortSignal, links: LinkOptions = {}): Promise<SimulationReport> {
  const { seed, honest, bad, lossesPerHour, actions } = story

  return simulate({
    nodes: honest + bad.length,
    seed,
    links: { lossesPerHour, ...links },
    topology: { seeds: Math.min(SEEDS, honest) },
    config: { maxOutbound: MAX_OUTBOUND, maxInbound: MAX_INBOUND },
    node: (index) => nodeOf(story, index),
    ...signal == null ? {} : { signal },
    script: async (simulation) => {
      const stop = simulation.every(1000, () => { checkSlots(simulation) })
      await simulation.sleep(5000)

      for (const action of actions) {
        await act(simulation, action, honest)
      }

      simulation.heal()
      await Promise.all(simulation.nodes.map(async (each) => each.start()))
      await rest(simulation, honest)
      checkBans(simulation, honest)
      stop()
    }
  })
}

function nodeOf ({ honest, bad, kinds }: Story, index: number): NodeOptions {
  return index < honest ? KINDS[kinds[index - SEEDS] ?? 'plain'] : { tamper: BAD[bad[index - honest]!]() }
}

async function act (simulation: Simulation, action: Action, honest: number): Promise<void> {
  if (action.do === 'wait') {
    await simulation.sleep(action.ms)
  } else if (action.do === 'heal') {
    simulation.heal()
  } else if (action.do === 'tie') {
    // each hears of the other's block when it has its own
    for (const node of new Set([action.node % honest, action.other % honest])) {
      await actOn(simulation, { do: 'mine', node, bytes: action.bytes }, honest)
    }
  } else if (action.do === 'cut') {
    simulation.partition(Array.from({ length: action.at % honest }, (_, index) => index))
  } else {
    await actOn(simulation, action, honest)
  }
}

async function actOn (simulation: Simulation, action: Exclude<Action & { node: number }, { do: 'tie' }>, honest: number): Promise<void> {
  const { nodes } = simulation
  // bad nodes make no blocks, and may be anything else
  const chosen = nodes[action.node % (action.do === 'mine' || action.do === 'pay' ? honest : nodes.length)]!

  if (action.do === 'start') {
    await chosen.start()
  } else if (action.do === 'stop') {
    await chosen.stop()
  } else if (action.do === 'crash' || action.do === 'vanish') {
    chosen.kill({ isSilent: action.do === 'vanish' })
  } else if (action.do === 'mine' && chosen.isRunning) {
    simulation.mine(chosen, { bytes: action.bytes })
  } else if (action.do === 'pay' && chosen.isRunning) {
    simulation.pay(chosen, { bytes: 200 })
  }
}

/** One more block on the longest chain comes to every honest node, and all of them are in step. */
async function rest (simulation: Simulation, honest: number): Promise<void> {
  const among = Array.from({ length: honest }, (_, index) => index)
  const [longest] = simulation.nodes.slice(0, honest).sort((a, b) => b.chain.height - a.chain.height)
  await simulation.sleep(1000)
  const block = simulation.mine(longest!, { bytes: 30_000 })
  await simulation.untilHeard(block, { among, within: REST_MS })
  const tips = simulation.nodes.slice(0, honest).map(({ chain }) => Buffer.from(chain.tip().hash).toString('hex'))

  if (new Set(tips).size > 1) {
    throw simulation.error(`Honest nodes are on different chains at rest: ${tips.map((tip) => tip.slice(0, 8)).join(' ')}`)
  }
}

function checkSlots (simulation: Simulation): void {
  for (const { index, network } of simulation.running) {
    const { inbound, outbound } = network.peers.counts

    // two more for a while: peers that the node tries beside full slots
    if (inbound > MAX_INBOUND || outbound > MAX_OUTBOUND + 1) {
      throw simulation.error(`Node ${index} has ${inbound} inbound and ${outbound} outbound sessions`)
    }
  }
}

function checkBans (simulation: Simulation, honest: number): void {
  const good = new Set(simulation.nodes.slice(0, honest).flatMap(({ id, address }) => [id, address.split('/')[2]!]))

  for (const { index, network } of simulation.nodes.slice(0, honest)) {
    const wrong = network.peers.bans.find(({ subject }) => good.has(subject))

    if (wrong != null) {
      throw simulation.error(`Node ${index} has banned an honest one: ${wrong.subject} for ${wrong.reason}`)
    }
  }
}
