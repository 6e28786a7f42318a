import type { DisconnectReason } from './types/message.ts'

/**
 * What every error of this package is. Match on `name`: it is stable, messages are not.
 */
export class VibeCoinError extends Error {
  override readonly name: string = 'VibeCoinError'
}

/** A config or option that cannot be used. The message says what was expected. */
export class ConfigError extends VibeCoinError {
  override readonly name = 'ConfigError'
}

/** The runtime lacks what the network needs. */
export class UnsupportedRuntimeError extends VibeCoinError {
  override readonly name = 'UnsupportedRuntimeError'
}

/** Bytes that are not a valid frame or message. */
export class DecodeError extends VibeCoinError {
  override readonly name = 'DecodeError'

  /** True where the bytes ended too early: the connection may have broken, and the sender may be blameless. */
  readonly truncated: boolean

  /** The rule of docs/PROTOCOL.md that is broken, by its name there; `undefined` where it is none of those for bytes. */
  readonly rule: string | undefined

  constructor (message: string, options: ErrorOptions & { truncated?: boolean, rule?: string } = {}) {
    super(message, options)
    this.truncated = options.truncated ?? false
    this.rule = options.rule
  }
}

/** A message that cannot be encoded because a value does not fit the wire. */
export class EncodeError extends VibeCoinError {
  override readonly name = 'EncodeError'
}

/** What a peer did that the protocol forbids. */
export class ProtocolViolationError extends VibeCoinError {
  override readonly name = 'ProtocolViolationError'
}

/** A session that ended, and why. */
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
 * A request that got no usable answer. The peer may have received it all the same; asking again is safe.
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
 * `NO_PEERS`: nobody to ask. `TIMEOUT`: no answer or no progress in time. `DISCONNECTED`: the session ended.
 * `UNAVAILABLE`: the peer does not have it. `INVALID_RESPONSE`: not what was asked. `UNLINKED`: it does not follow the block before.
 * `TOO_MANY`: too many requests under way.
 */
export type RequestErrorCode =
  'NO_PEERS' | 'TIMEOUT' | 'DISCONNECTED' | 'UNAVAILABLE' | 'INVALID_RESPONSE' | 'UNLINKED' | 'TOO_MANY'

/** For a chain to throw: a block that breaks its rules. */
export class InvalidBlockError extends VibeCoinError {
  override readonly name = 'InvalidBlockError'
}

/** A synchronisation that ended before the chain was in step. What was appended stays. */
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
 * `NO_STORE`: there is no chain to append to. `STORE`: the chain failed, see `cause`. `FORK`: those who are ahead have
 * another chain, and ours cannot change over.
 */
export type SyncErrorCode = 'NO_STORE' | 'STORE' | 'FORK'

/** An address that could not be listened on. Nothing was started. */
export class ListenError extends VibeCoinError {
  override readonly name = 'ListenError'
}

/** Whoever was dialled does not have the key of the private network, or does not show it. */
export class PrivateNetworkError extends VibeCoinError {
  override readonly name = 'PrivateNetworkError'
}

/**
 * One connection cost more below its streams than a guard allows: see `guardMuxer`. Its sessions end with it. No peer is banned for it, for
 * another implementation may just have other habits.
 */
export class MuxerLimitError extends VibeCoinError {
  override readonly name = 'MuxerLimitError'
}

/** An operation on a network that is not running. */
export class NotRunningError extends VibeCoinError {
  override readonly name = 'NotRunningError'
}

/** A file or database under `dataDir` that cannot be read. Nothing was changed. */
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
