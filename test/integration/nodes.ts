import { createServer } from 'node:net'
import { startNetwork } from '../../src/index.ts'
import type { Message, Network, NetworkConfig, Peer, VibeCoinEvents } from '../../src/index.ts'
import type { AddressInfo } from 'node:net'

/** How long anything that is waited for may take, in ms. */
export const DEADLINE_MS = 10_000

export const GENESIS_HASH: Uint8Array = new Uint8Array(32).fill(1)

const running = new Set<Network>()

/** Starts a node on loopback, with patience for many connections from one host. Stopped by {@link stopNodes}. */
export async function startNode (config: Partial<NetworkConfig> = {}, outgoing?: AsyncIterable<Message>): Promise<Network> {
  const network = await startNetwork({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    network: 'vibecoin-test',
    genesisHash: GENESIS_HASH,
    maxInboundRate: 1000,
    reconnectDelay: 100,
    maxReconnectDelay: 500,
    ...config
  }, outgoing)

  running.add(network)

  return network
}

/** Stops every node that was started. For `afterEach`. */
export async function stopNodes (): Promise<void> {
  const networks = [...running]
  running.clear()
  await Promise.all(networks.map(async (network) => { await network.stop() }))
}

/** The address of a node, with its peer id. */
export function addressOf (network: Network): string {
  return network.libp2p.getMultiaddrs()[0]!.toString()
}

/** Resolves with the next event of a kind. */
export async function nextEvent<Type extends keyof VibeCoinEvents> (
  network: Network, type: Type, accept: (detail: VibeCoinEvents[Type]['detail']) => boolean = () => true
): Promise<VibeCoinEvents[Type]['detail']> {
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      network.removeEventListener(type, listener)
      reject(new Error(`No ${type} within ${DEADLINE_MS} ms`))
    }, DEADLINE_MS)

    const listener = ({ detail }: CustomEvent<VibeCoinEvents[Type]['detail']>): void => {
      if (accept(detail)) {
        clearTimeout(timer)
        network.removeEventListener(type, listener)
        resolve(detail)
      }
    }

    network.addEventListener(type, listener)
  })
}

/** Makes a session from one node to another. */
export async function connect (from: Network, to: Network): Promise<{ there: Peer, here: Peer }> {
  const ready = nextEvent(to, 'peer:ready', (peer) => peer.id === from.libp2p.peerId.toString())
  const there = await from.connect(addressOf(to))

  return { there, here: await ready }
}

/** TCP ports that were free just now. */
export async function freePorts (count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => { server.once('listening', resolve) })

    return server
  }))

  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async (server) => { await new Promise((resolve) => { server.close(resolve) }) }))

  return ports
}
