/// <reference lib="esnext.disposable" preserve="true" />
import type { VibeCoin } from './service/api.ts'
import type { VibeCoinEvents } from './service/reports/events.ts'
import type { BandwidthOptions } from './config/resolve.ts'
import type { BroadcastResult } from './gossip/send/distribution.ts'
import type { PeerManager } from './peers/manager/types.ts'
import type { Router } from './service/dispatch/handlers.ts'
import type { RequestOptions } from './sync/download/client.ts'
import type { Block, Tip } from './types/block.ts'
import type { Bandwidth } from './types/limits.ts'
import type { BroadcastMessage } from './types/message.ts'
import type { Peer } from './types/peer.ts'
import type { NetworkStatus } from './types/status.ts'
import type { SyncOptions, SyncResult } from './types/sync.ts'
import type { AbortOptions, EventHandler, Libp2p, TypedEventTarget } from '@libp2p/interface'

/** A running VibeCoin node. */
export interface Network extends VibeCoin {
  /** The libp2p node underneath. */
  readonly libp2p: Libp2p

  /**
   * Tells every peer goodbye and ends everything, in at most 2 s. Nothing is left running. May be called again.
   * What waits for a block, a range, a session or a synchronisation gets a `NotRunningError`: a range when it is asked for the next block.
   *
   * It waits for the chain besides: 1 s for reads, 10 s for `verify`, `append` and `reorganise`. Afterwards it begins no call of the chain.
   * A call that took longer may still be under way, which it logs as an error.
   */
  stop (): Promise<void>

  /** Does what {@link stop} does, for `await using network = await startNetwork(...)`. */
  [Symbol.asyncDispose] (): Promise<void>
}

/** Options of {@link ServiceNetwork}. */
export interface NetworkInit {
  libp2p: Libp2p
  service: VibeCoin
  stop: () => Promise<void>
}

type Listener<Type extends keyof VibeCoinEvents> = EventHandler<VibeCoinEvents[Type]> | null

/** The types of the DOM that libp2p names; by way of libp2p, so that an application needs no `dom` for this package. */
type Events = TypedEventTarget<VibeCoinEvents>
type ListenerOptions = Parameters<Events['addEventListener']>[2]
type EventDetail = Parameters<Events['safeDispatchEvent']>[1]

/**
 * The service of a node that is ours, with the node. An object of its own: the service's `start` and `stop` belong to
 * libp2p, and stopping the network means more than they do.
 */
export class ServiceNetwork implements Network {
  readonly libp2p: Libp2p
  readonly #service: VibeCoin
  readonly #stop: () => Promise<void>
  #stopped: Promise<void> | undefined

  constructor ({ libp2p, service, stop }: NetworkInit) {
    this.libp2p = libp2p
    this.#service = service
    this.#stop = stop
  }

  get peers (): PeerManager {
    return this.#service.peers
  }

  get router (): Router {
    return this.#service.router
  }

  broadcast (message: BroadcastMessage): BroadcastResult {
    return this.#service.broadcast(message)
  }

  async room (options?: AbortOptions): Promise<void> {
    await this.#service.room(options)
  }

  async requestBlock (height: number, options?: RequestOptions): Promise<Block | undefined> {
    return this.#service.requestBlock(height, options)
  }

  requestBlockRange (startHeight: number, endHeight: number, options?: RequestOptions): AsyncGenerator<Block, void, undefined> {
    return this.#service.requestBlockRange(startHeight, endHeight, options)
  }

  async sync (options?: SyncOptions): Promise<SyncResult> {
    return this.#service.sync(options)
  }

  async waitForPeers (count?: number, options?: AbortOptions): Promise<Peer[]> {
    return this.#service.waitForPeers(count, options)
  }

  async whenSynced (options?: AbortOptions): Promise<Tip> {
    return this.#service.whenSynced(options)
  }

  async connect (address: string, options?: AbortOptions): Promise<Peer> {
    return this.#service.connect(address, options)
  }

  status (): NetworkStatus {
    return this.#service.status()
  }

  get bandwidth (): Bandwidth {
    return this.#service.bandwidth
  }

  setBandwidth (changes: BandwidthOptions): void {
    this.#service.setBandwidth(changes)
  }

  async stop (): Promise<void> {
    this.#stopped ??= this.#stop()
    await this.#stopped
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }

  addEventListener<Type extends keyof VibeCoinEvents> (
    type: Type, listener: Listener<Type>, options?: ListenerOptions
  ): void {
    this.#service.addEventListener(type, listener, options)
  }

  removeEventListener<Type extends keyof VibeCoinEvents> (
    type: Type, listener?: Listener<Type>, options?: ListenerOptions
  ): void {
    this.#service.removeEventListener(type, listener, options)
  }

  listenerCount (type: string): number {
    return this.#service.listenerCount(type)
  }

  dispatchEvent (event: Event): boolean {
    return this.#service.dispatchEvent(event)
  }

  safeDispatchEvent (type: keyof VibeCoinEvents, detail?: EventDetail): boolean {
    return this.#service.safeDispatchEvent(type, detail)
  }
}
