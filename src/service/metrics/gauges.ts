import type { Registrar } from './registrar.ts'
import type { MessageType } from '../../types/message.ts'
import type { NetworkStatus, TrafficStatus, Usage } from '../../types/status.ts'

/** What is read of a node when its metrics are asked for. */
export interface GaugeSource {
  /** See `VibeCoin.status`. */
  status: () => NetworkStatus
}

const TYPES: readonly (MessageType | 'unknown')[] = [
  'handshake', 'newBlock', 'newTransaction', 'have', 'want', 'requestBlock', 'requestBlockRange', 'responseBlock', 'responseBlockRange',
  'compactBlock', 'requestTransactions', 'responseTransactions', 'requestPeers', 'responsePeers', 'ping', 'pong', 'disconnect', 'unknown'
]

/**
 * Registers what the status of a node tells: the same numbers that `network.status()` has. The status is taken once for all that are asked
 * in one turn, and not at all while no metric is asked for.
 */
export function registerGauges (to: Registrar, source: GaugeSource): void {
  const read = onceATurn(source.status)
  registerTraffic(to, read)
  registerPeers(to, read)
  registerKnown(to, read)
  registerChain(to, read)
  registerMemory(to, read)
}

type Read = () => NetworkStatus

function registerTraffic (to: Registrar, read: Read): void {
  const of = (direction: 'in' | 'out', what: 'messages' | 'bytes') => () => totalsOf(read().bandwidth[direction], what)

  to.totals('vibecoin_messages_received_total', 'Messages that came, by type', { label: 'type', read: of('in', 'messages') })
  to.totals('vibecoin_messages_sent_total', 'Messages that were handed to streams, by type', { label: 'type', read: of('out', 'messages') })
  to.totals('vibecoin_message_bytes_received_total', 'Bytes of messages that came, by type, without what encryption adds', { label: 'type', read: of('in', 'bytes') })
  to.totals('vibecoin_message_bytes_sent_total', 'Bytes of messages that were handed to streams, by type', { label: 'type', read: of('out', 'bytes') })
}

function registerPeers (to: Registrar, read: Read): void {
  to.gauges('vibecoin_peers', 'Sessions, by direction: inbound, outbound, outbound ones without transactions, reserved, and pending ones, whose handshake or dial is under way', {
    label: 'direction',
    read: () => {
      const { inbound, outbound, blockOnly, reserved, pending } = read().slots

      return { inbound: inbound.used, outbound: outbound.used, blockOnly: blockOnly.used, reserved: reserved.used, pending }
    }
  })
  to.gauges('vibecoin_slots', 'How many sessions there may be, by direction', {
    label: 'direction',
    read: () => {
      const { inbound, outbound, blockOnly, reserved } = read().slots

      return { inbound: inbound.limit, outbound: outbound.limit, blockOnly: blockOnly.limit, reserved: reserved.limit }
    }
  })
  to.gauges('vibecoin_netgroup_peers', 'Sessions with peers of the netgroup that has the most, by direction', { label: 'direction', read: () => mostOfNetgroups(read()) })
  to.gauges('vibecoin_round_trip_seconds', 'Round trips of pings: the least, the middle and the greatest of the peers', { label: 'of', read: () => roundTrips(read()) })
  to.gauge('vibecoin_peers_slowed', 'Peers that are read more slowly now, since they exceed a rate', () => {
    return read().peers.filter(({ rates }) => Object.values(rates.in).some((used) => used > 1)).length
  })
  to.gauge('vibecoin_banned', 'Bans that hold', () => read().bans.count)
}

function registerKnown (to: Registrar, read: Read): void {
  to.gauges('vibecoin_known_peers', 'Peers that the node may dial, by where it knows them from', {
    label: 'source',
    read: () => {
      return Object.fromEntries(read().sources.list.map(({ name, targets }) => [name, targets]))
    }
  })
  to.gauge('vibecoin_known_peers_reached', 'Peers to dial that the node has reached', () => read().known.reached)
  to.gauge('vibecoin_known_peers_heard_of', 'Peers to dial that the node has only heard of', () => read().known.heardOf)
  to.gauge('vibecoin_known_peers_tellable', 'Reached peers that the node could tell others of', () => read().known.tellable)
  to.totals('vibecoin_feelers_total', 'Test dials to peers that the node has only heard of: tried in all, and those that reached one', {
    label: 'what',
    read: () => {
      const { tried, reached } = read().known.feelers

      return { tried, reached }
    }
  })
  to.totals('vibecoin_peer_exchange_total', 'Peers told from peer to peer: requests asked and answered, peers heard of, and answers with a forged record', {
    label: 'what',
    read: () => ({ ...read().known.exchange })
  })
}

function registerChain (to: Registrar, read: Read): void {
  to.gauge('vibecoin_tip_height', 'The height of the chain of this node, 0 without one', () => read().tip?.height ?? 0)
  to.gauge('vibecoin_best_height', 'The greatest height that a peer is believed to have, 0 without a peer', () => read().sync.best ?? 0)
  to.gauge('vibecoin_blocks_behind', 'Blocks that a peer is believed to have above the tip', () => read().sync.behind)
  to.gauge('vibecoin_synced', '1 where the chain is in step with those of the peers, 0 where it is not, or cannot tell', () => Number(read().sync.state === 'synced'))
  to.gauge('vibecoin_doubted_peers', 'Peers that say to have blocks above the tip and did not send them, up to 8', () => read().sync.doubted.length)
  to.gauge('vibecoin_chain_overdue_seconds', 'How long the oldest call of the chain has been under way, 0 where that is less than 10 s', () => {
    return (read().sync.chainCalls[0]?.ms ?? 0) / 1000
  })
  to.gauge('vibecoin_sync_target_height', 'Where the synchronisation under way probably ends, 0 without one', () => read().sync.progress?.to ?? 0)
  to.gauge('vibecoin_sync_blocks_per_second', 'Blocks a second of the synchronisation under way', () => read().sync.progress?.blocksPerSecond ?? 0)
  to.gauge('vibecoin_sync_bytes_per_second', 'Bytes of blocks a second of the synchronisation under way', () => read().sync.progress?.bytesPerSecond ?? 0)
  to.gauge('vibecoin_sync_failures', 'Synchronisations in a row that have failed', () => read().sync.failures)
}

function registerMemory (to: Registrar, read: Read): void {
  const bounds = (): [string, Usage][] => {
    const { queues, memory } = read()

    return Object.entries({ ...queues, ...memory })
  }
  const of = (value: (usage: Usage) => number | null) => () => {
    return Object.fromEntries(bounds().flatMap(([name, usage]) => {
      const found = value(usage)

      return found == null ? [] : [[name, found]]
    }))
  }

  to.gauges('vibecoin_held_items', 'How many there are of what is bounded, by what it is', { label: 'part', read: of(({ items }) => items) })
  to.gauges('vibecoin_held_bytes', 'How many bytes there are of what is bounded, by what it is', { label: 'part', read: of(({ bytes }) => bytes) })
  to.gauges('vibecoin_bound_used_ratio', 'How much of each bound is used up, from 0 to 1', { label: 'part', read: of(usedOf) })
  to.gauge('vibecoin_outbox_largest_bytes', 'Bytes that wait to be sent to the peer for which the most wait', () => {
    return read().peers.reduce((most, { waiting }) => Math.max(most, waiting.out), 0)
  })
}

function totalsOf ({ byType }: TrafficStatus, what: 'messages' | 'bytes'): Record<string, number> {
  return Object.fromEntries(TYPES.map((type) => [type, byType[type]?.[what] ?? 0]))
}

function mostOfNetgroups ({ peers }: NetworkStatus): Record<'inbound' | 'outbound', number> {
  const counts = new Map<string, number>()
  const most = { inbound: 0, outbound: 0 }

  for (const { netgroup, direction } of peers) {
    if (netgroup != null) {
      const count = (counts.get(`${direction} ${netgroup}`) ?? 0) + 1
      counts.set(`${direction} ${netgroup}`, count)
      most[direction] = Math.max(most[direction], count)
    }
  }

  return most
}

/** None where no peer has answered a ping. */
function roundTrips ({ peers }: NetworkStatus): Record<string, number> {
  const seconds = peers.flatMap(({ rtt }) => rtt == null ? [] : [rtt / 1000]).sort((a, b) => a - b)

  return seconds.length === 0
    ? {}
    : { least: seconds[0]!, middle: seconds[Math.floor(seconds.length / 2)]!, greatest: seconds.at(-1)! }
}

function usedOf ({ items, maxItems, bytes, maxBytes }: Usage): number | null {
  const pairs = [[items, maxItems], [bytes, maxBytes]]
  const ratios = pairs.flatMap(([used, max]) => used == null || max == null || max === 0 ? [] : [used / max])

  return ratios.length === 0 ? null : Math.max(...ratios)
}

/** The same value for all who ask in one turn. */
function onceATurn<Value> (make: () => Value): () => Value {
  let made: { value: Value } | undefined

  return () => {
    if (made == null) {
      made = { value: make() }
      queueMicrotask(() => { made = undefined })
    }

    return made.value
  }
}
