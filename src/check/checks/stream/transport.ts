import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectThat, expectWelcome } from '../expect.ts'
import { fill } from '../fill.ts'
import { frame, unknownMessage, utf8 } from '../raw.ts'
import { AGREEMENT_MS } from '../../context.ts'
import { encodeMessage } from '../../../codec/message.ts'
import { ProtocolViolationError } from '../../../errors.ts'
import { FIRST_WINDOW_BYTES } from '../../peer/bare-muxer.ts'
import { PROTOCOL_ID } from '../../../types/message.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { BareMuxer } from '../../peer/bare-muxer.ts'

const SECTION = 'Transport'
const PROVEN = 'The peer id is the one that the encryption of the connection has proven; no message contains it.'
const SILENT = 'A node must not wait for ever for what is agreed on before a session.'
const WINDOW = 'Neither side sends more on a stream than the window that the other has granted, 256 KiB at first. A node must end the connection, or the stream, of a peer that does.'

/** How long window updates may be on their way, in ms. */
const SETTLE_MS = 500

/** rust-yamux refuses larger frames for another reason. */
const MAX_WINDOW_BYTES: number = 1024 * 1024

/** How long a target may take to fill a window, in ms. */
const FILL_MS = 3000

/** A line of multistream-select. */
function line (text: string): Uint8Array {
  return frame(utf8(`${text}\n`))
}

/** A stream that was agreed on, with both handshakes, of which the target's has come. */
async function shaken (context: CheckContext): Promise<BareMuxer> {
  const bare = await context.bare()
  const { genesisHash } = context.target.node
  bare.open()
  bare.sendData(Buffer.concat([
    line('/multistream/1.0.0'), line(PROTOCOL_ID), frame(encodeMessage({ type: 'handshake', node: context.node() }))
  ]))
  const hasCome = (): boolean => Buffer.from(bare.came).includes(Buffer.from(genesisHash))
  await bare.until(() => hasCome() || bare.end != null, context.patience)
  expectThat(hasCome(), { expected: 'a Handshake over Yamux that was written by hand', seen: bare.end ?? 'nothing' })

  return bare
}

/** What is beneath a stream of the protocol. */
export const TRANSPORT_CHECKS: readonly Check[] = [
  {
    id: 'transport-forged-signature',
    title: 'has no session with a peer that shows the key of another one, and signs with its own',
    section: SECTION,
    text: PROVEN,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const forger = await context.peer({ forges: true })
      // that the target has cut the connection shows later than at the dial
      const link = await context.open({ peer: forger }).catch(() => undefined)
      const handshake = await link?.tryNext(['handshake'])
      expectThat(handshake == null, { expected: 'no Handshake for a peer whose signature is forged', seen: link?.seen ?? '' })
      await expectWelcome(context, await context.peer(), 'a forged signature of another peer')
    }
  },
  {
    id: 'transport-silent-connection',
    title: 'cuts a connection on which nothing is agreed on',
    section: SECTION,
    text: SILENT,
    manners: 'rude',
    lasts: AGREEMENT_MS,
    run: async (context: CheckContext): Promise<void> => {
      const socket = await context.socket()
      socket.resume()
      const end = Promise.race([once(socket, 'close'), once(socket, 'end')]).catch(() => {})
      const isEnded = await Promise.race([end.then(() => true), sleep(context.agreement, false, { ref: false, signal: context.untilDone })])
      expectThat(isEnded, { expected: `the end of a connection that says nothing, within ${context.agreement / 1000} s`, seen: 'none' })
    }
  },
  {
    id: 'transport-silent-stream',
    title: 'ends a stream on which no protocol is agreed on',
    section: SECTION,
    text: SILENT,
    manners: 'rude',
    lasts: AGREEMENT_MS,
    run: async (context: CheckContext): Promise<void> => {
      const bare = await context.bare()
      bare.open()
      await bare.until(() => bare.end != null, context.agreement)
      expectThat(bare.end != null, { expected: `the end of a stream on which no protocol is agreed on, within ${context.agreement / 1000} s`, seen: 'none' })
    }
  },
  {
    id: 'transport-window-kept',
    title: 'sends no more than the window of Yamux has room for',
    section: SECTION,
    text: WINDOW,
    manners: 'rude',
    lasts: FILL_MS,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      let broken: Error | undefined
      link.stream.addEventListener('close', ({ error }) => { broken = error })
      link.hold()
      await fill(context, link)
      await link.until(() => link.stream.status !== 'open', FILL_MS)
      // the muxer of the tester ends the connection
      expectThat(!(broken instanceof ProtocolViolationError), { expected: 'no more than the window of the stream', seen: broken?.message ?? '' })

      if (link.stream.readBufferLength < FIRST_WINDOW_BYTES / 2) {
        context.skip('the target sends less than a window, where it may send as much as it likes')
      }
    }
  },
  {
    id: 'transport-window-over',
    title: 'ends a connection over which more comes than the window of Yamux has room for',
    section: SECTION,
    text: WINDOW,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const bare = await shaken(context)
      await bare.until(() => bare.end != null, SETTLE_MS)
      const { window } = bare

      if (window > MAX_WINDOW_BYTES) {
        context.skip(`the target has granted a window of ${window} bytes, more than a frame should hold`)
      }

      // one frame of Yamux, so that no room is made in the middle of it
      const message = frame(unknownMessage(window + 64))
      bare.sendData(message.subarray(0, window + 1))
      await bare.until(() => bare.end != null, context.patience)
      expectThat(bare.end != null, { expected: `the end of a connection over which ${window + 1} bytes came for a window of ${window}`, seen: 'none' })
    }
  }
]
