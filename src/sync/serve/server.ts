import { eachBlock } from './each-block.ts'
import { Lane } from './lane.ts'
import { readAgain } from './read-again.ts'
import { checkItemSize, storedToBytes } from '../../codec/items/items.ts'
import { encodeBlockResponse, encodeRangeResponse } from '../../codec/items/response-frame.ts'
import { giveAway } from '../../memory/free-memory.ts'
import { errorMessage } from '../../errors.ts'
import { circuitOf } from '../../session/circuit.ts'
import { datesOf } from '../../util/dates.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Awaitable, StoredBlock } from '../../types/chain.ts'
import type { RequestBlockMessage, RequestBlockRangeMessage } from '../../types/message.ts'
import type { ServedRequest } from '../../types/served-request.ts'
import type { Logger } from '@libp2p/interface'

/**
 * Blocks that a request for a range gets, unless `limits.servedBlocks` says otherwise.
 *
 * @remarks The answer ends early. The peer asks again for the rest.
 */
export const MAX_RANGE_BLOCKS = 1024

/**
 * Bytes of blocks that a request for a range gets, unless the first alone is larger or `limits.servedBytes` says otherwise.
 *
 * @remarks The answer ends early. The peer asks again for the rest.
 */
export const MAX_RANGE_BYTES: number = 8 * 1024 * 1024

/** Bytes of blocks in one response frame, unless one alone is larger: pings and new blocks pass between the frames. */
export const RANGE_FRAME_BYTES: number = 256 * 1024

/** {@link RANGE_FRAME_BYTES} where a relay limits the connection: a cut connection loses only the last frame. */
export const CIRCUIT_FRAME_BYTES: number = 16 * 1024

/**
 * Requests of one peer that are served at a time, unless `limits.servedRequests` says otherwise.
 *
 * @remarks The other requests wait, in order.
 */
export const MAX_SERVED_REQUESTS = 4

/** The most that the layers around blocks take in a frame, and the prefix of each block. */
const FRAME_RESERVE_BYTES = 64
const ITEM_RESERVE_BYTES = 6

/** How long a frame waits for more blocks. */
export const FLUSH_AFTER_MS = 1000

/** The source of the blocks that are served. */
export interface BlockSource {
  block: (request: RequestBlockMessage, peer: Session) => Promise<StoredBlock | undefined>
  range: (request: RequestBlockRangeMessage, peer: Session) => Awaitable<AsyncIterable<StoredBlock> | Iterable<StoredBlock>>
  /** Whether the bytes that it gives for such a request are also read elsewhere. */
  sharesMemory: (type: 'requestBlock' | 'requestBlockRange') => boolean
}

/** The answer to a request, as far as it has come. Times are by the clock. */
interface Answer {
  readonly requestId: bigint | undefined
  readonly peer: Session
  readonly lane: Lane
  readonly received: number
  begun: number
  blocks: number
  bytes: number
  error: unknown
}

/** Options of {@link BlockServer}. */
export interface BlockServerInit {
  source: BlockSource
  clock: Clock
  log: Logger
  /** Called with the reason why a request was not answered in full, which is this node's. May not throw. */
  onError: (error: unknown) => void
  /** Called with each request that has ended. `make` makes the record. May not throw. */
  onServed?: (make: () => ServedRequest) => void
  maxFrameBytes: number
  limits?: { servedBlocks: number, servedBytes: number, servedRequests: number }
}

const LIMITS = { servedBlocks: MAX_RANGE_BLOCKS, servedBytes: MAX_RANGE_BYTES, servedRequests: MAX_SERVED_REQUESTS }

/**
 * Answers the requests of peers for blocks. However much a peer asks, little is in memory: the node reads the source no faster than
 * the peer takes the answer.
 */
export class BlockServer {
  readonly #init: BlockServerInit
  readonly #limits: Required<BlockServerInit>['limits']
  readonly #lanes = new WeakMap<Session, Lane>()

  constructor (init: BlockServerInit) {
    this.#init = init
    this.#limits = init.limits ?? LIMITS
  }

  /** Answers a request, after those of the same peer before it. Resolves when it is done; never rejects. */
  async serve (request: RequestBlockMessage | RequestBlockRangeMessage, requestId: bigint | undefined, peer: Session): Promise<void> {
    const lane = this.#lanes.get(peer) ?? new Lane(this.#limits.servedRequests)
    const answer: Answer = { requestId, peer, lane, received: this.#init.clock.now(), begun: 0, blocks: 0, bytes: 0, error: undefined }
    this.#lanes.set(peer, lane)
    await lane.enter()
    answer.begun = this.#init.clock.now()

    try {
      await peer.outbox.whenBelowMark()

      if (peer.state === 'ready') {
        await (request.type === 'requestBlock' ? this.#serveBlock(request, answer) : this.#serveRange(request, answer))
      }
    } catch (err) {
      answer.error = err
      this.#init.log.error('could not serve a %s - %e', request.type, err)
      this.#init.onError(err)
    } finally {
      lane.leave()
      this.#init.onServed?.(() => servedRequest(request, answer, this.#init.clock))
    }
  }

  async #serveBlock (request: RequestBlockMessage, answer: Answer): Promise<void> {
    const { peer, lane, requestId } = answer
    let item: Uint8Array | undefined

    try {
      const block = await this.#readAgain(answer, async () => this.#init.source.block(request, peer))
      item = block == null ? undefined : this.#toItem(block, request.type)
    } finally {
      await lane.send(peer, () => {
        const fit = fitOf(peer, item?.byteLength ?? 0)

        if (fit === 'now' && item != null) {
          count(answer, item)
        }

        if (fit !== 'later') {
          peer.sendFrame('response', encodeBlockResponse(fit === 'now' ? item : undefined, { requestId, maxBytes: this.#init.maxFrameBytes }))
        }
      })
    }
  }

  async #serveRange (request: RequestBlockRangeMessage, answer: Answer): Promise<void> {
    const { peer, lane, requestId } = answer
    const { clock, maxFrameBytes: maxBytes } = this.#init
    let items: Uint8Array[] = []
    let frameBytes = 0
    let sentAt = clock.now()
    let isPutOff = false
    // a source that gives more than was asked for must not make this node break the protocol
    const { servedBlocks, servedBytes } = this.#limits
    let left = { blocks: Math.min(servedBlocks, request.endHeight - request.startHeight + 1), bytes: servedBytes }

    const add = (item: Uint8Array): boolean => {
      if (peer.state !== 'ready' || (left.bytes < item.byteLength && left.bytes < servedBytes)) {
        return false
      }

      items.push(item)
      count(answer, item)
      frameBytes += item.byteLength
      left = { blocks: left.blocks - 1, bytes: left.bytes - item.byteLength }

      return left.blocks > 0
    }

    const flush = async (): Promise<void> => {
      await lane.send(peer, () => { peer.sendFrame('response', encodeRangeResponse(items, { last: false, requestId, maxBytes })) })
      items = []
      frameBytes = 0
      sentAt = clock.now()
      await peer.outbox.whenBelowMark()
    }

    try {
      await this.#eachBlock(request, answer, (block, mayBeSlow) => {
        const item = this.#toItem(block, request.type)
        const fit = fitOf(peer, frameBytes + item.byteLength)

        if (fit !== 'now') {
          isPutOff = fit === 'later' && left.bytes === servedBytes
          return false
        }

        const isFull = frameBytes + item.byteLength > this.#maxBlockBytes(items.length + 1, peer)

        // the peer does not wait for a slow source
        const isDue = items.length > 0 && (isFull || (mayBeSlow && clock.now() - sentAt >= FLUSH_AFTER_MS))

        return isDue ? flush().then(() => add(item)) : add(item)
      })
    } finally {
      if (!isPutOff) {
        await lane.send(peer, () => { peer.sendFrame('response', encodeRangeResponse(items, { last: true, requestId, maxBytes })) })
      }
    }
  }

  /** Calls `take` with each block. What fails before the first one is read again: no blocks at all would say that there are none. */
  async #eachBlock (
    request: RequestBlockRangeMessage, answer: Answer, take: (block: StoredBlock, mayBeSlow: boolean) => Awaitable<boolean>
  ): Promise<void> {
    // a source may read all that it is asked for, or some of it ahead
    const endHeight = Math.min(request.endHeight, request.startHeight + this.#limits.servedBlocks - 1)

    const outcome = await this.#readAgain(answer, async () => {
      let hasCome = false

      try {
        // the source may be an async function, which may reject
        const source = await this.#init.source.range({ ...request, endHeight }, answer.peer)
        const mayBeSlow = Symbol.asyncIterator in source

        await eachBlock(source, (block) => {
          hasCome = true

          return take(block, mayBeSlow)
        })
      } catch (error) {
        if (!hasCome) {
          throw error
        }

        // a short answer says nothing of the block that was not read, and the peer asks for it again
        return { error }
      }

      return undefined
    })

    if (outcome != null) {
      throw outcome.error
    }
  }

  async #readAgain<Result> ({ peer }: Answer, read: () => Promise<Result>): Promise<Result> {
    return readAgain(read, { clock: this.#init.clock, isWanted: () => peer.state === 'ready' })
  }

  /** The most bytes that `count` blocks in one frame may have together. */
  #maxBlockBytes (count: number, peer: Session): number {
    const frameBytes = circuitOf(peer).isLimited ? CIRCUIT_FRAME_BYTES : RANGE_FRAME_BYTES

    return Math.min(frameBytes, this.#init.maxFrameBytes - FRAME_RESERVE_BYTES - count * ITEM_RESERVE_BYTES)
  }

  /** Throws for a block that is larger than an item may be. That ends the response before it, and the peer still gets one. */
  #toItem (block: StoredBlock, type: 'requestBlock' | 'requestBlockRange'): Uint8Array {
    const item = storedToBytes(block)

    if (!this.#init.source.sharesMemory(type)) {
      giveAway(item)
    }

    checkItemSize(item.byteLength, this.#init.maxFrameBytes)

    return item
  }
}

/**
 * Whether so many bytes of blocks go through the connection of a peer. `later` stands for a circuit that is used up: the node does not
 * answer, and the peer asks again through the next one. `never` stands for what no circuit of the kind carries.
 */
function fitOf (peer: Session, bytes: number): 'now' | 'later' | 'never' {
  const circuit = circuitOf(peer)

  if (circuit.fits(bytes)) {
    return 'now'
  }

  return bytes <= circuit.capacity ? 'later' : 'never'
}

function count (answer: Answer, item: Uint8Array): void {
  answer.blocks++
  answer.bytes += item.byteLength
}

/** The record of a request that has ended just now. */
function servedRequest (
  request: RequestBlockMessage | RequestBlockRangeMessage, { peer, received, begun, blocks, bytes, error }: Answer, clock: Clock
): ServedRequest {
  const date = datesOf(clock)
  const [startHeight, endHeight] = request.type === 'requestBlock' ? [request.height, request.height] : [request.startHeight, request.endHeight]

  return {
    ...{ peer: peer.id, type: request.type, startHeight, endHeight, blocks, bytes },
    ...{ received: date(received), begun: date(begun), ended: date(clock.now()) },
    ...(error == null ? {} : { error: error instanceof Error ? error : new Error(errorMessage(error)) })
  }
}
