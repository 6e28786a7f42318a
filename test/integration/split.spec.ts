import assert from 'node:assert/strict'
import { simulate } from '../../src/testing/index.ts'
import type { SimulatedNode, Simulation } from '../../src/testing/index.ts'

const NODES = 16
const SLOTS = 2
const MINUTE = 60_000

const CONFIG = { maxOutbound: SLOTS, maxReconnectDelay: MINUTE }

/** A healed network agrees within this time. */
const HEAL_MS = 3 * MINUTE

const LEFT = Array.from({ length: NODES / 2 }, (_, index) => index)

function halvesOf ({ nodes }: Simulation): [SimulatedNode[], SimulatedNode[]] {
  return [nodes.slice(0, NODES / 2), nodes.slice(NODES / 2)]
}

function areAgreed (nodes: readonly SimulatedNode[]): boolean {
  return nodes.every(({ chain }) => Buffer.compare(chain.tip().hash, nodes[0]!.chain.tip().hash) === 0)
}

function areFull (nodes: readonly SimulatedNode[]): boolean {
  return nodes.every(({ network: { peers } }) => peers.counts.outbound >= SLOTS)
}

/** How many sessions there are between the halves. */
function across (simulation: Simulation): number {
  const [left, right] = halvesOf(simulation)
  const ids = new Set(right.map(({ id }) => id))

  return left.reduce((count, { network: { peers } }) => count + [...peers].filter(({ id }) => ids.has(id)).length, 0)
}

describe('integration/split', function () {
  this.timeout(120_000)

  for (const [minutes, seeds] of [[5, 6], [120, 1]] as const) {
    it(`agrees again within ${HEAL_MS / MINUTE} minutes, and stays so, where the halves of a network were cut off for ${minutes} minutes and had their slots full`, async () => {
      for (let seed = 0; seed < seeds; seed++) {
        const script = async (simulation: Simulation): Promise<void> => splitAndHeal(simulation, minutes)
        await simulate({ nodes: NODES, seed, topology: { seeds: NODES }, config: CONFIG, script })
      }
    })
  }
})

async function splitAndHeal (simulation: Simulation, minutes: number): Promise<void> {
  const { nodes } = simulation
  const [left, right] = halvesOf(simulation)
  await simulation.until(() => areFull(nodes), 'full slots')
  simulation.partition(LEFT)
  await simulation.until(() => across(simulation) === 0, 'the last session between the halves to end', { within: 2 * MINUTE })

  for (let minute = 0; minute < minutes; minute++) {
    simulation.mine(left[minute % left.length]!)
    simulation.mine(left[minute % left.length]!)
    simulation.mine(right[minute % right.length]!)
    await simulation.sleep(MINUTE)
  }

  assert.ok(areAgreed(left) && areAgreed(right) && !areAgreed(nodes))
  await simulation.until(() => areFull(nodes), 'full slots in each half', { within: MINUTE })
  simulation.heal()
  await simulation.until(() => areAgreed(nodes), 'one tip', { within: HEAL_MS })

  for (let minute = 0; minute < 5; minute++) {
    simulation.mine(nodes[(3 * minute) % NODES]!)
    await simulation.until(() => areAgreed(nodes), 'the tip that was just made', { within: MINUTE })
    await simulation.sleep(MINUTE)
  }

  assert.ok(across(simulation) > 0)
}
