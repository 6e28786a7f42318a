import { VibeCoinError } from '../../../errors.ts'

/** What is known of a {@link SimulationError}. */
export interface SimulationFacts {
  /** The seed with which the same happens again. */
  seed: string
  /** When it happened, in ms of virtual time. */
  at: number
  cause?: unknown
}

/** A simulation that went wrong: its script threw, a condition was not met in time, or a node did what cannot be simulated. */
export class SimulationError extends VibeCoinError {
  override readonly name = 'SimulationError'
  /** The seed with which the same happens again. */
  readonly seed: string
  /** When it happened, in ms of virtual time. */
  readonly at: number

  constructor (message: string, { seed, at, cause }: SimulationFacts) {
    super(`${message} (seed ${seed}, at ${(at / 1000).toFixed(3)} s)`, { cause })
    this.seed = seed
    this.at = at
  }
}
