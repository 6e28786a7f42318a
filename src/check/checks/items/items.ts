import { expectGoesOn, expectThat } from '../expect.ts'
import { delivered, relayed, relayedOnce, timesSent } from './relaying.ts'
import { field, join, UNKNOWN_FIELD } from '../raw.ts'
import { inventBlock, inventTransaction, itemOf, randomHash } from '../samples.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Item } from '../samples.ts'
import type { Link } from '../../peer/link.ts'

const SECTION = 'Blocks and transactions'
const TO_ALL = 'A block or transaction that a node has made or has accepted goes to every peer that is not known to have it.'
const AS_IT_CAME = 'A relayed item must be sent on as the bytes that came, unknown fields included, so that its digest stays the same.'
const TOO_LARGE = 'A node must not send, accept, relay, serve or take from an answer what is larger, however much room the frame has.'
const ANOTHER = 'Another encoding of the same block is another item, and no field of an item identifies it: a sender chooses those freely.'

/** Items of this size are announced rather than sent to all. */
const LARGE_BYTES = 40_000

const MAX_ITEM_BYTES = 4_193_280

/** How long a target that has relayed one item may take to send another one that it should not, in ms. */
const NOTHING_MS = 1200

/** Two sessions, for what comes in by one and goes out by the other. */
async function pair (context: CheckContext): Promise<[Link, Link]> {
  return Promise.all([context.session(), context.session()])
}

function relayCheck (id: string, title: string, item: () => Item): Check {
  return {
    id,
    title,
    section: SECTION,
    text: AS_IT_CAME,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => { await relayed(context, await pair(context), item) }
  }
}

/** What a node relays. */
export const ITEM_CHECKS: readonly Check[] = [
  relayCheck('relay-transaction', 'relays a transaction as the bytes that came', () => inventTransaction()),
  relayCheck('relay-odd-encoding', 'relays a transaction whose fields come in another order, as the bytes that came', () => {
    const [id, sender, recipient] = [randomHash(), randomHash(), randomHash()]

    return itemOf('newTransaction', join(
      field(UNKNOWN_FIELD, new Uint8Array(9)), field(9, new Uint8Array(64)), field(3, recipient), field(4, 0), field(2, sender),
      field(1, id)
    ))
  }),
  relayCheck('relay-large', 'relays a large transaction, sent or announced', () => inventTransaction(LARGE_BYTES)),
  relayCheck('relay-block', 'relays a block as the bytes that came', () => inventBlock()),
  relayCheck('relay-limit', 'relays a transaction of 4095 KiB', () => {
    // its data has three bytes, and the length of that one byte where this one has four
    return inventTransaction(MAX_ITEM_BYTES - inventTransaction().bytes.byteLength)
  }),
  {
    id: 'relay-over-limit',
    title: 'does not relay a transaction of 4095 KiB and one byte',
    section: 'Frames',
    text: TOO_LARGE,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const links = await pair(context)
      const item = inventTransaction(MAX_ITEM_BYTES + 1 - inventTransaction().bytes.byteLength)
      links[0].sendFrame(item.message)
      await expectGoesOn(links[0], 'a transaction that is larger than one may be')
      // what follows it has come after anything that it caused
      await relayed(context, links)
      expectThat(timesSent(links[1], item) === 0, { expected: 'nothing of a transaction that is larger than one may be', seen: links[1].seen })
    }
  },
  {
    id: 'relay-to-all',
    title: 'relays a transaction to every peer',
    section: SECTION,
    text: TO_ALL,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, ...others] = await Promise.all([context.session(), context.session(), context.session()])
      const item = await relayed(context, [from, others[0]])
      expectThat(await delivered(others[1], item) != null, { expected: 'the transaction at the second peer too', seen: others[1].seen })
    }
  },
  {
    id: 'relay-not-back',
    title: 'sends an item neither back nor twice',
    section: SECTION,
    text: TO_ALL,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const links = await pair(context)
      const [from, to] = links
      const item = await relayed(context, links)
      from.sendFrame(item.message)
      to.sendFrame(item.message)
      // what comes after it has come after anything that it caused
      await relayed(context, links)
      expectThat(timesSent(from, item) === 0 && timesSent(to, item) === 1, {
        expected: 'the transaction once at the other peer, and never at its sender', seen: `${timesSent(to, item)} and ${timesSent(from, item)} times`
      })
    }
  },
  {
    id: 'relay-another-encoding',
    title: 'takes another encoding of the same transaction for another item',
    section: SECTION,
    text: ANOTHER,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const links = await pair(context)
      const item = await relayed(context, links)
      const other = itemOf('newTransaction', join(item.bytes, field(UNKNOWN_FIELD, 8)))
      links[0].sendFrame(other.message)
      expectThat(await delivered(links[1], other) != null, { expected: 'the same transaction in other bytes', seen: links[1].seen })
    }
  },
  {
    id: 'relay-refused-item',
    title: 'does not relay an item that breaks the grammar',
    section: 'Grammar',
    text: 'the *item is refused*: not used, not relayed, and counted like one that the application rejects. The session goes on',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const links = await pair(context)
      const good = inventTransaction()
      // a group, a short hash, and a field of another wire type
      const bad = [
        join(good.bytes, Uint8Array.of(0xa3, 6, 0xa4, 6)), join(good.bytes, field(1, new Uint8Array(31))), join(good.bytes, field(1, 5))
      ].map((bytes) => itemOf('newTransaction', bytes))
      bad.forEach(({ message }) => { links[0].sendFrame(message) })
      await relayed(context, links)
      expectThat(bad.every((item) => timesSent(links[1], item) === 0), { expected: 'no item that breaks the grammar', seen: links[1].seen })
    }
  },
  {
    id: 'relay-refused-then-valid',
    title: 'relays a block whose bytes were refused as a transaction',
    section: 'Grammar',
    text: 'An item that is refused must not be remembered by its digest alone: the same bytes may be a valid item of the other kind.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const links = await pair(context)
      const block = inventBlock()
      links[0].sendFrame(itemOf('newTransaction', block.bytes).message)
      await expectGoesOn(links[0], 'a block in the place of a transaction')
      // not again: it is the same block that has to be relayed
      if (await relayedOnce(links, block) == null) {
        await relayed(context, links, inventBlock)
        links[1].fail('the block that was refused as a transaction')
      }
    }
  },
  {
    id: 'relay-announced',
    title: 'does not send an item to a peer that has announced it',
    section: 'Have and Want',
    text: 'A node that gets a `Have` should not send those items to that peer any more, nor announce them to it.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, to, third] = await Promise.all([context.session(), context.session(), context.session()])
      const item = inventTransaction()
      to.send({ type: 'have', digests: [item.digest] })
      await expectGoesOn(to, 'a Have')
      from.sendFrame(item.message)

      if (await delivered(third, item) == null) {
        await relayed(context, [from, third])
        third.fail('the transaction at a peer that has not announced it')
      }

      await to.until(() => timesSent(to, item) > 0, NOTHING_MS)
      expectThat(timesSent(to, item) === 0, { expected: 'nothing of an item that this peer has announced', seen: to.seen })
    }
  }
]
