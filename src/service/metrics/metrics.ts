import { isolatedMetrics } from './isolated.ts'
import { registerGauges } from './gauges.ts'
import { ANSWER_BUCKETS, Registrar, SPREAD_BUCKETS, WORK_BUCKETS } from './registrar.ts'
import { OFFENCES } from '../../peers/penalties/scores.ts'
import { COMPACT_OUTCOMES } from '../../gossip/compact/types.ts'
import { TRANSACTION_COUNTS } from '../../gossip/transactions/counts.ts'
import { RATE_NAMES } from '../../session/limits/rate-limits.ts'
import { HANDLER_TYPES } from '../../types/handlers.ts'
import { DISCONNECT_REASONS } from '../../types/message.ts'
import type { Count, Time } from './registrar.ts'
import type { GaugeSource } from './gauges.ts'
import type { DialOutcome } from '../../connect/connector.ts'
import type { Offence } from '../../peers/penalties/scores.ts'
import type { CompactOutcome } from '../../gossip/compact/types.ts'
import type { TransactionCount } from '../../gossip/transactions/counts.ts'
import type { RateName } from '../../session/limits/rate-limits.ts'
import type { RequestOutcome } from '../../session/requests.ts'
import type { ChainMethod } from '../../sync/chain/chain-calls.ts'
import type { BanKind } from '../../types/ban.ts'
import type { HandlerType, Outcome } from '../../types/handlers.ts'
import type { BroadcastMessage, DisconnectReason } from '../../types/message.ts'
import type { Direction } from '../../types/peer.ts'
import type { StoreName } from '../../types/storage.ts'
import type { FaultKind } from '../../types/sync.ts'
import type { BlockTimeline, TransactionTimeline } from '../../types/timeline.ts'
import type { Metrics } from '@libp2p/interface'

type ItemType = BroadcastMessage['type']

/** What the service counts, where libp2p has metrics. All times are in ms. */
export interface ServiceMetrics {
  /** Whether anything is measured. */
  readonly isMeasured: boolean
  /** Registers what is read of the node when it is asked for. Called once. */
  observe: (source: GaugeSource) => void
  /** Counts a session that is ready, and the time since its stream was opened. */
  readied: (direction: Direction, ms: number) => void
  /** Counts a session that ended, by the reason and the side. */
  closed: (reason: DisconnectReason | undefined, byRemote: boolean) => void
  /** Counts a dial, by whether it made a session. */
  dialled: (outcome: DialOutcome) => void
  /** Counts a request of this node that has ended. */
  requested: (outcome: RequestOutcome) => void
  /** Takes the time from a request of this node to its first answer. */
  answered: Time
  /** Counts a message for which this node reads a peer more slowly, by the rate that is exceeded. */
  exceeded: (rate: RateName) => void
  /** Counts a block or transaction, by its outcome. */
  judged: (type: ItemType, outcome: Outcome) => void
  /** Counts a block or transaction that the node had already, and its bytes. */
  repeated: (type: ItemType, bytes: number) => void
  /** Counts an item that the node did not send, because the peer had got as much as it takes. */
  heldBack: (type: ItemType) => void
  /** Takes the steps of a block or transaction on its way into the node and on, by the time since the node first heard of it. */
  spread: (type: ItemType, timeline: TransactionTimeline | BlockTimeline) => void
  /** Counts transactions that are named by short digests, by what became of them. */
  shortDigests: (what: TransactionCount, count: number) => void
  /** Counts a compact block by what became of it. */
  compact: (outcome: CompactOutcome) => void
  /** Takes the time of a call of a handler. */
  handled: (type: HandlerType, ms: number) => void
  /** Counts an error of a handler of the application, or of its logger. */
  handlerFailed: (type: HandlerType | 'logger') => void
  /** Takes the time of a call of the chain. */
  chainCalled: (method: ChainMethod, ms: number) => void
  /** Counts a change over to a branch, by how many blocks have made room for it. */
  reorganised: (depth: number) => void
  /** Counts a peer that the node could not fetch blocks from, by what it did. */
  faulted: (kind: FaultKind) => void
  /** Counts an offence of a peer. */
  offended: (offence: Offence) => void
  /** Counts a ban, by kind: peer or host. */
  banned: (kind: BanKind) => void
  /** Counts a fault of a store. */
  storageFaulted: (store: StoreName) => void
}

const TRANSACTION_STEPS = ['received', 'judged', 'relayed'] as const
const BLOCK_STEPS = [...TRANSACTION_STEPS, 'appended'] as const
const ITEMS: readonly ItemType[] = ['newBlock', 'newTransaction']
const OUTCOMES: readonly Outcome[] = ['accept', 'ignore', 'reject', 'known', 'held']
const METHODS: readonly ChainMethod[] = ['tip', 'get', 'range', 'verify', 'append', 'reorganise']
const FAULTS: readonly FaultKind[] = ['stalled', 'unavailable', 'unlinked', 'invalid', 'violation']
const STORES: readonly StoreName[] = ['chain', 'bans', 'peers', 'pool']
const REASONS = [...Object.keys(DISCONNECT_REASONS) as DisconnectReason[], 'none'] as const
const REQUEST_OUTCOMES: readonly RequestOutcome[] = ['answered', 'TIMEOUT', 'DISCONNECTED', 'INVALID_RESPONSE', 'aborted']
const DIAL_OUTCOMES: readonly DialOutcome[] = ['ready', 'refused', 'failed']

/** Upper ends of buckets: the depths at which a payment is usually taken for settled, and beyond. */
const DEPTHS = [1, 2, 3, 6, 12, 24, 100, 1000]

const nothing = (): void => {}

const NOTHING: ServiceMetrics = {
  isMeasured: false,
  observe: nothing,
  readied: nothing,
  closed: nothing,
  dialled: nothing,
  requested: nothing,
  answered: nothing,
  exceeded: nothing,
  judged: nothing,
  repeated: nothing,
  heldBack: nothing,
  spread: nothing,
  shortDigests: nothing,
  compact: nothing,
  handled: nothing,
  handlerFailed: nothing,
  chainCalled: nothing,
  reorganised: nothing,
  faulted: nothing,
  offended: nothing,
  banned: nothing,
  storageFaulted: nothing
}

/** Registers the metrics of the service. They do nothing without libp2p's. `onError` takes the first error of each, with its name. */
export function createMetrics (unsafe: Metrics | undefined, onError: (name: string, error: unknown) => void = nothing): ServiceMetrics {
  if (unsafe == null) {
    return NOTHING
  }

  const to = new Registrar(isolatedMetrics(unsafe, onError))

  return {
    isMeasured: true,
    observe: (source) => { registerGauges(to, source) },
    ...sessionMetrics(to),
    ...relayMetrics(to),
    spread: spreadMetrics(to),
    ...chainMetrics(to),
    ...peerMetrics(to)
  }
}

function sessionMetrics (to: Registrar): Pick<ServiceMetrics, 'readied' | 'closed' | 'dialled' | 'requested' | 'answered' | 'exceeded'> {
  const readied = to.counters('vibecoin_sessions_ready_total', 'Sessions that became ready, by direction', { label: 'direction', keys: ['inbound', 'outbound'] })
  const handshakes = to.times('vibecoin_handshake_seconds', 'From the opening of a stream to a ready session', ANSWER_BUCKETS)
  const closed = to.counters('vibecoin_sessions_closed_total', 'Sessions that ended, by reason: none where the connection broke', { label: 'reason', keys: REASONS })
  const left: Count<typeof REASONS[number]> = to.counters('vibecoin_sessions_closed_by_peer_total', 'Those of them that the peer ended, or whose connection broke, by reason', { label: 'reason', keys: REASONS })

  return {
    readied: (direction, ms) => {
      readied(direction)
      handshakes(ms)
    },
    closed: (reason = 'none' as never, byRemote) => {
      closed(reason)

      if (byRemote) {
        left(reason)
      }
    },
    dialled: to.counters('vibecoin_dials_total', 'Dials, by outcome: ready, refused by either side, or failed', { label: 'outcome', keys: DIAL_OUTCOMES }),
    requested: to.counters('vibecoin_requests_total', 'Requests to peers that have ended, by outcome: answered, aborted, or the code of the RequestError', { label: 'outcome', keys: REQUEST_OUTCOMES }),
    answered: to.times('vibecoin_request_seconds', 'From a request to a peer to its first answer', ANSWER_BUCKETS),
    exceeded: to.counters('vibecoin_rates_exceeded_total', 'Messages for which a peer was read more slowly, by the rate that it exceeded', { label: 'rate', keys: RATE_NAMES })
  }
}

function relayMetrics (to: Registrar): Pick<ServiceMetrics, 'judged' | 'repeated' | 'heldBack' | 'shortDigests' | 'compact' | 'handled' | 'handlerFailed'> {
  const verdicts = {
    newBlock: verdictsOf('newBlock'),
    newTransaction: verdictsOf('newTransaction')
  }
  const keys = Object.values(verdicts).flatMap((byOutcome) => Object.values(byOutcome))
  const judged = to.counters('vibecoin_relay_verdicts_total', 'Blocks and transactions met for the first time, by type and what became of them, such as newBlock_accept', { label: 'verdict', keys })
  const repeated = to.counters('vibecoin_relay_duplicates_total', 'Blocks and transactions that came although the node had them, by type', { label: 'type', keys: ITEMS })
  const bytes = to.counters('vibecoin_relay_duplicate_bytes_total', 'Their bytes, by type', { label: 'type', keys: ITEMS })

  return {
    judged: (type, outcome) => { judged(verdicts[type][outcome]) },
    repeated: (type, by) => {
      repeated(type)
      bytes(type, by)
    },
    heldBack: to.counters('vibecoin_relay_held_back_total', 'Items that were not sent to a peer that had got as much as it takes, by type; blocks are announced to it instead', { label: 'type', keys: ITEMS }),
    shortDigests: to.counters('vibecoin_short_digests_total', 'Transactions named by short digests: announced to peers, heard of, asked of peers, wanted by peers, and answered with the transaction', { label: 'what', keys: TRANSACTION_COUNTS }),
    compact: to.counters('vibecoin_compact_blocks_total', 'Compact blocks that came, by what became of them: complete where the node had all transactions, asked where it had to ask for some, failed where the whole block was wanted, and unused', { label: 'outcome', keys: COMPACT_OUTCOMES }),
    handled: to.timesBy('vibecoin_handler_seconds', 'How long handlers of the application took, by type, with what they waited for; one in 8 of short calls is timed, and counts for the others', { label: 'type', keys: HANDLER_TYPES, buckets: WORK_BUCKETS }),
    handlerFailed: to.counters('vibecoin_handler_errors_total', 'Handlers of the application that threw, by type; logger where the logger of a service threw', { label: 'type', keys: [...HANDLER_TYPES, 'logger'] })
  }
}

/** How long items take from the first that the node hears of them, by the step that is done. */
function spreadMetrics (to: Registrar): ServiceMetrics['spread'] {
  const block = to.timesBy('vibecoin_block_propagation_seconds', 'From the first that the node heard of a block until it was received, judged, appended and relayed, by the step', {
    label: 'step', keys: BLOCK_STEPS, buckets: SPREAD_BUCKETS
  })
  const transaction = to.timesBy('vibecoin_transaction_propagation_seconds', 'From the first that the node heard of a transaction until it was received, judged and relayed, by the step, of 1 in 64', {
    label: 'step', keys: TRANSACTION_STEPS, buckets: SPREAD_BUCKETS
  })

  return (type, timeline) => {
    const { announced, received, judged, relayed } = timeline
    const since = (announced ?? received).at
    const note = type === 'newBlock' ? block : transaction
    note('received', received.at - since)
    note('judged', judged - since)
    note('relayed', relayed.at - since)

    if ('appended' in timeline && timeline.appended != null) {
      block('appended', timeline.appended - since)
    }
  }
}

/** The labels of a type of items, by their outcomes. */
function verdictsOf (type: ItemType): Record<Outcome, string> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, `${type}_${outcome}`])) as Record<Outcome, string>
}

function chainMetrics (to: Registrar): Pick<ServiceMetrics, 'chainCalled' | 'reorganised' | 'faulted' | 'storageFaulted'> {
  return {
    chainCalled: to.timesBy('vibecoin_chain_call_seconds', 'How long calls of the chain took, by method', { label: 'method', keys: METHODS, buckets: WORK_BUCKETS }),
    reorganised: to.numbers('vibecoin_reorganisation_depth_blocks', 'Blocks of the own chain that made room for a branch, for each change over to one', DEPTHS),
    faulted: to.counters('vibecoin_sync_faults_total', 'Peers that could not be used to fetch blocks, by what they did', { label: 'kind', keys: FAULTS }),
    storageFaulted: to.counters('vibecoin_storage_faults_total', 'Reads and writes of what is stored that failed, and what it gave that must not be sent, by store: chain, bans, peers or pool', { label: 'store', keys: STORES })
  }
}

function peerMetrics (to: Registrar): Pick<ServiceMetrics, 'offended' | 'banned'> {
  return {
    offended: to.counters('vibecoin_offences_total', 'What was held against peers, by what it was', { label: 'offence', keys: Object.keys(OFFENCES) as Offence[] }),
    banned: to.counters('vibecoin_bans_total', 'Bans, by kind: peer or host', { label: 'kind', keys: ['peer', 'host'] })
  }
}
