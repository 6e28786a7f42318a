import { Download } from './download.ts'
import { checkReceivedSize, decodeBlock, readItem } from '../codec/items.ts'
import { EncodeError, errorMessage, ProtocolViolationError, RequestError } from '../errors.ts'
import { budgetOf } from '../peer/send-budget.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'
import type { SessionManager } from '../peer/manager.ts'
import type { Block } from '../types/block.ts'

/** How a request for blocks may be narrowed and ended. */
export interface RequestOptions {
  /** The libp2p peer id of the only peer to ask. Without it, one block is asked of one peer after the other, and a range of all at once. */
  peer?: string
  /** Ends the request. */
  signal?: AbortSignal
}

/** What {@link BlockClient} is made with. */
export interface BlockClientInit {
  peers: SessionManager
  clock: Clock
}

/** Asks peers for blocks. What a peer sends is checked against what was asked before anybody sees it. */
export class BlockClient {
  readonly #init: BlockClientInit

  constructor (init: BlockClientInit) {
    this.#init = init
  }

  /** The block at `height`; `undefined` where no peer has it. Throws a {@link RequestError} where no peer answers. */
  async block (height: number, options: RequestOptions = {}): Promise<Block | undefined> {
    options.signal?.throwIfAborted()
    checkHeight('height', height)
    const failures: unknown[] = []
    let answered = false

    for (const peer of this.#byPromise(height, options)) {
      try {
        const block = await askForBlock(peer, height, options.signal)

        if (block != null) {
          return block
        }

        answered = true
      } catch (err) {
        options.signal?.throwIfAborted()
        failures.push(err)
      }
    }

    if (answered) {
      return undefined
    }

    throw failed(`block ${height}`, failures)
  }

  /**
   * The blocks from `startHeight` to `endHeight`, both inclusive, in ascending order, each linked to the one before.
   * Fetched from all peers that have them at once; one that fails is replaced by the others.
   * Throws a {@link RequestError} where none of them can go on.
   */
  async * range (startHeight: number, endHeight: number, options: RequestOptions = {}): AsyncGenerator<Block, void, undefined> {
    checkHeight('startHeight', startHeight)
    checkHeight('endHeight', endHeight)

    const download = new Download({
      peers: () => this.#candidates(options), clock: this.#init.clock
    }, { startHeight, endHeight, signal: options.signal })

    for await (const { blocks } of download.batches()) {
      for (const { block } of blocks) {
        yield block
        options.signal?.throwIfAborted()
      }
    }
  }

  /**
   * Those who say that they have `height` first, then the others, who may have grown since: of each those first who may be asked
   * at once, the quickest of them first.
   */
  #byPromise (height: number, options: RequestOptions): Session[] {
    return this.#candidates(options).sort((a, b) => {
      return Number(b.bestHeight >= height) - Number(a.bestHeight >= height) ||
        Number(budgetOf(b).has('blocksAsked')) - Number(budgetOf(a).has('blocksAsked')) ||
        (a.rtt ?? Infinity) - (b.rtt ?? Infinity) ||
        0
    })
  }

  #candidates ({ peer }: RequestOptions): Session[] {
    return [...this.#init.peers].filter(({ id }) => peer == null || id === peer)
  }
}

function checkHeight (name: string, height: number): void {
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new EncodeError(`Expected \`${name}\` to be an integer from 0 to 2^53 - 1, got ${height}`)
  }
}

/**
 * Asks one peer for the block at `height`, once it may be asked; `undefined` where it has none. Throws a {@link RequestError}
 * where it does not answer, or too many wait to be asked.
 */
export async function askForBlock (peer: Session, height: number, signal?: AbortSignal): Promise<Block | undefined> {
  let block: Block | undefined
  const turn = budgetOf(peer).waitToAsk(signal)

  if (turn != null) {
    await turn
  }

  await peer.request({
    expects: 'responseBlock',
    send: (id) => peer.send('control', { type: 'requestBlock', height }, id),
    onResponse: (body) => {
      const item = readItem(body)
      block = item == null ? undefined : decodeBlock(checkReceivedSize(item, peer.maxItemBytes))

      if (block != null && block.height !== height) {
        throw new ProtocolViolationError(`block ${block.height} where block ${height} was asked for`)
      }

      return true
    },
    signal
  })

  return block
}

function failed (what: string, failures: unknown[]): RequestError {
  if (failures.length === 0) {
    return new RequestError('NO_PEERS', `No peer to ask for ${what}`)
  }

  const last = failures.at(-1)
  const code = last instanceof RequestError ? last.code : 'DISCONNECTED'

  return new RequestError(code, `No peer could send ${what}: ${failures.map(errorMessage).join('; ')}`, { cause: last })
}
