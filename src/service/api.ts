import type { VibeCoinEvents } from './reports/events.ts'
import type { Router } from './dispatch/handlers.ts'
import type { AddressRules } from '../address/scope.ts'
import type { PeerRecords } from '../address/peer-records.ts'
import type { LocationOfIp } from '../address/location.ts'
import type { Chance } from '../util/chance.ts'
import type { Clock } from '../util/clock.ts'
import type { BandwidthOptions } from '../config/resolve.ts'
import type { BroadcastResult } from '../gossip/send/distribution.ts'
import type { PeerManager } from '../peers/manager/types.ts'
import type { RequestOptions } from '../sync/download/client.ts'
import type { Block, Tip } from '../types/block.ts'
import type { BanStore } from '../types/ban.ts'
import type { KnownPeers } from '../types/known-peers.ts'
import type { Bandwidth } from '../types/limits.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Peer, UpgradeState } from '../types/peer.ts'
import type { PeerSource } from '../types/peer-source.ts'
import type { AddressTests, GatewayStatus, NetworkStatus } from '../types/status.ts'
import type { SyncOptions, SyncResult } from '../types/sync.ts'
import type { AbortOptions, ComponentLogger, Libp2pEvents, Metrics, PeerId, PrivateKey, TypedEventTarget } from '@libp2p/interface'
import type { AddressManager, ConnectionManager, Registrar, TransportManager } from '@libp2p/interface-internal'

/** A VibeCoin network: its peers, what the node sends them, and what it asks of them. */
export interface VibeCoin extends TypedEventTarget<VibeCoinEvents> {
  /** The peers. */
  readonly peers: PeerManager

  /** Sets handlers while the node runs. */
  readonly router: Router

  /**
   * Queues a block or transaction for every ready peer that is not known to have it, and returns at once: what is queued may
   * still be lost with a peer. The node sends one of 16 KiB or more to a few peers and announces it to the others, which ask for it.
   * Where no peer is ready it keeps the item for 30 s, for peers that come. Append a block of your own to the chain first.
   * Throws an `EncodeError` where a value does not fit the wire, and a `StorageError` for a block above the tip of the `chain`. Where `tip`
   * of the chain returns a promise, a `storage:fault` says that in its place, and the block has gone out.
   */
  broadcast (message: BroadcastMessage): BroadcastResult

  /**
   * Resolves when one more transaction can be broadcast: half of the ready peers may be sent one now. `await network.room()` before each
   * `broadcast` in a loop, and none is skipped because too many came at once. Without a ready peer it waits for the first one. Throws
   * the signal's reason, and a `NotRunningError` where the network stops.
   */
  room (options?: AbortOptions): Promise<void>

  /**
   * The block at `height` from a peer; `undefined` where the peers that answered do not have it.
   * Throws a `RequestError` where none answered.
   */
  requestBlock (height: number, options?: RequestOptions): Promise<Block | undefined>

  /**
   * The blocks from `startHeight` to `endHeight`, both inclusive, in ascending order, each linked to the one before.
   * A peer that fails is replaced by another, and what was given out stays valid. Throws a `RequestError` where no peer can go on.
   */
  requestBlockRange (startHeight: number, endHeight: number, options?: RequestOptions): AsyncGenerator<Block, void, undefined>

  /**
   * Appends to `chain`, which has to be a `ChainStore`, what peers have and it does not, from all of them at once. It resolves when
   * no peer of this node has more, at once where that is so. One runs at a time: a second call joins it, or waits for its end where it
   * asks another peer. It ends when the last caller has left. Appended blocks stay, however it ends. Where no peer is ready, as right
   * after the start, it waits up to 10 s for the first one. The same holds when the last peer is lost on the way: it goes on with the next
   * one, and gives up after three losses in a row without a new block.
   * Throws a `SyncError` where the chain cannot go on, a `RequestError` where no peer can, and the signal's reason.
   */
  sync (options?: SyncOptions): Promise<SyncResult>

  /**
   * The ready peers, as soon as there are `count` of them, 1 unless given. Throws a `ConfigError` for more than there are slots, the
   * signal's reason, and a `NotRunningError` where the network stops.
   */
  waitForPeers (count?: number, options?: AbortOptions): Promise<Peer[]>

  /**
   * The tip, as soon as the node has the blocks that its ready peers are believed to have: at once where that is so. It waits for a first
   * peer. Throws a `SyncError` without a chain, the signal's reason, and a `NotRunningError` where the network stops.
   */
  whenSynced (options?: AbortOptions): Promise<Tip>

  /**
   * Makes a session with the peer at a multiaddr, now, in an outbound slot.
   * Throws a `DisconnectedError` where either side refuses it, a `ConfigError` for what is no multiaddr, one that no transport of the
   * node dials, or one that leads to this node itself, and libp2p's errors where no peer is reached. A peer that has banned this node
   * may only close the connection: then the error has no reason.
   */
  connect (address: string, options?: AbortOptions): Promise<Peer>

  /**
   * What the node knows of itself now: who it is, its addresses, its tip, whether it is in step, slots, peers, dials, bans, sources of
   * peers, what has passed, what waits, and what is in memory. Plain values for `JSON.stringify`. It costs nothing until it is called.
   */
  status (): NetworkStatus

  /** What may pass in a second now, in bytes. */
  readonly bandwidth: Bandwidth

  /**
   * Changes what may pass in a second, at once. A cap that is not named stays, and `Infinity` lifts one.
   * Throws a `ConfigError` for what is neither that nor a number of bytes from 1024.
   */
  setBandwidth (changes: BandwidthOptions): void
}

/** What the service needs of libp2p. */
export interface VibeCoinComponents {
  peerId: PeerId
  /** libp2p always has it. Without it the node cannot sign its own record, and no peer tells of it. */
  privateKey?: PrivateKey
  registrar: Registrar
  connectionManager: ConnectionManager
  addressManager: AddressManager
  events: TypedEventTarget<Libp2pEvents>
  /** libp2p always has it. Without it the node dials peers of which it hears at whatever addresses they have, one after the other. */
  transportManager?: Pick<TransportManager, 'dial' | 'dialTransportForMultiaddr'>
  logger: ComponentLogger
  metrics?: Metrics
}

/** What only `startNetwork` and tests give to the service. */
export interface VibeCoinExtras {
  /** Remembers peers between two runs. Its opener closes it. */
  knownPeers?: KnownPeers
  /** The node asks them for peers when the known ones do not fill the outbound slots. */
  peerSources?: readonly PeerSource[]
  /**
   * The addresses of this machine's interfaces but loopback, as multiaddrs: they show which networks and hosts are its own. Others are
   * for tests, and for nodes that are on no machine.
   */
  localAddresses?: () => Iterable<string>
  /** What came of asking peers to dial an address of this node. */
  testsOf?: (address: string) => AddressTests | undefined
  /** The router before this node, where it asks one to lead ports to it. */
  gatewayOf?: (() => GatewayStatus) | undefined
  /** Whether the node tries to get a direct connection to a peer that it has reached through a relay. */
  upgradeOf?: (id: string) => UpgradeState | undefined
  /** Remembers bans between two runs. Its opener closes it. */
  bans?: BanStore
  /**
   * The location of a peer at an IP address, as seen from a machine that has the local addresses. Another rule is for tests, whose nodes
   * are all on one machine.
   */
  locationOfIp?: LocationOfIp
  /** Which addresses the node takes for public. Other rules are for tests. */
  addressRules?: AddressRules
  /** Makes, reads and verifies signed peer records. A simulation has records whose signatures cost nothing. */
  peerRecords?: PeerRecords
  clock?: Clock
  chance?: Chance
}
