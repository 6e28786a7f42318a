import { PeerAnswers } from './answers.ts'
import { RecordIntake } from './intake.ts'
import { OwnRecord } from './own-record.ts'
import { requestPeers, tellsPeers } from './request-peers.ts'
import { MAX_PEER_RECORDS } from '../../codec/limits.ts'
import { errorMessage } from '../../errors.ts'
import { backoff } from '../../util/backoff.ts'
import type { PeerRecords } from '../../address/peer-records.ts'
import { isPermanent } from '../targets/target.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { Target } from '../targets/target.ts'
import type { DialableAddresses } from '../../address/dialable.ts'
import type { ExchangeStatus } from '../../types/exchange-status.ts'
import type { AddressRules } from '../../address/scope.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { SessionManager } from '../../peers/manager/manager.ts'
import type { Logger } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * From a request for peers that brought 64 to the next one to the same peer. After one that brought fewer it is less, in proportion. Up to
 * a tenth more is drawn.
 */
export const PEERS_REQUEST_INTERVAL_MS: number = 61 * 60 * 1000

/**
 * From a request for peers to the next one to the same peer, at least. It doubles each time that a request brings none, up to the longest
 * interval.
 */
export const PEERS_RETRY_MS = 60_000

/** Options of {@link PeerExchange}. */
export interface PeerExchangeInit {
  records: PeerRecords
  dialer: Dialer
  peers: Pick<SessionManager, 'get'>
  filter: DialableAddresses
  localId: string
  addressesFor: (peer: string) => readonly Multiaddr[]
  rules: Pick<AddressRules, 'scopeOf'>
  clock: Clock
  chance: Chance
  log: Logger
  /** Called with a target whose record is new. */
  onRecord: (target: Readonly<Target>) => void
  /** Called where a peer tells of a record that its peer has not signed. */
  onForged: (session: Session) => void
}

/** Asks outbound peers, seeds and reserved peers for others to dial, and answers peers that ask. */
export class PeerExchange {
  readonly counts: ExchangeStatus = { asked: 0, heard: 0, forged: 0, answered: 0 }
  readonly #init: PeerExchangeInit
  readonly #answers: PeerAnswers
  readonly #intake: RecordIntake
  /** The sessions whose peers are asked, with the timer of the next request, and how many requests in a row have brought none. */
  readonly #asked = new Map<Session, { timer: unknown, fruitless: number }>()
  #running = new AbortController()

  constructor (init: PeerExchangeInit) {
    const { clock, records, dialer, peers } = init
    this.#init = init
    this.#answers = new PeerAnswers({
      ...init,
      targets: dialer.targets,
      own: new OwnRecord({ records, clock, addressesFor: init.addressesFor }),
      // the age of an answer shows to whom the node has sessions, and no answer may show the block-only ones
      isConnected: (id) => {
        const session = peers.get(id)

        return session?.direction === 'outbound' && !session.asksBlockOnly
      }
    })
    this.#intake = new RecordIntake({ ...init, targets: dialer.targets })
  }

  /** Peers that this node could tell others of. */
  get tellable (): number {
    return this.#answers.tellable
  }

  start (): void {
    this.#running = new AbortController()
  }

  stop (): void {
    this.#running.abort(new Error('The node stops'))
    this.#asked.forEach(({ timer }) => { this.#init.clock.clearTimeout(timer) })
    this.#asked.clear()
  }

  /**
   * Takes note of a session that is ready. Inbound peers are asked for none: they have chosen this node, and may be an attacker's. That is
   * not so of those that the operator has named.
   */
  onReady (session: Session): void {
    const isChosen = session.direction === 'outbound' || this.#init.dialer.targets.of(session.id).some(({ source }) => isPermanent(source))

    if (isChosen && tellsPeers(session)) {
      this.#asked.set(session, { timer: undefined, fruitless: 0 })
      void this.#ask(session)
    }
  }

  onClosed (session: Session): void {
    this.#init.clock.clearTimeout(this.#asked.get(session)?.timer)
    this.#asked.delete(session)
  }

  /** Answers a request for so many peers. Never rejects. */
  onRequest (count: number, requestId: bigint | undefined, session: Session): Promise<void> | undefined {
    return tellsPeers(session) && requestId != null ? this.#answer(count, requestId, session) : undefined
  }

  /** Asks a peer for its own record alone: a node that has none for a peer cannot tell of it. Never throws. */
  async askForRecord (session: Session): Promise<void> {
    if (tellsPeers(session)) {
      await this.#request(session, 1)
    }
  }

  async #answer (count: number, requestId: bigint, session: Session): Promise<void> {
    try {
      const peers = await this.#answers.answer(session, count)
      session.send('control', { type: 'responsePeers', peers }, requestId)
      this.counts.answered += Number(peers.length > 1)
    } catch (err) {
      this.#init.log('could not tell %s of peers: %s', session.id, errorMessage(err))
    }
  }

  async #ask (session: Session): Promise<void> {
    const { clock, chance } = this.#init
    const others = await this.#request(session, MAX_PEER_RECORDS)
    const asked = this.#asked.get(session)

    // it has ended meanwhile, or the node stops
    if (asked == null) {
      return
    }

    asked.fruitless = others > 0 ? 0 : asked.fruitless + 1
    const pause = others > 0
      ? Math.max(PEERS_RETRY_MS, PEERS_REQUEST_INTERVAL_MS * others / MAX_PEER_RECORDS)
      : backoff({ first: PEERS_RETRY_MS, longest: PEERS_REQUEST_INTERVAL_MS }, asked.fruitless)
    asked.timer = clock.setTimeout(() => { void this.#ask(session) }, Math.ceil(pause * (1 + chance.random() / 10)))
  }

  /** Returns how many other peers the answer has told of. */
  async #request (session: Session, count: number): Promise<number> {
    const { dialer, log, onForged } = this.#init
    const { signal } = this.#running

    try {
      const peers = await requestPeers(session, count, signal)
      const { added, others, isForged } = await this.#intake.take(session, peers, () => !signal.aborted)
      this.counts.asked += Number(others > 0)
      this.counts.heard += added

      if (isForged) {
        this.counts.forged++
        onForged(session)
      }

      if (added > 0) {
        log('%s has told of %d peers, %d of them new', session.id, others, added)
        dialer.fill()
      }

      return others
    } catch (err) {
      log('%s has told of no peers: %s', session.id, errorMessage(err))

      return 0
    }
  }
}
