import type { DisconnectReason } from './types/message.ts'

/**
 * What every error of this package is. By itself, it says that a handler is set twice, or is none.
 *
 * @remarks Match on `name`: it is stable, messages are not.
 */
export class VibeCoinError extends Error {
  override readonly name: string = 'VibeCoinError'
}

/**
 * An option cannot be used.
 *
 * @remarks Correct the option. The message says what was expected.
 */
export class ConfigError extends VibeCoinError {
  override readonly name = 'ConfigError'
}

/**
 * Node.js is older than 22.18, or the runtime lacks `Promise.withResolvers`, or what a `dataDir` needs.
 *
 * @remarks Use a newer runtime, or leave `dataDir` out.
 */
export class UnsupportedRuntimeError extends VibeCoinError {
  override readonly name = 'UnsupportedRuntimeError'
}

/**
 * Bytes are no valid frame, message, block or transaction.
 *
 * @remarks Drop the bytes. Where `truncated` is true, there may be more of them. `rule` names the rule that is broken, where there is one.
 */
export class DecodeError extends VibeCoinError {
  override readonly name = 'DecodeError'

  /** True where the bytes ended too early: the connection may have broken, and the sender may be blameless. */
  readonly truncated: boolean

  /** The rule of docs/protocol.md that is broken, by its name there; `undefined` where it is none of those for bytes. */
  readonly rule: string | undefined

  constructor (message: string, options: ErrorOptions & { truncated?: boolean, rule?: string } = {}) {
    super(message, options)
    this.truncated = options.truncated ?? false
    this.rule = options.rule
  }
}

/**
 * A value does not fit the wire.
 *
 * @remarks Correct the value that the message names. A block or transaction has to be 1 KiB smaller than `maxFrameBytes`.
 */
export class EncodeError extends VibeCoinError {
  override readonly name = 'EncodeError'
}

/**
 * A peer did what the protocol forbids. It is behind the `cause` of a `RequestError`.
 *
 * @remarks Nothing: the node has ended the session and banned the peer.
 */
export class ProtocolViolationError extends VibeCoinError {
  override readonly name = 'ProtocolViolationError'
}

/**
 * A session ended, or was not made.
 *
 * @remarks Look at `reason`. The node tries again by itself where it has dialled the peer by itself.
 */
export class DisconnectedError extends VibeCoinError {
  override readonly name = 'DisconnectedError'

  /** What was said to the peer, or by it; `undefined` when the connection just broke. */
  readonly reason: DisconnectReason | undefined

  /** True when the peer ended it, or the connection broke. */
  readonly byRemote: boolean

  constructor (message: string, facts: { reason?: DisconnectReason, byRemote: boolean, cause?: unknown }) {
    super(message, { cause: facts.cause })
    this.reason = facts.reason
    this.byRemote = facts.byRemote
  }
}

/**
 * A request got no usable answer. The peer may have received it all the same.
 *
 * @remarks Look at `code`. Asking again is safe.
 */
export class RequestError extends VibeCoinError {
  override readonly name = 'RequestError'

  /** What went wrong. */
  readonly code: RequestErrorCode

  constructor (code: RequestErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Why a request got no usable answer.
 *
 * - `NO_PEERS`: There is no peer to ask.
 * - `TIMEOUT`: No answer, or no progress, came in time.
 * - `DISCONNECTED`: The session ended.
 * - `UNAVAILABLE`: The peer does not have it.
 * - `INVALID_RESPONSE`: The answer is not what was asked for, or a block that the chain refused.
 * - `UNLINKED`: The blocks do not follow the one before: the peers that could be asked are on other branches.
 * - `TOO_MANY`: 64 requests to this peer are under way, or it may be asked again only after too long.
 */
export type RequestErrorCode =
  'NO_PEERS' | 'TIMEOUT' | 'DISCONNECTED' | 'UNAVAILABLE' | 'INVALID_RESPONSE' | 'UNLINKED' | 'TOO_MANY'

/**
 * A block breaks the rules of the chain. For a `ChainStore` to throw.
 *
 * @remarks Throw it from `verify`, `append` or `reorganise`. The node holds the block against the peer that sent it.
 */
export class InvalidBlockError extends VibeCoinError {
  override readonly name = 'InvalidBlockError'
}

/**
 * A synchronisation ended before the chain had reached its peers. What was appended stays.
 *
 * @remarks Look at `code`. With `autoSync` the node tries again by itself.
 */
export class SyncError extends VibeCoinError {
  override readonly name = 'SyncError'

  /** What went wrong. */
  readonly code: SyncErrorCode

  constructor (code: SyncErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * Why a synchronisation ended early.
 *
 * - `NO_STORE`: There is no chain to append to.
 * - `STORE`: The chain failed. `cause` says how.
 * - `FORK`: The peers that are ahead have another chain, and ours has no `reorganise`.
 */
export type SyncErrorCode = 'NO_STORE' | 'STORE' | 'FORK'

/**
 * The node cannot listen on one of its `listen` addresses. Nothing is left running.
 *
 * @remarks The message names each address and says what to do. The reason is the `cause`, an `AggregateError` where there are several.
 */
export class ListenError extends VibeCoinError {
  override readonly name = 'ListenError'
}

/**
 * The peer that was dialled does not have the key of the private network, or does not show it.
 *
 * @remarks Compare `privateNetworkKey` on both nodes.
 */
export class PrivateNetworkError extends VibeCoinError {
  override readonly name = 'PrivateNetworkError'
}

/**
 * One connection cost more below its streams than `guardMuxer` allows. The guard has cut it, and its sessions end with it. The error is
 * seen in logs.
 *
 * No peer is banned for it, for another implementation may just have other habits.
 *
 * @remarks Nothing, unless an honest peer causes it: then raise the limits of `guardMuxer`.
 */
export class MuxerLimitError extends VibeCoinError {
  override readonly name = 'MuxerLimitError'
}

/**
 * The network is not running: it has been stopped, or the libp2p node has not been started. What was under way when it stopped fails
 * with it too.
 *
 * @remarks Start it, or end what still uses it.
 */
export class NotRunningError extends VibeCoinError {
  override readonly name = 'NotRunningError'
}

/**
 * The `pool` of the application failed, or gave a transaction that must not be sent. No peer is to blame.
 *
 * @remarks Look at `cause`. `storage:fault` has it. `get` gives the transaction of the digest that it is asked for, and `digests` gives 32
 * bytes each.
 */
export class PoolError extends VibeCoinError {
  override readonly name = 'PoolError'
}

/**
 * A file or database under `dataDir` cannot be used, and nothing was changed. Or your `chain` failed while the node started, gave what no
 * peer may be sent, or lacks a block that you broadcast.
 *
 * @remarks Look at the message and at `cause`: another running node has the directory, it is of another network, a file is damaged, or
 * the disk is full. Where the cause is an `UnsupportedRuntimeError`, `classic-level` cannot be loaded: run Node.js with addons, keep it out
 * of bundles, or leave `dataDir` out.
 */
export class StorageError extends VibeCoinError {
  override readonly name = 'StorageError'
}

/** The message of anything that was thrown. */
export function errorMessage (error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error)
  } catch {
    // anything can be thrown, also what cannot be made a text
    return 'an error without a text'
  }
}
