import type { NetworkConfig } from '../../config/options.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { PrivateKey } from '@libp2p/interface'

const HOST = '127.0.0.1'

/** A test may have more pings than a node usually takes, which it would read ever more slowly. */
const MANY_PINGS = { pings: { perSecond: Infinity, burst: Infinity } }

/** What the config of a node is made of. */
export interface NodeConfigInit {
  index: number
  privateKey: PrivateKey
  genesisHash: Uint8Array
  chain: ChainSource
  /** How many nodes there are. */
  nodes: number
  /** The ports that it dials, and who is behind each. */
  dials: readonly { port: number, id: string }[]
  /** What the test has in place of all that. */
  options: Partial<NetworkConfig>
}

/** The config of a node of a test network. */
export function nodeConfig ({ index, privateKey, genesisHash, chain, nodes, dials, options }: NodeConfigInit): NetworkConfig {
  return {
    network: 'vibecoin-test',
    genesisHash,
    privateKey,
    nodeId: `node-${index}`,
    listen: [`/ip4/${HOST}/tcp/0`],
    chain,
    seedPeers: dials.map(({ port, id }) => addressAt(port, id)),
    // for sessions that a test makes besides
    maxOutbound: Math.max(8, nodes),
    maxInbound: Math.max(32, nodes),
    maxPendingHandshakes: Math.max(16, nodes),
    reconnectDelay: 100,
    maxReconnectDelay: 500,
    ...options,
    rateLimits: { ...MANY_PINGS, ...options.rateLimits }
  }
}

/** Where a port of this machine is, and who has to be there. */
export function addressAt (port: number, id: string): string {
  return `/ip4/${HOST}/tcp/${port}/p2p/${id}`
}

/** The place of an address; `undefined` where there is none, or it is not TCP. */
export function placeAt (address: string | undefined): { host: string, port: number } | undefined {
  const port = /\/tcp\/(\d+)/.exec(address ?? '')?.[1]

  return port == null ? undefined : { host: HOST, port: Number(port) }
}

/** An address without the peer id behind it. */
export function withoutId (address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}
