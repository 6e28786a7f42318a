import { failureKind } from './redial-delay.ts'
import { ConfigError, DisconnectedError } from '../../errors.ts'
import type { FailureKind } from './redial-delay.ts'
import type { Connection } from '@libp2p/interface'

/** The outcome of a dial without a session: `self` where the address is this node's, `late` where another dial has taken the slot. */
export type DialVerdict = FailureKind | 'self' | 'late'

/** What an error of a dial means for the next try. */
export function classifyDialError (error: unknown): DialVerdict {
  const errors = flatten(error)

  if (errors.some(({ message }) => /\bdial self\b/.test(message))) {
    return 'self'
  }

  // a node that starts or stops accepts connections without our protocol: it counts as unreachable, like one that is down
  const disconnected = errors.find((err) => err instanceof DisconnectedError)

  if (disconnected?.reason === 'TOO_MANY_CONNECTIONS' && !disconnected.byRemote) {
    return 'late'
  }

  return failureKind(disconnected?.reason)
}

/** What an `AbortSignal.timeout` says. libp2p throws that as it is, or as the message of an error of encryption. */
const PLAIN_TIMEOUT = 'The operation was aborted due to timeout'

/** Nothing came back: the address drops packets, or leads nowhere. */
const NO_ANSWER = 'No answer in time'

/** Something took the connection, and is no node, or one that hangs. */
const SILENT = 'Connected, and then no answer in time'

/** A peer refuses the connections of those that it has banned, and says nothing. */
const CUT = 'The peer has closed the connection before there was a session: it has banned this node, or has no room, or is stopping'

/** What Noise says where another node is at an address than its `/p2p/` names. */
const OTHER_NODE = /^Payload identity key (\S+) does not match expected remote identity key (\S+)$/

/** The errors of this file that say all that their cause says. */
const EXPLAINED = ['TimeoutError', 'EncryptionFailedError']

/** The characters of a text that says why a dial has failed. */
const MAX_TEXT_CHARS = 256

/** Says what a deadline was for, by whether the other end had taken the connection; any other error as it is. */
export function explainTimeout (error: unknown, isConnected: boolean): unknown {
  if (!(error instanceof Error) || !isPlainTimeout(error)) {
    return error
  }

  // there is nothing to encrypt before there is a connection
  const isSilent = isConnected || error.name === 'EncryptionFailedError'

  return Object.assign(new Error(isSilent ? SILENT : NO_ANSWER, { cause: error }), { name: 'TimeoutError' })
}

/** Says which node is at an address in place of the one that was expected; any other error as it is. */
function explainIdentity (error: unknown, addresses: readonly string[]): unknown {
  const [, there, expected] = error instanceof Error ? OTHER_NODE.exec(error.message) ?? [] : []

  if (there == null || expected == null) {
    return error
  }

  const message = `At ${addresses.join(', ')} is the node ${there}, and not ${expected}. Ask its operator for the peer id behind \`/p2p/\``

  return Object.assign(new Error(message, { cause: error }), { name: 'EncryptionFailedError' })
}

/** Whether an error is that of a deadline and says no more, as it was thrown or as the message of another one. */
function isPlainTimeout (error: Error): boolean {
  return error.message === PLAIN_TIMEOUT || (error instanceof DOMException && error.name === 'TimeoutError')
}

/** Why a dial has failed, for people to read: the messages of the error, its causes and parts, each once. */
export function dialErrorText (error: unknown): string {
  const errors = flatten(error)
  // what is below an error that says what it was adds nothing
  const explained = new Set(errors.filter(({ name }) => EXPLAINED.includes(name)).map(({ cause }) => cause))
  const messages = errors.filter((err) => !explained.has(err)).map((err) => isPlainTimeout(err) ? NO_ANSWER : err.message)

  // the last of them is the one that says what happened
  return [...new Set(messages)].join(': ').slice(0, MAX_TEXT_CHARS)
}

/** What a node loads only where the options have such an address. */
const LOADED: readonly (readonly [pattern: RegExp, name: string, part: string])[] = [
  [/\/wss?(\/|$)/, 'WebSockets', '/ws'], [/\/quic-v1(\/|$)/, 'QUIC', '/quic-v1']
]

/** What libp2p throws where a connection ends as it is opened, or is ending when a stream is to be opened over it. */
const CLOSED = 'ConnectionClosedError'

/** The peer was reached, and the connection has ended before there was a session. Peers that have banned this node close it so. */
export class CutError extends DisconnectedError {
  constructor (cause: unknown) {
    super(CUT, { byRemote: true, cause })
  }
}

/** An error of opening a stream over a connection, as a {@link CutError} where the connection has ended. */
export function explainStreamError (error: unknown, { status }: Pick<Connection, 'status'>): unknown {
  return status !== 'open' || (error instanceof Error && error.name === CLOSED) ? new CutError(error) : error
}

/**
 * What to do about a dial to addresses that no transport of this node takes, that lead to this node itself, and that nothing answers in
 * time. So too about another node than the one that was expected, and about a connection that the peer has closed at once. Any other error
 * is left as it is. libp2p says less.
 */
export function explainDialError (error: unknown, addresses: readonly string[], isConnected = false): unknown {
  if (classifyDialError(error) === 'self') {
    return new ConfigError(`${addresses.join(', ')} leads to this node itself. Give the address of another node`, { cause: error })
  }

  if (error instanceof Error && error.name === CLOSED) {
    return new CutError(error)
  }

  if (!(error instanceof Error) || error.name !== 'NoValidAddressesError') {
    return explainTimeout(explainIdentity(error, addresses), isConnected)
  }

  const [, name = '', part = ''] = LOADED.find(([pattern]) => addresses.some((address) => pattern.test(address))) ?? []
  const advice = name === ''
    ? 'A node dials TCP, and a web page WebSockets with `/tls/ws`'
    : `A node loads ${name} where an address of \`listen\`, \`seedPeers\` or \`announce\` has \`${part}\``

  return new ConfigError(`No transport of this node dials ${addresses.join(', ')}. ${advice}`, { cause: error })
}

/** An error with its causes and parts: libp2p makes one error of a dial to several addresses. Each once: causes may go in circles. */
function flatten (error: unknown, found = new Set<Error>()): Error[] {
  if (error instanceof Error && !found.has(error)) {
    found.add(error)
    const parts = error instanceof AggregateError ? error.errors : [error.cause]
    parts.forEach((part) => flatten(part, found))
  }

  return [...found]
}
