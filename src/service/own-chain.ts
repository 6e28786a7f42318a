import { checkGenesis } from './genesis.ts'
import { LocalTip } from './local-tip.ts'
import { ChainGate } from '../sync/chain/chain-gate.ts'
import type { Clock } from '../util/clock.ts'
import type { ChainSource, ChainStore } from '../types/chain.ts'
import type { Tip } from '../types/block.ts'
import type { Logger } from '@libp2p/interface'

/** What {@link OwnChain} is made with. */
export interface OwnChainInit {
  chain: ChainSource | ChainStore | undefined
  genesisHash: Uint8Array
  clock: Clock
  log: Logger
}

/** The application's chain, while the service runs. */
export class OwnChain {
  /** What we say of it. */
  readonly tip: LocalTip
  readonly #init: OwnChainInit
  readonly #gate: ChainGate
  #left: Promise<void> | undefined

  constructor (init: OwnChainInit) {
    const { chain, clock } = init
    this.#init = init
    this.#gate = new ChainGate(chain, clock)
    this.tip = new LocalTip({ ...init, chain: this.chain })
  }

  /** What to call; `undefined` where there is none. */
  get chain (): ChainSource | ChainStore | undefined { return this.#gate.chain }

  /** The last known tip of it; `undefined` where there is no chain. */
  get latestTip (): Tip | undefined { return this.chain == null ? undefined : this.tip.latest }

  /** Lets it be called. Throws a ConfigError for a chain that begins with another block than peers are told. */
  async start (): Promise<void> {
    this.#left = undefined
    this.#gate.open()
    await checkGenesis({ ...this.#init, chain: this.chain })
    await this.tip.read()
  }

  /** Lets nothing of it be called any more. */
  leave (): void {
    this.#gate.leave()
  }

  /** To be called after `leave`: resolves when it does nothing for us any more, or takes too long over it, which is logged. */
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
