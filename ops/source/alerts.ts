// The alerts: when each fires, and what an operator does then.

import { NODE } from './query.ts'

/** An alert. */
export interface Alert {
  name: string
  expr: string
  /** How long it has to hold. */
  for: string
  severity: 'critical' | 'warning' | 'info'
  /** One line, with the labels of the node. */
  summary: string
  /** What to look at, and what to do. */
  what: string
}

const AT = '{{ $labels.instance }}{{ with $labels.node }} ({{ . }}){{ end }}'

/** All alerts. Durations are written as Prometheus has them. */
export const ALERTS: readonly Alert[] = [
  {
    name: 'VibeCoinDown',
    expr: 'up{job=~"vibecoin.*"} == 0',
    for: '2m',
    severity: 'critical',
    summary: `${AT} does not answer`,
    what: 'Prometheus cannot read the metrics. Look whether the process runs, and why it has ended: its log, and `systemctl status`.'
  },
  {
    name: 'VibeCoinNoPeers',
    expr: `sum by (job, ${NODE}) (vibecoin_peers{direction!="pending"}) == 0`,
    for: '5m',
    severity: 'critical',
    summary: `${AT} has no peer`,
    what: 'The node is cut off. `/status` has `dials`: whom it dials, and why not. Look at the network of the machine, and at the seeds.'
  },
  {
    name: 'VibeCoinStalled',
    expr: '(vibecoin_blocks_behind > 2 or (vibecoin_doubted_peers > 0 and vibecoin_synced == 0)) and delta(vibecoin_tip_height[5m]) == 0',
    for: '5m',
    severity: 'critical',
    summary: `${AT} is not in step with its peers, and its chain does not grow`,
    what: '`vibecoin-network status` says since when, and whose fault it is: `doubted` and `faults` name peers that do not send what they claim. In `sync` of `/status`, `chainCalls` names calls where the chain of this node hangs. Where `sync.lastEnd.error` is there, it says why. Where `vibecoin_sync_faults_total` grows, it is the peers.'
  },
  {
    name: 'VibeCoinFallsBehind',
    expr: 'vibecoin_blocks_behind > 2 and delta(vibecoin_blocks_behind[5m]) >= 0 and delta(vibecoin_tip_height[5m]) > 0',
    for: '5m',
    severity: 'warning',
    summary: `${AT} is {{ $value }} blocks behind its peers, and does not catch up`,
    what: 'Blocks come, and more slowly than they are made. Where `vibecoin_chain_call_seconds` is high, the chain or the disk of this node is slow. Where `vibecoin_request_seconds` is, its peers are: connect it to others.'
  },
  {
    name: 'VibeCoinDeepReorganisation',
    expr: `sum by (job, ${NODE}) (increase(vibecoin_reorganisation_depth_blocks_count[10m])) - sum by (job, ${NODE}) (increase(vibecoin_reorganisation_depth_blocks_bucket{le="6"}[10m])) > 0`,
    for: '0s',
    severity: 'warning',
    summary: `${AT} has given up more than 6 blocks of its chain`,
    what: 'Payments of these blocks may be gone. The network was parted, or most of the block makers have made a branch of their own.'
  },
  {
    name: 'VibeCoinStoreFails',
    expr: `sum by (job, ${NODE}, store) (increase(vibecoin_storage_faults_total[10m])) > 0`,
    for: '0s',
    severity: 'critical',
    summary: `${AT} cannot read or write: {{ $labels.store }}`,
    what: 'The disk is full or failing, or the store gave what must not be sent. The log has the error, and so has `storage:fault`.'
  },
  {
    name: 'VibeCoinHandlerFails',
    expr: `sum by (job, ${NODE}, type) (increase(vibecoin_handler_errors_total[10m])) > 0`,
    for: '0s',
    severity: 'warning',
    summary: `${AT}: the handler of {{ $labels.type }} throws`,
    what: 'A bug of the application: items are ignored for it. The log has the error.'
  },
  {
    name: 'VibeCoinAttacked',
    expr: `sum by (job, ${NODE}) (increase(vibecoin_bans_total[10m])) > 5`,
    for: '0s',
    severity: 'warning',
    summary: `${AT} has banned {{ $value | humanize }} peers and hosts within minutes`,
    what: 'Peers break the protocol. The node defends itself. Look at `/status`, `bans`: where peers of one software are banned, it may be a bug of that.'
  },
  {
    name: 'VibeCoinFlooded',
    expr: `sum by (job, ${NODE}, rate) (rate(vibecoin_rates_exceeded_total[5m])) > 1`,
    for: '1m',
    severity: 'warning',
    summary: `${AT}: peers exceed the rate of {{ $labels.rate }}`,
    what: 'The node reads them more slowly, and ends their sessions after 30 s. Where honest peers do it, all nodes need the same `rateLimits`.'
  },
  {
    name: 'VibeCoinSlotsFull',
    expr: 'vibecoin_peers{direction="inbound"} >= (vibecoin_slots{direction="inbound"} > 0)',
    for: '5m',
    severity: 'info',
    summary: `${AT} has no room for further peers`,
    what: 'All inbound slots are taken. Raise `maxInbound` where the machine has room. Look at the largest netgroup: one operator may hold the slots.'
  },
  {
    name: 'VibeCoinBusy',
    expr: 'nodejs_eventloop_lag_p99_seconds{job=~"vibecoin.*"} > 0.5',
    for: '2m',
    severity: 'warning',
    summary: `${AT} answers late: its event loop is held up for {{ $value | humanizeDuration }}`,
    what: 'A handler, or `verify` of the chain, computes too long at a time: see `vibecoin_handler_seconds` and `vibecoin_chain_call_seconds`. Or the machine has too little processor time.'
  }
]
