import { simulate } from '../../src/testing/index.ts'
import type { Row, ScenarioResult } from './result.ts'
import type { SimulateOptions, SimulatedNode, Simulation } from '../../src/testing/index.ts'

export const SECOND = 1000
export const MINUTE: number = 60 * SECOND

/** What a scenario is run with. */
export interface ScenarioOptions {
  seed: number | string
  nodes: number
  signal?: AbortSignal | undefined
  /** Called now and then with what is under way, and the virtual time in ms. */
  onProgress?: ((what: string, at: number) => void) | undefined
}

/** A network, what happens to it, and what comes of it. */
export interface Scenario {
  /** In the list of scenarios: one line. */
  about: string
  /** What happens, and what the columns say: a few lines, for the help of the scenario. */
  details: string
  /** How many nodes, unless `--nodes` says otherwise. */
  nodes: number
  run: (options: ScenarioOptions) => Promise<ScenarioResult>
}

/** What a scenario gives to {@link rowsOf}: a simulation whose script fills rows. */
export interface ScriptedTable extends Omit<SimulateOptions, 'nodes' | 'script' | 'seed' | 'signal' | 'onProgress'> {
  /** As many as the options of the scenario say, unless there is a number here. */
  nodes?: number
  script: (simulation: Simulation, rows: Row[]) => Promise<void>
}

/** Runs one simulation of a scenario, which `what` names, and returns the rows that its script has filled. */
export async function rowsOf (options: ScenarioOptions, what: string, { script, ...simulated }: ScriptedTable): Promise<Row[]> {
  const rows: Row[] = []
  await simulate({
    nodes: options.nodes, ...simulated, ...common(options, what), script: async (simulation) => { await script(simulation, rows) }
  })

  return rows
}

/** What `simulate` takes of the options of a scenario. */
export function common ({ seed, signal, onProgress }: ScenarioOptions, what: string): Pick<SimulateOptions, 'seed' | 'signal' | 'onProgress'> {
  return { seed, ...signal == null ? {} : { signal }, ...onProgress == null ? {} : { onProgress: (at) => { onProgress(what, at) } } }
}

/** The value below which a share of sorted values is; `NaN` where there are none. */
export function quantile (sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

/** How many peers each of some nodes has, the fewest first. */
export function peerCounts (nodes: readonly SimulatedNode[]): number[] {
  return nodes.map(({ network }) => [...network.peers].length).sort((a, b) => a - b)
}

export function mean (values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
