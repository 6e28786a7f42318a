import type { MessageType } from '../types/message.ts'
import type { PeerCounts } from '../peer/slots.ts'
import type { CounterGroup, Metrics } from '@libp2p/interface'

/** What the service counts, where libp2p has metrics. */
export interface ServiceMetrics {
  /** A message that came while ready. */
  received: (type: MessageType | undefined) => void
  /** A session that ended, under the reason that was given. */
  closed: (reason: string) => void
  /** What became of a block or transaction. */
  judged: (type: 'newBlock' | 'newTransaction', verdict: string) => void
  /** A handler of the application that threw. */
  handlerFailed: (type: string) => void
  /** A peer that could not be used to fetch blocks, by what it did. */
  faulted: (kind: string) => void
  /** A dial, and whether it made a session. */
  dialled: (outcome: 'ready' | 'duplicate' | 'failed') => void
}

const NOTHING: ServiceMetrics = {
  received: () => {}, closed: () => {}, judged: () => {}, handlerFailed: () => {}, faulted: () => {}, dialled: () => {}
}

/** Registers what is counted. Does nothing without metrics. */
export function createMetrics (metrics: Metrics | undefined, counts: () => PeerCounts): ServiceMetrics {
  if (metrics == null) {
    return NOTHING
  }

  const group = (name: string, help: string, label: string): CounterGroup => metrics.registerCounterGroup(name, { help, label })

  metrics.registerMetricGroup('vibecoin_peers', {
    help: 'Sessions, by direction; pending ones have their handshake or dial under way',
    label: 'direction',
    calculate: () => ({ ...counts() })
  })

  const received = group('vibecoin_messages_received_total', 'Messages of ready sessions', 'type')
  const closed = group('vibecoin_sessions_closed_total', 'Sessions that ended, by reason', 'reason')
  const judged = group('vibecoin_relay_verdicts_total', 'Blocks and transactions met for the first time, by type and what became of them', 'verdict')
  const handlers = group('vibecoin_handler_errors_total', 'Handlers of the application that threw', 'type')
  const faults = group('vibecoin_sync_faults_total', 'Peers that could not be used to fetch blocks, by what they did', 'kind')
  const dials = group('vibecoin_dials_total', 'Dials, by outcome', 'outcome')

  return {
    received: (type) => { received.increment({ [type ?? 'unknown']: true }) },
    closed: (reason) => { closed.increment({ [reason]: true }) },
    judged: (type, verdict) => { judged.increment({ [`${type}_${verdict}`]: true }) },
    handlerFailed: (type) => { handlers.increment({ [type]: true }) },
    faulted: (kind) => { faults.increment({ [kind]: true }) },
    dialled: (outcome) => { dials.increment({ [outcome]: true }) }
  }
}
