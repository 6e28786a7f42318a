import { multiaddr } from '@multiformats/multiaddr'
import { peerIdOf } from '../address/multiaddr.ts'
import { Exemptions } from './exemptions.ts'
import { locationOf } from '../address/location.ts'
import { Penalties } from '../peers/penalties/penalties.ts'
import type { LocationOfIp } from '../address/location.ts'
import type { ServiceMetrics } from './metrics/metrics.ts'
import type { Target } from '../connect/targets/target.ts'
import type { Clock } from '../util/clock.ts'
import type { DecodeError } from '../errors.ts'
import type { Session } from '../session/session.ts'
import type { Offence } from '../peers/penalties/scores.ts'
import type { Closure } from '../session/types.ts'
import type { Ban, BanStore } from '../types/ban.ts'
import type { BroadcastMessage, DisconnectReason } from '../types/message.ts'
import type { FaultKind, SyncFault } from '../types/sync.ts'
import type { Outcome } from '../types/handlers.ts'
import type { Logger } from '@libp2p/interface'

/** Options of {@link Enforcement}. */
export interface EnforcementInit {
  config: { seedPeers: readonly string[], reservedPeers: readonly string[], banDuration: number, limits: { bans: number } }
  clock: Clock
  log: Logger
  metrics: ServiceMetrics
  locationOfIp: LocationOfIp
  /** Where bans are kept between two runs. Its opener closes it. */
  store: BanStore | undefined
  /** Called with an error of the store. */
  onStoreError: (error: unknown) => void
  onBan: (ban: Ban) => void
}

/**
 * The offence that a fault of a peer in synchronisation stands for. A peer on a branch of its own commits none, and the session itself
 * reports what the protocol forbids.
 */
const FAULTS: Partial<Record<FaultKind, Offence>> = { stalled: 'stalled', unavailable: 'unavailable', invalid: 'invalid' }

/** The offence that the reason stands for with which this node ended a session. */
const CLOSURES: Partial<Record<DisconnectReason, Offence>> = { TOO_SLOW: 'too-slow', RATE_LIMITED: 'rate-limited' }

/** Carries out the penalties of peers: ends their sessions, and bans them. */
export class Enforcement {
  readonly penalties: Penalties
  /** Peer ids of reserved peers. */
  readonly reserved: ReadonlySet<string>
  readonly #init: EnforcementInit
  readonly #exemptions: Exemptions

  constructor (init: EnforcementInit) {
    const { config, clock, log, locationOfIp, store, metrics } = init
    const configured = [...config.seedPeers, ...config.reservedPeers]
    this.#init = init
    this.reserved = new Set(config.reservedPeers.flatMap((address) => peerIdOf(address) ?? []))
    this.#exemptions = new Exemptions(configured.flatMap((address) => peerIdOf(address) ?? []), clock)
    this.penalties = new Penalties({
      clock,
      duration: config.banDuration,
      maxBans: config.limits.bans,
      ...(store == null ? {} : { store }),
      onStoreError: (err) => {
        log.error('could not read or write the bans - %e', err)
        init.onStoreError(err)
      },
      exemptIds: this.#exemptions,
      exemptHosts: new Set(configured.flatMap((address) => locationOf(multiaddr(address), locationOfIp).host ?? []))
    })
    this.penalties.subscribe((ban) => {
      log('%s is kept out: %s', ban.subject, ban.reason)
      metrics.banned(ban.kind)
      init.onBan(ban)
    })
  }

  /** Loads the bans of an earlier run. */
  async start (): Promise<void> {
    await this.penalties.load()
  }

  /** Takes note of the outcome of a block or transaction. */
  onOutcome (session: Session, outcome: Outcome): void {
    if (outcome === 'reject') {
      this.#note(session, 'rejected')
    }
  }

  /** Takes note of a block or transaction whose bytes are refused, which counts like a rejected one. */
  onRefused (type: BroadcastMessage['type'], session: Session, error: DecodeError): void {
    const { log, metrics } = this.#init
    metrics.judged(type, 'reject')
    log('%s of %s is refused: %e', type, session.id, error)
    this.#note(session, 'rejected')
  }

  /** Takes note of a peer that the node could not fetch blocks from, and of the session with it, if there still is one. */
  onFault (session: Session | undefined, { kind }: Pick<SyncFault, 'kind'>): void {
    // a block that does not come through a relay may be too large for that
    const offence = kind === 'unavailable' && session?.circuit.isLimited === true ? undefined : FAULTS[kind]

    if (session != null && offence != null) {
      this.#note(session, offence)
    }
  }

  /** Takes note of a peer that has told of a record that its peer has not signed. */
  onForged (session: Session): void {
    this.#note(session, 'forged')
  }

  /** Takes note of a session that has ended. */
  onClosed (session: Session, { reason, byRemote }: Closure): void {
    const offence = reason == null || byRemote ? undefined : CLOSURES[reason]

    if (offence != null) {
      this.#judge(session, offence)
    }

    this.#exemptions.onClosed(session)
  }

  /** Takes note of a peer that was reached: only then the node knows the peer that a seed leads to. */
  onReached (session: Session, target: Readonly<Target>): void {
    this.#exemptions.onReached(session, target)
  }

  /** Counts no offence for what was still under way when a session ended: the end has counted already. */
  #note (session: Session, offence: Offence): void {
    if (session.state === 'ready' && this.#judge(session, offence) === 'disconnect') {
      session.close('UNSPECIFIED', `too often: ${offence}`)
    }
  }

  #judge (session: Session, offence: Offence): ReturnType<Penalties['note']> {
    this.#init.metrics.offended(offence)
    session.record.noteOffence(offence)

    return this.penalties.note(session, offence)
  }
}
