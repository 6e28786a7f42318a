// The dashboard: what each panel shows, and which queries it has.

import { NODE, of, quantile, rate, rateBy } from './query.ts'

/** One query of a panel, and what its lines are called. */
export interface Query { expr: string, legend: string }

/** A panel. */
export interface Panel {
  title: string
  /** What an operator reads from it. */
  what: string
  /** The unit of Grafana. */
  unit: string
  /** A number for each node in the place of lines over time. */
  isStat?: boolean
  queries: Query[]
}

/** A row of panels. */
export interface Row { title: string, panels: Panel[] }

const EACH = '{{instance}} {{node}}'

/** The quantiles that are drawn of a histogram. */
function quantiles (metric: string, label?: string): Query[] {
  return [0.5, 0.99].map((share) => ({
    expr: quantile(share, label ?? NODE, metric),
    legend: `p${share * 100} ${label == null ? EACH : `{{${label}}}`}`
  }))
}

/** The rows of the dashboard. */
export const ROWS: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      { title: 'Up', what: 'Whether Prometheus reaches the node.', unit: 'bool_on_off', isStat: true, queries: [{ expr: of('up'), legend: '{{instance}}' }] },
      { title: 'In step', what: 'Whether the chain is in step with those of the peers.', unit: 'bool_yes_no', isStat: true, queries: [{ expr: of('vibecoin_synced'), legend: EACH }] },
      { title: 'Height', what: 'The tip of the chain.', unit: 'none', isStat: true, queries: [{ expr: of('vibecoin_tip_height'), legend: EACH }] },
      { title: 'Peers', what: 'Sessions, whoever opened them.', unit: 'none', isStat: true, queries: [{ expr: `sum by (${NODE}) (${of('vibecoin_peers', 'direction!="pending"')})`, legend: EACH }] }
    ]
  },
  {
    title: 'Chain',
    panels: [
      { title: 'Tip and what peers have', what: 'Two lines that part: the node falls behind.', unit: 'none', queries: [{ expr: of('vibecoin_tip_height'), legend: `tip ${EACH}` }, { expr: of('vibecoin_best_height'), legend: `best ${EACH}` }, { expr: `${of('vibecoin_sync_target_height')} > 0`, legend: `target ${EACH}` }] },
      { title: 'Blocks behind', what: 'A line that stays above 2 while the tip does not move: the synchronisation stalls.', unit: 'none', queries: [{ expr: of('vibecoin_blocks_behind'), legend: EACH }] },
      { title: 'Blocks a second while synchronising', what: '0 while there is nothing to fetch.', unit: 'none', queries: [{ expr: of('vibecoin_sync_blocks_per_second'), legend: EACH }] },
      { title: 'Bytes of blocks a second while synchronising', what: 'What the line and the chain let through.', unit: 'Bps', queries: [{ expr: of('vibecoin_sync_bytes_per_second'), legend: EACH }] },
      { title: 'Failed synchronisations in a row', what: 'Above 0 for long: `/status` says why, in `sync.lastEnd`.', unit: 'none', queries: [{ expr: of('vibecoin_sync_failures'), legend: EACH }] },
      { title: 'Peers that are not believed', what: 'They claim blocks that they did not send. Where the node has no others, it cannot tell whether it is in step.', unit: 'none', queries: [{ expr: of('vibecoin_doubted_peers'), legend: EACH }] },
      { title: 'Peers that could not be used to fetch blocks', what: 'By what they did. `unlinked` or `invalid` of many peers: the network has split.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, kind`, 'vibecoin_sync_faults_total'), legend: `{{kind}} ${EACH}` }] },
      { title: 'Calls of the chain', what: 'How long the application takes to read, verify and write.', unit: 's', queries: quantiles('vibecoin_chain_call_seconds', 'method') },
      { title: 'Calls of the chain that hang', what: 'Above 0: the chain has not answered for so long. Look at the disk, and at the log.', unit: 's', queries: [{ expr: of('vibecoin_chain_overdue_seconds'), legend: EACH }] },
      { title: 'Reorganisations', what: 'Changes over to a branch, by how deep they went.', unit: 'none', queries: [{ expr: `sum by (${NODE}, le) (increase(${of('vibecoin_reorganisation_depth_blocks_bucket')}[1h]))`, legend: `up to {{le}} blocks ${EACH}` }] }
    ]
  },
  {
    title: 'Peers',
    panels: [
      { title: 'Sessions', what: 'By direction.', unit: 'none', queries: [{ expr: of('vibecoin_peers'), legend: `{{direction}} ${EACH}` }] },
      { title: 'Slots in use', what: 'Above 0.95 for long: raise `maxInbound`.', unit: 'percentunit', queries: [{ expr: `${of('vibecoin_peers')} / (${of('vibecoin_slots')} > 0)`, legend: `{{direction}} ${EACH}` }] },
      { title: 'The largest netgroup', what: 'Sessions with peers of one provider. Many of them are one voice.', unit: 'none', queries: [{ expr: of('vibecoin_netgroup_peers'), legend: `{{direction}} ${EACH}` }] },
      { title: 'Ended sessions', what: 'By reason: `none` where the connection broke.', unit: 'ops', queries: [{ expr: rateBy('reason', 'vibecoin_sessions_closed_total'), legend: '{{reason}}' }] },
      { title: 'Sessions that the peer ended', what: 'By reason. The rest this node has ended.', unit: 'ops', queries: [{ expr: rateBy('reason', 'vibecoin_sessions_closed_by_peer_total'), legend: '{{reason}}' }] },
      { title: 'Connections that were cut', what: 'Of others, at the gate, by reason: a host or peer that is banned, a host that connects too often, too many without a session.', unit: 'ops', queries: [{ expr: rateBy('reason', 'vibecoin_refused_connections_total'), legend: '{{reason}}' }] },
      { title: 'Dials', what: 'By outcome.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, outcome`, 'vibecoin_dials_total'), legend: `{{outcome}} ${EACH}` }] },
      { title: 'Known peers', what: 'Peers that may be dialled, by where the node knows them from.', unit: 'none', queries: [{ expr: of('vibecoin_known_peers'), legend: `{{source}} ${EACH}` }] },
      { title: 'Reached and heard of', what: 'Peers that may be dialled: those that the node has reached, and those that it has only heard of.', unit: 'none', queries: [{ expr: of('vibecoin_known_peers_reached'), legend: `reached ${EACH}` }, { expr: of('vibecoin_known_peers_heard_of'), legend: `heard of ${EACH}` }, { expr: of('vibecoin_known_peers_tellable'), legend: `tellable ${EACH}` }] },
      { title: 'Test dials', what: 'To peers that the node has only heard of, and those that reached one. None reached for hours: what it hears of is no use.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, what`, 'vibecoin_feelers_total'), legend: `{{what}} ${EACH}` }] },
      { title: 'Peers told from peer to peer', what: 'Requests asked and answered, peers heard of, and answers with a forged record.', unit: 'ops', queries: [{ expr: rateBy('what', 'vibecoin_peer_exchange_total'), legend: '{{what}}' }] },
      { title: 'Round trip', what: 'Of pings: the least, the middle and the greatest.', unit: 's', queries: [{ expr: of('vibecoin_round_trip_seconds'), legend: `{{of}} ${EACH}` }] },
      { title: 'Handshakes', what: 'From the opening of a stream to a ready session.', unit: 's', queries: quantiles('vibecoin_handshake_seconds') },
      { title: 'New sessions', what: 'By direction.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, direction`, 'vibecoin_sessions_ready_total'), legend: `{{direction}} ${EACH}` }] }
    ]
  },
  {
    title: 'Traffic',
    panels: [
      { title: 'Received', what: 'Bytes of messages, by type.', unit: 'Bps', queries: [{ expr: rateBy('type', 'vibecoin_message_bytes_received_total'), legend: '{{type}}' }] },
      { title: 'Sent', what: 'Bytes of messages, by type.', unit: 'Bps', queries: [{ expr: rateBy('type', 'vibecoin_message_bytes_sent_total'), legend: '{{type}}' }] },
      { title: 'Messages received', what: 'By type.', unit: 'ops', queries: [{ expr: rateBy('type', 'vibecoin_messages_received_total'), legend: '{{type}}' }] },
      { title: 'Messages sent', what: 'By type.', unit: 'ops', queries: [{ expr: rateBy('type', 'vibecoin_messages_sent_total'), legend: '{{type}}' }] },
      { title: 'Requests', what: 'Of this node, by outcome.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, outcome`, 'vibecoin_requests_total'), legend: `{{outcome}} ${EACH}` }] },
      { title: 'From a request to its first answer', what: 'How quick peers are.', unit: 's', queries: quantiles('vibecoin_request_seconds') }
    ]
  },
  {
    title: 'Relay',
    panels: [
      { title: 'Blocks and transactions', what: 'Met for the first time, by what became of them.', unit: 'ops', queries: [{ expr: rateBy('verdict', 'vibecoin_relay_verdicts_total'), legend: '{{verdict}}' }] },
      { title: 'How blocks spread', what: 'From the first that the node hears of a block until that step: what the network, the application and the chain take.', unit: 's', queries: quantiles('vibecoin_block_propagation_seconds', 'step') },
      { title: 'How transactions spread', what: 'The same of 1 in 64 transactions, which all nodes choose alike.', unit: 's', queries: quantiles('vibecoin_transaction_propagation_seconds', 'step') },
      { title: 'Duplicates for each new item', what: 'How often an item comes again. It grows with the number of peers.', unit: 'none', queries: [{ expr: `${rateBy(NODE, 'vibecoin_relay_duplicates_total')} / ${rateBy(NODE, 'vibecoin_relay_verdicts_total')}`, legend: EACH }] },
      { title: 'Bytes of duplicates', what: 'What they cost, by type.', unit: 'Bps', queries: [{ expr: rateBy(`${NODE}, type`, 'vibecoin_relay_duplicate_bytes_total'), legend: `{{type}} ${EACH}` }] },
      { title: 'Announced transactions', what: 'Transactions named by short digests: announced, heard of, asked for, wanted by peers, and sent in answer.', unit: 'ops', queries: [{ expr: rateBy('what', 'vibecoin_short_digests_total'), legend: '{{what}}' }] },
      { title: 'Compact blocks', what: 'By what became of them: put together at once, after asking for transactions, or given up for the whole block.', unit: 'ops', queries: [{ expr: rateBy('outcome', 'vibecoin_compact_blocks_total'), legend: '{{outcome}}' }] },
      { title: 'Held back', what: 'Items that a peer did not get, since it had got as much as it takes.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, type`, 'vibecoin_relay_held_back_total'), legend: `{{type}} ${EACH}` }] },
      { title: 'Handlers', what: 'How long the application takes to judge.', unit: 's', queries: quantiles('vibecoin_handler_seconds', 'type') },
      { title: 'Handlers that threw', what: 'Any of them is a bug of the application.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, type`, 'vibecoin_handler_errors_total'), legend: `{{type}} ${EACH}` }] }
    ]
  },
  {
    title: 'Misbehaviour',
    panels: [
      { title: 'Offences', what: 'What is held against peers.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, offence`, 'vibecoin_offences_total'), legend: `{{offence}} ${EACH}` }] },
      { title: 'New bans', what: 'By kind.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, kind`, 'vibecoin_bans_total'), legend: `{{kind}} ${EACH}` }] },
      { title: 'Bans that hold', what: 'Of peers and hosts.', unit: 'none', queries: [{ expr: of('vibecoin_banned'), legend: EACH }] },
      { title: 'Rates exceeded', what: 'Messages for which a peer is read more slowly.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, rate`, 'vibecoin_rates_exceeded_total'), legend: `{{rate}} ${EACH}` }] },
      { title: 'Peers slowed', what: 'Peers that exceed a rate now.', unit: 'none', queries: [{ expr: of('vibecoin_peers_slowed'), legend: EACH }] }
    ]
  },
  {
    title: 'Machine',
    panels: [
      { title: 'Processor', what: 'Of the process: 1 is a whole core.', unit: 'none', queries: [{ expr: rate('process_cpu_seconds_total'), legend: '{{instance}}' }] },
      { title: 'Delay of the event loop', what: 'Above 0.5 s, pings are late: something computes too long at a time.', unit: 's', queries: [{ expr: of('nodejs_eventloop_lag_p99_seconds'), legend: 'p99 {{instance}}' }] },
      { title: 'Memory of the process', what: 'What the operating system counts, and the heap of JavaScript.', unit: 'bytes', queries: [{ expr: of('process_resident_memory_bytes'), legend: 'resident {{instance}}' }, { expr: of('nodejs_heap_size_used_bytes'), legend: 'heap {{instance}}' }] },
      { title: 'Bounds', what: 'How much of each bound is used up.', unit: 'percentunit', queries: [{ expr: of('vibecoin_bound_used_ratio'), legend: `{{part}} ${EACH}` }] },
      { title: 'Items by bound', what: 'How many there are.', unit: 'none', queries: [{ expr: of('vibecoin_held_items'), legend: `{{part}} ${EACH}` }] },
      { title: 'Bytes by bound', what: 'What waits, and what is kept.', unit: 'bytes', queries: [{ expr: of('vibecoin_held_bytes'), legend: `{{part}} ${EACH}` }] },
      { title: 'The slowest peer', what: 'Bytes that wait to be sent to the peer for which the most wait.', unit: 'bytes', queries: [{ expr: of('vibecoin_outbox_largest_bytes'), legend: EACH }] },
      { title: 'Faults of stores', what: 'Of the chain, the bans and the known peers.', unit: 'ops', queries: [{ expr: rateBy(`${NODE}, store`, 'vibecoin_storage_faults_total'), legend: `{{store}} ${EACH}` }] }
    ]
  }
]
