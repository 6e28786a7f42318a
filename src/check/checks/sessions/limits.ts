import { expectDisconnect, expectGoesOn, expectThat } from '../expect.ts'
import { fill } from '../fill.ts'
import { frame, unknownMessage } from '../raw.ts'
import { encodeMessage } from '../../../codec/message.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'

const RATES = 'Rates'
const OVER = 'It ends the session with `RATE_LIMITED` when that goes on for 30 s without a break.'
const AT_ONCE = 'Ours takes from one peer, for as long as it likes and all at once:'

/** How long a node is patient, in ms. */
const PATIENCE_MS = 30_000
const SLACK_MS = 15_000

/** Between two parts of a flood, in ms, and what is in each. */
const FLOOD_MS = 200
const FLOOD_PINGS = 4

/** What may come at once, and what becomes of more. */
export const LIMIT_CHECKS: readonly Check[] = [
  {
    id: 'rate-burst',
    title: 'takes at once what the convention of a network lets come at once',
    section: RATES,
    text: AT_ONCE,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      // one Ping of five has come already, and one follows
      const pings = Array.from({ length: 3 }, (_, i) => encodeMessage({ type: 'ping', nonce: BigInt(i), bestHeight: 0 }))
      const requests = Array.from({ length: 60 }, (_, i) => encodeMessage({ type: 'requestBlock', height: 2 ** 50 }, BigInt(i + 1)))
      const unknown = Array.from({ length: 90 }, () => unknownMessage(30))
      link.sendBytes(Buffer.concat([...unknown, ...pings, ...requests].map(frame)))
      await expectGoesOn(link, '90 messages of an unknown kind, 60 requests and 5 Pings at once')
      const answers = (): number => link.arrivals.filter(({ message }) => message?.type === 'responseBlock').length
      expectThat(await link.until(() => answers() === 60), { expected: '60 ResponseBlocks', seen: `${answers()}` })
    }
  },
  {
    id: 'rate-limited',
    title: 'ends with RATE_LIMITED a session that is over a rate for 30 s',
    section: RATES,
    text: OVER,
    manners: 'rude',
    lasts: PATIENCE_MS + SLACK_MS,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      while (link.closure == null && link.age < PATIENCE_MS + SLACK_MS) {
        for (let i = 0; i < FLOOD_PINGS && link.stream.writableNeedsDrain !== true; i++) {
          link.send({ type: 'ping', nonce: BigInt(i), bestHeight: 0 })
        }

        await link.until(() => link.closure != null, FLOOD_MS)
      }

      if (link.closure == null) {
        context.skip('the target takes 20 Pings a second for 45 s, which the text leaves to it')
      }

      await expectDisconnect(link, ['RATE_LIMITED'], { why: '20 Pings a second' })
    }
  },
  {
    id: 'too-slow',
    title: 'ends a session whose peer takes nothing for 30 s',
    section: 'Disconnect reasons',
    text: 'the peer took nothing for 30 s, or more than 8 MiB waited for it',
    manners: 'rude',
    lasts: 2 * PATIENCE_MS + SLACK_MS,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.hold()
      await fill(context, link)

      // what has come waits to be read, and is not
      if (!await link.until(() => link.stream.status !== 'open', 2 * PATIENCE_MS + SLACK_MS)) {
        context.skip('the target keeps a peer that reads nothing for longer than 75 s, which the text leaves to it')
      }
    }
  }
]
