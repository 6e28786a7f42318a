import type { ChainSource, ChainStore } from '../types/chain.ts'
import type { Feature } from '../types/features.ts'
import type { Handlers } from '../types/handlers.ts'
import type { Bandwidth, Limits, RateLimits } from '../types/limits.ts'
import type { PoolSource } from '../types/pool.ts'

/** What one peer may send. What is not given has its default. `{ perSecond: Infinity, burst: Infinity }` means no limit. */
export type RateLimitOptions = { readonly [Kind in keyof RateLimits]?: RateLimits[Kind] | undefined }

/** What may pass in a second, in bytes from 1024 (1 KiB). What is not given has no cap. */
export type BandwidthOptions = { readonly [Name in keyof Bandwidth]?: number | undefined }

/** Bounds of single parts. What is not given has its default. */
export type LimitOptions = { readonly [Name in keyof Limits]?: number | undefined }

/**
 * The options of the service. `undefined` means the default. Durations are whole milliseconds from 10 to 86400000 (24 h).
 */
export interface ServiceInit {
  /**
   * The name of the chain.
   *
   * @remarks The node refuses peers of another network.
   *
   * @default 'vibecoin-main'
   */
  network?: string

  /**
   * The hash of the chain's first block.
   *
   * @remarks The node refuses peers with another one. A `chain` that gives another block 0 is a `ConfigError` at the start.
   * With a `chain` that gives none within 3 s, the node starts without that check. One that throws is a `StorageError`.
   */
  genesisHash: Uint8Array

  /**
   * The heights at which the rules of the chain change, each an upgrade that every node needs: ascending, from 1, at most 256.
   * `[]` says that there is none yet.
   *
   * @remarks The node refuses peers that have missed one of them or have passed others (`WRONG_FORK`). It ends their sessions when its own
   * chain passes the next one. Without the option the node compares no forks.
   *
   * @default undefined
   */
  forks?: readonly number[]

  /**
   * The additions to the protocol that this node offers its peers. A session uses those that both sides offer.
   *
   * @remarks For an operator who has to do without one of them, and for tests beside nodes that know none.
   *
   * @default DEFAULTS.features
   */
  features?: readonly Feature[]

  /**
   * The operator's name for this node. Peers see it and need not believe it.
   *
   * @default ''
   */
  nodeId?: string

  /**
   * The software and its version, as peers see them.
   *
   * @default 'vibecoin-network/<version>'
   */
  userAgent?: string

  /**
   * The blocks that this node serves, and appends to where it is a `ChainStore`. Without it the node only relays.
   *
   * @default undefined
   */
  chain?: ChainSource | ChainStore

  /**
   * The transactions of the application that wait for a block. The node announces them to peers that come, and reads those that peers
   * ask for.
   *
   * @remarks Without it the node announces those that it has made or accepted in the last 5 minutes. An error, or a transaction of another
   * digest, is a `storage:fault` with a `PoolError`.
   *
   * @default undefined
   */
  pool?: PoolSource

  /**
   * Whether the node brings a `ChainStore` to the height of its peers whenever they are ahead. Otherwise `sync()` does it once.
   *
   * @default true
   */
  autoSync?: boolean

  /**
   * The handlers that judge what peers send, from the first message on. Without one, the node accepts everything that is well-formed.
   *
   * @remarks A handler that is set with `router.handle` after the start may come after the first messages.
   *
   * @default undefined
   */
  handlers?: Partial<Handlers>

  /**
   * The first peers: multiaddrs with or without `/p2p/...`, or `/dnsaddr/...`.
   *
   * @remarks The node dials them for as long as it runs, with growing pauses. It removes duplicates.
   *
   * @default []
   */
  seedPeers?: readonly string[]

  /**
   * Peers that the node always lets in, and dials for as long as it runs: at most 256 multiaddrs with `/p2p/...`.
   *
   * @remarks They take no slot, and no other peer has to go for them. Only the operator can ban them.
   *
   * @default []
   */
  reservedPeers?: readonly string[]

  /**
   * Sessions that this node opens. With 0 it opens none but those with reserved peers.
   *
   * @remarks The node dials no more. While all are taken it tries one further peer at times, and then ends one of its sessions.
   *
   * @default 8
   */
  maxOutbound?: number

  /**
   * Further sessions that this node opens, in which it wants blocks and no transactions, and neither tells nor asks of peers. With 0 it
   * opens none.
   *
   * @remarks The node dials no more. Where this is not set, there is one for each 4 of `maxOutbound`, and 2 at most.
   *
   * @default 2
   */
  maxBlockOnly?: number

  /**
   * Sessions that other peers open. With 0 the node refuses all but reserved peers.
   *
   * @remarks The youngest unprotected session of the netgroup with the most makes room. Where that would be the newcomer's own, the node
   * refuses the newcomer with `TOO_MANY_CONNECTIONS`.
   *
   * @default 32
   */
  maxInbound?: number

  /**
   * Inbound sessions from one public IPv4 address, or one /64 of IPv6. Other addresses are not counted: there may be a proxy behind them.
   *
   * @remarks The node refuses the newcomer with `TOO_MANY_CONNECTIONS`.
   *
   * @default 4
   */
  maxInboundPerHost?: number

  /**
   * Inbound sessions whose handshake is under way. They take no slot of `maxInbound`, and one public
   * host may have 4 of them. Other addresses, such as that of a proxy, share the 16 alone.
   *
   * @remarks The oldest of the host with the most, in the netgroup with the most, makes room once it is 1 s old. For a newcomer of a less
   * crowded netgroup it makes room at once. Otherwise the node refuses the newcomer with `TOO_MANY_CONNECTIONS`.
   *
   * @default 16
   */
  maxPendingHandshakes?: number

  /**
   * The largest message that the node reads or writes. A block or transaction has at most 1 KiB less. It has to be the same on all nodes of
   * a network: 4 MiB unless agreed otherwise.
   *
   * @remarks The node bans a peer that sends a larger frame. `broadcast` of a larger item throws an `EncodeError`.
   *
   * @default 4_194_304
   */
  maxFrameBytes?: number

  /**
   * From the opening of a stream to the end of the handshake. Nothing that a peer sends extends it.
   *
   * @remarks The node ends the session with `TIMEOUT`.
   *
   * @default 10_000
   */
  handshakeTimeout?: number

  /**
   * From a pong to the next ping, give or take a tenth.
   *
   * @default 30_000
   */
  pingInterval?: number

  /**
   * From a ping to its pong. Other traffic does not extend it.
   *
   * @remarks The node ends the session with `TIMEOUT`.
   *
   * @default 30_000
   */
  pingTimeout?: number

  /**
   * From the first byte of a message to its last.
   *
   * @remarks The node ends the session with `TIMEOUT`.
   *
   * @default 30_000
   */
  frameTimeout?: number

  /**
   * From a request to its first answer, and from each answer to the next.
   *
   * @remarks The request throws a `RequestError` with the code `TIMEOUT`, or the node asks another peer.
   *
   * @default 10_000
   */
  requestTimeout?: number

  /**
   * How long a peer may take nothing of what waits to be sent to it.
   *
   * @remarks The node ends the session with `TOO_SLOW`.
   *
   * @default 30_000
   */
  sendTimeout?: number

  /**
   * How long one dial of a peer may take: connection, encryption and opening of the stream.
   *
   * @remarks The dial fails, and the node tries again after a pause.
   *
   * @default 10_000
   */
  dialTimeout?: number

  /**
   * The first pause after a failed dial. It doubles with each failure. At most `maxReconnectDelay`.
   *
   * @default 1_000
   */
  reconnectDelay?: number

  /**
   * The longest pause after a failed dial.
   *
   * @default 300_000
   */
  maxReconnectDelay?: number

  /**
   * How long the node keeps out a peer that has broken the protocol, and its host. It doubles each time, up to 7 days.
   *
   * @default 3_600_000
   */
  banDuration?: number

  /**
   * How much one peer may send, by kind.
   *
   * @remarks The node reads the peer more slowly. After 30 s without a break it ends the session with `RATE_LIMITED`.
   *
   * @default DEFAULTS.rateLimits
   */
  rateLimits?: RateLimitOptions

  /**
   * What may pass in a second, in bytes. `setBandwidth` changes it.
   *
   * @remarks What is over a cap waits. New blocks and transactions go before answers to requests.
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

/** The options of the service, all set; `forks`, `chain`, `pool` and `handlers` stay optional. Frozen. */
export type ServiceConfig = Readonly<
  Required<Omit<ServiceInit, 'forks' | 'chain' | 'pool' | 'handlers' | 'rateLimits' | 'bandwidth' | 'limits'>>
  & Pick<ServiceInit, 'forks' | 'chain' | 'pool' | 'handlers'>
  & { rateLimits: RateLimits, bandwidth: Bandwidth, limits: Limits }
>
