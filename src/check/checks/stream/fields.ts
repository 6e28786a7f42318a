import { encodeMessage } from '../../../codec/message.ts'
import { expectGoesOn, expectThat, expectViolation, expectWelcome } from '../expect.ts'
import { BODY, field, join } from '../raw.ts'
import { randomHash } from '../samples.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'

const SECTION = 'Fields'

/** A message that breaks a field rule in a session that is ready. */
function refused (id: string, what: string, { text, message }: { text: string, message: () => Uint8Array }): Check {
  return {
    id: `field-${id}`,
    title: `refuses ${what}`,
    section: SECTION,
    text,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendFrame(message())
      await expectViolation(link, what)
    }
  }
}

function digests (kind: 'have' | 'want', count: number): Uint8Array {
  return field(BODY[kind], join(...Array.from({ length: count }, () => field(1, randomHash()))))
}

const DIGESTS = 'at most 512, each exactly 32 bytes'
const REQUEST_ID = '0 to 2^64 - 1; 0 is the same as none'

/** Fields at their limits, N and N + 1. */
export const FIELD_CHECKS: readonly Check[] = [
  {
    id: 'field-request-id',
    title: 'puts the id of a request on its response, up to 2^64 - 1',
    section: SECTION,
    text: REQUEST_ID,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (const id of [1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
        link.send({ type: 'requestBlock', height: 2 ** 50 }, id)
        const { requestId } = await link.next('responseBlock')
        expectThat(requestId === id, { expected: `a ResponseBlock with the request id ${id}`, seen: link.seen })
      }
    }
  },
  {
    id: 'field-request-id-none',
    title: 'takes the request id 0 as none',
    section: SECTION,
    text: REQUEST_ID,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (const message of [field(BODY.requestBlock, new Uint8Array(0)), join(field(1, 0), field(BODY.requestBlock, new Uint8Array(0)))]) {
        link.sendFrame(message)
        const { requestId } = await link.next('responseBlock')
        expectThat(requestId == null, { expected: 'a ResponseBlock without a request id', seen: link.seen })
      }
    }
  },
  {
    id: 'field-height-limit',
    title: 'takes a height of 2^53 - 1',
    section: SECTION,
    text: '0 to 2^53 - 1',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'requestBlock', height: Number.MAX_SAFE_INTEGER }, 1n)
      const { message } = await link.next('responseBlock')
      expectThat(message.block == null, { expected: 'not found at height 2^53 - 1', seen: link.seen })
      link.send({ type: 'requestBlockRange', startHeight: Number.MAX_SAFE_INTEGER, endHeight: Number.MAX_SAFE_INTEGER }, 2n)
      await link.next('responseBlockRange')
    }
  },
  refused('height-over', 'a height of 2^53', { text: '0 to 2^53 - 1', message: () => field(BODY.requestBlock, field(1, 2n ** 53n)) }),
  refused('range-order', 'a range that ends below its start', {
    text: 'not below `start_height`', message: () => field(BODY.requestBlockRange, join(field(1, 2), field(2, 1)))
  }),
  {
    id: 'field-digests-limit',
    title: 'takes Have and Want with 512 digests, and with none',
    section: SECTION,
    text: DIGESTS,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (const kind of ['want', 'have'] as const) {
        link.sendFrame(digests(kind, 512))
        link.send({ type: kind, digests: [] })
      }

      await expectGoesOn(link, 'Have and Want with 512 digests each')
    }
  },
  refused('have-over', 'a Have with 513 digests', { text: DIGESTS, message: () => digests('have', 513) }),
  refused('want-over', 'a Want with 513 digests', { text: DIGESTS, message: () => digests('want', 513) }),
  refused('digest-short', 'a Have with a digest of 31 bytes', { text: DIGESTS, message: () => field(BODY.have, field(1, new Uint8Array(31))) }),
  refused('digest-long', 'a Want with a digest of 33 bytes', { text: DIGESTS, message: () => field(BODY.want, field(1, new Uint8Array(33))) }),
  {
    id: 'field-detail-long',
    title: 'takes a Disconnect with a detail of 3 KiB and a reason of a later version',
    section: SECTION,
    text: 'at most 256 bytes of UTF-8; a longer one is cut, not refused',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.session({ peer })
      link.sendFrame(field(BODY.disconnect, join(field(1, 99), field(2, new Uint8Array(3072).fill(0x61)))))
      await link.end()
      await link.ended()
      expectThat(!link.arrivals.some(({ message }) => message?.type === 'disconnect' && message.reason === 'PROTOCOL_VIOLATION'), {
        expected: 'no violation', seen: link.seen
      })
      await expectWelcome(context, peer, 'a Disconnect with a long detail')
    }
  },
  {
    id: 'field-detail-sent',
    title: 'says at most 256 bytes in the detail of a Disconnect',
    section: SECTION,
    text: 'at most 256 bytes of UTF-8; a longer one is cut, not refused',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.sendFrame(encodeMessage({ type: 'handshake', node: context.node({ network: 'x'.repeat(64), userAgent: 'y'.repeat(256) }) }))
      const { bytes } = await link.next('disconnect')
      expectThat(bytes.byteLength <= 270, { expected: 'a Disconnect of at most 270 bytes', seen: `${bytes.byteLength} bytes` })
    }
  }
]
