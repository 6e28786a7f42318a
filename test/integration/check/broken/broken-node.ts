import { encodeMessage } from '../../../../src/index.ts'
import type { Change, MutantStream, Mutation, Passing } from '../../../support/mutant.ts'
import type { MessageType, NodeInfo, WireMessage } from '../../../../src/types/message.ts'

/** A broken node. */
export interface BrokenNode {
  /** What is wrong with it, in words. */
  what: string
  /** The check that has to find it. */
  check: string
  /** Whether the text leaves it open, so that the check says that it is skipped. */
  isSkipped?: true
  mutation: Mutation
}

/** A message of one kind. */
export type Of<Type extends MessageType> = Extract<WireMessage, { type: Type }>

/** Changes the messages of one kind, and passes all others. */
export function of<Type extends MessageType> (type: Type, change: (message: Of<Type>, passing: Passing) => ReturnType<Change>): Change {
  return (passing) => passing.message?.type === type ? change(passing.message as Of<Type>, passing) : undefined
}

/** A message with the id of a request. */
export function withId (message: WireMessage, requestId: bigint | undefined): Uint8Array {
  return encodeMessage(message, requestId)
}

/** Changes what the node says of itself. */
export function says (change: (node: NodeInfo) => Partial<NodeInfo>): Mutation {
  return { sent: of('handshake', ({ node }) => [{ type: 'handshake', node: { ...node, ...change(node) } }]) }
}

/** Changes what the node reads in the handshakes of others. */
export function reads (change: (node: NodeInfo) => Partial<NodeInfo>): Mutation {
  return { received: of('handshake', ({ node }) => [{ type: 'handshake', node: { ...node, ...change(node) } }]) }
}

/** A node that passes over frames that break a rule. */
export function ignoring (...rules: string[]): Mutation {
  return { received: ({ rule }) => rule != null && rules.includes(rule) ? [] : undefined }
}

/** Whether both are the same bytes. */
export function equal (a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The other sessions of the same node. */
export function others (stream: MutantStream): MutantStream[] {
  return stream.node.streams.filter((other) => other !== stream && other.stream.status === 'open')
}

/** What the node has noted, kept for all of its streams. */
export function noteOf<T> (stream: MutantStream, name: string, make: () => T): T {
  const { notes } = stream.node.streams[0]!
  notes.set(name, notes.get(name) ?? make())

  return notes.get(name) as T
}

/** Cuts whatever ends with a byte that says more is to come. */
export function isPart (bytes: Uint8Array): boolean {
  return bytes.byteLength < (bytes[0] ?? 0) + 1
}
