import { encodeMessage } from '../../../codec/message.ts'
import { expectThat, expectWelcome } from '../expect.ts'
import { BODY, field, frame, pingBody, unknownMessage } from '../raw.ts'
import { DISCONNECT_REASONS } from '../../../types/message.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'
import type { DisconnectReason } from '../../../types/message.ts'

const SECTION = 'The end of a session'
const NOTHING_MORE = 'The other side sends nothing more once it has read it, and closes too.'
const NO_FAULT = 'A stream that ends or breaks without a `Disconnect` is a lost connection, also inside a frame, and no peer is at fault.'

/** Ends of a stream that are nobody's fault: the same peer is welcome afterwards. */
function lostCheck (id: string, title: string, lose: (link: Link) => unknown): Check {
  return {
    id,
    title,
    section: SECTION,
    text: NO_FAULT,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.session({ peer })
      await lose(link)
      const again = await expectWelcome(context, peer, 'a lost connection')
      expectThat(again.closure == null, { expected: 'a session that stays', seen: again.seen })
    }
  }
}

/** How sessions end. */
export const END_CHECKS: readonly Check[] = [
  {
    id: 'end-disconnect',
    title: 'closes its side when it gets a Disconnect, and sends nothing more',
    section: SECTION,
    text: NOTHING_MORE,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'disconnect', reason: 'SHUTDOWN', detail: 'the check is done' })
      const { length } = link.arrivals
      await link.ended()
      const after = link.arrivals.slice(length)
      // what was on its way already may still come
      expectThat(after.every(({ message }) => message != null && ['ping', 'have', 'newBlock', 'newTransaction', 'disconnect'].includes(message.type)), {
        expected: 'nothing more after Disconnect', seen: link.seen
      })
    }
  },
  {
    id: 'end-nothing-read',
    title: 'answers nothing that comes after a Disconnect',
    section: SECTION,
    text: NOTHING_MORE,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.sendBytes(Buffer.concat([
        frame(encodeMessage({ type: 'disconnect', reason: 'SHUTDOWN', detail: '' })), frame(field(BODY.ping, pingBody(91n)))
      ]))
      await link.ended()
      expectThat(!link.arrivals.some(({ message }) => message?.type === 'pong' && message.nonce === 91n), {
        expected: 'no Pong for a Ping after Disconnect', seen: link.seen
      })
    }
  },
  ...(Object.keys(DISCONNECT_REASONS) as DisconnectReason[]).map((reason): Check => ({
    id: `end-reason-${reason.toLowerCase().replaceAll('_', '-')}`,
    title: `takes Disconnect(${reason}), and the peer back afterwards`,
    section: SECTION,
    text: 'A side that ends the session sends `Disconnect` as its last frame, and closes its side of the stream. Then it waits for the other to close its own.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.session({ peer })
      link.send({ type: 'disconnect', reason, detail: 'a check' })
      await link.end()
      await link.ended()
      await expectWelcome(context, peer, `Disconnect(${reason})`)
    }
  })),
  {
    id: 'end-half-closed',
    title: 'closes its side when the other side ends without a Disconnect',
    section: SECTION,
    text: NO_FAULT,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.session({ peer })
      await link.end()
      await link.ended()
      await expectWelcome(context, peer, 'a stream that was closed')
    }
  },
  lostCheck('end-reset', 'holds nothing against a peer that resets the stream', (link) => { link.reset() }),
  lostCheck('end-reset-inside-frame', 'holds nothing against a peer that resets the stream inside a frame', (link) => {
    link.answersPings = false
    link.sendBytes(frame(unknownMessage(500)).subarray(0, 100))
    link.reset()
  }),
  lostCheck('end-cut', 'holds nothing against a peer whose connection breaks', (link) => { link.cut() }),
  {
    id: 'end-first-cut',
    title: 'holds nothing against a peer whose stream breaks inside its handshake',
    section: SECTION,
    text: NO_FAULT,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const link = await context.open({ peer })
      link.sendBytes(frame(encodeMessage({ type: 'handshake', node: context.node() })).subarray(0, 30))
      await link.next('handshake')
      link.reset()
      await expectWelcome(context, peer, 'a stream that broke inside of a handshake')
    }
  }
]
