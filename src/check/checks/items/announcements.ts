import { expectGoesOn, expectThat } from '../expect.ts'
import { delivered, haveOf, relayed, timesSent } from './relaying.ts'
import { inventTransaction, randomHash } from '../samples.ts'
import { CheckFailure } from '../../failure.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Item } from '../samples.ts'
import type { Link } from '../../peer/link.ts'
import type { WantMessage } from '../../../types/message.ts'

const SECTION = 'Have and Want'
const IGNORE = '**A node may ignore both messages**, as long as they keep to the rules above. It must not end the session for them, and no node may rely on an answer.'
const ANSWERED = 'A `Want` is answered by one `NewBlock` or `NewTransaction` for each item, in any order. They are no different from those that are sent unasked.'
const NEVER = 'Asking for what the peer never announced is allowed, and so is announcing what it has already. Asking for the same item again is allowed too, and need not be answered.'
const ASKS = 'Ours asks for what a peer announces and ours has not met after 30 ms, for most of it comes by itself.'
const OTHERS = 'When that one has gone, or has not sent the item after 1 s, it asks two others, then the next two.'

/** Above what a node sends to every peer. */
const LARGE_BYTES = 40_000

const IGNORES = 'the target asks for nothing that is announced, which the text allows'

function isFor ({ digest }: Item): (message: { type: string }) => message is WantMessage {
  return (message): message is WantMessage => {
    return message.type === 'want' && (message as WantMessage).digests.some((other) => Buffer.compare(other, digest) === 0)
  }
}

/** Announces an item and waits for the `Want`, which is to ask for it once. Skips where none comes. */
async function announce (context: CheckContext, link: Link, item: Item): Promise<{ ms: number }> {
  const begin = link.age
  link.send({ type: 'have', digests: [item.digest] })
  const want = await link.find(isFor(item), 3000)

  if (want == null) {
    await expectGoesOn(link, 'a Have')
    context.skip(IGNORES)
  }

  return { ms: want.at - begin }
}

/**
 * The target announces a large item to one of a few peers. Each of the others has to get it, or an announcement too. Skips where it
 * announces none, or relays nothing.
 */
async function announced (context: CheckContext): Promise<{ link: Link, item: Item }> {
  const [from, ...others] = await Promise.all(Array.from({ length: 5 }, async () => context.session()))
  const item = inventTransaction(LARGE_BYTES)
  from!.sendFrame(item.message)
  const isHave = (link: Link): boolean => link.arrivals.some(({ message }) => {
    return message?.type === 'have' && message.digests.some((digest) => Buffer.compare(digest, item.digest) === 0)
  })
  await Promise.all(others.map(async (link) => link.until(() => timesSent(link, item) > 0)))
  const left = others.filter((link) => timesSent(link, item) === 0)

  if (left.length === others.length) {
    await relayed(context, [from!, others[0]!], () => inventTransaction(LARGE_BYTES))
  }

  expectThat(left.length === 0, { expected: 'the transaction, or an announcement of it, at each of four peers', seen: `neither at ${left.length} of them` })
  const link = others.find(isHave)

  return link == null ? context.skip('the target sends a large transaction to all of four peers, and announces it to none') : { link, item }
}

/** Announcements and questions. */
export const ANNOUNCEMENT_CHECKS: readonly Check[] = [
  {
    id: 'have-want',
    title: 'asks for what is announced, and takes it',
    section: SECTION,
    text: '`Want` lists the digests of items that the sender asks for: "send me these".',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [link, other] = await Promise.all([context.session(), context.session()])
      const item = inventTransaction(LARGE_BYTES)
      await announce(context, link, item)
      link.sendFrame(item.message)
      await expectGoesOn(link, 'an item that was asked for')

      if (await delivered(other, item) == null) {
        await relayed(context, [link, other])
        other.fail(`the transaction that the target has asked for, or ${haveOf(item)}`)
      }
    }
  },
  {
    id: 'have-want-delay',
    title: 'asks for what is announced after 30 ms, and for nothing that comes by itself',
    section: 'Relay',
    text: ASKS,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const [late, sent] = [inventTransaction(LARGE_BYTES), inventTransaction(LARGE_BYTES)]
      link.send({ type: 'have', digests: [sent.digest] })
      link.sendFrame(sent.message)
      const { ms } = await announce(context, link, late)

      if (ms < 25 || link.arrivals.some(({ message }) => message != null && isFor(sent)(message))) {
        context.skip(`the target asks ${Math.round(ms)} ms after the announcement, also for what comes by itself, which the text allows`)
      }

      link.sendFrame(late.message)
      await expectGoesOn(link, 'both items')
    }
  },
  {
    id: 'have-want-next',
    title: 'asks another announcer when the first does not send the item within a second',
    section: 'Relay',
    text: OTHERS,
    manners: 'rude',
    lasts: 3000,
    run: async (context: CheckContext): Promise<void> => {
      const [first, second] = await Promise.all([context.session(), context.session()])
      const item = inventTransaction(LARGE_BYTES)
      await announce(context, first, item)
      second.send({ type: 'have', digests: [item.digest] })
      const want = await second.find(isFor(item), 3500)

      if (want == null) {
        await expectGoesOn(second, 'a Have')
        context.skip('the target does not ask the second announcer within 3.5 s, which the text leaves to it')
      }

      second.sendFrame(item.message)
      await expectGoesOn(second, 'an item that was asked for')
    }
  },
  {
    id: 'have-no-answer',
    title: 'holds nothing against a peer that does not send what it has announced',
    section: 'Violations and what is tolerated',
    text: 'a `Have` of what the receiver has, a `Want` of what was not announced, items that were announced and do not come',
    manners: 'rude',
    lasts: 3000,
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'have', digests: Array.from({ length: 20 }, randomHash) })
      await link.until(() => link.closure != null, 3000)
      await expectGoesOn(link, '20 announced items that did not come')
    }
  },
  {
    id: 'have-known',
    title: 'takes an announcement of what it has, and asks for it no more',
    section: SECTION,
    text: NEVER,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [link, other] = await Promise.all([context.session(), context.session()])
      const item = await relayed(context, [link, other])
      other.send({ type: 'have', digests: [item.digest] })
      link.send({ type: 'have', digests: [item.digest] })
      await other.until(() => other.closure != null, 300)
      await expectGoesOn(other, 'a Have of what the target has')
      expectThat(![link, other].some(({ arrivals }) => arrivals.some(({ message }) => message != null && isFor(item)(message))), {
        expected: 'no Want for an item that the target has', seen: other.seen
      })
    }
  },
  {
    id: 'want-answered',
    title: 'sends what it has announced when it is asked for it, as the bytes that came',
    section: SECTION,
    text: ANSWERED,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const { link, item } = await announced(context)

      if (await delivered(link, item) == null) {
        throw new CheckFailure({ expected: 'the announced transaction after a Want', seen: link.seen })
      }
    }
  },
  {
    id: 'want-unknown',
    title: 'goes on after a Want for what it never announced',
    section: SECTION,
    text: NEVER,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const digest = randomHash()
      link.send({ type: 'want', digests: [digest] })
      link.send({ type: 'want', digests: [digest, digest] })
      await expectGoesOn(link, 'two Wants for an item that is not there')
    }
  },
  {
    id: 'have-want-empty',
    title: 'goes on after a Have and a Want of nothing',
    section: SECTION,
    text: 'None at all is none, and says nothing.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'have', digests: [] })
      link.send({ type: 'want', digests: [] })
      await expectGoesOn(link, 'a Have and a Want of nothing')
    }
  },
  {
    id: 'have-must-not-end',
    title: 'ends no session for announcements and questions',
    section: SECTION,
    text: IGNORE,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (let i = 0; i < 10; i++) {
        link.send({ type: 'have', digests: Array.from({ length: 20 }, randomHash) })
        link.send({ type: 'want', digests: Array.from({ length: 20 }, randomHash) })
      }

      await expectGoesOn(link, '200 digests announced and 200 asked for')
    }
  }
]
