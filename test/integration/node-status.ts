import type { GatewayStatus, Network, UpgradeState } from '../../src/index.ts'
import type { PeerCounts } from '../../src/peers/slots.ts'
import type { Libp2pEvents, TypedEventTarget } from '@libp2p/interface'

/** What a node has open at a moment. */
export interface NodeStatus {
  counts: PeerCounts
  /** Ready sessions, by peer id. */
  peers: string[]
  /** What became of the tries to leave a relay, by peer id. */
  upgrades: Record<string, UpgradeState | null>
  /** The last round trip of a ping, in ms, by peer id. */
  rtts: Record<string, number | null>
  /** The router before it, where it asks one to lead ports to it. */
  gateway: GatewayStatus | null
  connections: number
  streams: number
  /** Handlers of events: of the node, of libp2p and of the process. */
  listeners: number
  /** What keeps the whole process alive, as Node.js names it. */
  resources: string[]
}

const OWN_EVENTS = [
  'peer:ready', 'peer:closed', 'peer:refused', 'peer:banned', 'dial:failed', 'block', 'transaction', 'sync:progress', 'sync:end', 'sync:fault',
  'storage:fault'
] as const

const LIBP2P_EVENTS = [
  'peer:connect', 'peer:disconnect', 'peer:discovery', 'peer:identify', 'peer:reconnect-failure', 'peer:update', 'self:peer:update',
  'connection:open', 'connection:close', 'connection:prune', 'transport:listening', 'transport:close', 'start', 'stop'
] as const

/** How many handlers of events a node has, those between the parts of libp2p included. */
export function countListeners (network: Network): number {
  const { libp2p } = network
  const { components: { events } } = libp2p as unknown as { components: { events: TypedEventTarget<Libp2pEvents> } }
  const inside = LIBP2P_EVENTS.map((type) => events.listenerCount(type) + libp2p.listenerCount(type))

  return sum([...inside, ...OWN_EVENTS.map((type) => network.listenerCount(type))])
}

/** How many handlers of events the process has. */
export function countProcessListeners (): number {
  return sum(process.eventNames().map((name) => process.listenerCount(name)))
}

/** What a node has open now. */
export function statusOf (network: Network): NodeStatus {
  const connections = network.libp2p.getConnections()

  return {
    counts: { ...network.peers.counts },
    peers: [...network.peers].map(({ id }) => id),
    upgrades: Object.fromEntries([...network.peers].map((peer) => [peer.id, peer.toJSON().upgrade])),
    rtts: Object.fromEntries([...network.peers].map((peer) => [peer.id, peer.rtt ?? null])),
    gateway: network.status().gateway,
    connections: connections.length,
    streams: sum(connections.map(({ streams }) => streams.length)),
    listeners: countListeners(network) + countProcessListeners(),
    resources: process.getActiveResourcesInfo()
  }
}

function sum (values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
