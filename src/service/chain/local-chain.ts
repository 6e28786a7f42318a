import { checkGenesis } from './genesis.ts'
import { LocalTip } from './local-tip.ts'
import { ChainGate } from '../../sync/chain/chain-gate.ts'
import type { ChainMethod } from '../../sync/chain/chain-gate.ts'
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
    this.#gate = new ChainGate(init.chain, init.clock, init.onCalled)
    this.tip = new LocalTip({ ...init, chain: this.source })
  }

  /** The chain behind its gate; `undefined` where the application has none. */
  get source (): ChainSource | ChainStore | undefined { return this.#gate.chain }

  /** The last known tip, without asking for it; `undefined` where the application has no chain. */
  get knownTip (): Tip | undefined { return this.source == null ? undefined : this.tip.known }

  /** The last known tip; `undefined` where the application has no chain. */
  get latestTip (): Tip | undefined { return this.source == null ? undefined : this.tip.latest }

  /** Opens the gate. Throws a ConfigError for a chain that begins with another block than `genesisHash`. */
  async start (): Promise<void> {
    this.#left = undefined
    this.#gate.open()
    await checkGenesis({ ...this.#init, chain: this.source })
    await this.tip.read()
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

  async #wait (): Promise<void> {
    const underWay = await this.#gate.whenLeft()

    if (underWay.length > 0) {
      this.#init.log.error('the chain is still busy with %s: it is not safe to close it yet', [...new Set(underWay)].join(', '))
    }
  }
}
