import type { Block, Transaction } from './block.ts'

/** The highest version of the wire that this package speaks. */
export const PROTOCOL_VERSION = 1

/** The lowest version of the wire that this package speaks. */
export const MIN_PROTOCOL_VERSION = 1

/** The libp2p protocol that carries the messages. */
export const PROTOCOL_ID = '/vibecoin/1.0.0'

/** Why a session ends, as the peer is told: numbers of the wire's `Disconnect.Reason`. */
export const DISCONNECT_REASONS = {
  UNSPECIFIED: 0,
  SHUTDOWN: 1,
  PROTOCOL_VIOLATION: 2,
  INCOMPATIBLE_VERSION: 3,
  TOO_MANY_CONNECTIONS: 4,
  DUPLICATE_CONNECTION: 5,
  TIMEOUT: 6,
  WRONG_NETWORK: 7,
  BANNED: 8,
  RATE_LIMITED: 9,
  TOO_SLOW: 10,
  WRONG_FORK: 11
} as const

/** The name of a disconnect reason. A number this version does not know reads as `UNSPECIFIED`. */
export type DisconnectReason = keyof typeof DISCONNECT_REASONS

/** Which forks of its schedule a node has passed, and which one comes next (EIP-2124). */
export interface ForkId {
  /** CRC-32 of the genesis hash and the heights of the passed forks, 0 to 2^32 - 1. */
  hash: number
  /** The height of the next planned fork, a safe integer; 0 for none. */
  next: number
}

/**
 * What a node says about itself in its handshake.
 */
export interface NodeInfo {
  /** The highest version that it speaks. A session uses the highest one that both sides speak. */
  protocolVersion: number
  /** The chain's name, such as `vibecoin-main`; at most 64 bytes of UTF-8. */
  network: string
  /** 32 bytes. */
  genesisHash: Uint8Array
  /** The operator's name for the node; at most 64 bytes of UTF-8. Anyone may claim any name. */
  nodeId: string
  /** Software and version; at most 256 bytes of UTF-8. */
  userAgent: string
  /** Binary multiaddrs, at most 16. Claims, not facts. */
  listenAddrs: Uint8Array[]
  /** Height of the best block, a safe integer. */
  bestHeight: number
  /** 32 bytes. */
  bestHash: Uint8Array
  /** The lowest version that it speaks. Absent: the same as `protocolVersion`. */
  minProtocolVersion?: number
  /** What it understands beyond the first messages: bits, 0 to 2^64 - 1. Absent: nothing. */
  features?: bigint
  /** The first block after genesis that it can serve, a safe integer. Absent: it has them all. */
  lowestHeight?: number
  /** Absent: it has no schedule of forks, and none is compared. */
  forkId?: ForkId
  /** Whether it wants no transactions in this session, and no peers told or asked for. Absent: it does. */
  blockOnly?: boolean
}

/** The first frame of each side. */
export interface HandshakeMessage { type: 'handshake', node: NodeInfo }

/** A block that the sender has just made or accepted. */
export interface NewBlockMessage { type: 'newBlock', block: Block }

/** A transaction on its way to a block. */
export interface NewTransactionMessage { type: 'newTransaction', transaction: Transaction }

/** Asks for the block at `height`. */
export interface RequestBlockMessage { type: 'requestBlock', height: number }

/** Answers `requestBlock`; no `block` means not found. */
export interface ResponseBlockMessage { type: 'responseBlock', block?: Block }

/** Asks for the blocks from `startHeight` to `endHeight`, both inclusive. */
export interface RequestBlockRangeMessage { type: 'requestBlockRange', startHeight: number, endHeight: number }

/** Answers `requestBlockRange`, in one or more frames; `last` is set on the final one. */
export interface ResponseBlockRangeMessage { type: 'responseBlockRange', blocks: Block[], last: boolean }

/** Asks for a `pong` with the same nonce. `nonce` is 0 to 2^64 - 1. */
export interface PingMessage { type: 'ping', nonce: bigint, bestHeight: number }

/** Answers `ping`. */
export interface PongMessage { type: 'pong', nonce: bigint, bestHeight: number }

/** Says why the session ends. `detail` is at most 256 bytes of UTF-8, for people to read. */
export interface DisconnectMessage { type: 'disconnect', reason: DisconnectReason, detail: string }

/** "I have these": at most 512 digests of 32 bytes, and at most 512 short ones. */
export interface HaveMessage {
  type: 'have'
  digests: Uint8Array[]
  /** The first 16 bytes of each digest, one after the other. Absent: none. */
  shortDigests?: Uint8Array
}

/** "Send me these": at most 512 digests of 32 bytes, and at most 512 short ones. */
export interface WantMessage {
  type: 'want'
  digests: Uint8Array[]
  /** The first 16 bytes of each digest, one after the other. Absent: none. */
  shortDigests?: Uint8Array
  /** Blocks may come without the transactions that the sender of this has. Absent: they may not. */
  compact?: true
}

/** A whole transaction in a compact block. */
export interface Prefilled {
  /** Among all transactions of the block; 0 to 2^32 - 1. */
  index: number
  /** The encoded transaction. */
  transaction: Uint8Array
}

/** A block without the transactions that the receiver has. */
export interface CompactBlockMessage {
  type: 'compactBlock'
  /** Of the encoded block; 32 bytes. */
  digest: Uint8Array
  /** The encoded block up to its first transaction. */
  before: Uint8Array
  /** The encoded block behind its last transaction. */
  after: Uint8Array
  /** What the short ids are keyed with, together with the digest; 0 to 2^64 - 1. */
  nonce: bigint
  /** 6 bytes for each transaction that is not prefilled, in the order of the block. */
  shortIds: Uint8Array
  /** In ascending order. */
  prefilled: Prefilled[]
}

/** Asks for transactions of a compact block, by their indexes in ascending order. `digest` is 32 bytes. */
export interface RequestTransactionsMessage { type: 'requestTransactions', digest: Uint8Array, indexes: number[] }

/** Answers `requestTransactions` with the encoded transactions, in that order; none where the sender does not have the block any more. */
export interface ResponseTransactionsMessage { type: 'responseTransactions', transactions: Uint8Array[] }

/** A peer that another one tells of. */
export interface PeerAddress {
  /** libp2p's signed peer record of that peer, a whole envelope; at most 1024 bytes. */
  record: Uint8Array
  /** How long ago the sender had a session with that peer or reached it, in minutes: 0 to 2^32 - 1. */
  ageMinutes: number
}

/** Asks for peers to dial, at most so many: 0 to 2^32 - 1, of which a peer tells 64 at most. */
export interface RequestPeersMessage { type: 'requestPeers', count: number }

/** Answers `requestPeers`, with at most 64 peers. */
export interface ResponsePeersMessage { type: 'responsePeers', peers: PeerAddress[] }

/** One of the ten messages of the VibeCoin protocol. */
export type Message =
  | HandshakeMessage | NewBlockMessage | NewTransactionMessage
  | RequestBlockMessage | ResponseBlockMessage | RequestBlockRangeMessage | ResponseBlockRangeMessage
  | PingMessage | PongMessage | DisconnectMessage

/** A {@link Message}, or one of those that nodes exchange underneath. */
export type WireMessage =
  | Message | HaveMessage | WantMessage
  | CompactBlockMessage | RequestTransactionsMessage | ResponseTransactionsMessage
  | RequestPeersMessage | ResponsePeersMessage

/** The `type` of a {@link WireMessage}. */
export type MessageType = WireMessage['type']

/** What a node may broadcast to every peer. */
export type BroadcastMessage = NewBlockMessage | NewTransactionMessage
