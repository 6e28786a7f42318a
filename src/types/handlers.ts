import type { Awaitable } from './awaitable.ts'
import type { Block, Transaction } from './block.ts'
import type { StoredBlock } from './chain.ts'
import type { DisconnectMessage, PingMessage, PongMessage, RequestBlockMessage, RequestBlockRangeMessage } from './message.ts'
import type { Peer } from './peer.ts'
import type { Verdict } from './verdict.ts'

/**
 * The application's handlers. One that throws is logged and counted, and harms neither the peer nor the node.
 *
 * Handshakes and responses have none: sessions and requests take them.
 */
export interface Handlers {
  /**
   * Judges a block that was not met before. Nothing returned is `accept`; an error is `ignore`. Its bytes are what is relayed, and
   * what peers may ask for later: change a copy of them.
   */
  newBlock: (block: Block, peer: Peer) => Awaitable<Verdict | undefined | void>
  /** The same of a transaction. */
  newTransaction: (transaction: Transaction, peer: Peer) => Awaitable<Verdict | undefined | void>
  /** Answers in place of `chain`. Nothing returned, and an error, is "not found". */
  requestBlock: (request: RequestBlockMessage, peer: Peer) => Awaitable<StoredBlock | undefined>
  /** Answers in place of `chain`, in ascending height. Read no faster than the peer takes the blocks. */
  requestBlockRange: (request: RequestBlockRangeMessage, peer: Peer) => AsyncIterable<StoredBlock> | Iterable<StoredBlock>
  /** Told of a ping that has been answered. */
  ping: (message: PingMessage, peer: Peer) => Awaitable<void>
  /** Told of a pong. */
  pong: (message: PongMessage, peer: Peer) => Awaitable<void>
  /** Told why the peer ended the session. */
  disconnect: (message: DisconnectMessage, peer: Peer) => Awaitable<void>
}

/** The name of a message that can have a handler. */
export type HandlerType = keyof Handlers

/** The names of the messages that can have a handler. */
export const HANDLER_TYPES: readonly HandlerType[] = [
  'newBlock', 'newTransaction', 'requestBlock', 'requestBlockRange', 'ping', 'pong', 'disconnect'
]
