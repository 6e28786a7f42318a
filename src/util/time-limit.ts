import type { Clock } from './clock.ts'

/** Options of {@link withTimeLimit}. */
export interface TimeLimit {
  clock: Clock
  /** How long the task may take, in ms. */
  ms: number
  /** End the task before that. */
  signals?: readonly (AbortSignal | undefined)[]
}

/**
 * Runs a task with a signal that is aborted after `ms`, with the reason of `AbortSignal.timeout`, or with one of `signals`. The timer ends
 * with the task.
 */
export async function withTimeLimit<Result> (
  { clock, ms, signals = [] }: TimeLimit, task: (signal: AbortSignal) => Promise<Result>
): Promise<Result> {
  const late = new AbortController()
  const timer = clock.setTimeout(() => { late.abort(new DOMException(`No end within ${ms} ms`, 'TimeoutError')) }, ms)

  try {
    return await task(AbortSignal.any([late.signal, ...signals.filter((signal) => signal != null)]))
  } finally {
    clock.clearTimeout(timer)
  }
}
