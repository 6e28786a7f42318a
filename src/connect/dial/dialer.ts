import { dialErrorText } from './dial-error.ts'
import { dialsStatus } from './dial-status.ts'
import { backoffDelay, backoffPolicies, failureKind } from './redial-delay.ts'
import { candidatesOf, isAny, isCandidate } from '../targets/candidates.ts'
import { rankOf } from './extra-peer.ts'
import { DialPace } from './dial-pace.ts'
import { DialSlots } from './dial-slots.ts'
import { DialsUnderWay } from './dials-under-way.ts'
import { DialOrder, isTaken, takenNetgroups } from '../targets/dial-order.ts'
import { Targets } from '../targets/targets.ts'
import { closureText } from '../../session/closure-text.ts'
import { circuitOf } from '../../session/circuit.ts'
import type { BackoffPolicies, FailureKind } from './redial-delay.ts'
import type { ExtraWish } from './extra-peer.ts'
import type { DialerInit } from './types.ts'
import type { Choice } from '../targets/dial-order.ts'
import type { NewTarget, Target, TargetSource } from '../targets/target.ts'
import type { Session } from '../../session/session.ts'
import type { Closure } from '../../session/types.ts'
import type { Slot } from '../../peers/slots.ts'
import type { DialsStatus } from '../../types/status.ts'

/**
 * How long a session has to last for its peer to count as healthy again.
 *
 * @remarks The pauses between dials to the peer start over.
 */
export const HEALTHY_AFTER_MS = 30_000

/** The dialer looks for peers to dial at least this often, in ms. */
const HEARTBEAT_MS = 60_000

/**
 * Keeps the outbound slots filled: picks the targets to dial, one dial to each at a time, and waits longer after each failure. While
 * there is a free slot and a target to try, a dial is under way or a timer runs.
 *
 * The dialer dials reserved peers even when all slots are taken. Other targets, except for seeds, need a netgroup without an outbound
 * session or dial: so an attacker with one netgroup gets at most one outbound slot. The rule holds even while slots stay empty.
 *
 * A slow dial parks its slot, and another dial may take it: so an address that never answers delays no other dial. Where all slots are
 * taken when the slow dial gets through, the dialer gives it up.
 */
export class Dialer {
  readonly #init: DialerInit
  readonly #targets: Targets
  readonly #policies: BackoffPolicies
  readonly #slots: DialSlots
  readonly #pace = new DialPace()
  readonly #dials = new DialsUnderWay()
  #isRunning = false
  #timer: unknown

  constructor (init: DialerInit) {
    this.#init = init
    this.#targets = new Targets(init.groupOf, init.chance.fill(new Uint32Array(2)))
    this.#policies = backoffPolicies(init.config)
    this.#slots = new DialSlots({ slots: init.peers.slots, maxOutbound: init.config.maxOutbound, targets: this.#targets })
  }

  /** The peers that the dialer may dial. */
  get targets (): Targets { return this.#targets }

  /** Whom it dials, when next, and why not. */
  get status (): DialsStatus {
    const { hasRoom } = this.#slots

    return dialsStatus({ ...this.#init, targets: this.#targets, taken: this.#takenNetgroups(), underWay: this.#dials.size, hasRoom })
  }

  /** See {@link DialSlots.isFull}. */
  get isFull (): boolean { return this.#slots.isFull }

  /** Whether outbound slots are empty, and each target that could fill them was tried and has failed. */
  get isShort (): boolean {
    const now = this.#init.clock.now()
    const taken = this.#takenNetgroups()
    const hasFresh = isAny(this.#targets, (target) => {
      return target.failures === 0 &&
        (target.isDialling || (target.nextAttempt <= now && isCandidate(target, this.#init.peers, now) && !isTaken(target, taken)))
    })

    return this.#isRunning && !this.isFull && !hasFresh
  }

  /** Adds a target that `origin` has reported, or adds its addresses to an existing one. True for a new target. */
  add (source: TargetSource, peer: NewTarget, origin?: string): boolean {
    if (peer.peerId === this.#init.localId) {
      return false
    }

    const isKnown = this.#targets.has(peer.peerId ?? peer.addresses[0] ?? '')
    const isNew = this.#targets.add(source, peer, origin) != null && !isKnown
    this.fill()

    return isNew
  }

  /** Adds many targets of a source at once. */
  addAll (source: TargetSource, peers: readonly NewTarget[]): void {
    peers.filter(({ peerId }) => peerId !== this.#init.localId).forEach((peer) => { this.#targets.add(source, peer) })
    this.fill()
  }

  /** Begins to dial. Configured peers do not wait for what has failed in an earlier run: the network may be another one. */
  start (): void {
    this.#isRunning = true
    this.#targets.endPauses(this.#init.clock.now())
    this.fill()
  }

  stop (): void {
    this.#isRunning = false
    this.#init.clock.clearTimeout(this.#timer)
  }

  /** Takes note of a session that has ended: there may be room now, and its peer has to wait for the next dial. */
  onClosed (session: Session, closure: Closure): void {
    // a session that a peer has begun and not finished, such as a test dial, says nothing of dials to it
    const isUnfinished = session.direction === 'inbound' && session.readyAt == null
    const isReplaced = isUnfinished || (closure.reason === 'DUPLICATE_CONNECTION' && this.#init.peers.find(session.id) != null)
    const isUsedUp = session.direction === 'outbound' && closure.reason === 'SHUTDOWN' && circuitOf(session).isWorthAnother

    for (const target of this.#targets.of(session.id)) {
      // the end of this node says nothing of the peer
      if (!this.#isRunning || target.isDialling || isReplaced) {
        continue
      }

      if (session.readyFor >= HEALTHY_AFTER_MS) {
        target.failures = 0
      }

      if (isUsedUp) {
        target.nextAttempt = this.#init.clock.now()
      } else {
        this.#fail(target, failureKind(closure.reason), closureText(closure))
      }
    }

    this.fill()
  }

  /** Forgets the failures of some targets, and their pauses: the operator wants these peers now. */
  retry (isMeant: (target: Readonly<Target>) => boolean): void {
    for (const target of this.#targets) {
      if (!target.isDialling && isMeant(target)) {
        target.failures = 0
        target.nextAttempt = this.#init.clock.now()
      }
    }

    this.fill()
  }

  /** Begins as many dials as there is room and reason for, and sets the timer for the next. */
  fill (): void {
    const { clock } = this.#init
    clock.clearTimeout(this.#timer)

    if (!this.#isRunning) {
      return
    }

    const now = clock.now()
    const [untilParked, untilNext] = [this.#dials.park(now), this.#pace.wait(now)]

    // no other target may be dialled before that: the dialer does not search for one at the end of each dial
    if (untilNext > 0 && !isAny(this.#targets, ({ source }) => source === 'reserved')) {
      this.#timer = clock.setTimeout(() => { this.fill() }, Math.min(untilNext, untilParked))
      return
    }

    const free = this.#candidates(now)
    const taken = free.length === 0 ? new Set<string>() : this.#takenNetgroups()
    // targets in taken netgroups get their turn when a session or a dial has ended
    const candidates = free.filter((target) => !isTaken(target, taken))
    const order = new DialOrder(candidates.filter(({ nextAttempt }) => nextAttempt <= now), { taken, random: this.#init.chance.random })
    let pause = 0

    for (let choice = order.next(); choice != null; choice = order.next()) {
      const isReserved = choice.target.source === 'reserved'

      pause = isReserved ? 0 : this.#pace.wait(now)
      const slot = pause > 0 || (!isReserved && this.#dials.isBusy) ? undefined : this.#slots.reserveFor(choice.target)

      // the owner of the last slot may give it back without an event: the heartbeat goes on
      if (slot == null) {
        break
      }

      if (!isReserved) {
        this.#pace.note(now)
      }

      void this.#dial(choice, slot)
    }

    const waits = [pause, ...candidates.map(({ nextAttempt }) => nextAttempt - now)].filter((wait) => wait > 0)
    this.#timer = clock.setTimeout(() => { this.fill() }, Math.ceil(Math.min(HEARTBEAT_MS, this.#dials.park(now), ...waits)))
    this.#init.onFilled()
  }

  /**
   * Dials a target in another netgroup, in a slot beside those that are taken: as the wish says where there is such a one, and any where
   * there is none. Targets that have failed before are as likely as others.
   */
  dialExtra (wish?: ExtraWish): void {
    const { clock, peers } = this.#init
    const now = clock.now()
    const taken = this.#takenNetgroups()
    const due = candidatesOf(this.#targets, peers, now).filter((target) => {
      return target.source !== 'reserved' && target.nextAttempt <= now && !isTaken(target, taken)
    })
    const wished = wish == null ? [] : due.filter((target) => rankOf(target, wish) < wish.below)
    const [among, rank] = wish == null || wished.length === 0 ? [due, () => 0] : [wished, (target: Target) => rankOf(target, wish)]
    const choice = this.#isRunning ? new DialOrder(among, { taken, random: this.#init.chance.random, rank }).next() : undefined
    const slot = choice == null ? undefined : peers.slots.reserve('outbound', { isExtra: true })

    if (choice != null && slot != null) {
      void this.#dial(choice, slot)
    }
  }

  /** The netgroups of the outbound sessions and of the dials under way. */
  #takenNetgroups (): Set<string> { return takenNetgroups(this.#init.peers, this.#dials.targets) }

  /** The targets that may be dialled: only reserved peers while there is no room for others. */
  #candidates (now: number): Target[] {
    // without room it asks no session and no ban of a thousand targets, at the end of each test dial and session
    const all = this.#slots.hasRoom ? this.#targets : [...this.#targets].filter(({ source }) => source === 'reserved')

    return candidatesOf(all, this.#init.peers, now)
  }

  async #dial ({ target, addresses, groups }: Choice, slot: Slot): Promise<void> {
    const { clock, peers, onReached } = this.#init
    target.dialGroups = groups
    this.#dials.begin(target, slot, clock.now())

    try {
      const session = await this.#init.dial({ ...target, addresses }, slot)
      target.peerId = session.id
      this.#targets.noteReached(target, session.address, clock.date())
      this.#dials.end(target)
      // a session that does not last counts as one more failure: only a healthy one takes them back
      target.nextAttempt = clock.now() + this.#policies.unreachable.first
      onReached(session, target)

      // it ended before the dialer heard of it
      if (session.state === 'closed' && peers.find(session.id) == null) {
        this.#fail(target, 'unreachable', 'The session ended at once')
      }
    } catch (err) {
      this.#dials.end(target)
      this.#targets.moveBack(target, addresses[0])
      this.#onError(target, err instanceof Error ? err : new Error(String(err)))
    } finally {
      this.fill()
    }
  }

  #onError (target: Target, error: Error): void {
    const { classify, clock, onFailure, log } = this.#init
    const kind = classify(error)

    if (!this.#isRunning) {
      return
    }

    if (kind === 'self') {
      log('%s is ourselves', target.key)
      // an address, or a name, may lead to another node tomorrow
      this.#fail(target, 'incompatible', 'It is this node')
      return
    }

    if (kind === 'late') {
      // it is no fault of the peer
      target.nextAttempt = clock.now() + this.#policies.unreachable.first
      return
    }

    const retryIn = this.#fail(target, kind, dialErrorText(error))
    log('could not reach %s, %d times in a row - %e', target.key, target.failures, error)
    onFailure({ target: target.key, error, failures: target.failures, retryIn }, target)
  }

  /** Counts a failure and returns the wait before the next try, in ms. */
  #fail (target: Target, kind: FailureKind, why: string): number {
    // the node wants a reserved peer back whatever that says
    const policy = this.#policies[target.source === 'reserved' ? 'unreachable' : kind]
    const delay = backoffDelay(policy, target.failures + 1, this.#init.chance.random())
    target.lastError = why
    const isKept = this.#targets.fail(target, this.#init.clock.now() + delay)

    return isKept ? delay : Infinity
  }
}
