import { decodeMessage, encodeMessage } from '../../../codec/message.ts'
import { expectGoesOn, expectThat, expectViolation } from '../expect.ts'
import { BODY, field, frame, join, pingBody, unknownMessage, UNKNOWN_FIELD } from '../raw.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'

const SECTION = 'Messages'
const UNKNOWN = 'Fields come in any order and unknown fields are ignored, in every message.'
const NO_BODY = 'A message may have no known body, but other fields, such as a `request_id` or a body of a later version. The receiver ignores it once the session is ready.'
const TWO = 'A message with two bodies, also of the same kind, is a violation.'

/** An unknown field of each wire type that there is: a varint, 8 bytes, some bytes, 4 bytes. */
const UNKNOWN_FIELDS = join(
  field(UNKNOWN_FIELD, 300), Uint8Array.of(0xa1, 6, 1, 2, 3, 4, 5, 6, 7, 8), field(UNKNOWN_FIELD, Uint8Array.of(1, 2)),
  Uint8Array.of(0xa5, 6, 1, 2, 3, 4)
)

async function expectPong (link: Link, nonce: bigint, to: string): Promise<void> {
  const isIt = (): boolean => link.arrivals.some(({ message }) => message?.type === 'pong' && message.nonce === nonce)

  if (!await link.until(() => isIt() || link.closure != null) || !isIt()) {
    link.fail(`a Pong for ${to}`)
  }
}

/** What every message has in common. */
export const MESSAGE_CHECKS: readonly Check[] = [
  {
    id: 'message-unknown-kind',
    title: 'ignores messages of an unknown kind once the session is ready',
    section: SECTION,
    text: NO_BODY,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(unknownMessage(100))
      link.sendFrame(field(1, 7))
      link.sendFrame(join(field(1, 7), unknownMessage(50)))
      await expectGoesOn(link, 'messages without a known body')
    }
  },
  {
    id: 'message-unknown-fields',
    title: 'ignores unknown fields of every wire type',
    section: SECTION,
    text: UNKNOWN,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(join(UNKNOWN_FIELDS, field(BODY.ping, join(UNKNOWN_FIELDS, pingBody(77n), UNKNOWN_FIELDS)), UNKNOWN_FIELDS))
      await expectPong(link, 77n, 'a Ping with unknown fields')
    }
  },
  {
    id: 'message-unknown-fields-first',
    title: 'ignores unknown fields in a handshake',
    section: SECTION,
    text: UNKNOWN,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      const node = handshakeNode(encodeMessage({ type: 'handshake', node: context.node() }))
      const inner = field(1, join(UNKNOWN_FIELDS, node, UNKNOWN_FIELDS))
      link.sendFrame(join(UNKNOWN_FIELDS, field(BODY.handshake, join(UNKNOWN_FIELDS, inner))))
      await link.next('handshake')
      await expectGoesOn(link, 'a handshake with unknown fields')
    }
  },
  {
    id: 'message-field-order',
    title: 'takes fields in any order',
    section: SECTION,
    text: UNKNOWN,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(join(field(BODY.ping, join(field(2, 5), field(1, 78))), field(1, 3)))
      await expectPong(link, 78n, 'a Ping whose height comes first and whose request id comes last')
    }
  },
  {
    id: 'message-scalar-twice',
    title: 'lets the last occurrence of a scalar field count',
    section: 'Grammar',
    text: 'Each occurrence must keep to the rules, and the last one counts.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(field(BODY.ping, join(pingBody(1n), pingBody(79n))))
      await expectPong(link, 79n, 'a Ping with two nonces, the last one 79')
    }
  },
  {
    id: 'message-two-bodies',
    title: 'refuses a message with two bodies of different kinds',
    section: SECTION,
    text: TWO,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(join(field(BODY.ping, pingBody(1n)), field(BODY.want, new Uint8Array(0))))
      await expectViolation(link, 'a Ping and a Want in one message')
    }
  },
  {
    id: 'message-same-body-twice',
    title: 'refuses a message with two bodies of the same kind',
    section: SECTION,
    text: TWO,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(join(field(BODY.ping, pingBody(1n)), field(BODY.ping, pingBody(2n))))
      await expectViolation(link, 'two Pings in one message')
    }
  },
  {
    id: 'message-any-order',
    title: 'takes messages of every kind in any order once the session is ready',
    section: SECTION,
    text: 'Both sides may send any of these in any order once the session is ready, several requests at a time included.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendBytes(join(
        ...[
          encodeMessage({ type: 'want', digests: [] }), encodeMessage({ type: 'requestBlock', height: 0 }, 1n), encodeMessage({ type: 'have', digests: [] }),
          encodeMessage({ type: 'requestBlockRange', startHeight: 2 ** 50, endHeight: 2 ** 50 }, 2n), encodeMessage({ type: 'pong', nonce: 3n, bestHeight: 0 })
        ].map(frame)
      ))
      const [one, range] = [await link.next('responseBlock', 'responseBlockRange'), await link.next('responseBlock', 'responseBlockRange')]
      expectThat(one.message.type !== range.message.type, { expected: 'a ResponseBlock and a ResponseBlockRange', seen: link.seen })
      await expectGoesOn(link, 'messages of many kinds')
    }
  },
  {
    id: 'message-well-formed',
    title: 'sends nothing that breaks a rule, in the whole run',
    section: 'Grammar',
    text: 'All nodes must take what it allows and refuse what it does not.',
    manners: 'polite',
    when: 'last',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'requestBlock', height: link.arrivals.length }, 1n)
      link.send({ type: 'requestBlockRange', startHeight: 0, endHeight: 1 }, 2n)
      await link.next('responseBlock')
      await link.next('responseBlockRange')
      const [first] = context.faults
      expectThat(first == null, { expected: 'only frames that keep to the grammar', seen: `${context.faults.length} that do not; the first: ${first ?? ''}` })
    }
  },
  {
    id: 'message-handshake-size',
    title: 'sends a first frame of at most 4096 bytes',
    section: 'Frames',
    text: 'a handshake that keeps to the [field rules](#fields) always fits.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      const { bytes } = await link.next('handshake')
      expectThat(bytes.byteLength <= 4096, { expected: 'at most 4096 bytes', seen: `${bytes.byteLength} bytes` })
    }
  }
]

/** The encoded `NodeInfo` of an encoded handshake. */
function handshakeNode (message: Uint8Array): Uint8Array {
  const decoded = decodeMessage(message).message

  if (decoded?.type !== 'handshake') {
    throw new TypeError('Expected a handshake')
  }

  // the body and the node each have a tag of one byte and a length of one or two
  const skip = (bytes: Uint8Array): Uint8Array => bytes.subarray((bytes[1]! & 0x80) === 0 ? 2 : 3)

  return skip(skip(message))
}
