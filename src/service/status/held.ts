import { outboxBound } from '../../session/send/create-outbox.ts'
import { INBOX_BYTES } from '../../session/read/inbox.ts'
import { MAX_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_MESSAGES } from '../../session/limits/in-flight.ts'
import { MAX_REQUESTS } from '../../session/requests.ts'
import type { ServiceConfig } from '../../config/resolve.ts'
import type { Session } from '../../session/session.ts'
import type { QueuesStatus } from '../../types/status.ts'

type Held = Pick<Session, 'bufferedBytes' | 'underWay'>

/** What waits for all ready peers together. The bounds are those of one peer, times the peers. */
export function heldOfPeers (
  peers: Iterable<Held>, config: Pick<ServiceConfig, 'limits' | 'maxFrameBytes'>
): Pick<QueuesStatus, 'outbox' | 'inbox' | 'handling' | 'requests'> {
  const total = { count: 0, in: 0, out: 0, requests: 0, messages: 0, bytes: 0 }

  for (const { bufferedBytes, underWay } of peers) {
    total.count++
    total.in += bufferedBytes.in
    total.out += bufferedBytes.out
    total.requests += underWay.requests
    total.messages += underWay.messages
    total.bytes += underWay.bytes
  }

  const { count } = total

  return {
    outbox: { items: null, maxItems: null, bytes: total.out, maxBytes: count * outboxBound(config) },
    inbox: { items: null, maxItems: null, bytes: total.in, maxBytes: count * INBOX_BYTES },
    handling: {
      items: total.messages, maxItems: count * MAX_IN_FLIGHT_MESSAGES, bytes: total.bytes, maxBytes: count * MAX_IN_FLIGHT_BYTES
    },
    requests: { items: total.requests, maxItems: count * MAX_REQUESTS, bytes: null, maxBytes: null }
  }
}
