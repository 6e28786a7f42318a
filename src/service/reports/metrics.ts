import { isolatedMetrics } from '../isolate/metrics.ts'
import type { ConnectorMetrics } from '../../connect/connector.ts'
import type { MessageType } from '../../types/message.ts'
import type { PeerCounts } from '../../peers/slots.ts'
import type { CounterGroup, Metrics } from '@libp2p/interface'

/** What the service counts, where libp2p has metrics. */
export interface ServiceMetrics extends ConnectorMetrics {
  /** Registers the gauge of sessions. Called once. */
  observePeers: (counts: () => PeerCounts) => void
  /** Counts a message of a ready session. */
  received: (type: MessageType | undefined) => void
  /** Counts a session that ended, by the reason. */
  closed: (reason: string) => void
  /** Counts a block or transaction, by its outcome. */
  judged: (type: 'newBlock' | 'newTransaction', verdict: string) => void
  /** Counts an error of a handler of the application. */
  handlerFailed: (type: string) => void
  /** Counts a peer that the node could not fetch blocks from, by what it did. */
  faulted: (kind: string) => void
  /** Counts an offence of a peer. */
  offended: (offence: string) => void
  /** Counts a ban, by kind: peer or host. */
  banned: (kind: string) => void
  /** Counts an item that the node did not send, because the peer had got as much as it takes. */
  heldBack: (type: string) => void
  /** Counts a fault of a store. */
  storageFaulted: (store: string) => void
}

const NOTHING: ServiceMetrics = {
  observePeers: () => {}, received: () => {}, closed: () => {}, judged: () => {}, handlerFailed: () => {}, faulted: () => {},
  offended: () => {}, banned: () => {}, heldBack: () => {}, storageFaulted: () => {}, dialled: () => {}
}

/** Registers the counters of the service. They do nothing without metrics. `onError` takes the first error of each, with its name. */
export function createMetrics (unsafe: Metrics | undefined, onError: (name: string, error: unknown) => void = () => {}): ServiceMetrics {
  if (unsafe == null) {
    return NOTHING
  }

  const metrics = isolatedMetrics(unsafe, onError)
  const group = (name: string, help: string, label: string): CounterGroup => metrics.registerCounterGroup(name, { help, label })

  const received = group('vibecoin_messages_received_total', 'Messages of ready sessions, by type', 'type')
  const closed = group('vibecoin_sessions_closed_total', 'Sessions that ended, by reason', 'reason')
  const judged = group('vibecoin_relay_verdicts_total', 'Blocks and transactions met for the first time, by type and what became of them, such as newBlock_accept', 'verdict')
  const handlers = group('vibecoin_handler_errors_total', 'Handlers of the application that threw, by type; logger where the logger of a service threw', 'type')
  const faults = group('vibecoin_sync_faults_total', 'Peers that could not be used to fetch blocks, by what they did', 'kind')
  const offences = group('vibecoin_offences_total', 'What was held against peers, by what it was', 'offence')
  const bans = group('vibecoin_bans_total', 'Bans, by kind: peer or host', 'kind')
  const heldBack = group('vibecoin_relay_held_back_total', 'Items that were not sent to a peer that had got as much as it takes, by type; blocks are announced to it instead', 'type')
  const storageFaults = group('vibecoin_storage_faults_total', 'Reads and writes of what is stored that failed, and what it gave that must not be sent, by store: chain, bans or peers', 'store')
  const dials = group('vibecoin_dials_total', 'Dials, by outcome: ready, duplicate or failed', 'outcome')

  return {
    observePeers: (counts) => {
      metrics.registerMetricGroup('vibecoin_peers', {
        help: 'Sessions, by direction: inbound, outbound, reserved, and pending ones, whose handshake or dial is under way',
        label: 'direction',
        calculate: () => ({ ...counts() })
      })
    },
    received: (type) => { received.increment({ [type ?? 'unknown']: true }) },
    closed: (reason) => { closed.increment({ [reason]: true }) },
    judged: (type, verdict) => { judged.increment({ [`${type}_${verdict}`]: true }) },
    handlerFailed: (type) => { handlers.increment({ [type]: true }) },
    faulted: (kind) => { faults.increment({ [kind]: true }) },
    offended: (offence) => { offences.increment({ [offence]: true }) },
    banned: (kind) => { bans.increment({ [kind]: true }) },
    heldBack: (type) => { heldBack.increment({ [type]: true }) },
    storageFaulted: (store) => { storageFaults.increment({ [store]: true }) },
    dialled: (outcome) => { dials.increment({ [outcome]: true }) }
  }
}
