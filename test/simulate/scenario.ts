import type { ScenarioResult } from './result.ts'
import type { SimulateOptions } from '../../src/testing/index.ts'

/** What a scenario is run with. */
export interface ScenarioOptions {
  seed: number
  /** How many nodes; each scenario has a number of its own where it is `undefined`. */
  nodes?: number | undefined
  signal?: AbortSignal | undefined
  /** Called now and then with what is under way, and the virtual time in ms. */
  onProgress?: ((what: string, at: number) => void) | undefined
}

/** A network, what happens to it, and what comes of it. */
export interface Scenario {
  about: string
  run: (options: ScenarioOptions) => Promise<ScenarioResult>
}

/** The value below which a share of sorted values is; `NaN` where there are none. */
export function quantile (sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

/** What `simulate` takes of the options of a scenario. */
export function common ({ seed, signal, onProgress }: ScenarioOptions, what: string): Pick<SimulateOptions, 'seed' | 'signal' | 'onProgress'> {
  return { seed, ...signal == null ? {} : { signal }, ...onProgress == null ? {} : { onProgress: (at) => { onProgress(what, at) } } }
}
