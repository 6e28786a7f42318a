import type { SendBudget } from './limits/send-budget.ts'
import type { RateGuard } from './limits/rate-limits.ts'
import type { SessionRecord } from './record.ts'
import type { Peer, PeerStatus, UpgradeState } from '../types/peer.ts'
import type { Location } from '../address/location.ts'

/** What the owner of a session knows of its peer. */
export interface Standing {
  isReserved: boolean
  score: number
  /** See `PeerStatus.upgrade`. */
  upgrade?: UpgradeState | undefined
}

/** Requests that a peer has not answered, and its messages that are being handled, with their bytes. */
export interface UnderWay { requests: number, messages: number, bytes: number }

/** What of a session makes its status. */
export interface DescribedSession extends Omit<Peer, 'toJSON'> {
  readonly location: Location
  readonly isRelayed: boolean
  readonly leastRtt: number | undefined
  readonly bufferedBytes: { in: number, out: number }
  readonly underWay: UnderWay
  readonly rates: RateGuard
  readonly budget: SendBudget
  readonly record: SessionRecord
}

/** The status of a session, at the time `now` by the clock. */
export function sessionStatus (session: DescribedSession, { isReserved, score, upgrade }: Standing, now: number): PeerStatus {
  const { id, nodeId, userAgent, direction, state, address, bestHeight, rtt, leastRtt, record, rates, budget, underWay } = session
  const { useful, lastUsefulAt, offences, handlers } = record
  const ago = (at: number | undefined): number | null => at == null ? null : Math.max(0, now - at)

  return {
    id,
    nodeId,
    userAgent,
    direction,
    state,
    address,
    features: session.features,
    netgroup: session.location.netgroup ?? null,
    isRelayed: session.isRelayed,
    upgrade: session.isRelayed ? upgrade ?? null : null,
    isReserved,
    isBlockOnly: session.isBlockOnly,
    bestHeight,
    readyAt: session.readyAt ?? null,
    rtt: rtt ?? null,
    leastRtt: leastRtt ?? null,
    bytes: { in: session.bytesIn, out: session.bytesOut },
    messages: { in: record.in.byType(), out: record.out.byType() },
    waiting: session.bufferedBytes,
    requests: underWay.requests,
    handling: { messages: underWay.messages, bytes: underWay.bytes },
    rates: { in: rates.used, out: budget.used, slowedMs: rates.slowedMs },
    score: { value: score, offences: { ...offences } },
    useful: {
      blocks: useful.newBlock,
      transactions: useful.newTransaction,
      lastBlockAgo: ago(lastUsefulAt.newBlock),
      lastTransactionAgo: ago(lastUsefulAt.newTransaction)
    },
    handlers: { ...handlers }
  }
}

/** What `console.log` shows of a peer: what tells it from others, and no inside. */
export function inspectPeer (peer: Omit<Peer, 'toJSON'>, options: object, inspect: (value: object, options: object) => string): string {
  const { id, nodeId, userAgent, direction, state, address, bestHeight, rtt, bytesIn, bytesOut } = peer

  return `Peer ${inspect({ id, nodeId, userAgent, direction, state, address, bestHeight, rtt, bytesIn, bytesOut }, options)}`
}
