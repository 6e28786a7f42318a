import { multiaddr } from '@multiformats/multiaddr'
import { DailySample } from './sample.ts'
import { isRelayedAddress } from '../../address/multiaddr.ts'
import { MAX_PEER_RECORDS } from '../../codec/limits.ts'
import { shuffle } from '../../util/shuffle.ts'
import type { OwnRecord } from './own-record.ts'
import type { ReadRecord } from '../../address/peer-records.ts'
import type { Target } from '../targets/target.ts'
import type { AddressRules, Scope } from '../../address/scope.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { PeerAddress } from '../../types/message.ts'

/**
 * From an answer with 64 other peers to the next, to one peer or host. After one with fewer it is less, in proportion: a young network has
 * few to tell of at first.
 *
 * @remarks In between the node tells its own record alone.
 */
export const PEERS_ANSWER_INTERVAL_MS: number = 60 * 60 * 1000

/** Peers and hosts whose last answer the node remembers. */
export const MAX_ANSWERED = 4096

/** Bytes of records in one answer: it fits into the smallest frame that a network may have. */
export const MAX_ANSWER_BYTES: number = 32 * 1024

const MINUTE_MS = 60_000

/** From how far away an address makes sense. */
const WIDTH: Readonly<Record<Scope, number>> = { loopback: 0, link: 1, private: 2, public: 3 }

/** Options of {@link PeerAnswers}. */
export interface PeerAnswersInit {
  targets: Iterable<Readonly<Target>>
  own: OwnRecord
  /** Whether there is a session with a peer that this node has opened. */
  isConnected: (id: string) => boolean
  rules: Pick<AddressRules, 'scopeOf'>
  clock: Clock
  chance: Chance
}

/** What a node tells peers that ask for others: its own record, and a sample of the peers that it has reached. */
export class PeerAnswers {
  readonly #init: PeerAnswersInit
  readonly #sample: DailySample
  /** When peers and hosts may be told of others again, by the clock. The one that was told last is at the end. */
  readonly #nextAt = new Map<string, number>()

  constructor (init: PeerAnswersInit) {
    this.#init = init
    this.#sample = new DailySample(init)
  }

  /** How many peers this node could tell of, to any peer. */
  get tellable (): number {
    return this.#tellable().length
  }

  /** The answer to a peer that asks for so many. */
  async answer (peer: Pick<Session, 'id' | 'address' | 'location'>, count: number): Promise<PeerAddress[]> {
    const most = Math.min(count, MAX_PEER_RECORDS)
    const own = most === 0 ? undefined : await this.#init.own.for(peer.address)
    const answer = own == null ? [] : [{ record: own, ageMinutes: 0 }]

    // a circuit is limited in bytes
    if (most > 1 && !isRelayedAddress(peer.address) && this.#mayTell(peer)) {
      const others = this.#pick(peer, most - answer.length)

      if (others.length > 0) {
        this.#note(peer, others.length)
        answer.push(...others)
      }
    }

    return answer
  }

  #pick ({ id, address }: Pick<Session, 'id' | 'address'>, most: number): PeerAddress[] {
    const { chance, clock, isConnected, rules } = this.#init
    const width = WIDTH[rules.scopeOf(multiaddr(address))]
    const tellable = new Map(this.#tellable().map((target) => [target.record.id, target]))
    const picked = this.#sample.pick([...tellable.keys()])
      .map((other) => tellable.get(other)!)
      .filter(({ record }) => record.id !== id && widthOf(record, rules) >= width)
    const answer: PeerAddress[] = []
    let bytes = 0

    for (const { record, lastSuccess } of shuffle(picked, chance.random).slice(0, most)) {
      bytes += record.bytes.byteLength

      if (bytes > MAX_ANSWER_BYTES) {
        break
      }

      const age = isConnected(record.id) ? 0 : Math.max(0, Math.floor((clock.date() - lastSuccess) / MINUTE_MS))
      answer.push({ record: record.bytes, ageMinutes: Math.min(age, 0xffffffff) })
    }

    return answer
  }

  #tellable (): (Readonly<Target> & { record: ReadRecord })[] {
    return [...this.#init.targets].filter((target) => isTellable(target, this.#init.isConnected))
  }

  #mayTell (peer: Pick<Session, 'id' | 'location'>): boolean {
    const now = this.#init.clock.now()

    return keysOf(peer).every((key) => (this.#nextAt.get(key) ?? -Infinity) <= now)
  }

  /** Takes note that a peer was told of so many others. */
  #note (peer: Pick<Session, 'id' | 'location'>, count: number): void {
    const next = this.#init.clock.now() + PEERS_ANSWER_INTERVAL_MS * count / MAX_PEER_RECORDS

    for (const key of keysOf(peer)) {
      this.#nextAt.delete(key)
      this.#nextAt.set(key, next)
    }

    while (this.#nextAt.size > MAX_ANSWERED) {
      this.#nextAt.delete(this.#nextAt.keys().next().value!)
    }
  }
}

/**
 * Whether a node tells of a target: it has reached it, at the host of all addresses that its record has. Reserved peers are the
 * operator's own affair. Failures of before a session count until it has ended: they do not while it lasts.
 */
export function isTellable (
  target: Readonly<Target>, isConnected: (id: string) => boolean
): target is Readonly<Target> & { record: ReadRecord } {
  const { source, record, reachedAt, lastSuccess, failures } = target

  return source !== 'reserved' && record != null && lastSuccess >= 0 && reachedAt != null && record.origin === reachedAt &&
    (failures === 0 || isConnected(record.id))
}

/** From how far away the nearest address of a record makes sense. */
function widthOf ({ addresses }: ReadRecord, { scopeOf }: Pick<AddressRules, 'scopeOf'>): number {
  return Math.min(...addresses.map((address) => WIDTH[scopeOf(multiaddr(address))]))
}

/** A peer at a public host counts as that host too: another identity costs nothing. */
function keysOf ({ id, location: { host, netgroup } }: Pick<Session, 'id' | 'location'>): string[] {
  return host == null || netgroup == null ? [id] : [id, host]
}
