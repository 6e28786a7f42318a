import type { Block, Transaction } from './block.ts'
import type { Awaitable, StoredBlock } from './chain.ts'
import type { DisconnectMessage, PingMessage, PongMessage, RequestBlockMessage, RequestBlockRangeMessage } from './message.ts'
import type { Peer } from './peer.ts'

/**
 * What the application thinks of a block or transaction that a peer sent:
 * `accept` relays it, `ignore` drops it and looks at it again when it comes again, `reject` drops it for good and is counted.
 */
export type Verdict = 'accept' | 'ignore' | 'reject'

/**
 * What becomes of a block or transaction that a peer sent: a verdict, `known` for one that the node has had already, which goes no
 * further, or `held` for a block that waits for its parent and is judged once more then.
 */
export type Outcome = Verdict | 'known' | 'held'

/**
 * The application's handlers. The node logs and counts one that throws; that harms neither the peer nor the node.
 *
 * Handshakes and responses have none: sessions and requests take them.
 */
export interface Handlers {
  /**
   * Judges a block that is new to the node. Nothing returned is `accept`; an error is `ignore`. The node relays its bytes, and keeps
   * them for peers that ask: change a copy of them.
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
