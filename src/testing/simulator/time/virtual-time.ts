import { EventHeap } from './event-heap.ts'
import type { Event, Processor } from './event.ts'

/** The time of a simulation: it stands still until the next event, and then jumps there. */
export class VirtualTime {
  readonly #heap = new EventHeap()
  #now = 0
  #order = 0
  #happened = 0
  /** What had happened when the time last moved. */
  #movedAt = 0
  #turn: { callback: () => void, process: Processor }[] = []

  /** In ms, from 0 on. */
  get now (): number {
    return this.#now
  }

  /** How many events have happened. */
  get happened (): number {
    return this.#happened
  }

  /** How many events have happened since the time moved. */
  get standing (): number {
    return this.#happened - this.#movedAt
  }

  /** How many events are to come, cancelled ones too. */
  get pending (): number {
    return this.#heap.size
  }

  /** Has `run` called at a time that is not over, in a process where there is one. */
  at (time: number, run: () => void, process?: Processor): Event {
    const event = { at: 0, order: 0, process, run }
    this.schedule(event, time)

    return event
  }

  /** Has an event happen at a time that is not over. */
  schedule (event: Event, time: number): void {
    event.at = Math.max(time, this.#now)
    event.order = this.#order++
    this.#heap.push(event)
  }

  /** Cancels an event. Takes `undefined`, and one that has happened or was cancelled. */
  cancel (event: Event | undefined): void {
    if (event?.run == null) {
      return
    }

    if (event.process?.waiting.includes(event) === true) {
      event.run = undefined
    } else {
      this.#heap.cancel(event)
    }
  }

  /** Has `callback` called when all microtasks of the present event are done. */
  afterTurn (callback: () => void, process: Processor): void {
    this.#turn.push({ callback, process })
  }

  /** Takes one step. All microtasks have to be done before the next one. False where nothing is left to happen. */
  step (): boolean {
    if (this.#turn.length > 0) {
      const turn = this.#turn
      this.#turn = []

      for (const { callback, process } of turn) {
        if (process.isAlive) {
          callback()
        }
      }

      return true
    }

    for (let event = this.#heap.pop(); event != null; event = this.#heap.pop()) {
      if (event.run != null && event.process?.isAlive !== false && this.#begin(event)) {
        return true
      }
    }

    return false
  }

  /** False where the event has to wait for its processor. */
  #begin (event: Event): boolean {
    const { process, at } = event

    if (process != null && (process.waiting.length > 0 || process.busyUntil > at)) {
      process.waiting.push(event)

      if (process.waiting.length === 1) {
        this.#wake(process)
      }

      return false
    }

    this.#moveTo(at)
    this.#run(event)

    return true
  }

  /** Goes on with what waits for a processor as soon as that is free. */
  #wake (process: Processor): void {
    const wake: Event = { at: Math.max(process.busyUntil, this.#now), order: this.#order++, process: undefined, run: () => {} }

    wake.run = () => {
      const next = process.waiting.shift()
      this.#moveTo(wake.at)

      if (next?.run != null) {
        this.#run(next)
      }

      if (process.waiting.length > 0) {
        this.#wake(process)
      }
    }

    this.#heap.push(wake)
  }

  #moveTo (at: number): void {
    if (at > this.#now) {
      this.#now = at
      this.#movedAt = this.#happened
    }
  }

  #run (event: Event): void {
    const { run } = event
    event.run = undefined
    this.#happened++
    run?.call(event)
  }
}
