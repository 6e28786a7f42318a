import { multiaddr } from '@multiformats/multiaddr'
import { endAddressTimer } from './address-timer.ts'
import { claimedAddresses } from './claimed-addresses.ts'
import { peerIdOf, peerKeyOf, withoutPeerId } from './connection.ts'
import { Connector } from './connector.ts'
import { classifyDialError } from './dial-error.ts'
import { Dialer } from './dialer.ts'
import { Listener } from './listener.ts'
import { localNode } from './local-node.ts'
import { LocalTip } from './local-tip.ts'
import { createMetrics } from './metrics.ts'
import { MessageRouter } from './router.ts'
import { SafeEventEmitter } from './safe-events.ts'
import { systemClock } from '../clock.ts'
import { decodeBody } from '../codec/message.ts'
import { DisconnectedError, NotRunningError } from '../errors.ts'
import { Relay } from '../gossip/relay.ts'
import { SessionManager } from '../peer/manager.ts'
import { BlockClient } from '../sync/fetch.ts'
import { readChain } from '../sync/read-chain.ts'
import { BlockServer } from '../sync/serve.ts'
import { HANDLER_TYPES } from '../types/handlers.ts'
import type { VibeCoinEvents } from './events.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from './api.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { Clock } from '../clock.ts'
import type { ServiceConfig } from '../config.ts'
import type { Session } from '../peer/handler.ts'
import type { Closure } from '../peer/session.ts'
import type { BroadcastResult } from '../peer/manager.ts'
import type { RequestOptions } from '../sync/fetch.ts'
import type { Block } from '../types/block.ts'
import type { Handlers } from '../types/handlers.ts'
import type { BroadcastMessage } from '../types/message.ts'
import type { Peer } from '../types/peer.ts'
import type { Verdict } from '../types/verdict.ts'
import type { AbortOptions, Logger, PeerInfo, Startable } from '@libp2p/interface'

/** The service: puts its parts together and passes on what one of them has for another. */
export class VibeCoinService extends SafeEventEmitter<VibeCoinEvents> implements VibeCoin, Startable {
  readonly [Symbol.toStringTag] = '@vibecoin/network'
  readonly peers: SessionManager
  readonly router: MessageRouter
  readonly #components: VibeCoinComponents
  readonly #config: ServiceConfig
  readonly #extras: VibeCoinExtras
  readonly #clock: Clock
  readonly #log: Logger
  readonly #metrics: ServiceMetrics
  readonly #tip: LocalTip
  readonly #connector: Connector
  readonly #listener: Listener
  readonly #dialer: Dialer
  readonly #relay: Relay
  readonly #client: BlockClient
  /** Aborted when the service stops. */
  #running: AbortController | undefined

  constructor (components: VibeCoinComponents, config: ServiceConfig, extras: VibeCoinExtras) {
    super((type, err) => { this.#log.error('a listener of %s threw - %e', type, err) })
    const log = components.logger.forComponent('vibecoin:service')
    const clock = extras.clock ?? systemClock
    this.#components = components
    this.#config = config
    this.#extras = extras
    this.#clock = clock
    this.#log = log
    this.#tip = new LocalTip({ chain: config.chain, genesisHash: config.genesisHash, clock, log })
    this.#metrics = createMetrics(components.metrics, () => this.peers.counts)
    this.router = new MessageRouter({ log, onHandlerError: (type) => { this.#metrics.handlerFailed(type) } })
    this.peers = new SessionManager({
      local: peerKeyOf(components.peerId),
      config,
      clock,
      log: components.logger.forComponent('vibecoin:peer'),
      hooks: {
        localNode: async () => localNode(config, await this.#tip.read(), components.addressManager.getAddresses()),
        bestHeight: () => this.#tip.height,
        onReady: (session) => { this.#onReady(session) },
        onMessage: (session, envelope) => {
          this.#metrics.received(envelope.type)

          return this.router.dispatch(session, envelope)
        },
        onClosed: (session, closure, wasReady) => { this.#onClosed(session, closure, wasReady) }
      }
    })
    this.#relay = new Relay({
      peers: this.peers,
      clock,
      maxFrameBytes: config.maxFrameBytes,
      judge: (message, from) => this.router.judge(message, from),
      onVerdict: (message, from, verdict) => { this.#onVerdict(message, from, verdict) }
    })
    this.#client = new BlockClient({ peers: this.peers, clock, requestTimeout: config.requestTimeout })
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
      onReached: (session) => { this.#remember(session) },
      onFailure: (failure) => { this.safeDispatchEvent('dial:failed', { detail: failure }) }
    })
    this.#route()
    this.#handle(config.handlers ?? {})
  }

  async start (): Promise<void> {
    this.#running = new AbortController()
    this.#components.events.addEventListener('peer:discovery', this.#onDiscovery)
    await this.#tip.read()
    await this.#listener.start()
  }

  async afterStart (): Promise<void> {
    const { addressManager } = this.#components
    const own = new Set([...addressManager.getListenAddrs(), ...addressManager.getAddresses()].map(withoutPeerId))

    for (const address of this.#config.seedPeers.filter((address) => !own.has(withoutPeerId(multiaddr(address))))) {
      this.#dialer.add('seed', { peerId: peerIdOf(address), addresses: [address] })
    }

    for (const { id, addresses } of await this.#extras.knownPeers?.load() ?? []) {
      this.#dialer.add('known', { peerId: id, addresses })
    }

    // another part of libp2p may have failed to start meanwhile
    if (this.#running != null) {
      this.#dialer.start()
    }
  }

  /** Says goodbye while there still are connections: libp2p closes them when all of its parts stop, at the same time. */
  async beforeStop (): Promise<void> {
    this.#running?.abort()
    this.#running = undefined
    this.#dialer.stop()
    this.#components.events.removeEventListener('peer:discovery', this.#onDiscovery)
    await this.#listener.stop()
    await this.peers.close()
  }

  /** Everything has ended in `beforeStop`, but libp2p starts only what has this method. */
  stop (): void {}

  afterStop (): void {
    endAddressTimer(this.#components.addressManager)
  }

  broadcast (message: BroadcastMessage): BroadcastResult {
    this.#signal()

    return this.#relay.broadcast(message)
  }

  async requestBlock (height: number, options?: RequestOptions): Promise<Block | undefined> {
    this.#signal()

    return this.#client.block(height, options)
  }

  requestBlockRange (startHeight: number, endHeight: number, options?: RequestOptions): AsyncGenerator<Block, void, undefined> {
    this.#signal()

    return this.#client.range(startHeight, endHeight, options)
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
      this.#remember(session)

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

  #handle (handlers: Partial<Handlers>): void {
    for (const type of HANDLER_TYPES) {
      const handler = handlers[type]

      if (handler != null) {
        this.router.handle(type, handler)
      }
    }
  }

  #route (): void {
    const { chain, maxFrameBytes } = this.#config
    const stored = readChain(chain)
    const server = new BlockServer({
      clock: this.#clock,
      log: this.#components.logger.forComponent('vibecoin:sync'),
      maxFrameBytes,
      source: {
        block: async (request, peer) => (this.router.get('requestBlock') ?? stored.block)(request, peer),
        range: (request, peer) => (this.router.get('requestBlockRange') ?? stored.range)(request, peer)
      }
    })

    for (const type of ['newBlock', 'newTransaction'] as const) {
      this.router.route(type, (session, { body }) => this.#relay.onMessage(type, body, session))
    }

    // not acted upon yet, but a peer that sends what is none is not let pass
    for (const type of ['have', 'want'] as const) {
      this.router.route(type, (_, { body }) => {
        decodeBody(type, body)

        return undefined
      })
    }

    for (const type of ['requestBlock', 'requestBlockRange'] as const) {
      this.router.route(type, (session, { body, requestId }) => server.serve(decodeBody(type, body), requestId, session))
    }
  }

  #onReady (session: Session): void {
    this.#log('session with %s (%s) is ready', session.id, session.direction)

    if (session.direction === 'inbound') {
      const addresses = claimedAddresses(session)

      if (addresses.length > 0) {
        this.#dialer.add('discovered', { peerId: session.id, addresses })
      }
    }

    this.safeDispatchEvent('peer:ready', { detail: session })
  }

  #onClosed (session: Session, closure: Closure, wasReady: boolean): void {
    this.#log('session with %s (%s) has ended: %s', session.id, session.direction, closure.reason ?? 'connection lost')
    this.#metrics.closed(closure.reason ?? 'none')
    this.#dialer.onClosed(session, closure)
    this.safeDispatchEvent(wasReady ? 'peer:closed' : 'peer:refused', { detail: { peer: session, ...closure } })
  }

  #onVerdict (message: BroadcastMessage, peer: Session, verdict: Verdict): void {
    this.#metrics.judged(message.type, verdict)

    if (verdict !== 'accept') {
      this.#log('%s of %s: %s', message.type, peer.id, verdict)
    } else if (message.type === 'newBlock') {
      peer.noteHeight(message.block.height)
      this.safeDispatchEvent('block', { detail: { block: message.block, peer } })
    } else if (this.listenerCount('transaction') > 0) {
      this.safeDispatchEvent('transaction', { detail: { transaction: message.transaction, peer } })
    }
  }

  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => {
    // libp2p also tells of peers that have just connected to us: where they say that they are is not a discovery
    if (detail.multiaddrs.length > 0 && this.#components.connectionManager.getConnections(detail.id).length === 0) {
      this.#dialer.add('discovered', { peerId: detail.id.toString(), addresses: detail.multiaddrs.map(String) })
    }
  }

  #remember ({ id, address, direction }: Session): void {
    // the address that an inbound peer comes from is not one that it can be dialled at
    if (direction === 'inbound') {
      return
    }

    this.#extras.knownPeers?.save({ id, addresses: [address], lastSuccess: this.#clock.date() }).catch((err: unknown) => {
      this.#log.error('could not remember %s - %e', id, err)
    })
  }
}
