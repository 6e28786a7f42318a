import type { BandwidthOptions, LimitOptions, RateLimitOptions } from './limit-options.ts'
import type { ChainSource, ChainStore } from '../types/chain.ts'
import type { Handlers } from '../types/handlers.ts'
import type { Bandwidth, Limits, RateLimits } from '../types/limits.ts'

/**
 * The options of the service. `undefined` means the default; durations are whole milliseconds from 10 to 86400000 (24 h).
 */
export interface ServiceInit {
  /**
   * The chain's name, 1 to 64 bytes of UTF-8. Peers of another network are refused.
   *
   * @default 'vibecoin-main'
   */
  network?: string

  /** The hash of the chain's first block, 32 bytes. Peers with another one are refused. */
  genesisHash: Uint8Array

  /**
   * The operator's name for this node, at most 64 bytes of UTF-8. Peers see it and need not believe it.
   *
   * @default ''
   */
  nodeId?: string

  /**
   * Software and version as peers see them, at most 256 bytes of UTF-8.
   *
   * @default 'vibecoin-network/<version>'
   */
  userAgent?: string

  /**
   * The blocks that this node serves, and appends to where it is a `ChainStore`. Without one it only relays.
   *
   * @default undefined
   */
  chain?: ChainSource | ChainStore

  /**
   * Whether a `ChainStore` is brought to the height of the peers whenever they are ahead. Otherwise `sync()` does it once.
   *
   * @default true
   */
  autoSync?: boolean

  /**
   * Handlers that are there from the first message on. One that is set with `router.handle` after the start may come
   * after the first messages, which are accepted without it.
   *
   * @default undefined
   */
  handlers?: Partial<Handlers>

  /**
   * Where to find the first peers: multiaddrs with or without `/p2p/...`, or `/dnsaddr/...`. Retried for as long as the
   * node runs. Duplicates are removed.
   *
   * @default []
   */
  seedPeers?: readonly string[]

  /**
   * Peers that are always let in, and dialled for as long as the node runs, whatever is full: multiaddrs with `/p2p/...`, at most
   * 256. They take no slot, and are never banned unless by hand.
   *
   * @default []
   */
  reservedPeers?: readonly string[]

  /**
   * Sessions that this node opens, 0 to 10000. 0 means it never dials by itself.
   *
   * @default 8
   */
  maxOutbound?: number

  /**
   * Sessions that others open, 0 to 10000. 0 means that all are refused.
   *
   * @default 32
   */
  maxInbound?: number

  /**
   * Inbound sessions from one IPv4 address or one /64 of IPv6, 1 to 10000. Only public addresses are counted.
   *
   * @default 4
   */
  maxInboundPerHost?: number

  /**
   * Inbound sessions whose handshake is under way, 1 to 10000.
   *
   * @default 16
   */
  maxPendingHandshakes?: number

  /**
   * The largest message that is read or written, in bytes: 65536 (64 KiB) to 67108864 (64 MiB). An encoded block or transaction
   * has at most 1 KiB less. 4 MiB is what other nodes expect.
   *
   * @default 4_194_304
   */
  maxFrameBytes?: number

  /**
   * From the opening of a stream to the end of the handshake. Nothing a peer sends extends it.
   *
   * @default 10_000
   */
  handshakeTimeout?: number

  /**
   * Between two pings to a peer, give or take a tenth.
   *
   * @default 30_000
   */
  pingInterval?: number

  /**
   * From a ping to its answer. Other traffic does not extend it.
   *
   * @default 30_000
   */
  pingTimeout?: number

  /**
   * From the first byte of a message to its last.
   *
   * @default 30_000
   */
  frameTimeout?: number

  /**
   * From a request to its first answer, and from each answer to the next.
   *
   * @default 10_000
   */
  requestTimeout?: number

  /**
   * How long a peer may take nothing of what is waiting to be written to it.
   *
   * @default 30_000
   */
  sendTimeout?: number

  /**
   * For one address: connection, encryption and opening of the stream.
   *
   * @default 10_000
   */
  dialTimeout?: number

  /**
   * The first delay before a failed dial is tried again; it doubles with each failure. At most `maxReconnectDelay`.
   *
   * @default 1_000
   */
  reconnectDelay?: number

  /**
   * The longest delay before a failed dial is tried again.
   *
   * @default 300_000
   */
  maxReconnectDelay?: number

  /**
   * How long whoever has broken the protocol is kept out; it doubles each time, up to 7 days.
   *
   * @default 3_600_000
   */
  banDuration?: number

  /**
   * What one peer may send.
   *
   * @default DEFAULTS.rateLimits
   */
  rateLimits?: RateLimitOptions

  /**
   * What may pass in a second. `setBandwidth` changes it.
   *
   * @default DEFAULTS.bandwidth
   */
  bandwidth?: BandwidthOptions

  /**
   * Bounds of single parts.
   *
   * @default DEFAULTS.limits
   */
  limits?: LimitOptions
}

/** The options of the service, all set; `chain` and `handlers` stay optional. Frozen. */
export type ServiceConfig = Readonly<
  Required<Omit<ServiceInit, 'chain' | 'handlers' | 'rateLimits' | 'bandwidth' | 'limits'>>
  & Pick<ServiceInit, 'chain' | 'handlers'>
  & { rateLimits: RateLimits, bandwidth: Bandwidth, limits: Limits }
>
