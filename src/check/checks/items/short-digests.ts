import { featured, hex, names, shortOf } from './features.ts'
import { delivered, haveOf, relayed, timesSent } from './relaying.ts'
import { expectGoesOn, expectThat } from '../expect.ts'
import { inventTransaction } from '../samples.ts'
import { itemBytes } from '../../peer/item-bytes.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'

const HAVE = 'Have and Want'
const SHORT = 'In a session with the [feature](#versions) `short-digests` either may list items by the first 16 bytes of their digests.'
const SAME = 'Such a *short digest* says the same as the whole one, and in a session without the feature nothing.'

/** Above what a node sends to every peer. */
const LARGE_BYTES = 40_000

/** How long a target may take to announce a transaction, in ms: it may collect others meanwhile. */
const ANNOUNCE_MS = 4000

/** Announcements and questions by short digests. */
export const SHORT_DIGEST_CHECKS: readonly Check[] = [
  {
    id: 'features-short-have',
    title: 'asks for what is announced by a short digest, and takes it',
    section: HAVE,
    text: SHORT,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [link, other] = await Promise.all([featured(context, 'short-digests'), context.session()])
      const item = inventTransaction(LARGE_BYTES)
      link.send({ type: 'have', digests: [], shortDigests: shortOf(item) })

      if (!await link.until(() => link.arrivals.some(names(item, 'want')))) {
        await expectGoesOn(link, 'a Have with a short digest')
        context.skip('the target asks for nothing that is announced, which the text allows')
      }

      link.sendFrame(item.message)
      await expectGoesOn(link, 'an item that was asked for')

      if (!await other.until(() => timesSent(other, item) > 0)) {
        await relayed(context, [link, other])
        other.fail(`the transaction that the target has asked for by its short digest, or ${haveOf(item)}`)
      }
    }
  },
  {
    id: 'features-short-known',
    title: 'does not send an item to a peer that has announced it by its short digest',
    section: HAVE,
    text: SAME,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [to, from, third] = await Promise.all([featured(context, 'short-digests'), context.session(), context.session()])
      const item = inventTransaction()
      to.send({ type: 'have', digests: [], shortDigests: shortOf(item) })
      await expectGoesOn(to, 'a Have with a short digest')
      from.sendFrame(item.message)

      if (!await third.until(() => timesSent(third, item) > 0)) {
        await relayed(context, [from, third])
        third.fail('the transaction at a peer that has not announced it')
      }

      // what follows it has come after anything that it caused
      await relayed(context, [from, to])
      const isSent = timesSent(to, item) > 0 || to.arrivals.some(names(item, 'have'))
      expectThat(!isSent, { expected: 'nothing of an item that this peer has announced by its short digest', seen: to.seen })
    }
  },
  {
    id: 'features-short-want',
    title: 'tells every peer of a transaction, and sends it when it is asked for it by its short digest',
    section: HAVE,
    text: SAME,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, other] = await Promise.all([context.session(), context.session()])
      // a target that relays nothing is asked for few places
      await relayed(context, [from, other])
      const links = await Promise.all(Array.from({ length: 3 }, async () => featured(context, 'short-digests')))
      const item = await relayed(context, [from, other])
      const isTold = (link: Link): boolean => timesSent(link, item) > 0 || link.arrivals.some(names(item, 'have'))
      await Promise.all(links.map(async (link) => link.until(() => isTold(link), ANNOUNCE_MS)))
      const left = links.filter((link) => !isTold(link))
      expectThat(left.length === 0, {
        expected: 'the transaction, or a Have with its digest or its short digest, at each of three peers', seen: `neither at ${left.length} of them`
      })
      const isSent = (link: Link): boolean => link.arrivals.some((arrival) => {
        return arrival.message?.type === 'newTransaction' && hex(itemBytes(arrival)) === hex(item.bytes)
      })
      const link = links.find((one) => !isSent(one)) ?? context.skip('the target announces the transaction to none of three peers: it sends it')
      link.send({ type: 'want', digests: [], shortDigests: shortOf(item) })

      if (!await link.until(() => isSent(link))) {
        link.fail('the announced transaction after a Want with its short digest')
      }
    }
  },
  {
    id: 'features-short-unoffered',
    title: 'takes a short digest for nothing in a session without the feature',
    section: HAVE,
    text: SAME,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [to, from, third] = await Promise.all([context.session(), context.session(), context.session()])
      const item = inventTransaction()
      to.send({ type: 'have', digests: [], shortDigests: shortOf(item) })
      await expectGoesOn(to, 'a Have with a short digest')
      from.sendFrame(item.message)

      if (await delivered(to, item) == null) {
        await relayed(context, [from, third])
        to.fail(`the transaction, or ${haveOf(item)}: what this peer has said in short means nothing in this session`)
      }
    }
  }
]
