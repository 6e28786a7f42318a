import type { DiscoveryOptions, NatOptions, TlsOptions } from './reach-options.ts'
import type { ChainSource, ChainStore } from '../types/chain.ts'
import type { Handlers } from '../types/handlers.ts'
import type { ComponentLogger, Metrics, NodeInfo, PrivateKey } from '@libp2p/interface'

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
   * Inbound sessions whose handshake is under way, 1 to 10000.
   *
   * @default 16
   */
  maxPendingHandshakes?: number

  /**
   * The largest message that is read or written, in bytes: 65536 (64 KiB) to 67108864 (64 MiB). 4 MiB is what other
   * nodes expect.
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
}

/** What a libp2p metrics factory is given. */
export interface MetricsComponents {
  /** The node's logger. */
  logger: ComponentLogger
  /** Name and version of the libp2p implementation. */
  nodeInfo: NodeInfo
}

/**
 * The options of a whole node. `undefined` means the default.
 */
export interface NetworkConfig extends ServiceInit {
  /**
   * Multiaddrs to accept connections on. `[]` means not to listen.
   *
   * @default ['/ip4/0.0.0.0/tcp/8765']
   */
  listen?: readonly string[]

  /**
   * Multiaddrs that others are told to dial instead of the ones listened on; at most 16 of 192 bytes in binary form.
   *
   * @default []
   */
  announce?: readonly string[]

  /**
   * Host names whose A and AAAA records are addresses of seeds, on port 8765. Looked up when peers run short, and tried
   * after the peers that are known; at most 16.
   *
   * @default []
   */
  dnsSeeds?: readonly string[]

  /**
   * The DNS servers to ask, as IP addresses with or without a port. Without any, those of the machine.
   *
   * @default []
   */
  dnsServers?: readonly string[]

  /**
   * Other ways to find peers; each is loaded when it is asked for.
   *
   * @default {}
   */
  discovery?: DiscoveryOptions

  /**
   * What helps a node that others cannot reach directly, and what it does for others that cannot be; each is loaded when
   * it is asked for.
   *
   * @default {}
   */
  nat?: NatOptions

  /**
   * A key that all nodes of a private network share: the text of a libp2p swarm key file. Whoever does not have it cannot
   * connect, not even to be told why.
   *
   * @default undefined
   */
  privateNetworkKey?: string

  /**
   * The certificate for addresses with `/tls/ws`, both as PEM.
   *
   * @default undefined
   */
  tls?: TlsOptions

  /**
   * The identity of this node. Without one it is read from `dataDir`; without that either it is a new Ed25519 key.
   *
   * @default undefined
   */
  privateKey?: PrivateKey

  /**
   * The directory where the identity and the known peers are kept, made if it is missing. Without one they are kept in
   * memory and lost when the node stops. One running node per directory.
   *
   * @default undefined
   */
  dataDir?: string

  /**
   * Inbound connections per second from one remote host, 1 to 100000.
   *
   * @default 5
   */
  maxInboundRate?: number

  /**
   * Where log lines go. Without one it is libp2p's logger, which shows them with `DEBUG=vibecoin:*`.
   *
   * @default undefined
   */
  logger?: ComponentLogger

  /**
   * A libp2p metrics factory, such as `prometheusMetrics()`. Without one nothing is measured.
   *
   * @default undefined
   */
  metrics?: (components: MetricsComponents) => Metrics
}

/** The options of the service, all set; `chain` and `handlers` stay optional. Frozen. */
export type ServiceConfig = Readonly<Required<Omit<ServiceInit, 'chain' | 'handlers'>> & Pick<ServiceInit, 'chain' | 'handlers'>>

/** The options of a whole node, all set but those without a default. Frozen. */
export type ResolvedNetworkConfig = ServiceConfig
  & Readonly<Required<Pick<NetworkConfig, 'listen' | 'announce' | 'maxInboundRate' | 'dnsSeeds' | 'dnsServers' | 'discovery' | 'nat'>>>
  & Readonly<Pick<NetworkConfig, 'privateKey' | 'dataDir' | 'logger' | 'metrics' | 'privateNetworkKey' | 'tls'>>
