import type { DialVerdict } from './dial-error.ts'
import type { Target } from '../targets/target.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Slot } from '../../peers/slots.ts'
import type { Logger } from '@libp2p/interface'

/** A dial that has failed, or a peer that has refused the session. */
export interface DialFailure {
  /** The peer id, or the address of a seed. */
  target: string
  /** Why. */
  error: Error
  /** Failures in a row. */
  failures: number
  /** When the node tries again, in ms from now. `Infinity` for never. */
  retryIn: number
}

/** Options of the dialer. */
export interface DialerInit {
  peers: SessionManager
  clock: Clock
  chance: Chance
  log: Logger
  localId: string
  config: { maxOutbound: number, reconnectDelay: number, maxReconnectDelay: number }
  /** The network group of a multiaddr, where it is a public one that does not lead through a relay. */
  groupOf: (address: string) => string | undefined
  /** Makes one try to get a ready session at one of the addresses. Gives the slot back where it is not used. */
  dial: (target: Readonly<Target>, slot: Slot) => Promise<Session>
  /** What an error of `dial` means. */
  classify: (error: unknown) => DialVerdict
  /** Called when a dial has made a session with a target. */
  onReached: (session: Session, target: Readonly<Target>) => void
  /** Called when as many dials have begun as there was room and reason for. */
  onFilled: () => void
  /** Called when a dial has failed. The target may have been forgotten for it. */
  onFailure: (failure: DialFailure, target: Readonly<Target>) => void
}
