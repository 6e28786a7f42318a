import { expectGoesOn, expectThat } from '../expect.ts'
import { delivered, relayed, timesSent } from '../items/relaying.ts'
import { inventTransaction } from '../samples.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Item } from '../samples.ts'
import type { Link } from '../../peer/link.ts'
import type { CheckPeer } from '../../peer/peer.ts'

const PAIR = 'One session per pair'
const TAKEOVER = 'Takeover'
const STAYS = 'the new one stays: the peer has lost the other without our noticing'
const GIVES_UP = 'goes on reading from it until the peer has sent its own `Disconnect` or ended its side, for at most 2 s;'
const COUNTS = 'What was announced in the session that is given up counts in the one that stays, and a `Want` for it goes there.'

/** How long a side reads on in a session that it gives up, in ms. */
const READ_ON_MS = 2000
const SLACK_MS = 3000

/** Items that are sent until one is announced. */
const TRIES = 5

/** Items that are on their way while one session takes over from another: so many before, while there are two streams, and after. */
const ITEMS = 6

/** Above what a node sends to every peer. */
const LARGE_BYTES = 40_000

interface Sessions { peer: CheckPeer, old: Link, young: Link }

function isDuplicate (link: Link): boolean {
  return link.arrivals.some(({ message }) => message?.type === 'disconnect' && message.reason === 'DUPLICATE_CONNECTION')
}

/** One identity with two sessions, each over a connection of its own. */
async function twice (context: CheckContext, between: (old: Link) => Promise<void> = async () => {}): Promise<Sessions> {
  const peer = await context.peer()
  const old = await context.session({ peer })
  await between(old)
  const young = await context.open({ peer })
  young.send({ type: 'handshake', node: context.node() })
  await young.next('handshake')

  return { peer, old, young }
}

/** The same where the new one stays, as with this package. Skips where it is the other way round. */
async function takenOver (context: CheckContext, between?: (old: Link) => Promise<void>): Promise<Sessions> {
  const sessions = await twice(context, between)
  const { old, young } = sessions
  await old.until(() => isDuplicate(old) || isDuplicate(young) || old.closure != null)

  if (isDuplicate(young)) {
    context.skip('the target keeps the session that it has, which the text leaves to it')
  }

  if (!isDuplicate(old)) {
    old.fail('Disconnect(DUPLICATE_CONNECTION) in the session that is given up')
  }

  await expectGoesOn(young, 'it has taken over')

  return sessions
}

function has (link: Link, item: Item, kind: 'have' | 'want'): boolean {
  return link.arrivals.some(({ message }) => {
    return message?.type === kind && message.digests.some((digest) => Buffer.compare(digest, item.digest) === 0)
  })
}

/** Two sessions of one peer, and what becomes of the one that loses. */
export const PAIR_CHECKS: readonly Check[] = [
  {
    id: 'pair-one-session',
    title: 'keeps one of two sessions with a peer, and says DUPLICATE_CONNECTION in the other',
    section: 'Transport',
    text: 'There is one session for each pair of nodes',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const { old, young } = await twice(context)
      await old.until(() => old.closure != null || young.closure != null)
      const [loser, winner] = old.closure != null ? [old, young] : [young, old]
      expectThat(isDuplicate(loser), { expected: 'Disconnect(DUPLICATE_CONNECTION) in one of the two sessions', seen: `${old.seen}; and ${young.seen}` })
      expectThat(!isDuplicate(winner), { expected: 'a session that stays', seen: `${old.seen}; and ${young.seen}` })
      await expectGoesOn(winner, 'the other one was given up')
    }
  },
  {
    id: 'pair-new-stays',
    title: 'lets a new session of the same peer take the place of its old one',
    section: PAIR,
    text: STAYS,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => { await takenOver(context) }
  },
  {
    id: 'pair-same-connection',
    title: 'lets a second stream of the same connection take over',
    section: 'Transport',
    text: 'so that one can take another\'s place.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const old = await context.session({ peer })
      const young = await context.open({ peer, connection: old.connection })
      young.send({ type: 'handshake', node: context.node() })
      await young.next('handshake')
      await old.until(() => isDuplicate(old) || isDuplicate(young))
      await expectGoesOn(isDuplicate(young) ? old : young, 'the other one was given up')
    }
  },
  {
    id: 'takeover-closes',
    title: 'closes the session that it gives up within 2 s, whatever the peer does',
    section: TAKEOVER,
    text: GIVES_UP,
    manners: 'rude',
    lasts: READ_ON_MS + SLACK_MS,
    run: async (context: CheckContext): Promise<void> => {
      const { old, young } = await takenOver(context)
      await old.ended(READ_ON_MS + SLACK_MS, 'the end of the old session within 2 s')
      await expectGoesOn(young, 'the old one has ended')
    }
  },
  {
    id: 'takeover-reads-on',
    title: 'takes what still comes in the session that it gives up',
    section: TAKEOVER,
    text: GIVES_UP,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const other = await context.session()
      const { old } = await takenOver(context)
      const item = inventTransaction()
      old.sendFrame(item.message)

      if (await delivered(other, item) == null) {
        await relayed(context, [await context.session(), other])
        other.fail('a transaction that came in the old session after its Disconnect')
      }
    }
  },
  {
    id: 'takeover-losses',
    title: 'loses nothing that it relays while one session takes over from another',
    section: TAKEOVER,
    text: 'sends everything that waits for it, then `Disconnect(DUPLICATE_CONNECTION)`, and sends everything new over the session that stays;',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, witness] = await Promise.all([context.session(), context.session()])
      const peer = await context.peer()
      const old = await context.session({ peer })
      const items: Item[] = []
      const isAt = (item: Item, ...links: Link[]): boolean => links.some((link) => timesSent(link, item) > 0)
      const relaySome = async (): Promise<void> => {
        const some = Array.from({ length: ITEMS }, () => inventTransaction())
        items.push(...some)
        some.forEach(({ message }) => { from.sendFrame(message) })
        await witness.until(() => some.every((item) => isAt(item, witness)))
      }
      await relaySome()
      const young = await context.open({ peer })
      await relaySome()
      young.send({ type: 'handshake', node: context.node() })
      await relaySome()
      // each went to a peer that keeps one session
      const relayedItems = items.filter((item) => isAt(item, witness))

      if (relayedItems.length === 0) {
        await relayed(context, [from, witness])
      }

      const left = (): number => relayedItems.filter((item) => !isAt(item, old, young)).length
      await young.until(() => left() === 0)
      expectThat(left() === 0, {
        expected: `${relayedItems.length} transactions in the two sessions of a peer, as in the one of another peer`, seen: `all but ${left()}`
      })
    }
  },
  {
    id: 'takeover-announced',
    title: 'asks in the session that stays for what was announced in the other',
    section: TAKEOVER,
    text: COUNTS,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const item = inventTransaction(LARGE_BYTES)
      const { old, young } = await takenOver(context, async (old) => { old.send({ type: 'have', digests: [item.digest] }) })

      if (!await young.until(() => has(young, item, 'want'), 3500)) {
        const isAsked = has(old, item, 'want')
        context.skip(`the target asks ${isAsked ? 'once, in the old session' : 'for nothing that is announced'}, which the text allows`)
      }

      young.sendFrame(item.message)
      await expectGoesOn(young, 'an item that was announced in the old session')
    }
  },
  {
    id: 'takeover-wants',
    title: 'answers in the session that stays a Want for what it announced in the other',
    section: 'Have and Want',
    text: 'Announcements belong to the peer and not to the session. Where [another session takes over](#takeover), both sides go on with what was announced in the old one.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      // to one of several peers the item is sent, and announced to the others
      const [from] = await Promise.all(Array.from({ length: 4 }, async () => context.session()))
      let item = inventTransaction(LARGE_BYTES)
      const { young } = await takenOver(context, async (old) => {
        // one peer of all is sent it, and the others a Have
        for (let tries = 0; tries < TRIES && !has(old, item, 'have'); tries++) {
          item = inventTransaction(LARGE_BYTES)
          from!.sendFrame(item.message)
          // other items come too
          await old.until(() => timesSent(old, item) > 0, 1000)
        }

        if (!has(old, item, 'have')) {
          context.skip('the target did not announce the item to the peer whose session is taken over')
        }
      })
      young.send({ type: 'want', digests: [item.digest] })
      expectThat(await delivered(young, item) != null, { expected: 'the announced item after a Want in the new session', seen: young.seen })
    }
  },
  {
    id: 'takeover-requests',
    title: 'answers requests in the session that stays',
    section: TAKEOVER,
    text: 'Without an answer it has failed when the session is closed, and the requester asks again in the session that stays.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const { young } = await takenOver(context)
      young.send({ type: 'requestBlock', height: 2 ** 50 }, 1n)
      await young.next('responseBlock')
    }
  }
]
