import { encodeMessage } from '../../../codec/message.ts'
import { expectThat } from '../expect.ts'
import { field, frame, unknownMessage, UNKNOWN_FIELD } from '../raw.ts'
import { inventTransaction } from '../samples.ts'
import type { Check, Manners } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'

const ONE_ONLY = 'A violation ends the session with `PROTOCOL_VIOLATION`, at once and without a count of how often.'
const LOST = 'A stream that ends or breaks without a `Disconnect` is a lost connection, also inside a frame, and no peer is at fault.'
const SLOW = 'A peer that reads nothing learns nothing.'
const RATES = 'Over one of these it reads more slowly.'

/** Between two pings of the witness of the whole run, in ms: a node takes one a second. */
const WATCH_MS = 1500

interface Harm extends Pick<Check, 'id' | 'section' | 'text'> {
  what: string
  /** @default 'rude' */
  manners?: Manners
  harm: (context: CheckContext, link: Link) => Promise<void>
}

/** Something bad happens in one session. Another one has to go on, and to be answered in time. */
function isolated ({ id, what, section, text, manners = 'rude', harm }: Harm): Check {
  return {
    id: `isolation-${id}`,
    title: `serves a second session while ${what}`,
    section,
    text,
    manners,
    run: async (context: CheckContext): Promise<void> => {
      const [witness, link] = await Promise.all([context.session(), context.session()])
      await harm(context, link)

      // a session may take a ping a second, and these are within what may come at once
      for (let i = 0; i < 3; i++) {
        if (witness.arrivals.some(({ message }) => message?.type === 'disconnect' && message.reason === 'BANNED')) {
          context.skip('the target bans the host, and the second session is at the same one')
        }

        await witness.fence(`a Pong in the second session while ${what}`)
      }

      expectThat(witness.closure == null, { expected: 'a second session that stays', seen: witness.seen })
    }
  }
}

/** What one peer does never harms another. */
export const ISOLATION_CHECKS: readonly Check[] = [
  {
    id: 'isolation-witness',
    title: 'keeps and serves one session during all other checks',
    section: 'Violations and what is tolerated',
    text: ONE_ONLY,
    manners: 'polite',
    when: 'alongside',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const state = { isOver: false }
      void context.rest.then(() => { state.isOver = true })

      do {
        await link.until(() => link.closure != null || state.isOver, WATCH_MS)
        await link.fence('a Pong in a session that does nothing else')
      } while (!state.isOver)
    }
  },
  isolated({
    id: 'violation',
    what: 'another one breaks the protocol',
    section: 'Violations and what is tolerated',
    text: ONE_ONLY,
    manners: 'ban',
    harm: async (_context, link) => {
      link.sendBytes(Uint8Array.of(0))
      await link.ended()
    }
  }),
  isolated({
    id: 'reset', what: 'another one is reset inside a frame', section: 'The end of a session', text: LOST,
    harm: async (_context, link) => {
      link.answersPings = false
      link.sendBytes(frame(unknownMessage(5000)).subarray(0, 3000))
      link.reset()
    }
  }),
  isolated({
    id: 'half-frame', what: 'another one has sent half of a large frame', section: 'Frames',
    text: 'The body should come soon: ours ends a session when 30 s pass from the first byte of a frame to its last.',
    harm: async (_context, link) => {
      link.answersPings = false
      link.sendBytes(frame(field(UNKNOWN_FIELD, new Uint8Array(2 ** 21))).subarray(0, 2 ** 20))
    }
  }),
  isolated({
    id: 'slow-reader', what: 'another one asks for blocks and reads nothing', section: 'The end of a session', text: SLOW,
    harm: async (_context, link) => {
      link.hold()

      for (let id = 1n; id <= 20n; id++) {
        link.send({ type: 'requestBlockRange', startHeight: 0, endHeight: 200 }, id)
      }
    }
  }),
  isolated({
    id: 'flood', what: 'another one sends far more than it may', section: 'Rates', text: RATES,
    harm: async (_context, link) => {
      const ping = frame(encodeMessage({ type: 'ping', nonce: 1n, bestHeight: 0 }))
      const other = frame(unknownMessage(300))
      link.sendBytes(Buffer.concat(Array.from({ length: 1000 }, (_, i) => i < 500 ? ping : other)))
    }
  }),
  isolated({
    id: 'silent-handshakes', what: 'others open streams and say nothing', section: 'Handshake',
    text: 'nothing a peer sends extends that: else `TIMEOUT`.',
    harm: async (context) => { await Promise.all(Array.from({ length: 8 }, async () => context.open())) }
  }),
  isolated({
    id: 'large-items', what: 'another one sends large items', section: 'Frames',
    text: 'So every node that accepts a block can serve it.',
    harm: async (_context, link) => {
      for (let i = 0; i < 3; i++) {
        link.sendFrame(inventTransaction(2 ** 21).message)
      }
    }
  })
]
