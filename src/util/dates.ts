import type { Clock } from './clock.ts'

/** What makes dates of the times of a clock, in ms since the Unix epoch: all by the time of day that it is now. */
export function datesOf (clock: Clock): (at: number) => number {
  const epoch = clock.date() - clock.now()

  return (at) => Math.round(epoch + at)
}
