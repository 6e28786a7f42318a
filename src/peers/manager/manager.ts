import { banKindOf } from '../penalties/penalties.ts'
import { checkSubject } from '../penalties/subject.ts'
import { ReadingTurns } from '../../session/read/reading-turns.ts'
import { isLost } from '../../session/close.ts'
import { Session } from '../../session/session.ts'
import { Admission } from '../admission.ts'
import { Slots } from '../slots.ts'
import { createHooks } from './hooks.ts'
import { SessionTable } from './session-table.ts'
import { setInspect } from '../../util/inspect.ts'
import { Attachment } from '../../util/attachment.ts'
import { isReplacedBy } from '../tie-break.ts'
import { cutDetail } from '../../codec/message.ts'
import type { InboundDecision } from '../admission.ts'
import type { Identification } from '../penalties/penalties.ts'
import type { ManagerInit, ManagerListener, OpenStream, PeerKey, PeerManager } from './types.ts'
import type { AdmissionAnswer, Closure, SessionHooks } from '../../session/types.ts'
import type { PeerCounts, Slot } from '../slots.ts'
import type { Ban } from '../../types/ban.ts'
import type { DisconnectReason } from '../../types/message.ts'
import type { Direction, PeerStatus } from '../../types/peer.ts'
import type { Location } from '../../address/location.ts'

/** What the manager has found out about a stream. */
interface Opened extends InboundDecision {
  direction: Direction
  location: Location
  isSuccessor?: boolean
}

/** All sessions, and the rules between them: how many of each direction, one per peer, and which peers are banned. */
export class SessionManager implements PeerManager {
  readonly slots: Slots
  readonly #init: ManagerInit
  readonly #admission: Admission
  readonly #sessions = new SessionTable()
  readonly #reading: ReadingTurns
  readonly #attachment = new Attachment<{ listener: ManagerListener, hooks: SessionHooks<Session> }>()
  /** The session of a peer that breaks the protocol right now: it ends with that reason, and not with `BANNED`. */
  #offender: Session | undefined

  constructor (init: ManagerInit) {
    this.#init = init
    this.slots = new Slots(init.config)
    this.#reading = new ReadingTurns(init.clock)
    this.#admission = new Admission({
      localId: init.local.id,
      slots: this.slots,
      clock: init.clock,
      chance: init.chance,
      config: init.config,
      ready: () => this.#sessions.inbound(),
      get: (id) => this.#sessions.get(id),
      isReserved: (id) => init.reserved.has(id),
      isBanned: ({ id, location: { host } }) => this.isKeptOut({ id, host })
    })
    init.penalties.subscribe(() => { this.#closeBanned() })
  }

  /** Sets the listener. Once, and before the first session. */
  attach (listener: ManagerListener): void {
    this.#attachment.attach({
      listener,
      hooks: createHooks(this.#init, listener, {
        entryOf: (session) => this.#sessions.entryOf(session),
        admit: (session) => this.#admit(session),
        onReady: (session) => { this.#onReady(session) },
        onViolation: (detail, session) => { this.#onViolation(session, detail) },
        onClosed: (closure, session) => { this.#onClosed(session, closure) }
      })
    })
  }

  get counts (): PeerCounts { return this.slots.counts }
  [Symbol.iterator] (): Iterator<Session> { return this.#sessions.ready[Symbol.iterator]() }
  toJSON (): PeerStatus[] { return this.#sessions.ready.map((session) => session.toJSON()) }

  static { setInspect(this.prototype, (peers, options, inspect) => `Peers ${inspect([...peers], options)}`) }

  get (id: string): Session | undefined { return this.#sessions.get(id) }

  /** The session with this peer, ready or on its way: the one that does not go through a relay, where there is one. */
  find (id: string): Session | undefined {
    return this.#sessions.find(id)
  }

  /** Makes a session of a stream that a peer opened. Where the {@link Admission} refuses it, the session says so and ends. */
  accept (open: OpenStream): Session {
    const location = this.#init.locationOf(open.address)

    return this.#open(open, { direction: 'inbound', location, ...this.#admission.decide({ id: open.peer.id, location }) })
  }

  /** Makes a session of a stream that this node opened, in the slot that it has reserved. */
  dialled (open: OpenStream, slot: Slot, { isSuccessor = false }: { isSuccessor?: boolean } = {}): Session {
    // a peer that was dialled by its address alone may turn out to be reserved
    const isExempt = !slot.isReserved && this.#init.reserved.has(open.peer.id)

    return this.#open(open, {
      direction: 'outbound',
      location: this.#init.locationOf(open.address),
      slot: isExempt ? this.slots.exempt(slot) : slot,
      refusal: undefined,
      isSuccessor
    })
  }

  /**
   * Makes a session of a stream that this node opened over a direct connection or a new circuit, to replace one through a relay that it
   * opened too. That one stays until the peer has accepted the new one, and for good where the peer refuses that. `undefined` where it has
   * ended, or another such session is under way: the node does not need the stream then.
   */
  succeed (relayed: Session, open: OpenStream): Session | undefined {
    const slot = this.#sessions.entryOf(relayed)?.slot

    if (slot == null || this.find(relayed.id) !== relayed || this.get(relayed.id) !== relayed) {
      return undefined
    }

    return this.dialled(open, this.slots.succeed(slot), { isSuccessor: true })
  }

  disconnect (id: string, detail = ''): boolean {
    return this.#closeAll('SHUTDOWN', { detail: cutDetail(detail), id })
  }

  get bans (): Ban[] {
    return this.#init.penalties.bans.list()
  }

  ban (subject: string, options: { duration?: number, reason?: string } = {}): void {
    checkSubject(subject, this.#init.local.id, this.#init.hostOf)
    this.#init.penalties.ban(this.#subjectOf(subject), options)
  }

  unban (subject: string): boolean {
    return this.#init.penalties.unban(this.#subjectOf(subject))
  }

  isBanned (subject: string): boolean {
    const known = this.#subjectOf(subject)

    return this.isKeptOut(banKindOf(known) === 'host' ? { host: known } : { id: known })
  }

  /** {@link isBanned} for a peer id, a host, or both. */
  isKeptOut (who: Identification): boolean {
    return this.#init.penalties.isBanned(who)
  }

  #closeBanned (): void {
    for (const session of this.#sessions.live) {
      if (session !== this.#offender && this.isKeptOut({ id: session.id, host: session.location.host })) {
        session.close('BANNED')
      }
    }
  }

  /** Ends every session and resolves when their streams are closed. */
  async close (): Promise<void> {
    this.#closeAll('SHUTDOWN', { detail: '' })
    await this.#sessions.whenFinished()
  }

  /** Ends the sessions with peers that are on another fork than a chain of this height. */
  closeForked (height: number): void {
    for (const session of this.#sessions.live) {
      const refusal = this.#init.forks?.refusal(session.info?.forkId, height)

      if (refusal != null) {
        session.close('WRONG_FORK', refusal)
      }
    }
  }

  #closeAll (reason: DisconnectReason, { detail, id }: { detail: string, id?: string }): boolean {
    const sessions = id == null ? this.#sessions.live : this.#sessions.liveOf(id)
    sessions.forEach((session) => { session.close(reason, detail) })

    return sessions.length > 0
  }

  /** An IP address in the form of {@link Location.host}. Any other subject stays as it is. */
  #subjectOf (subject: string): string {
    return this.#init.hostOf(subject) ?? subject
  }

  #open (
    { stream, peer, address, ownsMemory = false, limits }: OpenStream,
    { direction, location, slot, refusal, isSuccessor = false }: Opened
  ): Session {
    const { config, forks, clock, chance, log, throttle, meters, totals } = this.#init
    const session = new Session({
      stream,
      ownsMemory,
      limits,
      id: peer.id,
      address,
      location,
      direction,
      isSuccessor,
      ...{ config, forks, clock, chance, log, throttle, meters, totals, reading: this.#reading, hooks: this.#attachment.listener.hooks }
    })

    this.#sessions.add(session, { slot, peer, stream, openedAt: clock.now() })

    if (refusal != null) {
      session.close(refusal.reason, refusal.detail)
    } else {
      if (direction === 'inbound') {
        this.#admission.onBegun(session)
      }

      void session.start()
    }

    return session
  }

  #admit (session: Session): AdmissionAnswer {
    const entry = this.#sessions.entryOf(session)
    const existing = this.get(session.id)
    this.#admission.onEnded(session)

    if (entry == null || this.isKeptOut({ id: session.id, host: session.location.host })) {
      return { reason: 'BANNED', detail: '' }
    }

    if (existing != null && !this.#isReplaced(existing, session, entry.peer)) {
      entry.slot?.release()

      return existing.readyFor > this.#raceWindow ? { reason: 'DUPLICATE_CONNECTION', detail: '' } : 'replaced'
    }

    const hasRoom = this.#makeRoom(session, existing) && entry.slot?.promote() === true

    return hasRoom ? 'ready' : { reason: 'TOO_MANY_CONNECTIONS', detail: '' }
  }

  /** Makes room for a ready session. False where there is none. */
  #makeRoom (session: Session, existing: Session | undefined): boolean {
    // a replaced session leaves its slot to the new one of the same direction, which may come from another host
    if (existing?.direction === session.direction && (session.direction === 'outbound' || this.#admission.hasRoomForHost(session))) {
      this.#sessions.entryOf(existing)?.slot?.release()

      return true
    }

    return session.direction === 'outbound' || this.#admission.makeRoom(session)
  }

  /** How long after a session is ready another one may come of a dial from before that. */
  get #raceWindow (): number {
    return this.#init.config.dialTimeout + this.#init.config.handshakeTimeout
  }

  #isReplaced (existing: Session, candidate: Session, peer: PeerKey): boolean {
    return isReplacedBy(existing, candidate, {
      localId: this.#init.local.bytes, remoteId: peer.bytes, raceWindow: this.#raceWindow
    })
  }

  #onViolation (session: Session, detail: string): void {
    this.#offender = session
    this.#init.penalties.onViolation(session, detail)
    this.#offender = undefined
  }

  #onReady (session: Session): void {
    const replaced = this.#sessions.setReady(session)
    this.#attachment.listener.listener.onReady(session)

    if (replaced != null) {
      this.#sessions.entryOf(replaced)?.slot?.release()
      replaced.retire()
    }
  }

  #onClosed (session: Session, closure: Closure): void {
    const wasReady = session.readyAt != null
    this.#admission.onEnded(session)

    if (session.circuit.isUsedUp || isLost(closure)) {
      // one that is to follow has nothing to wait for any more
      this.#sessions.liveOf(session.id).forEach((other) => { other.confirm() })
    }

    this.#sessions.entryOf(session)?.slot?.release()
    this.#sessions.delete(session)
    this.#attachment.listener.listener.onClosed(session, closure, wasReady)
  }
}
