import { haveFrame } from './delivery.ts'
import { isLarge } from './distribution.ts'
import { budgetOf } from '../../session/limits/send-budget.ts'
import type { WantedItem } from '../fetch/announcer.ts'
import type { ReadyPeers } from '../peers.ts'

/**
 * Tells the peers that were asked for a large item, and have not sent it, that it has come from another one: they need not send it.
 * One that has had less time than it may take has withheld nothing.
 */
export function tellArrived (wanted: Pick<WantedItem, 'key' | 'asked'> | undefined, item: Uint8Array, peers: Pick<ReadyPeers, 'get'>): void {
  if (wanted == null || !isLarge(item)) {
    return
  }

  const { key, asked } = wanted
  let frame: Uint8Array | undefined

  for (const { id, requests } of asked) {
    const request = requests.get(key)
    const session = request == null ? undefined : peers.get(id)?.session

    if (request?.isLate === false) {
      requests.delete(key)
    }

    if (session != null && budgetOf(session).tryTake('digests')) {
      session.sendFrame('control', frame ??= haveFrame([key]))
    }
  }
}
