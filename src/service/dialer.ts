import { backoffDelay, backoffPolicies, failureKind } from './backoff.ts'
import { Targets } from './targets.ts'
import type { BackoffPolicies, FailureKind } from './backoff.ts'
import type { Target, TargetSource } from './targets.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'
import type { Closure } from '../peer/session.ts'
import type { SessionManager } from '../peer/manager.ts'
import type { Slot } from '../peer/slots.ts'
import type { Logger } from '@libp2p/interface'

/** How long a session has to last for its peer to be healthy again, in ms. */
export const HEALTHY_AFTER_MS = 30_000

/** However little happens, whether somebody is to be dialled is looked at this often, in ms. */
const HEARTBEAT_MS = 60_000

/** Somebody could not be reached, or would not have us. */
export interface DialFailure {
  /** The peer id, or the address of a seed. */
  target: string
  error: Error
  /** Failures in a row. */
  failures: number
  /** When it is tried again, in ms from now; `Infinity` for never. */
  retryIn: number
}

/** What {@link Dialer} is made with. */
export interface DialerInit {
  peers: SessionManager
  clock: Clock
  log: Logger
  localId: string
  config: { maxOutbound: number, reconnectDelay: number, maxReconnectDelay: number }
  /** Makes one try to get a ready session. Gives the slot back where it is not used. */
  dial: (target: Target, slot: Slot) => Promise<Session>
  /** What an error of `dial` means; `self` where we reached ourselves. */
  classify: (error: unknown) => FailureKind | 'self'
  /** Called when a dial has made a session with a target. */
  onReached: (session: Session, target: Readonly<Target>) => void
  /** Called when as many dials have begun as there was room and reason for. */
  onFilled: () => void
  onFailure: (failure: DialFailure) => void
  /** 0 to 1. */
  random?: () => number
}

/**
 * Keeps the outbound slots filled: picks whom to dial, one dial for each at a time, and waits longer after each failure.
 * Whenever there is room and somebody to try, a dial is under way or a timer runs.
 */
export class Dialer {
  readonly #init: DialerInit
  readonly #targets = new Targets()
  readonly #policies: BackoffPolicies
  readonly #random: () => number
  #isRunning = false
  #timer: unknown

  constructor (init: DialerInit) {
    this.#init = init
    this.#policies = backoffPolicies(init.config)
    this.#random = init.random ?? Math.random
  }

  /** Everybody who may be dialled. */
  get targets (): Iterable<Readonly<Target>> {
    return this.#targets
  }

  /** Whether every outbound slot has a ready session in it. */
  get isFull (): boolean {
    return this.#init.peers.slots.counts.outbound >= this.#init.config.maxOutbound
  }

  /** Whether outbound slots are empty, and everybody who could fill them was tried and has failed. */
  get isShort (): boolean {
    const now = this.#init.clock.now()
    const hasFresh = [...this.#targets].some((target) => {
      return target.failures === 0 && (target.isDialling || (target.nextAttempt <= now && this.#isCandidate(target)))
    })

    return this.#isRunning && !this.isFull && !hasFresh
  }

  /** Adds somebody to dial whom `origin` tells of, or addresses of somebody who is there. True where it is somebody new. */
  add (source: TargetSource, peer: { peerId?: string, addresses: string[] }, origin?: string): boolean {
    if (peer.peerId === this.#init.localId) {
      return false
    }

    const isKnown = this.#targets.has(peer.peerId ?? peer.addresses[0] ?? '')
    const isNew = this.#targets.add(source, peer, origin) != null && !isKnown
    this.fill()

    return isNew
  }

  start (): void {
    this.#isRunning = true
    this.fill()
  }

  stop (): void {
    this.#isRunning = false
    this.#init.clock.clearTimeout(this.#timer)
  }

  /** To be called when a session has ended: there may be room now, and its peer is not to be dialled at once. */
  onClosed (session: Session, closure: Closure): void {
    const isReplaced = closure.reason === 'DUPLICATE_CONNECTION' && this.#init.peers.find(session.id) != null

    for (const target of this.#targets.of(session.id)) {
      if (target.isDialling || isReplaced) {
        continue
      }

      if (session.readyFor >= HEALTHY_AFTER_MS) {
        target.failures = 0
      }

      this.#fail(target, failureKind(closure.reason))
    }

    this.fill()
  }

  /** Begins as many dials as there is room and reason for, and sets the timer for the next. */
  fill (): void {
    const { clock, peers } = this.#init
    clock.clearTimeout(this.#timer)

    if (!this.#isRunning) {
      return
    }

    const now = clock.now()
    let next = now + HEARTBEAT_MS

    for (const target of this.#candidates()) {
      if (target.nextAttempt > now) {
        next = Math.min(next, target.nextAttempt)
        continue
      }

      const slot = peers.slots.reserve('outbound')

      // whoever has the last slot may give it back without a word: the heartbeat goes on
      if (slot == null) {
        break
      }

      void this.#dial(target, slot)
    }

    this.#timer = clock.setTimeout(() => { this.fill() }, next - now)
    this.#init.onFilled()
  }

  /** Those who are neither connected nor being dialled nor kept out, those with the fewest failures first. */
  #candidates (): Target[] {
    const seeds = new Set([...this.#targets].filter(isGoodSeed).map(({ peerId }) => peerId))

    return [...this.#targets]
      .filter((target) => this.#isCandidate(target))
      // a seed stands for what else is known of the peer that it was found to be
      .filter(({ source, peerId }) => source === 'seed' || peerId == null || !seeds.has(peerId))
      .map((target) => ({ target, order: target.failures + this.#random() }))
      .sort((a, b) => a.order - b.order)
      .map(({ target }) => target)
  }

  #isCandidate ({ isDialling, peerId }: Target): boolean {
    const { peers } = this.#init

    return !isDialling && (peerId == null || !(peers.find(peerId) != null || peers.isBanned(peerId)))
  }

  async #dial (target: Target, slot: Slot): Promise<void> {
    const { clock, peers, onReached } = this.#init
    target.isDialling = true

    try {
      const session = await this.#init.dial(target, slot)
      target.peerId = session.id
      target.isDialling = false
      // a session that does not last counts as one more failure: only a healthy one takes them back
      target.nextAttempt = clock.now() + this.#policies.unreachable.first
      onReached(session, target)

      // it was over before we heard of it
      if (session.state === 'closed' && peers.find(session.id) == null) {
        this.#fail(target, 'unreachable')
      }
    } catch (err) {
      target.isDialling = false
      this.#onError(target, err instanceof Error ? err : new Error(String(err)))
    } finally {
      this.fill()
    }
  }

  #onError (target: Target, error: Error): void {
    const { classify, onFailure, log } = this.#init
    const kind = classify(error)

    if (!this.#isRunning) {
      return
    }

    if (kind === 'self') {
      log('%s is ourselves', target.key)
      this.#targets.remove(target)
      return
    }

    const retryIn = this.#fail(target, kind)
    log('could not reach %s, %d times in a row - %e', target.key, target.failures, error)
    onFailure({ target: target.key, error, failures: target.failures, retryIn })
  }

  /** Counts a failure and returns the wait before the next try, in ms. */
  #fail (target: Target, kind: FailureKind): number {
    const delay = backoffDelay(this.#policies[kind], target.failures + 1, this.#random())
    const isKept = this.#targets.fail(target, this.#init.clock.now() + delay)

    return isKept ? delay : Infinity
  }
}

/** Whether a seed leads to its peer as far as is known: after a few failures other addresses of the peer are tried too. */
function isGoodSeed ({ source, peerId, failures }: Target): boolean {
  return source === 'seed' && peerId != null && failures < 3
}
