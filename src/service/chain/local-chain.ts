import { checkGenesis } from './genesis.ts'
import { LocalTip } from './local-tip.ts'
import { StorageError, errorMessage } from '../../errors.ts'
import { CALL_OVERDUE_MS } from '../../sync/chain/chain-calls.ts'
import { ChainGate, isChainLeft } from '../../sync/chain/chain-gate.ts'
import type { ChainMethod } from '../../sync/chain/chain-calls.ts'
import type { Clock } from '../../util/clock.ts'
import type { ChainSource, ChainStore } from '../../types/chain.ts'
import type { Tip } from '../../types/block.ts'
import type { Logger } from '@libp2p/interface'

/** Options of {@link LocalChain}. */
export interface LocalChainInit {
  chain: ChainSource | ChainStore | undefined
  genesisHash: Uint8Array
  clock: Clock
  log: Logger
  /** Called with an error of the chain, and with one that says what it lacks. It must not throw. */
  onError: (error: unknown) => void
  /** Takes how long a call of the chain took, in ms. It must not throw. */
  onCalled?: (method: ChainMethod, ms: number) => void
}

/** The application's chain, which the node calls between `start` and `leave` only. */
export class LocalChain {
  /** Its tip, as the node reports it to peers. */
  readonly tip: LocalTip
  readonly #init: LocalChainInit
  readonly #gate: ChainGate
  #left: Promise<void> | undefined

  constructor (init: LocalChainInit) {
    this.#init = init
    this.#gate = new ChainGate(init.chain, init.clock, { onCalled: init.onCalled, onOverdue: (method) => { this.#onOverdue(method) } })
    this.tip = new LocalTip({ ...init, chain: this.source })
  }

  /** The chain behind its gate; `undefined` where the application has none. */
  get source (): ChainSource | ChainStore | undefined { return this.#gate.chain }

  /** The calls that take long, and for how many ms they have been under way. */
  get overdueCalls (): { method: ChainMethod, ms: number }[] { return this.#gate.overdue }

  /** The last known tip, without asking for it; `undefined` where the application has no chain. */
  get knownTip (): Tip | undefined { return this.source == null ? undefined : this.tip.known }

  /** The last known tip; `undefined` where the application has no chain. */
  get latestTip (): Tip | undefined { return this.source == null ? undefined : this.tip.latest }

  /**
   * Opens the gate. Throws a ConfigError for a chain that begins with another block than `genesisHash`, and a StorageError for one that
   * fails.
   */
  async start (): Promise<void> {
    const { genesisHash, clock } = this.#init
    this.#left = undefined
    this.#gate.open()
    const onLate = (err: unknown): void => { this.#report('the chain could not give its first block', err) }
    await checkGenesis({ chain: this.source, genesisHash, clock, onLate })
    await this.tip.open()
  }

  /**
   * Looks whether the chain has got as far as a block of the application's own that is broadcast. Throws a StorageError where it has not,
   * and tells its tip at once; `onError` gets that error where the chain takes its time.
   */
  checkOwn ({ height }: Tip): void {
    const tip = this.#askTip()

    if (tip instanceof Promise) {
      // the one who reads the tip next hears of an error of the chain
      tip.then((tip) => { this.#checkAbove(height, tip) }).catch((err: unknown) => {
        if (err instanceof StorageError) {
          this.#report('a block was broadcast too early', err)
        }
      })
    } else {
      this.#checkAbove(height, tip)
    }
  }

  /** Closes the gate: no part of the node can call the chain any more. */
  leave (): void {
    this.#gate.leave()
  }

  /** Resolves, after `leave`, when every call has returned, or takes too long, which is logged. */
  async whenLeft (): Promise<void> {
    this.#left ??= this.#wait()
    await this.#left
  }

  /** What the chain says of its tip, however it says that. */
  #askTip (): Promise<Tip | undefined> | Tip | undefined {
    try {
      const tip = this.source?.tip()

      // anything with a `then` is a promise for an application
      return typeof (tip as Partial<PromiseLike<Tip>> | undefined)?.then === 'function' ? Promise.resolve(tip) : tip
    } catch {
      return undefined
    }
  }

  #checkAbove (height: number, tip: Tip | undefined): void {
    if (tip != null && height > tip.height) {
      throw new StorageError(`Block ${height} is above the chain, which ends at block ${tip.height}: peers would ask for it in vain. Append a block before you broadcast it`)
    }
  }

  #onOverdue (method: ChainMethod): void {
    this.#init.log.error('the chain has not answered `%s` for %d s: the node waits for it', method, CALL_OVERDUE_MS / 1000)
  }

  #report (what: string, err: unknown): void {
    if (!isChainLeft(err)) {
      this.#init.log.error('%s: %s - %e', what, errorMessage(err), err)
      this.#init.onError(err)
    }
  }

  async #wait (): Promise<void> {
    const underWay = await this.#gate.whenLeft()

    if (underWay.length > 0) {
      this.#init.log.error('the chain is still busy with %s: it is not safe to close it yet', [...new Set(underWay)].join(', '))
    }
  }
}
