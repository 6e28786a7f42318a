import { Assembler } from './assembler.ts'
import { decodeBody } from '../../codec/message.ts'
import { maxItemBytes } from '../../codec/limits.ts'
import { ProtocolViolationError, RequestError } from '../../errors.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { AssemblerInit, TransactionsQuestion } from './types.ts'
import type { Fetchers } from '../fetch/fetchers.ts'
import type { ReadyPeers } from '../peers.ts'
import type { TransactionPool } from '../transactions/pool.ts'

/** Options of {@link createAssembler}. */
export interface CompactRelayInit extends Pick<AssemblerInit, 'clock' | 'chance' | 'onAssembled' | 'onOutcome'> {
  maxFrameBytes: number
  peers: ReadyPeers
  pool: TransactionPool
  /** Fetches blocks that have to come another way. */
  fetchers: Fetchers
}

/** Creates the assembler of a node: it asks over sessions, and takes the transactions of the pool. */
export function createAssembler ({ maxFrameBytes, peers, pool, fetchers, ...init }: CompactRelayInit): Assembler {
  return new Assembler({
    ...init,
    maxItemBytes: maxItemBytes(maxFrameBytes),
    known: () => pool.newest(),
    ask: askForTransactions,
    receivedFrom: (id) => peers.get(id)?.session.bytesIn ?? 0,
    endWait: (key, id) => fetchers.arrived(key, id),
    noteAnswer: (key, id) => { fetchers.answered(key, id) },
    onFailed: (key, holders) => {
      for (const id of holders) {
        const peer = peers.get(id)

        if (peer != null) {
          fetchers.announced(key, peer.session)
        }
      }
    },
    onWithheld: (session) => { fetchers.noteWithheld(session) }
  })
}

/** Asks a peer for transactions of a block. Throws a {@link RequestError} where that is too much, or none come in time. */
export async function askForTransactions ({ session, digest, indexes, signal, onTransactions }: TransactionsQuestion): Promise<void> {
  if (!budgetOf(session).tryTake('blocksAsked')) {
    throw new RequestError('TOO_MANY', 'The peer was asked for as many blocks as it takes')
  }

  await session.request({
    expects: 'responseTransactions',
    send: (id) => session.send('control', { type: 'requestTransactions', digest, indexes: [...indexes] }, id),
    signal,
    onResponse: (body) => {
      const { transactions } = decodeBody('responseTransactions', body)

      if (transactions.length > 0 && transactions.length !== indexes.length) {
        throw new ProtocolViolationError(`${transactions.length} transactions where ${indexes.length} were asked for`)
      }

      onTransactions(transactions)

      return true
    }
  })
}
