/** What runs in a process of its own, as a part of a work. */
export type Part = (options: never) => Promise<Answers>

/** What a part is asked by the process that measures, and what it does when it is asked. `stop` is asked last. */
export type Answers = Record<string, (argument: never) => unknown>

/** What a process has used up to now. Every part can be asked for it, under `usage`. */
export interface Usage {
  /** Processor time of all its threads, in ms. */
  cpu: number
  /** {@link monotonicMs}. */
  time: number
}

/** What a process holds after a garbage collection, in bytes. Every part can be asked for it, under `memory`. */
export interface Memory {
  /** Objects, and the buffers that belong to them. */
  heap: number
  /** All of the process. */
  rss: number
}

/** Milliseconds by a clock that all processes of this machine share. */
export function monotonicMs (): number {
  return Number(process.hrtime.bigint()) / 1e6
}
