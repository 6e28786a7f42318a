import type { Simulation } from '../../../src/testing/index.ts'

/** Something of everything: blocks, transactions, a crash, a restart, and a partition. */
export async function busyScript (simulation: Simulation): Promise<void> {
  const { nodes, chance } = simulation
  await simulation.untilConnected(3)
  const stop = simulation.every(500, () => { simulation.pay(nodes[Math.floor(chance.random() * 6)]!, { bytes: 300 }) })
  simulation.mine(nodes[0]!, { bytes: 100_000 })
  await simulation.sleep(3000)
  nodes[11]!.kill()
  simulation.partition([0, 1, 2, 3, 4])
  simulation.mine(nodes[1]!, { bytes: 20_000 })
  simulation.mine(nodes[6]!)
  await simulation.sleep(10_000)
  simulation.mine(nodes[7]!)
  simulation.heal()
  await nodes[11]!.start()
  await simulation.sleep(20_000)
  stop()
}
