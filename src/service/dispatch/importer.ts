import { BlockImport } from '../../sync/import/block-import.ts'
import { ChainWriter } from '../../sync/chain/chain-writer.ts'
import type { OnTip } from '../../sync/chain/chain-writer.ts'
import type { Validator } from './validator.ts'
import type { ItemImporter, ReceivedItem } from '../../gossip/types.ts'
import type { Session } from '../../session/session.ts'
import type { ChainSource, ChainStore } from '../../types/chain.ts'
import type { Outcome } from '../../types/handlers.ts'
import type { Clock } from '../../util/clock.ts'
import type { Logger } from '@libp2p/interface'

/** Options of {@link Importer}. */
export interface ImporterInit {
  /** The application's chain: the node writes to it where it is a ChainStore. */
  chain: ChainSource | ChainStore | undefined
  validator: Validator
  clock: Clock
  log: Logger
  /** Called when a write has moved the tip. It must not throw. */
  onTip?: OnTip
  /** Called with an error of the chain. */
  onStoreError: (error: unknown) => void
}

/** A chain that the node writes to, and what writes to it. */
export interface WrittenChain {
  chain: ChainStore
  writer: ChainWriter
  blocks: BlockImport
}

/** Decides on the blocks and transactions of peers: the application judges them, and its chain takes the blocks. */
export class Importer implements ItemImporter {
  /** `undefined` where the application has no ChainStore: there is nothing to write to. */
  readonly store: WrittenChain | undefined
  readonly #validator: Validator

  constructor ({ chain, validator, clock, log, onTip, onStoreError }: ImporterInit) {
    this.#validator = validator

    if (isChainStore(chain)) {
      const writer = new ChainWriter(chain, clock, onTip)
      this.store = { chain, writer, blocks: new BlockImport<Session>({ writer, validator, clock, log, onStoreError }) }
    }
  }

  /** The outcome of a block or transaction. Notes the steps of a block. Never throws, and never rejects. */
  judge ({ message, item, from, steps }: ReceivedItem): Outcome | Promise<Outcome> {
    return this.store == null || message.type !== 'newBlock'
      ? this.#validator.judge(message, from)
      : this.store.blocks.judge({ message, item, from, steps })
  }
}

function isChainStore (chain: ChainSource | ChainStore | undefined): chain is ChainStore {
  return chain != null && typeof (chain as Partial<ChainStore>).append === 'function'
}
