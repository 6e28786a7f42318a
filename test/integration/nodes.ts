import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { eventually } from '../support/eventually.ts'
import { sampleChain, sampleNodeInfo } from '../support/sample.ts'
import { PROTOCOL_ID } from '../../src/index.ts'
import { startNetworkWith } from '../../src/start-network.ts'
import { RawPeer } from '../../src/testing/index.ts'
import type { Message, Network, NetworkConfig, NodeInfo, Peer, VibeCoinEvents } from '../../src/index.ts'
import type { RawPeerInit } from '../../src/testing/index.ts'
import type { Session } from '../../src/session/session.ts'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

/** TCP ports that are free, below those that the system gives outgoing connections: tests begin many of these meanwhile. */
export { findFreePorts as freePorts } from '../../src/cli/devnet/ports.ts'

/** How long anything that is waited for may take, in ms. */
export const DEADLINE_MS = 10_000

/** Of every sample chain. */
export const GENESIS_HASH: Uint8Array = sampleChain(1)[0]!.hash

const running = new Set<Network>()
const rawPeers = new Set<RawPeer>()

/** Tests have more pings than a node usually takes. */
const MANY_PINGS = { pings: { perSecond: Infinity, burst: Infinity } }

/** Starts a node on loopback, with patience for many pings. Stopped by {@link stopNodes}. */
export async function startNode (
  config: Partial<NetworkConfig> = {}, outgoing?: AsyncIterable<Message>, extras: Parameters<typeof startNetworkWith>[2] = {}
): Promise<Network> {
  const network = await startNetworkWith({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    network: 'vibecoin-test',
    genesisHash: GENESIS_HASH,
    reconnectDelay: 100,
    maxReconnectDelay: 500,
    ...config,
    rateLimits: { ...MANY_PINGS, ...config.rateLimits }
  }, outgoing, extras)

  running.add(network)

  return network
}

/** Stops every node that was started. For `afterEach`. */
export async function stopNodes (): Promise<void> {
  const networks = [...running]
  const raw = [...rawPeers]
  running.clear()
  rawPeers.clear()
  await Promise.all(networks.map(async (network) => { await network.stop() }))
  await Promise.all(raw.map(async (peer) => { await peer.stop() }))
}

/** The address of a node, with its peer id. */
export function addressOf (network: Network): string {
  return network.libp2p.getMultiaddrs()[0]!.toString()
}

/** Resolves with the next event of a kind. */
export async function nextEvent<Type extends keyof VibeCoinEvents> (
  network: Network, type: Type, accept: (detail: VibeCoinEvents[Type]['detail']) => boolean = () => true
): Promise<VibeCoinEvents[Type]['detail']> {
  return new Promise((resolve, reject) => {
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

/** Resolves when a node has a ready session with each of these, whoever else it meets: nodes learn of others from their peers. */
export async function untilPeers (node: Pick<Network, 'peers'>, others: readonly { libp2p: Pick<Libp2p, 'peerId'> }[]): Promise<void> {
  await eventually(() => others.every(({ libp2p }) => node.peers.get(libp2p.peerId.toString()) != null), `${others.length} peers to be ready`)
}

/** The session behind a peer that a test may look into. */
export function sessionOf (network: Network, other: { libp2p: Libp2p }): Session {
  const peer = network.peers.get(other.libp2p.peerId.toString())
  assert(peer != null, 'there is a ready session')

  return peer as Session
}

/** The stream of the session that a node has with another one. */
export function streamOf (network: Network, other: { libp2p: Libp2p }): Stream {
  const streams = network.libp2p.getConnections(other.libp2p.peerId).flatMap((connection) => connection.streams)
  const stream = streams.find(({ protocol }) => protocol === PROTOCOL_ID)
  assert(stream != null, 'there is a stream of the session')

  return stream
}

/** The next event of a kind that is about one peer. */
export async function nextOf<Type extends 'peer:closed' | 'peer:refused'> (
  network: Network, type: Type, other: { libp2p: Libp2p }
): Promise<VibeCoinEvents[Type]['detail']> {
  return nextEvent(network, type, ({ peer }) => peer.id === other.libp2p.peerId.toString())
}

/** Parts for a libp2p node on loopback that is not made by startNetwork. */
export const LIBP2P_PARTS: Pick<Libp2pOptions, 'transports' | 'connectionEncrypters' | 'streamMuxers' | 'connectionMonitor'> = {
  transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionMonitor: { enabled: false }
}

/** Starts a peer whose messages are those of a test. Stopped by {@link stopNodes}. */
export async function startRawPeer (init: RawPeerInit = {}): Promise<RawPeer> {
  const raw = await RawPeer.start({ node: rawNodeInfo(), ...init })
  rawPeers.add(raw)

  return raw
}

/** What a raw peer that belongs to the network of {@link startNode} says of itself. */
export function rawNodeInfo (node: Partial<NodeInfo> = {}): NodeInfo {
  return sampleNodeInfo({ network: 'vibecoin-test', genesisHash: GENESIS_HASH, listenAddrs: [], bestHeight: 0, ...node })
}
