import { Comebacks } from './comeback.ts'
import { Download } from './download.ts'
import { keepsBlock } from './peers.ts'
import { describe } from '../../config/checks.ts'
import { tipOf } from '../chain/link.ts'
import { checkReceivedSize, decodeBlock, readItem } from '../../codec/items/items.ts'
import { DisconnectedError, EncodeError, errorMessage, ProtocolViolationError, RequestError } from '../../errors.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { DownloadRange } from './window.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Block, Tip } from '../../types/block.ts'
import type { ReceivedBlock } from '../../types/chain.ts'

/** How a request for blocks may be narrowed and ended. */
export interface RequestOptions {
  /** The libp2p peer id of the only peer to ask. Without it, a block is asked of one peer after the other, and a range of all at once. */
  peer?: string
  /** Ends the request. */
  signal?: AbortSignal
}

/** Options of {@link BlockClient}. */
export interface BlockClientInit {
  peers: SessionManager
  clock: Clock
}

/** Asks peers for blocks. It checks what a peer sends against what was asked, and then hands it out. */
export class BlockClient {
  readonly #init: BlockClientInit

  constructor (init: BlockClientInit) {
    this.#init = init
  }

  /**
   * The block at `height`; `undefined` where no peer has it. Where the session with a peer behind a relay has ended, the node waits
   * for it and asks it once more. Throws a {@link RequestError} where no peer answers.
   */
  async block (height: number, options: RequestOptions = {}): Promise<Block | undefined> {
    options.signal?.throwIfAborted()
    checkHeight('height', height)
    const comebacks = this.#comebacks(options)
    let { block, failures } = await this.#ask(comebacks.peers(), height, options)

    // one peer that has answered is an answer
    if (block == null && failures?.some(isDisconnected) === true && await comebacks.wait(options.signal)) {
      ({ block, failures } = await this.#ask(comebacks.peers(), height, options))
    }

    options.signal?.throwIfAborted()

    if (failures != null) {
      throw failed(`block ${height}`, failures)
    }

    return block
  }

  /** Asks one peer after the other for a block. Returns failures where none has answered. */
  async #ask (peers: Session[], height: number, options: RequestOptions): Promise<{ block?: Block, failures?: unknown[] }> {
    const failures: unknown[] = []
    // a peer that has dropped the block has said so in its handshake
    let answered = peers.some((peer) => !keepsBlock(peer, height))

    for (const peer of byPromise(peers, height)) {
      try {
        const block = await askForBlock(peer, height, options.signal)

        if (block != null) {
          return { block }
        }

        answered = true
      } catch (err) {
        options.signal?.throwIfAborted()
        failures.push(err)
      }
    }

    return answered ? {} : { failures }
  }

  /**
   * The blocks from `startHeight` to `endHeight`, both inclusive, in ascending order, each linked to the one before.
   * All peers that have them are asked at once, and others take over from one that fails. Where the session with a peer behind a relay
   * has ended, the node waits for it. Throws a {@link RequestError} where no peer can go on.
   */
  async * range (startHeight: number, endHeight: number, options: RequestOptions = {}): AsyncGenerator<Block, void, undefined> {
    checkHeight('startHeight', startHeight)
    checkHeight('endHeight', endHeight)

    const comebacks = this.#comebacks(options)
    let previous: Tip | undefined
    let next = startHeight
    let isStuck = false

    while (next <= endHeight) {
      const begun = next

      try {
        for await (const block of this.#download(comebacks, { startHeight: next, endHeight, previous, signal: options.signal })) {
          previous = tipOf(block)
          next++
          yield block
          options.signal?.throwIfAborted()
        }
      } catch (err) {
        // peers that were back once and have brought nothing are not waited for again
        if ((next === begun && isStuck) || !isDisconnected(err) || !await comebacks.wait(options.signal)) {
          options.signal?.throwIfAborted()
          throw err
        }

        isStuck = next === begun
      }
    }
  }

  async * #download (comebacks: Comebacks, range: DownloadRange): AsyncGenerator<Block, void, undefined> {
    let blocks: ReceivedBlock[] = []
    // the taker may never come back for them
    const letGo = (): void => { blocks.length = 0 }
    range.signal?.addEventListener('abort', letGo)

    try {
      for await (const batch of new Download({ peers: () => comebacks.peers(), clock: this.#init.clock }, range).batches()) {
        blocks = batch.blocks

        for (const { block } of blocks) {
          yield block
        }
      }
    } finally {
      range.signal?.removeEventListener('abort', letGo)
    }
  }

  #comebacks ({ peer }: RequestOptions): Comebacks {
    return new Comebacks({ clock: this.#init.clock, peers: () => [...this.#init.peers].filter(({ id }) => peer == null || id === peer) })
  }
}

/**
 * Peers in the order in which to ask for `height`: those first that say to have it, for others may only have grown since. Of each,
 * those come first that may be asked at once, the quickest before all.
 */
function byPromise (peers: Session[], height: number): Session[] {
  return peers.filter((peer) => keepsBlock(peer, height)).toSorted((a, b) => {
    return Number(b.bestHeight >= height) - Number(a.bestHeight >= height) ||
      Number(budgetOf(b).has('blocksAsked')) - Number(budgetOf(a).has('blocksAsked')) ||
      (a.rtt ?? Infinity) - (b.rtt ?? Infinity) ||
      0
  })
}

function isDisconnected (error: unknown): boolean {
  return error instanceof DisconnectedError || (error instanceof RequestError && error.code === 'DISCONNECTED')
}

function checkHeight (name: string, height: number): void {
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new EncodeError(`Expected \`${name}\` to be an integer from 0 to 2^53 - 1, got ${describe(height)}`)
  }
}

/**
 * Asks one peer for the block at `height`, as soon as its budget allows; `undefined` where it has none. Throws a {@link RequestError}
 * where it does not answer, or too many requests wait for its budget.
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
