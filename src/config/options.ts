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
   * The multiaddrs to accept connections on. With `[]` the node does not listen. It does not start where it cannot listen on one of them.
   *
   * @default ['/ip4/0.0.0.0/tcp/8765']
   */
  listen?: readonly string[]

  /**
   * The multiaddrs that other peers are told to dial, instead of those that the node listens on: at most 16, of 192 bytes in binary form.
   *
   * @default []
   */
  announce?: readonly string[]

  /**
   * Host names whose A and AAAA records are addresses of seeds, on port 8765: at most 16.
   *
   * @remarks The node looks them up when peers run short, and tries the peers that it knows before.
   *
   * @default []
   */
  dnsSeeds?: readonly string[]

  /**
   * The DNS servers to ask, as IP addresses with or without a port: at most 16. Without any, the node asks those of the machine.
   *
   * @default []
   */
  dnsServers?: readonly string[]

  /**
   * Other ways to find peers.
   *
   * @default {}
   */
  discovery?: DiscoveryOptions

  /**
   * What helps a node that others cannot reach directly, and what it does for others that cannot be reached.
   *
   * @default {}
   */
  nat?: NatOptions

  /**
   * A key that all nodes of a private network share: the text of a libp2p swarm key file.
   *
   * @remarks A node without the key cannot connect, and is not told why. A node with another key gets a `PrivateNetworkError`.
   *
   * @default undefined
   */
  privateNetworkKey?: string

  /**
   * The certificate for addresses with `/tls/ws`, and its key: `{ cert, key }`, both as PEM.
   *
   * @default undefined
   */
  tls?: TlsOptions

  /**
   * The identity of this node. Without it the node reads it from `dataDir`. Without that either it makes a new Ed25519 key.
   *
   * @default undefined
   */
  privateKey?: PrivateKey

  /**
   * The directory where the node keeps its identity, known peers and bans. The node makes it if it is missing. Without it they are in
   * memory, and lost when the node stops.
   *
   * @remarks A second running node with the same directory gets a `StorageError`.
   *
   * @default undefined
   */
  dataDir?: string

  /**
   * Inbound connections per second from one IPv4 address, or one /64 of IPv6, loopback included.
   *
   * @remarks The node cuts the connection before encryption.
   *
   * @default 5
   */
  maxInboundRate?: number

  /**
   * Where log lines go. Without it they go to libp2p's logger, which shows them with `DEBUG=vibecoin:*`.
   *
   * @default undefined
   */
  logger?: ComponentLogger

  /**
   * A libp2p metrics factory, such as `prometheusMetrics()`. Without it the node measures nothing.
   *
   * @default undefined
   */
  metrics?: (components: MetricsComponents) => Metrics
}

/** The options of a whole node, all set but those without a default. Frozen. */
export type ResolvedNetworkConfig = ServiceConfig
  & Readonly<Required<Pick<NetworkConfig, 'listen' | 'announce' | 'maxInboundRate' | 'dnsSeeds' | 'dnsServers' | 'discovery' | 'nat'>>>
  & Readonly<Pick<NetworkConfig, 'privateKey' | 'dataDir' | 'logger' | 'metrics' | 'privateNetworkKey' | 'tls'>>
