import type { VibeCoin } from './service/api.ts'
import type { Awaitable } from './types/chain.ts'
import type { Clock } from './util/clock.ts'
import type { Message } from './types/message.ts'
import type { Logger } from '@libp2p/interface'

/** How long the outgoing messages may come one after the other before everything else has a turn, in ms. */
const LONGEST_BURST_MS = 10

/** What sends the messages. */
type Outlet = Pick<VibeCoin, 'broadcast' | 'room'>

/** What {@link broadcastAll} takes beside the network. */
export interface OutgoingInit {
  outgoing: AsyncIterable<Message>
  signal: AbortSignal
  clock: Clock
  log: Logger
}

/**
 * Broadcasts the blocks and transactions that `outgoing` yields until it ends or `signal` is aborted. Never throws: a
 * message that cannot be broadcast is logged, and so is an error that ends `outgoing`.
 */
export async function broadcastAll (network: Outlet, { outgoing, signal, clock, log }: OutgoingInit): Promise<void> {
  try {
    // made by an async function, it is a promise that may reject
    const iterator = await (outgoing[Symbol.asyncIterator]() as Awaitable<AsyncIterator<Message>>)

    let since = clock.now()

    while (!signal.aborted) {
      // an iterable that always has the next message would leave no turn to sockets, timers and `stop()`
      if (clock.now() - since >= LONGEST_BURST_MS) {
        await new Promise<void>((resolve) => { clock.setTimeout(resolve, 0) })
        since = clock.now()
        continue
      }

      const result = await nextUnlessAborted(iterator, signal)

      if (result?.done === true) {
        return
      }

      if (result == null && !signal.aborted) {
        // asked again, it would give nothing for ever, and no other listener would have a turn
        throw new TypeError('Expected an object of the iterator of the outgoing messages')
      }

      // an application may give anything
      if ((result?.value)?.type === 'newTransaction') {
        await network.room({ signal }).catch(() => {})
      }

      if (result != null && !signal.aborted) {
        broadcastOne(network, result.value, log)
      }
    }

    // not waited for: it may never come to an end
    iterator.return?.().catch(() => {})
  } catch (err) {
    log.error('the outgoing messages have ended with an error - %e', err)
  }
}

/** The next message, or `undefined` once `signal` is aborted. Leaves nothing behind at a signal that lives on. */
async function nextUnlessAborted (iterator: AsyncIterator<Message>, signal: AbortSignal): Promise<IteratorResult<Message> | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Message> | undefined>()
  const onAbort = (): void => { resolve(undefined) }
  signal.addEventListener('abort', onAbort, { once: true })

  try {
    iterator.next().then(resolve, reject)

    return await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function broadcastOne (network: Pick<Outlet, 'broadcast'>, message: Message, log: Logger): void {
  try {
    if (message.type === 'newBlock' || message.type === 'newTransaction') {
      network.broadcast(message)
    } else {
      log.error('a %s is not broadcast: only newBlock and newTransaction are', message.type)
    }
  } catch (err) {
    log.error('a message could not be broadcast - %e', err)
  }
}
