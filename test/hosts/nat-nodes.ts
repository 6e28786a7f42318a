import { NODE_PORT } from './internet.ts'
import { eventually } from '../support/eventually.ts'
import { NodeProcess } from '../integration/node-process.ts'
import type { NetworkConfig } from '../../src/index.ts'
import type { Host } from '../integration/hosts.ts'
import type { ChildChain } from '../integration/node-process.ts'

// Nodes on the hosts of an `Internet`, each in a process of its own.

const LISTEN = [`/ip4/0.0.0.0/tcp/${NODE_PORT}`]

/** Many start at the same time. */
const START_TIMEOUT_MS = 60_000

/** A node on a host, which listens there. */
export async function startAt (host: Host, config: Partial<NetworkConfig>, chain: ChildChain = { length: 3 }): Promise<NodeProcess> {
  return NodeProcess.start({ listen: LISTEN, ...config }, { chain, host: host.name, startTimeout: START_TIMEOUT_MS })
}

/** A relay that everybody can reach, with room for one session: blocks take no way through it but that of relayed connections. */
export async function startRelayAt (host: Host, chain?: ChildChain): Promise<NodeProcess> {
  return startAt(host, { nat: { relayServer: true }, maxInbound: 1, announce: [`/ip4/${host.ip}/tcp/${NODE_PORT}`] }, chain)
}

/** A node that is reachable through the relay. */
export async function startBehindRelay (
  host: Host, relay: NodeProcess, config: Partial<NetworkConfig>, chain?: ChildChain
): Promise<NodeProcess> {
  const node = await startAt(host, { seedPeers: [relay.address], ...config }, chain)
  await eventually(() => node.addressOf(relay.id) != null, 'a session with the relay')

  return node
}

/** A node that knows of another one only that it is reachable through the relay, and is there when it has been reached. */
export async function startCallerOf (
  host: Host, way: { relay: NodeProcess, to: NodeProcess }, config: Partial<NetworkConfig>, chain?: ChildChain
): Promise<NodeProcess> {
  const seedPeers = [`${way.relay.address}/p2p-circuit/p2p/${way.to.id}`]
  const node = await startAt(host, { seedPeers, maxOutbound: 1, ...config }, chain)
  await eventually(() => node.addressOf(way.to.id) != null && way.to.addressOf(node.id) != null, 'a session')

  return node
}

/** Whether the session of a node with a peer goes through a relay. */
export function isRelayed (node: NodeProcess, peer: NodeProcess): boolean {
  return node.addressOf(peer.id)?.includes('/p2p-circuit') === true
}

/** Each of two nodes makes a block, and the other one gets it. */
export async function exchangeBlocks (a: NodeProcess, b: NodeProcess): Promise<void> {
  for (const [from, to] of [[a, b], [b, a]] as const) {
    const height = (from.tip?.height ?? 0) + 1
    from.make('test')
    await eventually(() => to.tip?.height === height && to.tip.hash === from.tip?.hash, `block ${height}`)
  }
}
