import { countBy } from '../address/host-limits.ts'
import { netgroupKeyOf } from '../address/host-limits.ts'
import type { Location } from '../address/location.ts'

/** One inbound slot of this many is protected for each merit. */
export const SLOTS_PER_PROTECTED = 8

/** Netgroup, round trip, transactions, blocks. */
const MERITS = 4

/** What of a ready inbound session matters for eviction. */
export interface EvictionCandidate<Session> extends Location {
  readonly session: Session
  /** The measured round trip, in ms; `undefined` before there is one. */
  readonly rtt: number | undefined
  /** When it last brought a new and good block, by the clock; `undefined` where it never did. */
  readonly lastUsefulBlockAt: number | undefined
  /** When it last brought a new and good transaction, by the clock; `undefined` where it never did. */
  readonly lastUsefulTransactionAt: number | undefined
  /** How long it has been ready, in ms. */
  readonly readyFor: number
  /** Reserved peers are outside the limits: they make no room. */
  readonly isReserved: boolean
}

/** Options of {@link pickEviction}. */
export interface EvictionInit {
  /** How many inbound sessions there may be. More of them are protected with more slots. */
  maxInbound: number
  /** Two random words, the same for as long as the process runs. They choose which netgroups are protected. */
  secret: Uint32Array
  /** The location of the peer that comes. */
  newcomer: Location
}

/**
 * The session that makes room for an inbound one when all slots are taken, or `undefined` where the newcomer is refused instead.
 *
 * Some sessions are protected. An attacker has to be better than honest peers in each row to evict all of them.
 *
 * | protected, one after the other | how many |
 * |---|---|
 * | the oldest session of netgroups that a secret chooses | one for each {@link SLOTS_PER_PROTECTED} slots |
 * | the shortest round trips | the same |
 * | the last to bring a useful transaction | the same |
 * | the last to bring a useful block | the same |
 * | the oldest of the others | half of them |
 *
 * Of the rest, the youngest of the most crowded netgroup goes. No session goes for a newcomer whose own netgroup is as crowded already.
 * None goes either where the slots are so few that there is one for each merit.
 */
export function pickEviction<Session> (
  candidates: readonly EvictionCandidate<Session>[], { maxInbound, secret, newcomer }: EvictionInit
): Session | undefined {
  const all = candidates.filter(({ isReserved }) => !isReserved)
  const sizes = countBy(all, netgroupKeyOf)
  const count = Math.ceil(maxInbound / SLOTS_PER_PROTECTED)
  let rest = withoutOldestOf(chooseNetgroups([...sizes.keys()], count, secret), all)
  rest = withoutBest(rest, count, ({ rtt }) => rtt == null ? undefined : -rtt)
  rest = withoutBest(rest, count, ({ lastUsefulTransactionAt }) => lastUsefulTransactionAt)
  rest = withoutBest(rest, count, ({ lastUsefulBlockAt }) => lastUsefulBlockAt)
  rest = withoutBest(rest, Math.ceil(rest.length / 2), ({ readyFor }) => readyFor)

  // within a netgroup the youngest comes first
  const sizeOf = (location: Location): number => sizes.get(netgroupKeyOf(location)) ?? 0
  const [victim] = rest.sort((a, b) => sizeOf(b) - sizeOf(a) || a.readyFor - b.readyFor)

  if (victim == null || all.length <= MERITS || (netgroupKeyOf(newcomer) !== netgroupKeyOf(victim) && sizeOf(newcomer) >= sizeOf(victim))) {
    return undefined
  }

  return victim.session
}

type Candidate = EvictionCandidate<unknown>

/** The netgroups that come first in an order that only the secret tells. */
function chooseNetgroups (netgroups: string[], count: number, secret: Uint32Array): Set<string> {
  const ranked = netgroups.map((netgroup) => ({ netgroup, rank: hash(netgroup, secret) })).sort((a, b) => a.rank - b.rank)

  return new Set(ranked.slice(0, count).map(({ netgroup }) => netgroup))
}

/** Leaves out the oldest of each of these netgroups. */
function withoutOldestOf<Item extends Candidate> (netgroups: ReadonlySet<string>, candidates: readonly Item[]): Item[] {
  const oldest = new Map<string, Item>()

  for (const candidate of candidates) {
    const netgroup = netgroupKeyOf(candidate)

    if (netgroups.has(netgroup) && candidate.readyFor > (oldest.get(netgroup)?.readyFor ?? -1)) {
      oldest.set(netgroup, candidate)
    }
  }

  return candidates.filter((candidate) => oldest.get(netgroupKeyOf(candidate)) !== candidate)
}

/** Leaves out as many as `count` with the greatest merit. A candidate without that merit is never among them. */
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

/** A number of 32 bits that only a node with the secret can compute. */
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
