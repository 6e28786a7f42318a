import { classifyDialError, dialErrorText } from '../dial/dial-error.ts'
import { backoffDelay, backoffPolicies } from '../dial/redial-delay.ts'
import { DialOrder } from '../targets/dial-order.ts'
import { isPermanent } from '../targets/target.ts'
import { isRelayedAddress } from '../../address/multiaddr.ts'
import { withTimeLimit } from '../../util/time-limit.ts'
import type { BackoffPolicies } from '../dial/redial-delay.ts'
import type { Choice } from '../targets/dial-order.ts'
import type { Target } from '../targets/target.ts'
import type { Targets } from '../targets/targets.ts'
import type { ProbedPeer } from './probe.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Session } from '../../session/session.ts'
import type { FeelersStatus } from '../../types/exchange-status.ts'
import type { Logger } from '@libp2p/interface'

/** How often the node tries a peer that it has only heard of, give or take a quarter. */
export const FEELER_INTERVAL_MS = 120_000

/** The same for a node that has reached few peers. */
export const EARLY_FEELER_INTERVAL_MS = 5000

/** A node that could tell of fewer peers than this tries others more often. */
export const FEW_PEERS = 64

/** How long one test dial may take. */
export const FEELER_TIMEOUT_MS = 6000

/** Options of {@link Feelers}. */
export interface FeelersInit {
  targets: Targets
  peers: Pick<SessionManager, 'find' | 'get' | 'isKeptOut'>
  config: { reconnectDelay: number, maxReconnectDelay: number }
  /** Dials a peer and reads its handshake. Returns the address that has answered. */
  probe: (peer: ProbedPeer, signal: AbortSignal) => Promise<string>
  /** Peers that this node could tell others of. */
  tellable: () => number
  clock: Clock
  chance: Chance
  log: Logger
  /** Called with a target that was reached, and the ready session with it, if there is one. */
  onReached: (target: Readonly<Target>, session: Session | undefined) => void
  onFailure: (target: Readonly<Target>) => void
}

/**
 * Tries peers that the node has only heard of, one at a time: those that answer are reached, and may be told of. Peers that have dialled
 * this node are tried too, when no others are left.
 */
export class Feelers {
  readonly #init: FeelersInit
  readonly #policies: BackoffPolicies
  #running: AbortController | undefined
  #timer: unknown
  #nextAt = Infinity
  #tried = 0
  #reached = 0

  constructor (init: FeelersInit) {
    this.#init = init
    this.#policies = backoffPolicies(init.config)
  }

  get status (): FeelersStatus {
    const nextIn = this.#running == null || this.#nextAt === Infinity ? null : Math.max(0, this.#nextAt - this.#init.clock.now())

    return { tried: this.#tried, reached: this.#reached, nextIn }
  }

  start (): void {
    this.#running = new AbortController()
    this.#plan()
  }

  stop (): void {
    this.#running?.abort(new Error('The node stops'))
    this.#running = undefined
    this.#init.clock.clearTimeout(this.#timer)
  }

  #plan (): void {
    const { clock, chance, tellable } = this.#init
    const interval = tellable() < FEW_PEERS ? EARLY_FEELER_INTERVAL_MS : FEELER_INTERVAL_MS
    const pause = Math.ceil(interval * (0.75 + chance.random() / 2))
    this.#nextAt = clock.now() + pause
    this.#timer = clock.setTimeout(() => { void this.#next(this.#running!) }, pause)
  }

  async #next (running: AbortController): Promise<void> {
    const choice = this.#choose()
    this.#nextAt = Infinity

    if (choice != null) {
      await this.#try(choice, running.signal)
    }

    if (this.#running === running) {
      this.#plan()
    }
  }

  /** A peer to try: of a netgroup that is drawn first, so that many peers of one are tried no more often than it. */
  #choose (): Choice | undefined {
    const { clock, chance, peers, targets } = this.#init
    const now = clock.now()
    const all = [...targets].filter((target) => mayTry(target, now) && !peers.isKeptOut({ id: target.key }))
    const strangers = all.filter(({ key }) => peers.find(key) == null)
    const due = strangers.length > 0 ? strangers : all.filter(({ key }) => peers.get(key)?.direction === 'inbound')

    return new DialOrder(due, { taken: new Set(), random: chance.random, rank: () => 0 }).next()
  }

  /** Never throws. */
  async #try ({ target, addresses }: Choice, signal: AbortSignal): Promise<void> {
    const { clock, probe, targets, onReached, peers } = this.#init
    target.isDialling = true
    this.#tried++

    try {
      const direct = addresses.filter((address) => !isRelayedAddress(address))
      const address = await withTimeLimit({ clock, ms: FEELER_TIMEOUT_MS, signals: [signal] }, async (limit) => {
        return probe({ peerId: target.key, addresses: direct }, limit)
      })
      target.isDialling = false

      if (!signal.aborted) {
        this.#reached++
        target.failures = 0
        target.nextAttempt = clock.now()
        targets.noteReached(target, address, clock.date())
        onReached(target, peers.get(target.key))
      }
    } catch (err) {
      target.isDialling = false

      if (!signal.aborted) {
        this.#fail(target, err)
      }
    }
  }

  #fail (target: Target, err: unknown): void {
    const { clock, chance, targets, log, onFailure } = this.#init
    const verdict = classifyDialError(err)
    const policy = this.#policies[verdict === 'self' ? 'incompatible' : verdict === 'late' ? 'unreachable' : verdict]
    target.lastError = dialErrorText(err)
    targets.fail(target, clock.now() + backoffDelay(policy, target.failures + 1, chance.random()))
    log('a test dial to %s has failed: %s', target.key, target.lastError)
    onFailure(target)
  }
}

/** Whether a target is one that the node has only heard of, and may be tried now. */
function mayTry ({ key, source, peerId, lastSuccess, isDialling, nextAttempt, addresses }: Target, now: number): boolean {
  return !isPermanent(source) && key === peerId && lastSuccess < 0 && !isDialling && nextAttempt <= now &&
    addresses.some((address) => !isRelayedAddress(address))
}
