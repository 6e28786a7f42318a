import type { DiscoveryOptions, NatOptions, TlsOptions } from './reach-options.ts'
import type { ServiceConfig, ServiceInit } from './service-options.ts'
import type { ComponentLogger, Metrics, NodeInfo, PrivateKey } from '@libp2p/interface'

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

/** The options of a whole node, all set but those without a default. Frozen. */
export type ResolvedNetworkConfig = ServiceConfig
  & Readonly<Required<Pick<NetworkConfig, 'listen' | 'announce' | 'maxInboundRate' | 'dnsSeeds' | 'dnsServers' | 'discovery' | 'nat'>>>
  & Readonly<Pick<NetworkConfig, 'privateKey' | 'dataDir' | 'logger' | 'metrics' | 'privateNetworkKey' | 'tls'>>
