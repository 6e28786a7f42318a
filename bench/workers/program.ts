/** What a worker runs. */
export type Program = (options: never) => Promise<Answers>

/** What the process that measures asks a program, and what the program does then. `stop` is asked last. */
export type Answers = Record<string, (argument: never) => unknown>

/** What a process has used up to now. Every program can be asked for it, under `usage`. */
export interface Usage {
  /** Processor time of all its threads, in ms. */
  cpu: number
  /** {@link monotonicMs}. */
  time: number
}

/** What a process holds after a garbage collection, in bytes. Every program can be asked for it, under `memory`. */
export interface Memory {
  /** Objects, and the buffers that belong to them, without what was compiled. */
  heap: number
  /** All of the process. */
  rss: number
}

/** Milliseconds by a clock that all processes of this machine share. */
export function monotonicMs (): number {
  return Number(process.hrtime.bigint()) / 1e6
}
