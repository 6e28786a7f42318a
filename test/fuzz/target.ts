import type { Random } from './random.ts'

/** A part of the package that takes bytes from others, and what has to hold for it. */
export interface Target {
  readonly name: string
  /** How many of all inputs it gets, relative to the others. */
  readonly share: number
  /** Inputs to begin with. */
  seeds (): Uint8Array[]
  /** The input with something changed. `other` is another input to take from. */
  mutate (input: Uint8Array, random: Random, other: Uint8Array): Uint8Array
  /** Throws, or rejects, where the input shows something to be wrong. */
  run (input: Uint8Array): void | Promise<void>
}
