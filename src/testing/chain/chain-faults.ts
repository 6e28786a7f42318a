import { VibeCoinError } from '../../errors.ts'
import type { Awaitable } from '../../types/chain.ts'
import type { Clock } from '../../util/clock.ts'

/** A call of a chain that may fail. */
export type ChainCall = 'tip' | 'get' | 'verify' | 'append' | 'reorganise'

/**
 * What may be wrong with a chain.
 *
 * - `slow`: Each call takes `ms` longer.
 * - `hangs`: Calls answer when the fault is over, and not before.
 * - `throws`: Each call throws `error`.
 * - `full`: `append` and `reorganise` throw what a full disk throws, with the code `ENOSPC`.
 */
export type ChainFaultKind = 'slow' | 'hangs' | 'throws' | 'full'

/** A fault that a test asks for. */
export interface ChainFault {
  /** What happens. */
  kind: ChainFaultKind
  /** Which calls have it. By default `append` and `reorganise` where it is `full`, and else all but `tip`. */
  on?: readonly ChainCall[]
  /** How much longer a call takes, in ms. For `slow`. @default 100 */
  ms?: number
  /** What is thrown. For `throws`. A {@link ChainFaultError} by default. */
  error?: Error
  /** How many calls have it, until it is over by itself. @default Infinity */
  times?: number
}

/**
 * A chain for tests fails as the test has asked for, or was used in a way that the contract of a chain forbids.
 *
 * @remarks Look at `code`: `ENOSPC` where it is full, `EIO` for another fault, `EUNLINKED` where blocks do not follow the chain.
 */
export class ChainFaultError extends VibeCoinError {
  override readonly name = 'ChainFaultError'

  /** What a disk would say, or `EUNLINKED`. */
  readonly code: 'ENOSPC' | 'EIO' | 'EUNLINKED'

  constructor (code: ChainFaultError['code'], message: string) {
    super(message)
    this.code = code
  }
}

interface ActiveFault extends Required<Omit<ChainFault, 'error'>> {
  error: Error | undefined
  over: PromiseWithResolvers<void>
}

const ON: Record<ChainFaultKind, readonly ChainCall[]> = {
  slow: ['get', 'verify', 'append', 'reorganise'],
  hangs: ['get', 'verify', 'append', 'reorganise'],
  throws: ['get', 'verify', 'append', 'reorganise'],
  full: ['append', 'reorganise']
}

/** The faults that a chain has now. Several may hold at a time. */
export class ChainFaults {
  readonly #clock: Clock
  readonly #active = new Set<ActiveFault>()

  constructor (clock: Clock) {
    this.#clock = clock
  }

  /** Begins a fault. Returns what ends it. */
  begin ({ kind, on = ON[kind], ms = 100, error, times = Infinity }: ChainFault): () => void {
    const fault: ActiveFault = { kind, on, ms, error, times, over: Promise.withResolvers() }
    this.#active.add(fault)

    return () => { this.#end(fault) }
  }

  /** Ends all of them. */
  endAll (): void {
    this.#active.forEach((fault) => { this.#end(fault) })
  }

  /** Makes a call, with what is wrong with it. It is made in this turn where nothing is. */
  run<T> (call: ChainCall, act: () => Awaitable<T>): Awaitable<T> {
    const faults = [...this.#active].filter(({ on }) => on.includes(call))

    return faults.length === 0 ? act() : this.#runWith(faults, call, act)
  }

  async #runWith<T> (faults: readonly ActiveFault[], call: ChainCall, act: () => Awaitable<T>): Promise<T> {
    for (const fault of faults) {
      if (--fault.times === 0) {
        this.#active.delete(fault)
      }

      await this.#suffer(fault, call)
    }

    return act()
  }

  async #suffer ({ kind, ms, error, over }: ActiveFault, call: ChainCall): Promise<void> {
    switch (kind) {
      case 'slow':
        await new Promise<void>((resolve) => { this.#clock.setTimeout(resolve, ms) })
        break
      case 'hangs':
        await over.promise
        break
      case 'throws':
        throw error ?? new ChainFaultError('EIO', `The chain fails at ${call}, as the test has asked for`)
      case 'full':
        throw new ChainFaultError('ENOSPC', `The chain is full at ${call}, as the test has asked for`)
    }
  }

  #end (fault: ActiveFault): void {
    this.#active.delete(fault)
    fault.over.resolve()
  }
}
