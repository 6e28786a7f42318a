import { multiaddr } from '@multiformats/multiaddr'
import { endAddressTimer } from '../libp2p/patches/address-timer.ts'
import { ChainSync } from './chain-sync.ts'
import { peerKeyOf } from '../connect/connection.ts'
import { Enforcement } from './enforcement.ts'
import { ExternalAddress } from './external-address.ts'
import { localNode } from './local-node.ts'
import { createMetrics } from './metrics.ts'
import { ADDRESS_RULES } from '../address/scope.ts'
import { OwnChain } from './own-chain.ts'
import { Connectivity } from '../connect/connectivity.ts'
import { locationOf, locationOfIp } from '../address/location.ts'
import { Reports } from './reports.ts'
import { withIsolatedLogger } from './isolate/logger.ts'
import { Dispatch } from './dispatch.ts'
import { addHandlers, addRoutes } from './routes.ts'
import { IsolatedEventEmitter } from './isolate/events.ts'
import { systemClock } from '../util/clock.ts'
import { changeBandwidth } from '../config/resolve.ts'
import { NotRunningError } from '../errors.ts'
import { Gossip } from '../gossip/gossip.ts'
import { Throttle } from '../bandwidth/throttle.ts'
import { isFollowed } from '../session/circuit.ts'
import { SessionManager } from '../peers/manager/manager.ts'
import { BlockClient } from '../sync/download/client.ts'
import type { VibeCoinEvents } from './events.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from './api.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { LocationOfIp } from '../address/location.ts'
import type { Clock } from '../util/clock.ts'
import type { BandwidthOptions, ServiceConfig } from '../config/resolve.ts'
import type { BroadcastResult } from '../gossip/send/distribution.ts'
import type { Session } from '../session/session.ts'
import type { ManagerHooks } from '../peers/manager/types.ts'
import type { Closure } from '../session/types.ts'
import type { RequestOptions } from '../sync/download/client.ts'
import type { Block } from '../types/block.ts'
import type { Bandwidth } from '../types/limits.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Peer } from '../types/peer.ts'
import type { SyncOptions, SyncResult } from '../types/sync.ts'
import type { Outcome } from '../types/handlers.ts'
import type { AbortOptions, Logger, Startable } from '@libp2p/interface'

/** The service: puts its parts together and passes on what one of them has for another. */
export class VibeCoinService extends IsolatedEventEmitter<VibeCoinEvents> implements VibeCoin, Startable {
  readonly [Symbol.toStringTag] = '@vibecoin/network'
  readonly peers: SessionManager
  readonly router: Dispatch
  readonly own: OwnChain
  readonly #components: VibeCoinComponents
  readonly #config: ServiceConfig
  readonly #log: Logger
  /** Counts nothing until there is something to count with: the logger may fail before. */
  readonly #metrics: ServiceMetrics = createMetrics(undefined, () => this.peers.counts)
  readonly #reports: Reports
  readonly #external: ExternalAddress
  readonly #locationOfIp: LocationOfIp
  readonly #discipline: Enforcement
  readonly #throttle: Throttle
  readonly #outreach: Connectivity
  readonly #relay: Gossip
  readonly #client: BlockClient
  readonly #chainSync: ChainSync
  /** Aborted when the service stops. */
  #running: AbortController | undefined

  constructor (unsafe: VibeCoinComponents, config: ServiceConfig, extras: VibeCoinExtras) {
    super((type, err) => { this.#log.error('a listener of %s threw - %e', type, err) })
    const components = withIsolatedLogger(unsafe, () => { this.#metrics.handlerFailed('logger') })
    const log = components.logger.forComponent('vibecoin:service')
    const clock = extras.clock ?? systemClock
    this.#components = components
    this.#config = config
    this.#log = log
    this.own = new OwnChain({ ...config, chain: config.chain, clock, log })
    this.#locationOfIp = extras.locationOfIp ?? locationOfIp
    this.#metrics = createMetrics(components.metrics, () => this.peers.counts, (name, err) => {
      log.error('the metric %s failed - %e', name, err)
    })
    this.#reports = new Reports({ log, metrics: this.#metrics, events: this, clock })
    this.router = new Dispatch({ log, onHandlerError: (type) => { this.#metrics.handlerFailed(type) } })
    this.#throttle = new Throttle({ clock, limits: config.bandwidth })
    this.#discipline = new Enforcement({
      config,
      clock,
      log,
      metrics: this.#metrics,
      locationOfIp: this.#locationOfIp,
      store: extras.bans,
      onStoreError: (err) => { this.#reports.onStorageError('bans', err) },
      closeBanned: (except) => { this.peers.closeBanned(except) },
      onBan: (ban) => { this.#reports.onBan(ban) }
    })
    this.peers = new SessionManager({
      local: peerKeyOf(components.peerId),
      config,
      clock,
      log: components.logger.forComponent('vibecoin:peer'),
      conduct: this.#discipline.conduct,
      reserved: this.#discipline.reserved,
      throttle: this.#throttle,
      hooks: this.#hooks()
    })
    this.#external = new ExternalAddress({ components, peers: this.peers, rules: extras.addressRules ?? ADDRESS_RULES, clock, log })
    this.#relay = new Gossip({
      clock,
      maxFrameBytes: config.maxFrameBytes,
      maxPeers: this.peers.slots.mostReady + config.reservedPeers.length,
      seen: { digests: config.limits.seenDigests, duration: config.limits.seenDuration },
      judge: (message, item, from) => this.#chainSync.judge(message, item, from),
      onOutcome: (message, from, outcome) => { this.#onOutcome(message, from, outcome) },
      onRefused: (type, from, error) => { this.#discipline.onRefused(type, from, error) },
      onHeldBack: (type) => { this.#metrics.heldBack(type) }
    })
    this.#client = new BlockClient({ peers: this.peers, clock })
    this.#chainSync = this.#createChainSync(clock)
    this.#outreach = this.#createOutreach(clock, extras)
    const onServeError = (err: unknown): void => { this.#reports.onStorageError('chain', err) }
    addRoutes(this.router, {
      relay: this.#relay, config: { ...config, chain: this.own.chain }, clock, log: components.logger.forComponent('vibecoin:sync'), onServeError
    })
    addHandlers(this.router, config.handlers ?? {})
  }

  async start (): Promise<void> {
    await this.own.start()
    this.#running = new AbortController()
    this.#outreach.start()
    this.#external.start()
    await this.#discipline.start()
    this.#chainSync.start()
    await this.#outreach.listen()
  }

  async afterStart (): Promise<void> {
    // another part of libp2p may fail to start meanwhile
    await this.#outreach.dial(() => this.#running != null)
  }

  /** Says goodbye while there still are connections: libp2p closes them when all of its parts stop, at the same time. */
  async beforeStop (): Promise<void> {
    this.#running?.abort()
    this.#running = undefined
    this.#external.stop()
    await this.#outreach.stop()
    const closed = this.peers.close()
    this.#chainSync.stop()
    this.own.leave()
    await closed
    this.#relay.stop()
  }

  /** Everything has ended in `beforeStop`, but libp2p starts only what has this method. */
  stop (): void {}

  async afterStop (): Promise<void> {
    endAddressTimer(this.#components.addressManager)
    await this.own.whenLeft()
  }

  broadcast (message: BroadcastMessage): BroadcastResult {
    this.#signal()
    const result = this.#relay.broadcast(message)

    // whoever broadcasts a block of its own has it on its chain
    if (message.type === 'newBlock') {
      this.#chainSync.onGrown()
    }

    return result
  }

  async requestBlock (height: number, options?: RequestOptions): Promise<Block | undefined> {
    this.#signal()

    return this.#client.block(height, options)
  }

  requestBlockRange (startHeight: number, endHeight: number, options?: RequestOptions): AsyncGenerator<Block, void, undefined> {
    this.#signal()

    return this.#client.range(startHeight, endHeight, options)
  }

  async sync (options?: SyncOptions): Promise<SyncResult> {
    this.#signal()

    return this.#chainSync.sync(options)
  }

  async connect (address: string, options: AbortOptions = {}): Promise<Peer> {
    this.#signal()

    return this.#outreach.connect(address, options)
  }

  get bandwidth (): Bandwidth { return this.#throttle.limits }

  setBandwidth (changes: BandwidthOptions): void {
    this.#throttle.set(changeBandwidth(this.#throttle.limits, changes))
  }

  /** The signal that ends everything under way. Throws where the service does not run. */
  #signal (): AbortSignal {
    if (this.#running == null) {
      throw new NotRunningError('The network is not running')
    }

    return this.#running.signal
  }

  #hooks (): ManagerHooks {
    return {
      localNode: async (address) => localNode(this.#config, await this.own.tip.read(), this.#external.addressesFor(address)),
      bestHeight: () => this.own.tip.height,
      locationOf: (address) => locationOf(multiaddr(address), this.#locationOfIp),
      hostOf: (ip) => this.#locationOfIp(ip).host,
      onReady: (session) => { this.#onReady(session) },
      onLow: (session) => { this.#outreach.onLow(session) },
      onViolation: (session, detail) => { this.#discipline.onViolation(session, detail) },
      onMessage: (session, envelope) => {
        this.#metrics.received(envelope.type)

        // their heights have been taken note of
        if (envelope.type === 'ping' || envelope.type === 'pong') {
          this.#chainSync.check()
        }

        return this.router.dispatch(session, envelope)
      },
      onClosed: (session, closure, wasReady) => { this.#onClosed(session, closure, wasReady) }
    }
  }

  #createOutreach (clock: Clock, extras: VibeCoinExtras): Connectivity {
    return new Connectivity({
      ...extras,
      components: this.#components,
      config: this.#config,
      peers: this.peers,
      metrics: this.#metrics,
      locationOfIp: this.#locationOfIp,
      clock, log: this.#log, tip: () => this.own.latestTip,
      signal: () => this.#signal(),
      onReached: (session, target) => { this.#discipline.onReached(session, target) },
      onStoreError: (err) => { this.#reports.onStorageError('peers', err) },
      onFailure: (failure) => { this.#reports.onDialFailure(failure) }
    })
  }

  #createChainSync (clock: Clock): ChainSync {
    return new ChainSync({
      chain: this.own.chain,
      isAuto: this.#config.autoSync,
      peers: this.peers,
      router: this.router,
      relay: () => this.#relay,
      clock,
      log: this.#components.logger.forComponent('vibecoin:sync'),
      onProgress: (progress) => { this.#reports.onProgress(progress) },
      onEnd: (end) => { this.#reports.onSyncEnd(end) },
      onStoreError: (err) => { this.#reports.onStorageError('chain', err) },
      onFault: (fault) => {
        this.#reports.onFault(fault)
        this.#discipline.onFault(this.peers.get(fault.peer.id), fault)
      }
    })
  }

  #onReady (session: Session): void {
    this.#relay.onReady(session)
    this.#outreach.onReady(session)
    this.#external.onReady(session)
    this.#reports.onReady(session)
    this.#chainSync.check()
  }

  #onClosed (session: Session, closure: Closure, wasReady: boolean): void {
    this.#relay.onClosed(session, { isFollowed: isFollowed(session, closure) })
    this.#chainSync.onClosed(session)
    this.#discipline.onClosed(session, closure)
    this.#outreach.onClosed(session, closure)
    this.#reports.onClosed(session, closure, wasReady)
  }

  #onOutcome (message: BroadcastMessage, peer: Session, outcome: Outcome): void {
    if (outcome === 'accept') {
      peer.noteUseful(message.type)
    }

    if (outcome === 'accept' && message.type === 'newBlock') {
      peer.noteHeight(message.block.height)
    }

    this.#reports.onOutcome(message, peer, outcome)
    this.#discipline.onOutcome(peer, outcome)
  }
}
