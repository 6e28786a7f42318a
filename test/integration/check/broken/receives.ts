import { crc32 } from 'node:zlib'
import { equal, ignoring, isPart, noteOf, of, others, reads, withId } from './broken-node.ts'
import { LOWEST_HEIGHT, prunedChain, TARGET } from '../targets.ts'
import { encodeMessage } from '../../../../src/index.ts'
import type { BrokenNode, Of } from './broken-node.ts'
import type { Passing } from '../../../support/mutant.ts'

/** Of a request that a mutation makes by itself. */
const FIRST_ID = 2n ** 62n

/** The hashes of the chain of the target before its one fork, at height 100, and after it. */
const NO_FORK = crc32(TARGET.genesisHash)
const ONE_FORK = crc32(Buffer.from('0000000000000064', 'hex'), NO_FORK)

/** A range up to its first gap. */
function upToGap ({ blocks, last }: Of<'responseBlockRange'>, { requestId }: Pick<Passing, 'requestId'>): Uint8Array[] {
  const gap = blocks.findIndex(({ height }, i) => height !== blocks[0]!.height + i)

  return [withId({ type: 'responseBlockRange', blocks: gap < 0 ? blocks : blocks.slice(0, gap), last }, requestId)]
}

/** What a node takes, refuses or does wrongly. */
export const RECEIVES_WRONGLY: readonly BrokenNode[] = [
  ...['tag', 'wire-type', 'varint', 'text', 'once', 'known-type', 'width', 'count', 'order', 'index', 'safe-integer'].map((rule) => ({
    what: `passes over frames that break the rule ${rule}`, check: `vector-${rule}`, mutation: ignoring(rule)
  })),
  { what: 'compares networks without regard to case', check: 'refuse-network-case', mutation: reads(({ network }) => network.toLowerCase() === 'vibecoin-test' ? { network: 'vibecoin-test' } : {}) },
  { what: 'takes every genesis hash', check: 'refuse-genesis-last-bit', mutation: { received: of('handshake', ({ node }, { stream }) => [{ type: 'handshake', node: { ...node, genesisHash: stream.node.genesisHash } }]) } },
  { what: 'takes the fork id of every peer', check: 'fork-other', mutation: reads(() => ({ forkId: undefined })) },
  { what: 'takes a peer that has missed a fork', check: 'fork-missed', mutation: reads(({ forkId }) => forkId?.hash === NO_FORK ? { forkId: undefined } : {}) },
  ...['fork-behind', 'fork-ahead'].map((check) => ({
    what: 'refuses every peer that has not passed the same forks', check,
    mutation: reads(({ forkId }) => forkId == null || forkId.hash === ONE_FORK ? {} : { forkId: { hash: 0, next: 0 } })
  })),
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
