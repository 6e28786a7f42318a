import { Lifetime } from './lifetime.ts'
import { createMetrics } from './metrics/metrics.ts'
import { ADDRESS_RULES } from '../address/scope.ts'
import { Room } from './room.ts'
import { Waits } from './waits.ts'
import { ConfigError, RequestError, SyncError } from '../errors.ts'
import { lastingSync } from './chain/lasting-sync.ts'
import { buildParts } from './parts.ts'
import { describeNetwork } from './status/status.ts'
import { Reports } from './reports/reports.ts'
import { IsolatedEventEmitter } from './isolate/events.ts'
import { isolatedLogger, withIsolatedLogger } from './isolate/logger.ts'
import { changeBandwidth } from '../config/resolve.ts'
import { endAddressTimer } from '../libp2p/patches/address-timer.ts'
import { isFollowed } from '../session/circuit.ts'
import { systemChance } from '../util/chance.ts'
import { systemClock } from '../util/clock.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from './api.ts'
import type { VibeCoinEvents } from './reports/events.ts'
import type { HandlerTable } from './dispatch/handlers.ts'
import type { LocalChain } from './chain/local-chain.ts'
import type { Parts } from './parts.ts'
import type { BandwidthOptions, ServiceConfig } from '../config/resolve.ts'
import type { BroadcastResult } from '../gossip/send/distribution.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { Session } from '../session/session.ts'
import type { Closure } from '../session/types.ts'
import type { RequestOptions } from '../sync/download/client.ts'
import type { Block, Tip } from '../types/block.ts'
import type { Described } from './status/status.ts'
import type { NetworkStatus } from '../types/status.ts'
import type { Bandwidth } from '../types/limits.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Peer } from '../types/peer.ts'
import type { SyncOptions, SyncResult } from '../types/sync.ts'
import type { AbortOptions, Startable } from '@libp2p/interface'

/**
 * How long `sync()` waits for a first peer, where there is none.
 *
 * @remarks It throws a `RequestError` with the code `NO_PEERS`. A `signal` ends the wait before.
 */
export const FIRST_PEER_TIMEOUT_MS = 10_000

/** The service: starts and stops its parts, gives each the events of sessions, and is what the application calls. */
export class VibeCoinService extends IsolatedEventEmitter<VibeCoinEvents> implements VibeCoin, Startable {
  readonly [Symbol.toStringTag] = '@vibecoin/network'
  readonly peers: SessionManager
  readonly router: HandlerTable
  readonly chain: LocalChain
  readonly #components: VibeCoinComponents
  readonly #reports: Reports
  readonly #parts: Parts
  readonly #described: Omit<Described, 'parts' | 'startedAt'>
  readonly #lifetime = new Lifetime()
  readonly #waits = new Waits()
  readonly #room: Room

  constructor (unsafe: VibeCoinComponents, config: ServiceConfig, extras: VibeCoinExtras) {
    // a line about a metric that the logger fails with as well is lost
    const metrics = createMetrics(unsafe.metrics, (name, err) => {
      isolatedLogger(unsafe.logger).forComponent('vibecoin:service').error('the metric %s failed - %e', name, err)
    })
    const components = withIsolatedLogger(unsafe, () => { metrics.handlerFailed('logger') })
    const log = components.logger.forComponent('vibecoin:service')
    super((type, err) => { log.error('a listener of %s threw - %e', type, err) })
    const clock = extras.clock ?? systemClock
    const chance = extras.chance ?? systemChance
    this.#components = components
    const { addressRules: rules = ADDRESS_RULES, testsOf, gatewayOf } = extras
    this.#described = { components, config, clock, rules, testsOf, gatewayOf }
    this.#reports = new Reports({ log, metrics, events: this, clock })
    const signal = (): AbortSignal => this.#lifetime.signal
    this.#parts = buildParts({
      components,
      config,
      extras,
      clock,
      chance,
      log,
      metrics,
      reports: this.#reports,
      waits: this.#waits,
      isRunning: () => this.#lifetime.isRunning,
      signal
    })
    this.peers = this.#parts.peers
    this.router = this.#parts.handlers
    this.chain = this.#parts.chain
    this.#room = new Room({ clock, peers: this.peers })
    metrics.observe({ status: () => this.status() })
    this.peers.attach({
      onReady: (session) => { this.#onReady(session) },
      onLow: (session) => { this.#parts.connectivity.onLow(session) },
      onMessage: (session, envelope) => this.#parts.dispatch.dispatch(session, envelope),
      onClosed: (session, closure, wasReady) => { this.#onClosed(session, closure, wasReady) }
    })
  }

  async start (): Promise<void> {
    const { chain, connectivity, external, enforcement, chainSync } = this.#parts
    await chain.start()
    this.#lifetime.begin(this.#described.clock.now())
    connectivity.start()
    external.start()
    await enforcement.start()
    chainSync.start()
    await connectivity.listen()
  }

  async afterStart (): Promise<void> {
    // another part of libp2p may fail to start meanwhile
    await this.#parts.connectivity.dial(() => this.#lifetime.isRunning)
  }

  /** Ends all sessions with a message, before libp2p stops: that closes the connections at once, in no order. */
  async beforeStop (): Promise<void> {
    const { chain, connectivity, external, chainSync, gossip } = this.#parts
    this.#lifetime.end()
    external.stop()
    await connectivity.stop()
    const closed = this.peers.close()
    chainSync.stop()
    chain.leave()
    await closed
    gossip.stop()
  }

  /** `beforeStop` has ended everything, but libp2p starts only what has this method. */
  stop (): void {}

  async afterStop (): Promise<void> {
    endAddressTimer(this.#components.addressManager)
    await this.chain.whenLeft()
  }

  broadcast (message: BroadcastMessage): BroadcastResult {
    this.#lifetime.check()
    const result = this.#parts.gossip.broadcast(message, () => {
      if (message.type === 'newBlock') {
        this.#parts.chain.checkOwn(message.block)
      }
    })

    // an application appends a block of its own before it broadcasts it
    if (message.type === 'newBlock') {
      this.#parts.chainSync.onGrown()
      void this.#parts.chain.tip.read()
    } else {
      this.#room.noteSent()
    }

    return result
  }

  async room (options?: AbortOptions): Promise<void> {
    await this.#room.wait(options?.signal, this.#lifetime.signal)
  }

  async requestBlock (height: number, options?: RequestOptions): Promise<Block | undefined> {
    return this.#parts.client.block(height, this.#lifetime.limit(options ?? {}))
  }

  requestBlockRange (startHeight: number, endHeight: number, options?: RequestOptions): AsyncGenerator<Block, void, undefined> {
    return this.#parts.client.range(startHeight, endHeight, this.#lifetime.limit(options ?? {}))
  }

  async sync (given?: SyncOptions): Promise<SyncResult> {
    const options = given ?? {}

    return this.#lifetime.run(async () => {
      const { chainSync } = this.#parts

      // a named peer is there, or is not
      if (!chainSync.canSync || options.peer != null) {
        return chainSync.sync(options)
      }

      const whenPeer = async (): Promise<void> => { await this.#firstPeer(options.signal) }
      await whenPeer()

      return lastingSync({
        sync: async () => chainSync.sync(options),
        hasPeers: () => [...this.peers].length > 0,
        height: () => this.#parts.chain.knownTip?.height ?? 0,
        whenPeer
      })
    })
  }

  async waitForPeers (count = 1, options?: AbortOptions): Promise<Peer[]> {
    const most = this.peers.slots.mostReady + this.#described.config.reservedPeers.length

    if (!Number.isInteger(count) || count < 1 || count > most) {
      throw new ConfigError(`Expected a whole number of peers from 1 to ${most}, as many as there are slots, got ${String(count)}`)
    }

    return this.#waits.until(() => {
      const peers = [...this.peers]

      return peers.length < count ? undefined : peers
    }, options?.signal, this.#lifetime.signal)
  }

  async whenSynced (options?: AbortOptions): Promise<Tip> {
    const { chain, chainSync } = this.#parts

    if (chain.knownTip == null) {
      throw new SyncError('NO_STORE', 'There is no chain to compare with those of peers')
    }

    return this.#waits.until(() => chainSync.state === 'synced' ? chain.knownTip : undefined, options?.signal, this.#lifetime.signal)
  }

  async connect (address: string, options?: AbortOptions): Promise<Peer> {
    return this.#lifetime.run(async () => this.#parts.connectivity.connect(address, options ?? {}))
  }

  status (): NetworkStatus {
    return describeNetwork({ ...this.#described, parts: this.#parts, startedAt: this.#lifetime.startedAt })
  }

  /** What has come and gone in all sessions so far. Quicker to ask for than the whole status. */
  get traffic (): Parts['totals'] {
    return this.#parts.totals
  }

  get bandwidth (): Bandwidth {
    return this.#parts.throttle.limits
  }

  setBandwidth (changes: BandwidthOptions): void {
    const { throttle } = this.#parts
    throttle.set(changeBandwidth(throttle.limits, changes))
  }

  /** Waits for a peer that can be asked: right after the start there is none. */
  async #firstPeer (signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#described
    const deadline = new AbortController()
    const timer = clock.setTimeout(() => {
      deadline.abort(new RequestError('NO_PEERS', `There is no peer to ask, and none came within ${FIRST_PEER_TIMEOUT_MS} ms`))
    }, FIRST_PEER_TIMEOUT_MS)

    try {
      await this.#waits.until(() => [...this.peers][0], signal, this.#lifetime.signal, deadline.signal)
    } finally {
      clock.clearTimeout(timer)
    }
  }

  #onReady (session: Session): void {
    const { gossip, connectivity, external, chainSync } = this.#parts
    gossip.onReady(session)
    connectivity.onReady(session)
    external.onReady(session)
    this.#reports.onReady(session)
    this.#waits.check()
    chainSync.check()
  }

  #onClosed (session: Session, closure: Closure, wasReady: boolean): void {
    const { gossip, chainSync, enforcement, connectivity, external } = this.#parts
    gossip.onClosed(session, { isFollowed: isFollowed(session, closure) })
    chainSync.onClosed(session)
    external.onClosed(session)
    enforcement.onClosed(session, closure)
    connectivity.onClosed(session, closure)
    this.#reports.onClosed(session, closure, wasReady)
  }
}
