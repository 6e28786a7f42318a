import { DEFAULT_LISTEN } from './platform.ts'
import { MAX_FRAME_BYTES } from '../codec/limits.ts'
import { VERSION } from '../version.ts'
import type { NetworkConfig } from './options.ts'

/** The options that have a default, each with it. */
export type Defaults = Readonly<Required<
  Omit<
    NetworkConfig,
    'genesisHash' | 'chain' | 'handlers' | 'privateKey' | 'dataDir' | 'logger' | 'metrics' | 'privateNetworkKey' | 'tls'
  >
>>

/** The value of every option that has a default. Frozen. */
export const DEFAULTS: Defaults = Object.freeze({
  network: 'vibecoin-main',
  nodeId: '',
  userAgent: `vibecoin-network/${VERSION}`,
  autoSync: true,
  seedPeers: Object.freeze([]),
  maxOutbound: 8,
  maxInbound: 32,
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
  listen: DEFAULT_LISTEN,
  announce: Object.freeze([]),
  dnsSeeds: Object.freeze([]),
  dnsServers: Object.freeze([]),
  discovery: Object.freeze({}),
  nat: Object.freeze({}),
  maxInboundRate: 5
})
