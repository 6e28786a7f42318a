/** Where events of a node happen: one of them at a time. */
export interface Processor {
  /** Nothing happens on one that is not. */
  readonly isAlive: boolean
  /** When it is free, in ms of virtual time. */
  readonly busyUntil: number
  /** What is due and waits for it, in order. */
  readonly waiting: Event[]
}

/** Something that happens at a moment of virtual time. */
export interface Event {
  /** In ms. */
  at: number
  /** Of those at the same moment, the lower one is first. */
  order: number
  /** Where it happens; `undefined` where it is no part of a node. */
  process: Processor | undefined
  /** Called with the event as `this`. `undefined` once it has happened, or was cancelled. */
  run: ((this: Event) => void) | undefined
}
