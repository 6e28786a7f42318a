import { DEFAULT_LISTEN } from './platform.ts'
import { MAX_FRAME_BYTES } from '../codec/limits.ts'
import { VERSION } from '../version.ts'
import type { NetworkConfig } from './options.ts'
import type { Feature } from '../types/features.ts'
import type { Bandwidth, Limits, RateLimits } from '../types/limits.ts'

/** The options that have a default, each with it. */
export type Defaults = Readonly<Required<
  Omit<
    NetworkConfig,
    | 'genesisHash' | 'forks' | 'chain' | 'pool' | 'handlers' | 'privateKey' | 'dataDir' | 'logger' | 'metrics' | 'signal' | 'privateNetworkKey' | 'tls'
    | 'rateLimits' | 'bandwidth' | 'limits'
  > & { rateLimits: RateLimits, bandwidth: Bandwidth, limits: Limits }
>>

/** Rates that an honest node never comes near, and that cost this node little. */
const RATE_LIMITS: RateLimits = Object.freeze({
  transactions: rate(1000, 10_000),
  blocks: rate(20, 100),
  blocksAsked: rate(5000, 50_000),
  digests: rate(2000, 20_000),
  pings: rate(1, 5),
  others: rate(10, 100),
  bytes: rate(Infinity, Infinity)
})

/** Every feature that works. */
const OFFERED: readonly Feature[] = Object.freeze(['short-digests', 'compact-blocks', 'peers'] as const)

const BANDWIDTH: Bandwidth = Object.freeze({ upload: Infinity, download: Infinity, peerUpload: Infinity, peerDownload: Infinity })

const LIMITS: Limits = Object.freeze({
  servedBlocks: 1024,
  servedBytes: 8 * 1024 * 1024,
  servedRequests: 4,
  outboxSoftBytes: 1024 * 1024,
  outboxHardBytes: 8 * 1024 * 1024,
  seenDigests: 65_536,
  seenDuration: 600_000,
  bans: 10_000
})

/** The value of every option that has a default. Frozen. */
export const DEFAULTS: Defaults = Object.freeze({
  network: 'vibecoin-main',
  nodeId: '',
  userAgent: `vibecoin-network/${VERSION}`,
  features: OFFERED,
  autoSync: true,
  seedPeers: Object.freeze([]),
  maxOutbound: 8,
  maxBlockOnly: 2,
  reservedPeers: Object.freeze([]),
  maxInbound: 32,
  maxInboundPerHost: 4,
  maxPendingHandshakes: 16,
  maxFrameBytes: MAX_FRAME_BYTES,
  handshakeTimeout: 10_000,
  pingInterval: 30_000,
  pingTimeout: 30_000,
  frameTimeout: 30_000,
  requestTimeout: 10_000,
  sendTimeout: 30_000,
  dialTimeout: 10_000,
  reconnectDelay: 1_000,
  maxReconnectDelay: 300_000,
  banDuration: 3_600_000,
  rateLimits: RATE_LIMITS,
  bandwidth: BANDWIDTH,
  limits: LIMITS,
  listen: DEFAULT_LISTEN,
  announce: Object.freeze([]),
  dnsSeeds: Object.freeze([]),
  dnsServers: Object.freeze([]),
  discovery: Object.freeze({}),
  nat: Object.freeze({}),
  admin: false,
  maxInboundRate: 5
})

function rate (perSecond: number, burst: number): RateLimits[keyof RateLimits] {
  return Object.freeze({ perSecond, burst })
}
