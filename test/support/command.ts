import type { AsyncCommand, Command } from 'fast-check'

/** What a command of a model-based test does, to a naive model and to the real thing. */
export interface Act<Model extends object, Real, Outcome> {
  /** Shown where a sequence of commands fails. */
  name: string
  /** Whether it makes sense now; always, where there is none. */
  check?: (model: Readonly<Model>) => boolean
  run: (model: Model, real: Real) => Outcome
}

/** A command of a model-based test. */
export function command<Model extends object, Real> ({ name, check, run }: Act<Model, Real, void>): Command<Model, Real> {
  return { check: (model) => check?.(model) ?? true, run, toString: () => name }
}

/** The same where something has to be waited for. */
export function asyncCommand<Model extends object, Real> (act: Act<Model, Real, Promise<void>>): AsyncCommand<Model, Real> {
  const { name, check, run } = act

  return { check: (model) => check?.(model) ?? true, run, toString: () => name }
}
