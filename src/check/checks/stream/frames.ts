import { encodeMessage } from '../../../codec/message.ts'
import { expectDisconnect, expectGoesOn, expectThat, expectViolation } from '../expect.ts'
import { frame, padded, unknownMessage, varint } from '../raw.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'

const SECTION = 'Frames'
const MAX_FRAME = 4 * 1024 * 1024
const MAX_HANDSHAKE_FRAME = 4096

const LENGTH = 'The length is an unsigned LEB128 varint in its shortest form, from 1 up to the limit.'
const REFUSE = 'The receiver must refuse a length of 0, one over the limit, one not in its shortest form and one of more than five bytes.'
const LIMIT = 'The limit is 4 MiB (4194304). Until the handshake of the sender has been accepted it is 4 KiB (4096)'
const EARLY = 'It must do so when it has read the length, before it waits for the body or sets memory aside for it.'

function handshake (context: CheckContext): Uint8Array {
  return encodeMessage({ type: 'handshake', node: context.node() })
}

/** A check of lengths that have to be refused once the session is ready, without any body. */
function refusedLength (id: string, title: string, { text, length }: { text: string, length: Uint8Array }): Check {
  return {
    id,
    title,
    section: SECTION,
    text,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendBytes(length)
      await expectViolation(link, 'the length alone')
    }
  }
}

/** Lengths of frames. */
export const FRAME_CHECKS: readonly Check[] = [
  {
    id: 'frame-handshake-limit',
    title: 'takes a first frame of 4096 bytes',
    section: SECTION,
    text: LIMIT,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.sendFrame(padded(handshake(context), MAX_HANDSHAKE_FRAME))
      await expectGoesOnReady(link, 'a handshake in a frame of 4096 bytes')
    }
  },
  {
    id: 'frame-handshake-over',
    title: 'refuses a first frame of 4097 bytes on its length',
    section: SECTION,
    text: LIMIT,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.sendBytes(frame(padded(handshake(context), MAX_HANDSHAKE_FRAME + 1)).subarray(0, 20))
      await expectDisconnect(link, ['PROTOCOL_VIOLATION'], { why: 'a first frame of 4097 bytes, of which 20 have come' })
    }
  },
  {
    id: 'frame-after-handshake',
    title: 'takes frames over 4096 bytes once the handshake is accepted',
    section: SECTION,
    text: LIMIT,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(unknownMessage(MAX_HANDSHAKE_FRAME + 1))
      await expectGoesOn(link, 'a frame of 4097 bytes')
    }
  },
  {
    id: 'frame-limit',
    title: 'takes a frame of 4 MiB',
    section: SECTION,
    text: LIMIT,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(unknownMessage(MAX_FRAME))
      await expectGoesOn(link, 'a frame of 4194304 bytes')
    }
  },
  refusedLength('frame-over', 'refuses a frame of 4 MiB and one byte on its length', { text: EARLY, length: varint(MAX_FRAME + 1) }),
  refusedLength('frame-huge', 'refuses a length of 2^35 - 1', { text: EARLY, length: varint(2 ** 35 - 1) }),
  refusedLength('frame-zero', 'refuses a frame of no bytes', { text: LENGTH, length: varint(0) }),
  refusedLength('frame-long-length', 'refuses a length that is not in its shortest form', { text: LENGTH, length: varint(6, 2) }),
  refusedLength('frame-six-byte-length', 'refuses a length of more than five bytes', { text: REFUSE, length: varint(6, 6) }),
  {
    id: 'frame-zero-first',
    title: 'refuses a first frame of no bytes',
    section: SECTION,
    text: LENGTH,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.sendBytes(varint(0))
      await expectViolation(link, 'a length of 0')
    }
  },
  {
    id: 'frame-rest-timeout',
    title: 'ends a session in which the rest of a frame does not come',
    section: 'Disconnect reasons',
    text: 'the handshake, a pong or the rest of a frame did not come in time',
    manners: 'rude',
    lasts: 40_000,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.answersPings = false
      link.sendBytes(frame(unknownMessage(1000)).subarray(0, 500))

      if (!await link.until(() => link.closure != null, 40_000)) {
        context.skip('the target waits longer than 40 s for the rest of a frame, which the text allows')
      }

      await expectDisconnect(link, ['TIMEOUT'])
      expectThat(link.age >= 1000, { expected: 'at least a second for the rest of a frame', seen: `the end after ${Math.round(link.age)} ms` })
    }
  }
]

async function expectGoesOnReady (link: Link, after: string): Promise<void> {
  await link.next('handshake')
  await expectGoesOn(link, after)
}
