import type { VibeCoin } from './service/index.ts'
import type { Message } from './types/message.ts'
import type { Logger } from '@libp2p/interface'

/** What {@link broadcastAll} takes beside the network. */
export interface OutgoingInit {
  outgoing: AsyncIterable<Message>
  signal: AbortSignal
  log: Logger
}

/**
 * Broadcasts the blocks and transactions that `outgoing` yields until it ends or `signal` is aborted. Never throws: a
 * message that cannot be broadcast is logged, and so is an error that ends `outgoing`.
 */
export async function broadcastAll (network: Pick<VibeCoin, 'broadcast'>, { outgoing, signal, log }: OutgoingInit): Promise<void> {
  const iterator = outgoing[Symbol.asyncIterator]()
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => { resolve(undefined) }, { once: true })
  })

  try {
    while (!signal.aborted) {
      const result = await Promise.race([iterator.next(), aborted])

      if (result == null) {
        break
      }

      if (result.done === true) {
        return
      }

      broadcastOne(network, result.value, log)
    }

    // not waited for: it may never come to an end
    iterator.return?.().catch(() => {})
  } catch (err) {
    log.error('the outgoing messages have ended with an error - %e', err)
  }
}

function broadcastOne (network: Pick<VibeCoin, 'broadcast'>, message: Message, log: Logger): void {
  if (message.type !== 'newBlock' && message.type !== 'newTransaction') {
    log.error('a %s is not broadcast: only newBlock and newTransaction are', message.type)
    return
  }

  try {
    network.broadcast(message)
  } catch (err) {
    log.error('a %s could not be broadcast - %e', message.type, err)
  }
}
