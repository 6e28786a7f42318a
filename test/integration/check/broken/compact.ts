import { noteOf, of, reads, withId } from './broken-node.ts'
import type { BrokenNode } from './broken-node.ts'

/** What the node was asked for, and with how many transactions it has to be answered. */
const QUESTIONS = 'compact questions'

const BLOCK_ONLY = ['block-only-transactions', 'block-only-ignores'] as const

/** What is wrong with compact blocks, and with sessions without transactions. */
export const BROKEN_COMPACT: readonly BrokenNode[] = [
  {
    what: 'asks for half of what it lacks', check: 'compact-asks',
    mutation: {
      sent: of('requestTransactions', ({ indexes, ...message }, { requestId }) => {
        return [withId({ ...message, indexes: indexes.slice(indexes.length / 2) }, requestId)]
      })
    }
  },
  {
    what: 'loses the transactions that it has asked for', check: 'relay-compact',
    mutation: { received: of('responseTransactions', (_message, { requestId }) => [withId({ type: 'responseTransactions', transactions: [] }, requestId)]) }
  },
  {
    what: 'sends short ids of another key', check: 'relay-compact-form',
    mutation: { sent: of('compactBlock', (message) => [{ ...message, nonce: message.nonce + 1n }]) }
  },
  {
    what: 'sends transactions in another order than it was asked for', check: 'relay-compact-form',
    mutation: {
      sent: of('responseTransactions', ({ transactions }, { requestId }) => {
        return [withId({ type: 'responseTransactions', transactions: transactions.toReversed() }, requestId)]
      })
    }
  },
  {
    what: 'ends a session for a compact block that is another one', check: 'compact-digest',
    mutation: {
      sent: of('want', (_message, { stream: { stream } }) => {
        stream.abort(new Error('another block'))

        return []
      })
    }
  },
  {
    what: 'takes any number of transactions', check: 'compact-number',
    mutation: {
      sent: of('requestTransactions', ({ indexes }, { requestId, stream }) => {
        noteOf(stream, QUESTIONS, () => new Map<unknown, number>()).set(requestId, indexes.length)

        return undefined
      }),
      received: of('responseTransactions', ({ transactions }, { requestId, stream }) => {
        const count = noteOf(stream, QUESTIONS, () => new Map<unknown, number>()).get(requestId) ?? transactions.length
        const padded = Array.from({ length: count }, (_, index) => transactions[index] ?? transactions[0]!)

        return [withId({ type: 'responseTransactions', transactions: padded }, requestId)]
      })
    }
  },
  {
    what: 'passes over transactions that it has not asked for', check: 'compact-unasked',
    mutation: { received: of('responseTransactions', () => []) }
  },
  {
    what: 'sends a block in its compact form alone', check: 'relay-compact-whole',
    mutation: { received: of('want', (message) => [{ ...message, compact: true }]) }
  },
  {
    what: 'says nothing of a block that it does not have', check: 'compact-none',
    mutation: { sent: of('responseTransactions', ({ transactions }) => transactions.length === 0 ? [] : undefined) }
  },
  {
    what: 'sends a peer that says block_only no blocks either', check: 'relay-block-only',
    mutation: {
      received: of('handshake', ({ node: { blockOnly } }, { stream }) => {
        stream.notes.set('isBlockOnly', blockOnly)

        return undefined
      }),
      sent: of('newBlock', (_message, { stream }) => stream.notes.get('isBlockOnly') === true ? [] : undefined)
    }
  },
  ...BLOCK_ONLY.map((check) => ({ what: 'reads past block_only', check, mutation: reads(() => ({ blockOnly: false })) })),
  {
    what: 'tells peers of peers that say block_only', check: 'block-only-peers',
    mutation: { config: { features: ['peers'] }, ...reads(() => ({ blockOnly: false })) }
  }
]
