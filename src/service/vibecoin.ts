import { multiaddr } from '@multiformats/multiaddr'
import { endAddressTimer } from './address-timer.ts'
import { ChainSync } from './chain-sync.ts'
import { peerIdOf, peerKeyOf } from './connection.ts'
import { Connector } from './connector.ts'
import { classifyDialError } from './dial-error.ts'
import { Dialer } from './dialer.ts'
import { ExternalAddress } from './external-address.ts'
import { Listener } from './listener.ts'
import { localNode } from './local-node.ts'
import { LocalTip } from './local-tip.ts'
import { createMetrics } from './metrics.ts'
import { ADDRESS_RULES } from './network-group.ts'
import { placeOf, placeOfIp } from './place.ts'
import { Reports } from './reports.ts'
import { MessageRouter } from './router.ts'
import { addHandlers, addRoutes } from './routes.ts'
import { SafeEventEmitter } from './safe-events.ts'
import { TargetFeed } from './target-feed.ts'
import { systemClock } from '../clock.ts'
import { DisconnectedError, NotRunningError } from '../errors.ts'
import { Relay } from '../gossip/relay.ts'
import { SessionManager } from '../peer/manager.ts'
import { BlockClient } from '../sync/fetch.ts'
import type { VibeCoinEvents } from './events.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from './api.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { AddressRules } from './network-group.ts'
import type { Clock } from '../clock.ts'
import type { ServiceConfig } from '../config.ts'
import type { BroadcastResult } from '../gossip/distribution.ts'
import type { Session } from '../peer/handler.ts'
import type { ManagerHooks } from '../peer/manager-init.ts'
import type { Closure } from '../peer/session.ts'
import type { RequestOptions } from '../sync/fetch.ts'
import type { Block } from '../types/block.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Peer } from '../types/peer.ts'
import type { SyncOptions, SyncResult } from '../types/sync.ts'
import type { Outcome } from '../types/verdict.ts'
import type { AbortOptions, Logger, Startable } from '@libp2p/interface'

/** The service: puts its parts together and passes on what one of them has for another. */
export class VibeCoinService extends SafeEventEmitter<VibeCoinEvents> implements VibeCoin, Startable {
  readonly [Symbol.toStringTag] = '@vibecoin/network'
  readonly peers: SessionManager
  readonly router: MessageRouter
  readonly #components: VibeCoinComponents
  readonly #config: ServiceConfig
  readonly #log: Logger
  readonly #metrics: ServiceMetrics
  readonly #reports: Reports
  readonly #tip: LocalTip
  readonly #external: ExternalAddress
  readonly #connector: Connector
  readonly #listener: Listener
  readonly #dialer: Dialer
  readonly #feed: TargetFeed
  readonly #relay: Relay
  readonly #client: BlockClient
  readonly #chainSync: ChainSync
  /** Aborted when the service stops. */
  #running: AbortController | undefined

  constructor (components: VibeCoinComponents, config: ServiceConfig, extras: VibeCoinExtras & { addressRules?: AddressRules }) {
    super((type, err) => { this.#log.error('a listener of %s threw - %e', type, err) })
    const log = components.logger.forComponent('vibecoin:service')
    const clock = extras.clock ?? systemClock
    this.#components = components
    this.#config = config
    this.#log = log
    this.#tip = new LocalTip({ chain: config.chain, genesisHash: config.genesisHash, clock, log })
    this.#metrics = createMetrics(components.metrics, () => this.peers.counts)
    this.#reports = new Reports({ log, metrics: this.#metrics, events: this })
    this.router = new MessageRouter({ log, onHandlerError: (type) => { this.#metrics.handlerFailed(type) } })
    this.peers = new SessionManager({
      local: peerKeyOf(components.peerId),
      config,
      clock,
      log: components.logger.forComponent('vibecoin:peer'),
      hooks: this.#hooks()
    })
    this.#external = new ExternalAddress({ components, peers: this.peers, rules: extras.addressRules ?? ADDRESS_RULES, clock, log })
    this.#relay = new Relay({
      clock,
      maxFrameBytes: config.maxFrameBytes,
      maxPeers: config.maxInbound + config.maxOutbound + config.reservedPeers.length,
      seen: { digests: config.limits.seenDigests, duration: config.limits.seenDuration },
      judge: (message, item, from) => this.#chainSync.judge(message, item, from),
      onOutcome: (message, from, outcome) => { this.#onOutcome(message, from, outcome) }
    })
    this.#client = new BlockClient({ peers: this.peers, clock })
    this.#chainSync = this.#createChainSync(clock)
    this.#connector = new Connector({
      connectionManager: components.connectionManager, peers: this.peers, metrics: this.#metrics, dialTimeout: config.dialTimeout
    })
    this.#listener = new Listener({
      registrar: components.registrar,
      peers: this.peers,
      onSession: (session, connection) => { this.#connector.closeAfter(session, connection) }
    })
    this.#dialer = new Dialer({
      peers: this.peers,
      clock,
      log: components.logger.forComponent('vibecoin:dialer'),
      localId: components.peerId.toString(),
      config,
      dial: async (target, slot) => this.#connector.connect(target, slot, this.#signal()),
      classify: classifyDialError,
      onReached: (session, target) => { this.#feed.onReached(session, target) },
      onFilled: () => { this.#feed.onFilled() },
      onFailure: (failure) => { this.#reports.onDialFailure(failure) }
    })
    this.#feed = new TargetFeed({
      components,
      config,
      knownPeers: extras.knownPeers,
      peerSources: extras.peerSources ?? [],
      localAddresses: extras.localAddresses ?? (() => []),
      dialer: this.#dialer,
      clock,
      log
    })
    addRoutes(this.router, { relay: this.#relay, config, clock, log: components.logger.forComponent('vibecoin:sync') })
    addHandlers(this.router, config.handlers ?? {})
  }

  async start (): Promise<void> {
    this.#running = new AbortController()
    this.#feed.start()
    this.#external.start()
    await this.#tip.read()
    this.#chainSync.start()
    await this.#listener.start()
  }

  async afterStart (): Promise<void> {
    await this.#feed.load()

    // another part of libp2p may have failed to start meanwhile
    if (this.#running != null) {
      this.#dialer.start()
      this.#feed.startSearch()
    }
  }

  /** Says goodbye while there still are connections: libp2p closes them when all of its parts stop, at the same time. */
  async beforeStop (): Promise<void> {
    this.#running?.abort()
    this.#running = undefined
    this.#dialer.stop()
    this.#feed.stop()
    this.#external.stop()
    await this.#listener.stop()
    await Promise.all([this.peers.close(), this.#chainSync.stop()])
    this.#relay.stop()
  }

  /** Everything has ended in `beforeStop`, but libp2p starts only what has this method. */
  stop (): void {}

  afterStop (): void {
    endAddressTimer(this.#components.addressManager)
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
    const signal = AbortSignal.any([this.#signal(), options.signal ?? []].flat())
    const peerId = peerIdOf(address)
    const slot = this.peers.slots.reserve('outbound')

    if (slot == null) {
      throw new DisconnectedError('All outbound slots are taken', { reason: 'TOO_MANY_CONNECTIONS', byRemote: false })
    }

    try {
      const session = await this.#connector.connect({ key: peerId ?? address, peerId, addresses: [address] }, slot, signal)
      this.#feed.remember(session)

      return session
    } finally {
      this.#dialer.fill()
    }
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
      localNode: async (address) => localNode(this.#config, await this.#tip.read(), this.#external.addressesFor(address)),
      bestHeight: () => this.#tip.height,
      placeOf: (address) => placeOf(multiaddr(address), placeOfIp),
      onReady: (session) => { this.#onReady(session) },
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

  #createChainSync (clock: Clock): ChainSync {
    return new ChainSync({
      chain: this.#config.chain,
      isAuto: this.#config.autoSync,
      peers: this.peers,
      router: this.router,
      relay: () => this.#relay,
      clock,
      log: this.#components.logger.forComponent('vibecoin:sync'),
      onProgress: (progress) => { this.#reports.onProgress(progress) },
      onEnd: (end) => { this.#reports.onSyncEnd(end) },
      onFault: (fault) => { this.#reports.onFault(fault) }
    })
  }

  #onReady (session: Session): void {
    this.#relay.onReady(session)
    this.#feed.onReady(session)
    this.#external.onReady(session)
    this.#reports.onReady(session)
    this.#chainSync.check()
  }

  #onClosed (session: Session, closure: Closure, wasReady: boolean): void {
    this.#relay.onClosed(session)
    this.#chainSync.onClosed(session)
    this.#dialer.onClosed(session, closure)
    this.#feed.onClosed(session)
    this.#reports.onClosed(session, closure, wasReady)
  }

  #onOutcome (message: BroadcastMessage, peer: Session, outcome: Outcome): void {
    if (outcome === 'accept' && message.type === 'newBlock') {
      peer.noteHeight(message.block.height)
    }

    this.#reports.onOutcome(message, peer, outcome)
  }
}
