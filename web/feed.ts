import type { WebCommand, WebFrame, WebHello, WebReport, WebTransaction } from '../src/web/protocol.ts'

/** What the page does with what it is told. */
export interface FeedListener {
  onHello: (hello: WebHello) => void
  onFrame: (frame: WebFrame) => void
  onReport: (report: WebReport) => void
  /** Called with the transactions that have changed. */
  onTransactions: (transactions: WebTransaction[]) => void
  /** Called when all that was kept has come, and from then on things come as they happen. */
  onLive: () => void
  /** Called with why nothing comes, and `undefined` when it does again. */
  onGone: (why: string | undefined) => void
}

/** A server that ends is asked again by the browser itself. One that refuses is asked again after this time, in ms. */
const RETRY_MS = 3000

/** Listens to what the server tells. */
export function listenToFeed (listener: FeedListener): void {
  const source = new EventSource('events')
  const on = <Value>(name: string, take: (value: Value) => void): void => {
    source.addEventListener(name, (event) => { take(JSON.parse((event as MessageEvent<string>).data) as Value) })
  }

  on('hello', listener.onHello)
  on('frame', listener.onFrame)
  on('report', listener.onReport)
  on('transactions', listener.onTransactions)
  on('live', () => {
    listener.onGone(undefined)
    listener.onLive()
  })
  on('full', () => { listener.onGone('Too many pages are open. Close one of them.') })
  source.addEventListener('error', () => {
    listener.onGone('What this page shows has ended, or cannot be reached. It tries again by itself.')

    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => { listenToFeed(listener) }, RETRY_MS)
    }
  })
}

/** Asks for something to be done. Throws an error that says why it was not. */
export async function act (command: WebCommand): Promise<void> {
  const response = await fetch('act', {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-vibecoin-page': '1' }, body: JSON.stringify(command)
  })

  if (!response.ok) {
    throw new Error((await response.text()).trim())
  }
}
