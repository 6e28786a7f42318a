import { netgroupKeyOf } from '../address/host-room.ts'
import type { Location } from '../address/location.ts'

/** Of this many inbound slots one is protected for each merit. */
export const SLOTS_PER_PROTECTED = 8

/** Network, round trip, transactions, blocks. */
const MERITS = 4

/** A ready inbound session, as far as it matters who has to make room. */
export interface EvictionCandidate<Session> extends Location {
  readonly session: Session
  /** Measured round trip, in ms; undefined where none was. */
  readonly rtt: number | undefined
  /** When it last brought a block that was new and good, by the clock; undefined where it never did. */
  readonly lastUsefulBlockAt: number | undefined
  /** When it last brought a transaction that was new and good, by the clock; undefined where it never did. */
  readonly lastUsefulTransactionAt: number | undefined
  /** How long it has been ready, in ms. */
  readonly readyFor: number
  /** Reserved peers are outside of the limits: they make no room. */
  readonly isReserved: boolean
}

/** What {@link pickEviction} goes by. */
export interface EvictionInit {
  /** How many inbound sessions there may be: what is protected grows with it. */
  maxInbound: number
  /** Two random words, the same for as long as the process runs: which networks are protected depends on them. */
  secret: Uint32Array
  /** Where whoever is to be let in comes from. */
  newcomer: Location
}

/**
 * Who makes room for an inbound session when all slots are taken, or `undefined` where the newcomer is refused instead.
 *
 * Protected are, in turn, the oldest session of some networks that only a secret tells, those with the shortest round trip, those
 * that were the last to bring a useful transaction and a useful block, and half of the others by age. An attacker has to
 * be better than honest peers in each of these to get all of them out. Of the rest the youngest of the most crowded
 * network goes, but nobody for a newcomer whose own network would then be the more crowded one, and nobody where the
 * slots are so few that there is one for each merit.
 */
export function pickEviction<Session> (
  candidates: readonly EvictionCandidate<Session>[], { maxInbound, secret, newcomer }: EvictionInit
): Session | undefined {
  const all = candidates.filter(({ isReserved }) => !isReserved)
  const crowds = countCrowds(all)
  const count = Math.ceil(maxInbound / SLOTS_PER_PROTECTED)
  let rest = withoutOldestOf(chooseCrowds([...crowds.keys()], count, secret), all)
  rest = withoutBest(rest, count, ({ rtt }) => rtt == null ? undefined : -rtt)
  rest = withoutBest(rest, count, ({ lastUsefulTransactionAt }) => lastUsefulTransactionAt)
  rest = withoutBest(rest, count, ({ lastUsefulBlockAt }) => lastUsefulBlockAt)
  rest = withoutBest(rest, Math.ceil(rest.length / 2), ({ readyFor }) => readyFor)

  // the youngest of its crowd comes before the others of it, so it is the one that is found
  const sizeOf = (location: Location): number => crowds.get(netgroupKeyOf(location)) ?? 0
  const [victim] = rest.sort((a, b) => sizeOf(b) - sizeOf(a) || a.readyFor - b.readyFor)

  if (victim == null || all.length <= MERITS || (netgroupKeyOf(newcomer) !== netgroupKeyOf(victim) && sizeOf(newcomer) >= sizeOf(victim))) {
    return undefined
  }

  return victim.session
}

type Candidate = EvictionCandidate<unknown>

function countCrowds (candidates: readonly Candidate[]): Map<string, number> {
  const crowds = new Map<string, number>()

  for (const candidate of candidates) {
    const crowd = netgroupKeyOf(candidate)
    crowds.set(crowd, (crowds.get(crowd) ?? 0) + 1)
  }

  return crowds
}

/** The crowds that come first in an order that only the secret tells. */
function chooseCrowds (crowds: string[], count: number, secret: Uint32Array): Set<string> {
  const ranked = crowds.map((crowd) => ({ crowd, rank: hash(crowd, secret) })).sort((a, b) => a.rank - b.rank)

  return new Set(ranked.slice(0, count).map(({ crowd }) => crowd))
}

/** Leaves out the oldest of each of these crowds. */
function withoutOldestOf<Item extends Candidate> (crowds: ReadonlySet<string>, candidates: readonly Item[]): Item[] {
  const oldest = new Map<string, Item>()

  for (const candidate of candidates) {
    const crowd = netgroupKeyOf(candidate)

    if (crowds.has(crowd) && candidate.readyFor > (oldest.get(crowd)?.readyFor ?? -1)) {
      oldest.set(crowd, candidate)
    }
  }

  return candidates.filter((candidate) => oldest.get(netgroupKeyOf(candidate)) !== candidate)
}

/** Leaves out so many with the greatest merit. Whoever has none is never among them. */
function withoutBest<Item extends Candidate> (
  candidates: readonly Item[], count: number, merit: (candidate: Item) => number | undefined
): Item[] {
  const best = candidates
    .map((candidate) => ({ candidate, merit: merit(candidate) }))
    .filter((entry): entry is { candidate: Item, merit: number } => entry.merit != null)
    .sort((a, b) => b.merit - a.merit)
    .slice(0, count)
    .map(({ candidate }) => candidate)
  const isBest = new Set(best)

  return candidates.filter((candidate) => !isBest.has(candidate))
}

/** A number of 32 bits that nobody can foresee who does not know the secret. */
export function hash (text: string, secret: Uint32Array): number {
  const factor = secret[0]! | 1
  let hash = secret[1]!

  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), factor)
    hash ^= hash >>> 15
  }

  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)

  return (hash ^ (hash >>> 13)) >>> 0
}
