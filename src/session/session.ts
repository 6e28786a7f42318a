import { createCircuit } from './circuit.ts'
import { closureText } from './closure-text.ts'
import { closeGracefully, closureByRemote, REPLACED, RETIRE_TIMEOUT_MS } from './close.ts'
import { Handshake } from './handshake.ts'
import { createKeepalive } from './create-keepalive.ts'
import { createOutbox } from './send/create-outbox.ts'
import { createReader } from './read/create-reader.ts'
import { Requests } from './requests.ts'
import { SendBudget } from './limits/send-budget.ts'
import { SessionRecord } from './record.ts'
import { inspectPeer, sessionStatus } from './status.ts'
import { setInspect } from '../util/inspect.ts'
import { LazyPromise } from '../util/lazy-promise.ts'
import { isRelayedAddress } from '../address/multiaddr.ts'
import { Messages } from './messages.ts'
import { transition } from './state.ts'
import { readEnvelope } from '../codec/envelope.ts'
import { encodeFrame } from '../codec/frame.ts'
import { lengthBytes } from '../codec/frame-type.ts'
import { maxItemBytes } from '../codec/limits.ts'
import { encodeMessage } from '../codec/message.ts'
import { DecodeError, DisconnectedError, errorMessage, ProtocolViolationError } from '../errors.ts'
import type { Circuit } from './circuit.ts'
import type { Keepalive } from './keepalive.ts'
import type { Outbox } from './send/outbox.ts'
import type { Reader } from './read/reader.ts'
import type { Frame, Priority } from './send/send-queue.ts'
import type { UnderWay } from './status.ts'
import type { RateGuard } from './limits/rate-limits.ts'
import type { RequestInit } from './requests.ts'
import type { AdmissionAnswer, Closure, SessionInit } from './types.ts'
import type { SessionEvent } from './state.ts'
import type { Envelope } from '../codec/envelope.ts'
import type { BroadcastMessage, DisconnectMessage, DisconnectReason, NodeInfo, WireMessage } from '../types/message.ts'
import type { Feature } from '../types/features.ts'
import type { Location } from '../address/location.ts'
import type { Direction, Peer, PeerStatus, SessionState } from '../types/peer.ts'

/** One session with one peer over one stream: the handshake, then messages both ways until either side ends it. */
export class Session implements Peer {
  /** What the node may still send to this peer, and ask of it. */
  readonly budget: SendBudget
  /** What a relay still lets through the connection. */
  readonly circuit: Circuit
  /** Whether it goes through a relay. Many parts ask again and again, so the address is parsed once. */
  readonly isRelayed: boolean
  /** What there was so far. */
  readonly record: SessionRecord
  readonly #init: SessionInit<Session>
  readonly #handshake: Handshake
  readonly #reader: Reader
  readonly #outbox: Outbox
  readonly #requests: Requests
  readonly #keepalive: Keepalive
  readonly #messages: Messages<Session>
  readonly #ready = new LazyPromise()
  readonly #finished = new LazyPromise()
  #state: SessionState = 'connecting'
  #readyAt: number | undefined
  #readySince = 0
  #bestHeight = 0
  /** Whether the peer has yet to show that it accepts the handshake of this node. */
  #isUnconfirmed = false
  /** Set when another session with the same peer has replaced this one. */
  #retireTimer: unknown

  constructor (init: SessionInit<Session>) {
    const { clock, config } = init
    this.#init = init
    this.record = new SessionRecord(init.totals)
    this.isRelayed = isRelayedAddress(init.address)
    this.budget = new SendBudget(config.rateLimits, clock)
    this.#reader = createReader(init, {
      hasShaken: () => this.#state === 'ready' || this.#isUnconfirmed,
      onFrame: (frame) => this.#onFrame(frame),
      onLate: () => { this.close('TIMEOUT', 'a frame was not completed in time') }
    })
    this.#outbox = createOutbox(init, this.record.out, (detail) => { this.close('TOO_SLOW', detail) })
    this.#requests = new Requests({ clock, timeout: config.requestTimeout, isHeldUp: () => this.#reader.isHeldUp, meters: init.meters })
    this.#keepalive = createKeepalive(this, init, () => this.#reader.isHeldUp)
    this.#messages = new Messages<Session>(this, init, { requests: this.#requests, keepalive: this.#keepalive, reader: this.#reader })
    const onLate = (): void => { this.close('TIMEOUT', 'no handshake in time') }
    this.#handshake = new Handshake({ clock, forks: init.forks, timeout: config.handshakeTimeout, onLate })
    this.circuit = createCircuit(this, init)
  }

  get id (): string { return this.#init.id }
  get address (): string { return this.#init.address }
  get location (): Location { return this.#init.location }
  get direction (): Direction { return this.#init.direction }
  get state (): SessionState { return this.#state }
  get info (): NodeInfo | undefined { return this.#handshake.remote }
  get nodeId (): string { return this.info?.nodeId ?? '' }
  get userAgent (): string { return this.info?.userAgent ?? '' }
  get protocolVersion (): number { return this.#handshake.version }
  get features (): readonly Feature[] { return this.#handshake.features }
  get isBlockOnly (): boolean { return this.#handshake.isBlockOnly }
  get asksBlockOnly (): boolean { return this.#handshake.asksBlockOnly }
  get bestHeight (): number { return this.#bestHeight }
  get lowestHeight (): number { return this.info?.lowestHeight ?? 0 }
  get rtt (): number | undefined { return this.#keepalive.rtt }
  get leastRtt (): number | undefined { return this.#keepalive.leastRtt }
  get readyAt (): number | undefined { return this.#readyAt }
  get bytesIn (): number { return this.#reader.receivedBytes }
  get bytesOut (): number { return this.#outbox.sentBytes }
  get maxItemBytes (): number { return maxItemBytes(this.#init.config.maxFrameBytes) }

  /** Resolves when messages flow; rejects with a {@link DisconnectedError} where the session ends before. */
  get ready (): Promise<void> { return this.#ready.promise }

  /** Resolves when the stream is closed, at most half a second after the session. */
  get finished (): Promise<void> { return this.#finished.promise }

  /** All that waits to be sent to this peer. */
  get outbox (): Pick<Outbox, 'belowMark' | 'cancel' | 'whenBelowMark'> { return this.#outbox }

  /** Bytes in memory for this peer: received and not read yet, and queued to be sent. */
  get bufferedBytes (): { in: number, out: number } { return { in: this.#reader.bufferedBytes, out: this.#outbox.bytes } }

  /** Requests that the peer has not answered, and its messages that are being handled. */
  get underWay (): UnderWay { return { requests: this.#requests.size, ...this.#messages.inFlight } }

  /** How much the peer sends, by kind, and how long it has been ready, in ms. */
  get rates (): RateGuard { return this.#messages.rates }
  get readyFor (): number { return this.#readyAt == null ? 0 : this.#init.clock.now() - this.#readySince }

  toJSON (): PeerStatus {
    return sessionStatus(this, this.#init.hooks.standing?.(this) ?? { isReserved: false, score: 0 }, this.#init.clock.now())
  }

  static { setInspect(this.prototype, inspectPeer) }

  /** Sends the handshake of this node, and begins to read. */
  async start (): Promise<void> {
    try {
      if (await this.#init.hooks.localNode(this).then((local) => this.#open(local))) {
        await this.#reader.run()
        this.#close({ reason: undefined, detail: 'the peer closed the stream', byRemote: true })
      }
    } catch (err) {
      this.#onError(err)
    }
  }

  /** Queues a message. False where it was dropped. */
  send (priority: Priority, message: WireMessage, requestId?: bigint): boolean {
    return this.sendFrame(priority, encodeFrame(encodeMessage(message, requestId), this.#init.config.maxFrameBytes))
  }

  /** Queues a whole frame. False where it was dropped. */
  sendFrame (priority: Priority, frame: Frame): boolean { return this.#outbox.push(priority, frame) }

  /** Makes a request of this peer; see {@link Requests.start}. */
  async request (init: RequestInit): Promise<void> { await this.#requests.start(init) }
  /** When it last brought a new and good block, and such a transaction, by the clock. */
  get lastUsefulBlockAt (): number | undefined { return this.record.lastUsefulAt.newBlock }
  get lastUsefulTransactionAt (): number | undefined { return this.record.lastUsefulAt.newTransaction }

  /** Takes note that it has brought a new and good item. */
  noteUseful (type: BroadcastMessage['type']): void { this.record.noteUseful(type, this.#init.clock.recent()) }

  /** Takes note of a height that the peer has shown to have. */
  noteHeight (height: number): void { this.#bestHeight = Math.max(this.#bestHeight, height) }

  /** Ends it in favour of another session with the peer, and loses nothing: it sends what waits, and reads until the peer has ended too. */
  retire (): void {
    if (this.#state === 'ready' && this.#retireTimer == null) {
      this.#keepalive.stop()
      this.#ready.reject(new DisconnectedError(`Another session with ${this.id} stays`, { ...REPLACED, byRemote: false }))
      this.#retireTimer = this.#init.clock.setTimeout(() => { this.close(REPLACED.reason) }, RETIRE_TIMEOUT_MS)
      void this.#outbox.finish({ type: 'disconnect', ...REPLACED }, { keep: true })
    }
  }

  /** Ends the session: tells the peer why, then closes the stream. */
  close (reason: DisconnectReason, detail = ''): void {
    this.#close({ reason, detail, byRemote: false }, { type: 'disconnect', reason, detail })
  }

  /** Sends the handshake of this node. False where the session has ended before. */
  #open (local: NodeInfo): boolean {
    const isOpen = this.#advance('open')
    if (isOpen) {
      this.#handshake.begin(local)
      this.send('control', { type: 'handshake', node: local })
    }

    return isOpen
  }

  #advance (event: SessionEvent): boolean {
    const before = this.#state
    this.#state = transition(before, event) ?? before
    return this.#state !== before
  }

  /** Returns what to wait for before the next frame is taken. */
  #onFrame (frame: Uint8Array): Promise<void> | undefined {
    if (this.#state === 'closed') {
      return
    }

    const envelope = readEnvelope(frame, this.#handshake.bodies)
    this.record.in.add(envelope.type, frame.byteLength + lengthBytes(frame.byteLength))

    if (this.#isUnconfirmed && envelope.type !== 'disconnect') {
      this.confirm()
    }

    if (this.#state === 'ready') {
      return this.#messages.take(envelope, frame.byteLength)
    }

    this.#onHandshake(envelope)
  }

  #onHandshake (envelope: Envelope): void {
    if (envelope.type === 'disconnect') {
      this.closeByRemote(envelope.body)
      return
    }

    const refusal = this.#handshake.take(envelope)
    this.#bestHeight = this.info?.bestHeight ?? 0

    if (refusal == null && this.#init.isSuccessor === true) {
      // a peer that accepts this node answers
      this.#isUnconfirmed = true
      this.#keepalive.start()
    } else {
      this.#accept(refusal ?? this.#init.hooks.admit(this))
    }
  }

  /** Takes note that the peer has accepted the handshake of this node. Only a session that waits for that becomes ready by it. */
  confirm (): void {
    if (this.#isUnconfirmed) {
      this.#isUnconfirmed = false
      this.#accept(this.#init.hooks.admit(this))
    }
  }

  #accept (admission: AdmissionAnswer): void {
    if (typeof admission === 'object') {
      this.close(admission.reason, admission.detail)
    } else if (this.#advance('accept')) {
      this.#handshake.stop()

      if (admission === 'ready') {
        this.#onReady()
      } else {
        this.retire()
      }
    }
  }

  #onReady (): void {
    this.#readySince = this.#init.clock.now()
    this.#readyAt = this.#init.clock.date()
    this.#keepalive.start()
    this.circuit.start()
    this.#ready.resolve()
    this.#init.hooks.onReady(this)
  }

  #onError (err: unknown): void {
    if ((err instanceof DecodeError && !err.truncated) || err instanceof ProtocolViolationError) {
      this.#init.log('%s broke the protocol: %s', this.id, err.message)
      this.#init.hooks.onViolation(err.message, this)
      this.close('PROTOCOL_VIOLATION', err.message)
    } else {
      this.#close({ reason: undefined, detail: errorMessage(err), byRemote: true })
    }
  }

  /** Ends the session as the peer has said in a `disconnect` with this body. Throws a DecodeError. */
  closeByRemote (body: Uint8Array): void { this.#close(closureByRemote(body)) }

  #close (end: Closure, farewell?: DisconnectMessage): void {
    if (!this.#advance('close')) {
      return
    }

    const closure = this.#retireTimer == null ? end : { ...REPLACED, byRemote: false }
    const { clock, stream, hooks } = this.#init
    const error = new DisconnectedError(`The session with ${this.id} has ended: ${closureText(closure)}`, closure)
    this.#handshake.stop()
    clock.clearTimeout(this.#retireTimer)
    this.#keepalive.stop()
    this.circuit.stop()
    this.#ready.reject(error)
    this.#requests.end(error)
    this.budget.stop()
    this.#reader.close()
    // a peer that has another session with this node, or opens one, still reads what waits for it
    const keep = closure.reason === REPLACED.reason || this.circuit.isUsedUp
    void closeGracefully({ stream, clock, outbox: this.#outbox, farewell, keep }).finally(() => { this.#finished.resolve() })
    hooks.onClosed(closure, this)
  }
}
