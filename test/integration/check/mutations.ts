import { LOWEST_HEIGHT, prunedChain } from './targets.ts'
import { quickClock } from '../../support/quick-clock.ts'
import { encodeMessage } from '../../../src/index.ts'
import { varint } from '../../../src/check/checks/raw.ts'
import type { Change, MutantStream, Mutation, Passing } from '../../support/mutant.ts'
import type { DisconnectReason, MessageType, NodeInfo, WireMessage } from '../../../src/types/message.ts'
import type { PeerId } from '@libp2p/interface'

// Nodes that are broken on purpose: each has to be caught by the check that is named for it.

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

type Of<Type extends MessageType> = Extract<WireMessage, { type: Type }>

/** Changes the messages of one kind, and passes all others. */
function of<Type extends MessageType> (type: Type, change: (message: Of<Type>, passing: Passing) => ReturnType<Change>): Change {
  return (passing) => passing.message?.type === type ? change(passing.message as Of<Type>, passing) : undefined
}

function withId (message: WireMessage, requestId: bigint | undefined): Uint8Array {
  return encodeMessage(message, requestId)
}

/** Changes what the node says of itself. */
function says (change: (node: NodeInfo) => Partial<NodeInfo>): Mutation {
  return { sent: of('handshake', ({ node }) => [{ type: 'handshake', node: { ...node, ...change(node) } }]) }
}

/** Changes what the node reads in the handshakes of others. */
function reads (change: (node: NodeInfo) => Partial<NodeInfo>): Mutation {
  return { received: of('handshake', ({ node }) => [{ type: 'handshake', node: { ...node, ...change(node) } }]) }
}

/** A node that passes over frames that break a rule. */
function ignoring (...rules: string[]): Mutation {
  return { received: ({ rule }) => rule != null && rules.includes(rule) ? [] : undefined }
}

function equal (a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** The other sessions of the same node. */
function others (stream: MutantStream): MutantStream[] {
  return stream.node.streams.filter((other) => other !== stream && other.stream.status === 'open')
}

/** What the node has noted, kept for all of its streams. */
function noteOf<T> (stream: MutantStream, name: string, make: () => T): T {
  const { notes } = stream.node.streams[0]!
  notes.set(name, notes.get(name) ?? make())

  return notes.get(name) as T
}

/** Cuts whatever ends with a byte that says more is to come. */
function isPart (bytes: Uint8Array): boolean {
  return bytes.byteLength < (bytes[0] ?? 0) + 1
}

const HASH = new Uint8Array(32)

/** Of a request that a mutation makes by itself. */
const FIRST_ID = 2n ** 62n

/** A range up to its first gap. */
function upToGap ({ blocks, last }: Of<'responseBlockRange'>, { requestId }: Pick<Passing, 'requestId'>): Uint8Array[] {
  const gap = blocks.findIndex(({ height }, i) => height !== blocks[0]!.height + i)

  return [withId({ type: 'responseBlockRange', blocks: gap < 0 ? blocks : blocks.slice(0, gap), last }, requestId)]
}

/** What a node sends that is wrong. */
const SENT: BrokenNode[] = [
  { what: 'answers a ping with the nonce after its own', check: 'ping-nonce', mutation: { sent: of('pong', (pong) => [{ ...pong, nonce: BigInt.asUintN(64, pong.nonce + 1n) }]) } },
  { what: 'keeps nonces as doubles', check: 'ping-nonce', mutation: { sent: of('pong', (pong) => [{ ...pong, nonce: BigInt.asUintN(64, BigInt(Number(pong.nonce))) }]) } },
  { what: 'says height 0 in its pongs', check: 'ping-height', mutation: { sent: of('pong', (pong) => [{ ...pong, bestHeight: 0 }]) } },
  { what: 'answers a ping twice', check: 'ping-one-answer', mutation: { sent: of('pong', (pong) => [pong, pong]) } },
  {
    what: 'keeps request ids as doubles', check: 'field-request-id',
    mutation: { sent: of('responseBlock', (message, { requestId }) => [withId(message, requestId == null ? undefined : BigInt.asUintN(64, BigInt(Number(requestId))))]) }
  },
  { what: 'puts an id on answers to requests without one', check: 'field-request-id-none', mutation: { sent: of('responseBlock', (message, { requestId }) => [withId(message, requestId ?? 1n)]) } },
  { what: 'answers a request twice', check: 'request-missing', mutation: { sent: of('responseBlock', (message, { requestId }) => [withId(message, requestId), withId(message, requestId)]) } },
  { what: 'has another best hash than block', check: 'request-tip', mutation: says(() => ({ bestHash: HASH })) },
  { what: 'serves the block below the one that it is asked for', check: 'request-block', mutation: { received: of('requestBlock', ({ height }, { requestId }) => [withId({ type: 'requestBlock', height: Math.max(0, height - 1) }, requestId)]) } },
  {
    what: 'serves a range from its end', check: 'range-linked',
    mutation: { sent: of('responseBlockRange', ({ blocks, last }, { requestId }) => [withId({ type: 'responseBlockRange', blocks: blocks.toReversed(), last }, requestId)]) }
  },
  {
    what: 'takes the end of a range for the first height that is not asked for any more', check: 'range-end',
    mutation: { received: of('requestBlockRange', ({ startHeight, endHeight }, { requestId }) => [withId({ type: 'requestBlockRange', startHeight, endHeight: endHeight + 1 }, requestId)]) }
  },
  {
    what: 'sends an empty last frame after the last one', check: 'range-one-last',
    mutation: { sent: of('responseBlockRange', (message, { bytes, requestId }) => message.last ? [bytes, withId({ type: 'responseBlockRange', blocks: [], last: true }, requestId)] : undefined) }
  },
  {
    what: 'never says last', check: 'range-missing',
    mutation: { sent: of('responseBlockRange', ({ blocks }, { requestId }) => blocks.length === 0 ? [] : [withId({ type: 'responseBlockRange', blocks, last: false }, requestId)]) }
  },
  { what: 'claims an address of another node', check: 'handshake-addresses', mutation: says(() => ({ listenAddrs: [Uint8Array.from(Buffer.from(`047f000001060001a503260024080112201${'1'.repeat(63)}`, 'hex'))] })) },
  { what: 'speaks version 2 alone', check: 'handshake-version', mutation: says(() => ({ protocolVersion: 2, minProtocolVersion: 2 })) },
  {
    what: 'pings before it has the other handshake', check: 'handshake-nothing-else',
    mutation: { sent: of('handshake', (message) => [message, { type: 'ping', nonce: 1n, bestHeight: 0 }]) }
  },
  { what: 'refuses without a word', check: 'refuse-network-other', mutation: { sent: of('disconnect', ({ reason }) => reason === 'WRONG_NETWORK' ? [] : undefined) } },
  {
    what: 'says WRONG_NETWORK of another version', check: 'refuse-version-2',
    mutation: { sent: of('disconnect', (message) => message.reason === 'INCOMPATIBLE_VERSION' ? [{ ...message, reason: 'WRONG_NETWORK' }] : undefined) }
  },
  {
    what: 'says why at length', check: 'field-detail-sent',
    mutation: { sent: of('disconnect', () => [Buffer.concat([Uint8Array.of(0x5a, 0xb0, 2, 8, 7, 0x12, 0xab, 2), new Uint8Array(299).fill(0x61)])]) }
  },
  {
    what: 'writes tags in three bytes', check: 'message-well-formed',
    mutation: { sent: of('pong', (_pong, { bytes }) => [Buffer.concat([varint(bytes[0]!, 3), bytes.subarray(1)])]) }
  },
  { what: 'encodes what it relays anew', check: 'relay-transaction', mutation: { sent: of('newTransaction', (message) => [message]) } },
  {
    what: 'relays to one peer alone', check: 'relay-to-all',
    mutation: {
      sent: of('newTransaction', (_message, { bytes, stream }) => {
        const sent = noteOf(stream, 'sent', () => new Set<string>())
        const key = Buffer.from(bytes).toString('hex')

        if (sent.has(key)) {
          return []
        }

        sent.add(key)

        return undefined
      })
    }
  },
  {
    what: 'sends what it gets back to its sender', check: 'relay-not-back',
    mutation: {
      received: of('newTransaction', (_message, { bytes, stream }) => {
        stream.say(bytes)

        return undefined
      })
    }
  },
  {
    what: 'relays what it cannot read', check: 'relay-refused-item',
    mutation: {
      received: ({ bytes, rule, stream }) => {
        if (rule != null) {
          others(stream).forEach((other) => { other.say(bytes) })
        }

        return undefined
      }
    }
  },
  {
    what: 'sends items to peers that have announced them', check: 'relay-announced',
    mutation: {
      received: ({ message, bytes, stream }) => {
        if (message?.type === 'have') {
          stream.notes.set('hasAnnounced', true)
        } else if (message?.type === 'newTransaction') {
          others(stream).filter(({ notes }) => notes.has('hasAnnounced')).forEach((other) => { other.say(bytes) })
        }

        return undefined
      }
    }
  },
  {
    what: 'relays only to peers that have announced something', check: 'relay-announced',
    mutation: {
      sent: of('newTransaction', (_message, { stream }) => stream.notes.has('hasAnnounced') ? undefined : []),
      received: of('have', (_message, { stream }) => {
        stream.notes.set('hasAnnounced', true)

        return undefined
      })
    }
  },
  {
    what: 'puts the same id on every request', check: 'request-ids-new',
    mutation: {
      sent: ({ message, requestId, stream }) => {
        if (message?.type !== 'requestBlock' && message?.type !== 'requestBlockRange') {
          return undefined
        }

        stream.notes.set('id', requestId)

        return [withId(message, 7n)]
      },
      received: ({ message, stream }) => {
        const isAnswer = message?.type === 'responseBlock' || message?.type === 'responseBlockRange'

        return isAnswer ? [withId(message, stream.notes.get('id') as bigint)] : undefined
      }
    }
  }
]

/** What a node takes, refuses or does wrongly. */
const RECEIVED: BrokenNode[] = [
  ...['tag', 'wire-type', 'varint', 'text', 'once', 'known-type', 'width', 'count', 'order', 'safe-integer'].map((rule) => ({
    what: `passes over frames that break the rule ${rule}`, check: `vector-${rule}`, mutation: ignoring(rule)
  })),
  { what: 'compares networks without regard to case', check: 'refuse-network-case', mutation: reads(({ network }) => network.toLowerCase() === 'vibecoin-test' ? { network: 'vibecoin-test' } : {}) },
  { what: 'takes every genesis hash', check: 'refuse-genesis-last-bit', mutation: { received: of('handshake', ({ node }, { stream }) => [{ type: 'handshake', node: { ...node, genesisHash: stream.node.genesisHash } }]) } },
  { what: 'takes the fork id of every peer', check: 'fork-other', mutation: reads(() => ({ forkId: undefined })) },
  { what: 'knows no frame over 1 MiB', check: 'frame-limit', mutation: { config: { maxFrameBytes: 2 ** 20 } } },
  { what: 'takes frames of 8 MiB', check: 'frame-over', mutation: { config: { maxFrameBytes: 2 ** 23 } } },
  { what: 'looks at a length when the body has come', check: 'frame-handshake-over', mutation: { received: () => undefined } },
  { what: 'passes over frames of no bytes', check: 'frame-zero', mutation: { receivedBytes: (bytes) => bytes.byteLength === 1 && bytes[0] === 0 ? undefined : bytes } },
  {
    what: 'takes each chunk for a frame', check: 'chunks-one-byte',
    mutation: { receivedBytes: (bytes) => isPart(bytes) ? undefined : bytes }
  },
  {
    what: 'reads one frame of a chunk', check: 'chunks-many-frames',
    mutation: { receivedBytes: (bytes) => bytes[0]! < 0x80 ? bytes.subarray(0, bytes[0]! + 1) : bytes }
  },
  {
    what: 'ends a session for a message of an unknown kind', check: 'message-unknown-kind',
    mutation: { received: ({ message, rule }) => message == null && rule == null ? [Uint8Array.of(0)] : undefined }
  },
  {
    what: 'reads no message with unknown fields', check: 'message-unknown-fields',
    mutation: { received: ({ message, requestId, bytes }) => message?.type === 'ping' && !equal(encodeMessage(message, requestId), bytes) ? [] : undefined }
  },
  {
    what: 'lets the first occurrence of a field count', check: 'message-scalar-twice',
    mutation: { received: of('ping', (ping) => ping.nonce === 79n ? [{ ...ping, nonce: 1n }] : undefined) }
  },
  { what: 'answers no Want', check: 'want-answered', mutation: { received: of('want', () => []) } },
  { what: 'asks at once for what is announced', check: 'have-want-delay', isSkipped: true, mutation: { received: of('have', ({ digests }, { stream }) => { stream.say({ type: 'want', digests }); return undefined }) } },
  {
    what: 'asks one announcer alone', check: 'have-want-next', isSkipped: true,
    mutation: {
      sent: of('want', ({ digests }, { stream }) => {
        const asked = noteOf(stream, 'asked', () => new Set<string>())
        const left = digests.filter((digest) => !asked.has(Buffer.from(digest).toString('hex')))
        left.forEach((digest) => { asked.add(Buffer.from(digest).toString('hex')) })

        return left.length === 0 ? [] : [{ type: 'want', digests: left }]
      })
    }
  },
  { what: 'has no use for large items', check: 'relay-limit', isSkipped: true, mutation: { received: ({ bytes }) => bytes.byteLength > 2 ** 20 ? [] : undefined } },
  {
    what: 'reads only answers that it waits for', check: 'answer-unasked-block',
    mutation: { received: of('responseBlock', () => []) }
  },
  {
    what: 'takes a range with a gap, to ask again for what is missing', check: 'answer-range-gap',
    mutation: { received: of('responseBlockRange', upToGap) }
  },
  {
    what: 'serves a range from its lowest height where an earlier one is asked for', check: 'pruned-range-below',
    mutation: {
      config: { chain: prunedChain() },
      received: of('requestBlockRange', ({ startHeight, endHeight }, { requestId }) => {
        return [withId({ type: 'requestBlockRange', startHeight: Math.max(startHeight, LOWEST_HEIGHT), endHeight }, requestId)]
      })
    }
  },
  {
    what: 'ends a session for an answer to a request that it has given up', check: 'answer-late',
    mutation: {
      sent: of('requestBlockRange', (_message, { stream }) => {
        stream.notes.set('askedAt', stream.notes.get('askedAt') ?? performance.now())

        return undefined
      }),
      received: of('responseBlockRange', (_message, { stream }) => performance.now() - (stream.notes.get('askedAt') as number) > 10_000 ? [Uint8Array.of(0)] : undefined)
    }
  },
  { what: 'passes over answers with a malformed transaction', check: 'answer-malformed-transaction', mutation: { received: ({ rule }) => rule == null ? undefined : [] } },
  {
    what: 'asks for ranges when it has an answer for one block, and takes a range with a gap', check: 'answer-range-gap',
    mutation: {
      sent: of('requestBlockRange', ({ startHeight }, { bytes, stream: { notes } }) => {
        const held = notes.get('held') as Uint8Array[] | undefined
        notes.set('held', [...held ?? [], bytes])

        return notes.has('isAnswered') ? undefined : held == null ? [withId({ type: 'requestBlock', height: startHeight }, FIRST_ID)] : []
      }),
      received: ({ message, requestId, stream }) => {
        if (requestId === FIRST_ID) {
          stream.notes.set('isAnswered', true)
          const held = stream.notes.get('held') as Uint8Array[]
          held.forEach((bytes) => { stream.say(bytes) })

          return []
        }

        return message?.type === 'responseBlockRange' ? upToGap(message, { requestId }) : undefined
      }
    }
  },
  {
    what: 'passes over answers of the wrong kind', check: 'answer-wrong-kind',
    mutation: { received: ({ message }) => message?.type === 'responseBlock' && message.block == null ? [] : undefined }
  },
  { what: 'reads on after a Disconnect', check: 'end-nothing-read', mutation: { received: of('disconnect', () => []) } },
  { what: 'stays after a Disconnect', check: 'end-disconnect', mutation: { received: of('disconnect', () => []) } },
  {
    what: 'bans a peer whose stream is reset', check: 'end-reset',
    mutation: {
      onStream: ({ stream, connection, node }) => {
        stream.addEventListener('close', ({ error }) => {
          if (error != null) {
            node.network.peers.ban(connection.remotePeer.toString())
          }
        })
      }
    }
  },
  {
    what: 'bans a peer whose stream ends inside a frame', check: 'vector-lost',
    mutation: {
      onStream: ({ stream, connection, node }) => {
        stream.addEventListener('remoteCloseWrite', () => { node.network.peers.ban(connection.remotePeer.toString()) })
      }
    }
  },
  {
    what: 'ends every session for the violation of one', check: 'isolation-violation',
    mutation: {
      sent: of('disconnect', ({ reason }, { stream }) => {
        if (reason === 'PROTOCOL_VIOLATION') {
          others(stream).forEach((other) => { other.stream.abort(new Error('mutant')) })
        }

        return undefined
      })
    }
  }
]

/** Sessions with one peer, deadlines and rates. */
const SESSIONS: BrokenNode[] = [
  {
    what: 'says nothing in the session that it gives up', check: 'pair-one-session',
    mutation: { sent: of('disconnect', ({ reason }) => reason === 'DUPLICATE_CONNECTION' ? [] : undefined) }
  },
  {
    what: 'reads nothing more in the session that it gives up', check: 'takeover-reads-on',
    mutation: {
      sent: of('disconnect', ({ reason }, { stream }) => {
        stream.notes.set('isOver', reason === 'DUPLICATE_CONNECTION')

        return undefined
      }),
      received: ({ stream }) => stream.notes.get('isOver') === true ? [] : undefined
    }
  },
  {
    what: 'compares peer ids the other way round', check: 'tie-break-smaller',
    mutation: { onConnection: ({ remotePeer }, node) => { swapOrder(remotePeer, node.network.libp2p.peerId) } }
  },
  {
    what: 'compares peer ids the other way round', check: 'tie-break-larger',
    mutation: { onConnection: ({ remotePeer }, node) => { swapOrder(remotePeer, node.network.libp2p.peerId) } }
  },
  {
    what: 'opens two streams to a peer', check: 'dial-one-stream',
    mutation: {
      onStream: ({ stream, connection }) => {
        if (stream.direction === 'outbound' && connection.streams.filter(({ protocol }) => protocol === stream.protocol).length === 1) {
          void connection.newStream('/vibecoin/1.0.0').catch(() => {})
        }
      }
    }
  },
  { what: 'waits for a handshake for ever', check: 'handshake-timeout', mutation: { config: { handshakeTimeout: 60_000 } } },
  { what: 'waits for a handshake for 2 s', check: 'handshake-late', mutation: { config: { handshakeTimeout: 2000 } } },
  { what: 'says nothing of a pong that is late', check: 'ping-timeout', mutation: { clock: quickClock(10), sent: silentOn('TIMEOUT') } },
  { what: 'says nothing of the rest of a frame that is late', check: 'frame-rest-timeout', mutation: { clock: quickClock(10), sent: silentOn('TIMEOUT') } },
  { what: 'says nothing of rates', check: 'rate-limited', mutation: { clock: quickClock(10), sent: silentOn('RATE_LIMITED') } },
  { what: 'answers 4 pings of a session', check: 'rate-burst', mutation: { received: countPings } }
]

function silentOn (reason: DisconnectReason): Change {
  return of('disconnect', (message) => message.reason === reason ? [] : undefined)
}

function countPings ({ message, stream }: Passing): WireMessage[] | undefined {
  const count = (stream.notes.get('pings') as number | undefined ?? 0) + (message?.type === 'ping' ? 1 : 0)
  stream.notes.set('pings', count)

  return message?.type === 'ping' && count > 4 ? [] : undefined
}

/** Has an id show itself as one at the other end of the order. */
function swapOrder (remote: PeerId, own: PeerId): void {
  const { bytes } = own.toMultihash()
  const hash = remote.toMultihash()
  const isSmaller = Buffer.compare(hash.bytes, bytes) < 0
  const shown = { ...hash, bytes: hash.bytes.map(() => isSmaller ? 255 : 0) }
  Object.assign(remote, { toMultihash: () => shown })
}

export const BROKEN_NODES: readonly BrokenNode[] = [...SENT, ...RECEIVED, ...SESSIONS]
