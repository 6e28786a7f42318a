import { expectDisconnect, expectGoesOn, expectThat } from '../expect.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'

const SECTION = 'Ping'
const SAME = 'The receiver answers at once with a `Pong` of the same nonce and its own best height.'
const ONLY = 'Only the pong with the nonce of the ping that is out counts, and no other traffic does. A pong with another nonce, or one that answers no ping, is ignored.'

/** Ours waits 30 s for a pong. */
const PONG_MS = 30_000
const SLACK_MS = 10_000

/** Pings and pongs. */
export const PING_CHECKS: readonly Check[] = [
  {
    id: 'ping-nonce',
    title: 'answers a Ping with its nonce, from 0 to 2^64 - 1',
    section: SECTION,
    text: SAME,
    manners: 'polite',
    isBasic: true,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (const nonce of [0n, 2n ** 53n + 1n, 2n ** 64n - 1n]) {
        link.send({ type: 'ping', nonce, bestHeight: 0 })
        const { message } = await link.next('pong')
        expectThat(message.nonce === nonce, { expected: `a Pong with the nonce ${nonce}`, seen: `one with ${message.nonce}` })
      }
    }
  },
  {
    id: 'ping-height',
    title: 'says its best height in a Pong',
    section: SECTION,
    text: SAME,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { message: { node: { bestHeight } } } = link.arrivals.find(({ message }) => message?.type === 'handshake') as { message: { node: { bestHeight: number } } }
      link.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
      const { message } = await link.next('pong')
      // blocks may be made meanwhile, and a branch may be shorter
      expectThat(Math.abs(message.bestHeight - bestHeight) <= 100, {
        expected: `about the height of its handshake, ${bestHeight}`, seen: `best_height ${message.bestHeight}`
      })
    }
  },
  {
    id: 'ping-one-answer',
    title: 'answers each Ping once',
    section: 'Messages',
    text: 'once for each `Ping`',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const before = link.arrivals.filter(({ message }) => message?.type === 'pong').length
      link.send({ type: 'ping', nonce: 5n, bestHeight: 0 })
      link.send({ type: 'ping', nonce: 5n, bestHeight: 0 })
      await expectGoesOn(link, 'two equal Pings')
      const pongs = link.arrivals.filter(({ message }) => message?.type === 'pong').length - before
      expectThat(pongs === 3, { expected: '3 Pongs for 3 Pings', seen: `${pongs}` })
    }
  },
  {
    id: 'ping-odd-pongs',
    title: 'ignores a Pong that answers no Ping',
    section: SECTION,
    text: ONLY,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (const nonce of [0n, 1n, 2n ** 64n - 1n]) {
        link.send({ type: 'pong', nonce, bestHeight: 0 })
      }

      await expectGoesOn(link, 'Pongs that answer nothing')
    }
  },
  {
    id: 'ping-timeout',
    title: 'ends a session whose peer answers no Ping, whatever else it sends',
    section: SECTION,
    text: ONLY,
    manners: 'rude',
    lasts: PONG_MS + SLACK_MS,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.answersPings = false
      link.send({ type: 'handshake', node: context.node() })
      await link.next('handshake')

      if (await link.tryNext(['ping'], 3000) == null) {
        context.skip('the target does not ping by itself within 3 s, which the text leaves to it')
      }

      while (link.closure == null && link.age < PONG_MS + SLACK_MS) {
        // the wrong nonce, and other traffic
        link.send({ type: 'pong', nonce: 12_345n, bestHeight: 0 })
        link.send({ type: 'want', digests: [] })
        await link.until(() => link.closure != null, 1500)
      }

      if (link.closure == null) {
        context.skip(`the target waits longer than ${(PONG_MS + SLACK_MS) / 1000} s for a Pong, which the text leaves to it`)
      }

      await expectDisconnect(link, ['TIMEOUT'], { why: 'a Ping without its Pong' })
    }
  },
  {
    id: 'ping-odd-answer',
    title: 'goes on when its own Ping is answered after a Pong with another nonce',
    section: SECTION,
    text: ONLY,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.answersPings = false
      link.send({ type: 'handshake', node: context.node() })
      await link.next('handshake')
      const ping = await link.tryNext(['ping'], 3000)

      if (ping == null) {
        return context.skip('the target does not ping by itself within 3 s, which the text leaves to it')
      }

      link.send({ type: 'pong', nonce: ping.message.nonce ^ 1n, bestHeight: 0 })
      link.send({ type: 'pong', nonce: ping.message.nonce, bestHeight: 0 })
      await expectGoesOn(link, 'a wrong Pong and a right one')
    }
  }
]
