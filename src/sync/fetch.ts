import { RangeInbox } from './range-inbox.ts'
import { MAX_RANGE_BLOCKS } from './serve.ts'
import { readItem, decodeBlock } from '../codec/items.ts'
import { EncodeError, errorMessage, ProtocolViolationError, RequestError } from '../errors.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'
import type { SessionManager } from '../peer/manager.ts'
import type { Block } from '../types/block.ts'

/** How a request for blocks may be narrowed and ended. */
export interface RequestOptions {
  /** The libp2p peer id of the only peer to ask. Without it, every peer that may have the blocks is asked in turn. */
  peer?: string
  /** Ends the request. */
  signal?: AbortSignal
}

/** What {@link BlockClient} is made with. */
export interface BlockClientInit {
  peers: SessionManager
  clock: Clock
  /** How long the taker of a range may hold up the peer that sends it, in ms, before it is asked for anew. */
  requestTimeout: number
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

    for (const peer of this.#candidates(height, options)) {
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
   * A peer that fails is replaced by another. Throws a {@link RequestError} where none of them can go on.
   */
  async * range (startHeight: number, endHeight: number, options: RequestOptions = {}): AsyncGenerator<Block, void, undefined> {
    checkHeight('startHeight', startHeight)
    checkHeight('endHeight', endHeight)
    let previous: Block | undefined
    let failures: unknown[] = []
    const exhausted = new Set<Session>()

    for (let next = startHeight; next <= endHeight;) {
      options.signal?.throwIfAborted()
      const peer = this.#candidates(next, options).find((peer) => !exhausted.has(peer))

      if (peer == null) {
        throw failed(`blocks ${next} to ${endHeight}`, failures)
      }

      const before = next

      try {
        for await (const block of this.#rangeOf(peer, { next, endHeight, previous, signal: options.signal })) {
          yield block
          options.signal?.throwIfAborted()
          previous = block
          next = block.height + 1
        }
      } catch (err) {
        options.signal?.throwIfAborted()
        failures.push(err)
        exhausted.add(peer)
        continue
      }

      if (next === before) {
        failures.push(new RequestError('UNAVAILABLE', `Peer ${peer.id} does not have block ${next}`))
        exhausted.add(peer)
      } else {
        failures = []
      }
    }
  }

  /** One request of one peer. May end early: the peer sends less than was asked, or the taker was too slow. */
  async * #rangeOf (
    peer: Session,
    { next, endHeight, previous, signal }: { next: number, endHeight: number, previous: Block | undefined, signal: AbortSignal | undefined }
  ): AsyncGenerator<Block> {
    const given = new AbortController()
    const lastHeight = Math.min(endHeight, next + MAX_RANGE_BLOCKS - 1)
    const inbox = new RangeInbox({
      clock: this.#init.clock,
      holdTimeout: this.#init.requestTimeout,
      expected: { next, lastHeight, previous },
      onHeldTooLong: () => { given.abort() }
    })

    const request = peer.request({
      expects: 'responseBlockRange',
      send: (id) => peer.send('control', { type: 'requestBlockRange', startHeight: next, endHeight: lastHeight }, id),
      onResponse: (body) => inbox.onResponse(body),
      signal: signal == null ? given.signal : AbortSignal.any([signal, given.signal])
    })

    request.then(() => { inbox.end() }, (err: unknown) => { inbox.end(given.signal.aborted ? undefined : err) })

    try {
      yield * inbox.blocks()
    } finally {
      given.abort()
    }
  }

  /** Those who say that they have `height` first, the quickest of them first; then the others, who may have grown since. */
  #candidates (height: number, { peer }: RequestOptions): Session[] {
    if (peer != null) {
      const session = this.#init.peers.get(peer)

      return session == null ? [] : [session]
    }

    return [...this.#init.peers].sort((a, b) => {
      return Number(b.bestHeight >= height) - Number(a.bestHeight >= height) || (a.rtt ?? Infinity) - (b.rtt ?? Infinity) || 0
    })
  }
}

function checkHeight (name: string, height: number): void {
  if (!Number.isSafeInteger(height) || height < 0) {
    throw new EncodeError(`Expected \`${name}\` to be an integer from 0 to 2^53 - 1, got ${height}`)
  }
}

async function askForBlock (peer: Session, height: number, signal?: AbortSignal): Promise<Block | undefined> {
  let block: Block | undefined

  await peer.request({
    expects: 'responseBlock',
    send: (id) => peer.send('control', { type: 'requestBlock', height }, id),
    onResponse: (body) => {
      const item = readItem(body)
      block = item == null ? undefined : decodeBlock(item)

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
