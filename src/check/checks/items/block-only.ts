import { delivered, haveOf, relayed, timesSent } from './relaying.ts'
import { featured, names } from './features.ts'
import { expectGoesOn, expectThat } from '../expect.ts'
import { inventBlock, inventTransaction } from '../samples.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'

const SECTION = 'Block-only sessions'
const NONE = 'No side sends `NewTransaction` in it, and none announces or asks for transactions.'
const IGNORED = 'A transaction that comes all the same is ignored: an older node reads past the field.'
const ELSE = 'All else is as in any session.'
const PEERS = 'It does not use the feature `peers`.'

/** Sessions of a peer that wants no transactions. */
export const BLOCK_ONLY_CHECKS: readonly Check[] = [
  {
    id: 'block-only-transactions',
    title: 'sends and announces no transactions to a peer that says block_only',
    section: SECTION,
    text: NONE,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, other, quiet] = await Promise.all([context.session(), context.session(), context.session({ node: { blockOnly: true } })])
      const item = await relayed(context, [from, other])
      await expectGoesOn(quiet, 'a transaction of another peer')
      expectThat(timesSent(quiet, item) === 0 && !quiet.arrivals.some(names(item, 'have')), {
        expected: 'nothing of a transaction', seen: quiet.seen
      })
    }
  },
  {
    id: 'block-only-ignores',
    title: 'ignores a transaction of a peer that says block_only',
    section: SECTION,
    text: IGNORED,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, other, quiet] = await Promise.all([context.session(), context.session(), context.session({ node: { blockOnly: true } })])
      const item = inventTransaction()
      quiet.sendFrame(item.message)
      await expectGoesOn(quiet, 'a transaction in a block-only session')
      // what follows it has come after anything that it caused
      await relayed(context, [from, other])
      expectThat(timesSent(other, item) === 0, { expected: 'that the transaction is not relayed', seen: other.seen })
    }
  },
  {
    id: 'relay-block-only',
    title: 'relays a block to a peer that says block_only',
    section: SECTION,
    text: ELSE,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [from, other, quiet] = await Promise.all([context.session(), context.session(), context.session({ node: { blockOnly: true } })])
      const item = await relayed(context, [from, other], inventBlock)

      if (await delivered(quiet, item) == null) {
        quiet.fail(`a block that another peer has got, or ${haveOf(item)}`)
      }
    }
  },
  {
    id: 'block-only-peers',
    title: 'tells a peer that says block_only of no peers',
    section: SECTION,
    text: PEERS,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'peers', { blockOnly: true })
      link.send({ type: 'requestPeers', count: 4 }, 7n)
      await expectGoesOn(link, 'a RequestPeers')
      expectThat(!link.arrivals.some(({ message }) => message?.type === 'responsePeers'), { expected: 'no ResponsePeers', seen: link.seen })
    }
  }
]
