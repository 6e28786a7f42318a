import type { ServiceConfig, ServiceInit } from './service-options.ts'
import type { ComponentLogger, Metrics, NodeInfo, PrivateKey } from '@libp2p/interface'

/** What a libp2p metrics factory is given. */
export interface MetricsComponents {
  /** The node's logger. */
  logger: ComponentLogger
  /** Name and version of the libp2p implementation. */
  nodeInfo: NodeInfo
}

/** Ways to find peers beside seeds. */
export interface DiscoveryOptions {
  /**
   * Joins a DHT of the nodes of this network, and looks for peers in it when they run short. `true` is `'server'` where the node listens,
   * and `'client'` where it does not: a client asks, and is not asked.
   *
   * @default false
   */
  dht?: boolean | 'client' | 'server'
  /**
   * Finds nodes in the local network by multicast DNS, and is found by them.
   *
   * @default false
   */
  mdns?: boolean
}

/** What helps nodes behind NATs. */
export interface NatOptions {
  /**
   * Dials addresses with `/p2p-circuit`. Where the node listens, it is reachable through up to 2 of its peers that are relays.
   *
   * @default false
   */
  relay?: boolean
  /**
   * Is a relay for up to 32 other nodes. On the UDP ports with the numbers of its TCP ports it tells them where they are seen (STUN).
   *
   * @default false
   */
  relayServer?: boolean
  /**
   * Moves sessions from relays to direct connections where the NATs allow it (DCUtR). Needs `relay`, or `relayServer`.
   *
   * @default false
   */
  holePunch?: boolean
  /**
   * Moves sessions from relays to direct connections over WebRTC, also between two NATs that let no peer in. Needs `relay`, or
   * `relayServer`, and the package `@libp2p/webrtc`. Both nodes need it, of which one may run in a web page. Not in a private network.
   *
   * @remarks Where both NATs give each connection another port, the session stays on the relay.
   *
   * @default false
   */
  webrtc?: boolean
  /**
   * Asks peers whether an address can be reached before it tells others of it, and answers the same to them (AutoNAT v2).
   *
   * @default false
   */
  autonat?: boolean
  /**
   * Has the gateway lead the ports that the node listens on to it (PCP, NAT-PMP or UPnP IGD 2), and takes that back when it stops.
   *
   * @default false
   */
  upnp?: boolean
}

/** A certificate and its key. */
export interface TlsOptions {
  /** PEM, with the chain. */
  cert: string
  /** PEM. */
  key: string
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
   * @remarks A second running node with the same directory gets a `StorageError`, and so does a node of another `network` or `genesisHash`.
   *
   * @default undefined
   */
  dataDir?: string

  /**
   * Whether the node answers questions on a local socket: `admin.sock` in `dataDir`, which only the user of the process can open, or a
   * named pipe on Windows. `vibecoin-network status --data-dir ...` and other commands ask it. Needs `dataDir`.
   *
   * @remarks The node does not start where it cannot open the socket. It loads none of it otherwise.
   *
   * @default false
   */
  admin?: boolean

  /**
   * Inbound connections per second from one IP address, private ones included, and from one /64 of public IPv6. All that a proxy passes on
   * comes from its one address. Connections of this machine itself are not counted.
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
   * A libp2p metrics factory, such as `prometheusMetrics()` of `vibecoin-network/prometheus`. Without it the node measures nothing.
   *
   * @default undefined
   */
  metrics?: (components: MetricsComponents) => Metrics

  /**
   * Ends the node: `startNetwork` throws its reason, and what it has begun is stopped. Later it is the same as `stop()`.
   *
   * @default undefined
   */
  signal?: AbortSignal
}

/** The options of a whole node, all set but those without a default. Frozen. */
export type ResolvedNetworkConfig = ServiceConfig
  & Readonly<Required<Pick<NetworkConfig, 'listen' | 'announce' | 'admin' | 'maxInboundRate' | 'dnsSeeds' | 'dnsServers' | 'discovery' | 'nat'>>>
  & Readonly<Pick<NetworkConfig, 'privateKey' | 'dataDir' | 'logger' | 'metrics' | 'signal' | 'privateNetworkKey' | 'tls'>>
