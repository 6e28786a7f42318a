import { featured, hex } from './features.ts'
import { delivered, relayed } from './relaying.ts'
import { expectGoesOn, expectThat, expectViolation } from '../expect.ts'
import { hash, inventBlock, inventedTransaction, itemOf, randomHash } from '../samples.ts'
import { CheckFailure } from '../../failure.ts'
import { itemBytes } from '../../peer/item-bytes.ts'
import { shortIdsOf } from '../../short-ids.ts'
import { cutBlock, joinBlock } from '../../../codec/items/block-parts.ts'
import { encodeTransaction } from '../../../codec/items/items.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Item } from '../samples.ts'
import type { Arrival } from '../../peer/arrival.ts'
import type { Link } from '../../peer/link.ts'
import type { CompactBlockMessage, RequestTransactionsMessage } from '../../../types/message.ts'

const SECTION = 'Compact blocks'
const ASKS = 'It asks the sender for what it lacks with `RequestTransactions`, by indexes among all transactions of the block.'
const NUMBER = 'Another number of transactions is a violation, and so is an answer that was not asked for.'
const DIGEST = 'Nothing says which, and it is no violation.'
const NONE = 'The answer has all of them in this order, or none where the sender does not have the block any more.'
const WHOLE = 'The receiver asks for the whole block with a `Want` without `compact`.'
const JUDGED = 'A block that comes out of it is judged like that of a `NewBlock`.'
const SHORT_ID = 'A *short id* is SipHash-2-4 of the digest of the transaction, which is 32 bytes, cut to its lowest 48 bits, the lowest byte first.'

/** With these a block is larger than what a node sends whole to every peer. */
const TRANSACTIONS = 60
const DATA_BYTES = 300

/** How long a target may take to ask, in ms. */
const ASK_MS = 3000

/** A block that no node has met, in parts. */
interface InventedBlock { item: Item, transactions: Uint8Array[], message: CompactBlockMessage }

function inventCompact (): InventedBlock {
  const item = inventBlock({ transactions: Array.from({ length: TRANSACTIONS }, () => inventedTransaction(DATA_BYTES)) })
  const { before, transactions, after } = cutBlock(item.bytes)!
  const shortIds = shortIdsOf(item.digest, 1n, transactions.map(hash))

  return { item, transactions, message: { type: 'compactBlock', digest: item.digest, before, after, nonce: 1n, shortIds, prefilled: [] } }
}

type Question = Arrival & { message: RequestTransactionsMessage }

/** Sends a compact block of which the target has nothing, and waits for its question. Skips where none comes. */
async function question (context: CheckContext, link: Link, message: CompactBlockMessage): Promise<Question> {
  link.send(message)
  const asked = await link.tryNext(['requestTransactions'], ASK_MS)

  if (asked == null) {
    await expectGoesOn(link, 'a CompactBlock')
    context.skip('the target asks for no transactions of a compact block: it may want the whole block of another peer')
  }

  const { digest, indexes } = asked.message
  const isAll = indexes.length === TRANSACTIONS && indexes.every((index, at) => index === at)
  expectThat(isAll && hex(digest) === hex(message.digest), {
    expected: `RequestTransactions of that block with the indexes 0 to ${TRANSACTIONS - 1}`, seen: `${hex(digest)}, ${indexes.join(' ')}`
  })

  return asked
}

/** Gives the target the transactions of a block, then the block, in one session. Returns its compact form as another one gets it. */
async function compactFrom (context: CheckContext, link: Link, { item, transactions }: InventedBlock): Promise<CompactBlockMessage> {
  const [from, other] = await Promise.all([context.session(), context.session()])
  // one that refuses invented transactions may end the session for so many
  await relayed(context, [from, other])
  transactions.forEach((bytes) => { from.sendFrame(itemOf('newTransaction', bytes).message) })
  await expectGoesOn(from, `${TRANSACTIONS} transactions`)
  from.sendFrame(item.message)

  for (;;) {
    const came = await link.tryNext(['compactBlock', 'newBlock', 'have'], ASK_MS)

    if (came == null || (came.message.type === 'newBlock' && hex(itemBytes(came)) === hex(item.bytes))) {
      context.skip('the target sends this block whole, or to no peer')
    }

    // a peer that has just come may get other blocks first
    if (came.message.type === 'compactBlock' && hex(came.message.digest) === hex(item.digest)) {
      return came.message
    }

    if (came.message.type === 'have' && came.message.digests.some((digest) => hex(digest) === hex(item.digest))) {
      link.send({ type: 'want', digests: [item.digest], compact: true })
    }
  }
}

/** Puts a compact block together of transactions that are known. */
function join ({ before, after, nonce, digest, shortIds, prefilled }: CompactBlockMessage, known: readonly Uint8Array[]): Uint8Array {
  const ids = shortIdsOf(digest, nonce, known.map(hash))
  const byId = new Map(known.map((transaction, index) => [hex(ids.subarray(6 * index, 6 * index + 6)), transaction]))
  const transactions: Uint8Array[] = []
  prefilled.forEach(({ index, transaction }) => { transactions[index] = transaction })
  let at = 0

  for (let number = 0; 6 * number < shortIds.byteLength; number++, at++) {
    while (transactions[at] != null) {
      at++
    }

    const id = hex(shortIds.subarray(6 * number, 6 * number + 6))
    transactions[at] = byId.get(id) ?? failWith(`short ids of the transactions that the target was sent, ${[...byId.keys()].join(' ')}`, id)
  }

  return joinBlock({ before, transactions, after })
}

function failWith (expected: string, seen: string): never {
  throw new CheckFailure({ expected, seen })
}

/** Compact blocks, in sessions that use them. */
export const COMPACT_CHECKS: readonly Check[] = [
  {
    id: 'compact-asks',
    title: 'asks for the transactions of a compact block that it lacks, and goes on when it has them',
    section: SECTION,
    text: ASKS,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      const { message, transactions } = inventCompact()
      const { requestId } = await question(context, link, message)
      link.send({ type: 'responseTransactions', transactions }, requestId)
      await expectGoesOn(link, 'a compact block and all of its transactions')
    }
  },
  {
    id: 'relay-compact',
    title: 'relays a block that it has put together as the bytes that it is',
    section: SECTION,
    text: JUDGED,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [link, other] = await Promise.all([featured(context, 'compact-blocks'), context.session()])
      const { message, transactions, item } = inventCompact()
      const { requestId } = await question(context, link, message)
      link.send({ type: 'responseTransactions', transactions }, requestId)

      if (await delivered(other, item, ASK_MS) == null) {
        await relayed(context, [link, other], inventBlock)
        other.fail('the block that was put together')
      }
    }
  },
  {
    id: 'relay-compact-form',
    title: 'sends a block in its compact form, and gives its transactions when it is asked',
    section: SECTION,
    text: SHORT_ID,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      const block = inventCompact()
      const message = await compactFrom(context, link, block)
      const joined = join(message, block.transactions)
      expectThat(hex(joined) === hex(block.item.bytes), { expected: 'the parts of the block', seen: `${joined.byteLength} bytes of another one` })
      const indexes = [0, TRANSACTIONS - 1]
      link.send({ type: 'requestTransactions', digest: block.item.digest, indexes }, 9n)
      const { message: { transactions }, requestId } = await link.next('responseTransactions')
      const expected = indexes.map((index) => hex(block.transactions[index]!)).join(' ')
      expectThat(requestId === 9n && (transactions.length === 0 || transactions.map(hex).join(' ') === expected), {
        expected: 'ResponseTransactions 9 with the first and the last transaction, or with none', seen: link.seen
      })
    }
  },
  {
    id: 'relay-compact-whole',
    title: 'sends the whole block when it is asked for it after its compact form',
    section: SECTION,
    text: WHOLE,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      const block = inventCompact()
      await compactFrom(context, link, block)
      link.send({ type: 'want', digests: [block.item.digest] })
      const isWhole = (arrival: Arrival): boolean => arrival.message?.type === 'newBlock' && hex(itemBytes(arrival)) === hex(block.item.bytes)

      if (!await link.until(() => link.arrivals.some(isWhole))) {
        link.fail('the whole block after a Want without compact')
      }
    }
  },
  {
    id: 'compact-none',
    title: 'answers with no transactions where it does not have the block',
    section: SECTION,
    text: NONE,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      link.send({ type: 'requestTransactions', digest: randomHash(), indexes: [0, 7] }, 11n)
      const { message: { transactions }, requestId } = await link.next('responseTransactions')
      expectThat(requestId === 11n && transactions.length === 0, { expected: 'ResponseTransactions 11 without transactions', seen: link.seen })
      await expectGoesOn(link, 'a RequestTransactions for a block that is not there')
    }
  },
  {
    id: 'compact-digest',
    title: 'goes on where a compact block is not the block of its digest',
    section: SECTION,
    text: DIGEST,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      const { message } = inventCompact()
      const { requestId } = await question(context, link, message)
      link.send({ type: 'responseTransactions', transactions: inventCompact().transactions }, requestId)
      // whatever the target makes of it takes no longer than it waits before it asks for the whole block
      await link.until(() => link.closure != null, 300)
      await expectGoesOn(link, 'transactions of another block')
    }
  },
  {
    id: 'compact-number',
    title: 'finds a violation in an answer with another number of transactions',
    section: SECTION,
    text: NUMBER,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      const { message, transactions } = inventCompact()
      const { requestId } = await question(context, link, message)
      link.send({ type: 'responseTransactions', transactions: transactions.slice(1) }, requestId)
      await expectViolation(link, 'one transaction too few')
    }
  },
  {
    id: 'compact-unasked',
    title: 'finds a violation in transactions that it has not asked for',
    section: SECTION,
    text: NUMBER,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'compact-blocks')
      link.send({ type: 'responseTransactions', transactions: [encodeTransaction(inventedTransaction(3))] }, 5n)
      await expectViolation(link, 'an answer that was not asked for')
    }
  }
]
