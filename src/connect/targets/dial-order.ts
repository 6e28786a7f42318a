import { isPermanent } from './target.ts'
import type { Target } from './target.ts'
import type { Session } from '../../session/session.ts'

/** A target to dial, and the addresses to dial it at. */
export interface Choice {
  target: Target
  addresses: string[]
  /** The netgroups that the dial may lead to. */
  groups: string[]
}

/** How likely the node is to dial the peer that was reached last before the others, where it knows. */
export const LATEST_CHANCE: number = 1 / 8

/** The key of targets whose netgroup is not known. They are drawn like those of one netgroup. */
const NOWHERE = ''

/** Targets of the same rank. To a node that knows many, each draw of one costs what its pool costs: so it makes only what it draws from. */
class Pool {
  readonly #targets: readonly Target[]
  #networks: Map<string, Target[]> | undefined
  #sizes: ReadonlyMap<string, number> | undefined
  #latest: Target[] | undefined

  constructor (targets: readonly Target[]) {
    this.#targets = targets
  }

  get networks (): Map<string, Target[]> {
    return this.#networks ??= byNetwork(this.#targets)
  }

  /** How many targets a netgroup has, those that were drawn included. */
  sizeOf (network: string): number {
    this.#sizes ??= new Map([...byNetwork(this.#targets)].map(([network, { length }]) => [network, length]))

    return this.#sizes.get(network) ?? 0
  }

  /** The targets that the node has reached before, the latest at the end. */
  get latest (): Target[] {
    return this.#latest ??= this.#targets.filter(({ lastSuccess }) => lastSuccess >= 0).sort((a, b) => a.lastSuccess - b.lastSuccess)
  }

  get hasLatest (): boolean {
    return this.#latest == null ? this.#targets.some(({ lastSuccess }) => lastSuccess >= 0) : this.#latest.length > 0
  }
}

/** Options of {@link DialOrder}. */
export interface DialOrderInit {
  /** Netgroups in which no target is drawn, unless it was configured. */
  taken: ReadonlySet<string>
  /** 0 to 1. */
  random: () => number
  /** Targets with a lower rank come first. */
  rank?: (target: Target) => number
}

/**
 * Decides in which order the node dials its candidates: reserved peers, then anchors that have not failed, then those with the fewest
 * failures.
 *
 * Among equals it draws a netgroup, and then a target in it: so many addresses in a few netgroups are drawn no more often than those
 * netgroups. It dials a target only at its addresses in that netgroup, so that made-up addresses elsewhere do not help either. Those of its
 * one netgroup of the other family of IP race with them, unless that netgroup is more crowded: see {@link otherFamilyOf}. Each seed and
 * each reserved peer counts as a netgroup of its own. Now and then it takes the target that was reached last instead: so it finds the few
 * that are there among many that are gone.
 */
export class DialOrder {
  readonly #pools: Pool[]
  readonly #taken: Set<string>
  readonly #random: () => number
  readonly #chosen = new Set<Target>()

  constructor (candidates: Iterable<Target>, { taken, random, rank = rankOf }: DialOrderInit) {
    this.#taken = new Set(taken)
    this.#random = random
    this.#pools = [...Map.groupBy(candidates, rank)].sort(([a], [b]) => a - b).map(([, targets]) => new Pool(targets))
  }

  /** The next target to dial. Its netgroups are taken from then on. */
  next (): Choice | undefined {
    for (let pool = this.#pools[0]; pool != null; pool = this.#pools[0]) {
      const choice = this.#drawFrom(pool)

      if (choice != null) {
        this.#chosen.add(choice.target)
        choice.groups.forEach((group) => this.#taken.add(group))

        return choice
      }

      this.#pools.shift()
    }

    return undefined
  }

  #drawFrom (pool: Pool): Choice | undefined {
    return this.#latestOf(pool) ?? this.#drawOf(pool)
  }

  #latestOf (pool: Pool): Choice | undefined {
    if (!pool.hasLatest || this.#random() >= LATEST_CHANCE) {
      return undefined
    }

    const { latest } = pool

    for (let target = latest.pop(); target != null; target = latest.pop()) {
      const network = this.#chosen.has(target) ? undefined : keysOf(target).find((network) => !this.#taken.has(network))

      if (network != null) {
        // it was not drawn by a netgroup, and its addresses have no part in that
        return this.#choiceOf(target, network, otherFamilyOf(target, network))
      }
    }

    return undefined
  }

  #drawOf (pool: Pool): Choice | undefined {
    const { networks } = pool

    while (networks.size > 0) {
      const [network, targets] = pickFrom([...networks], this.#random())
      const target = pickFrom(targets, this.#random())
      targets.splice(targets.indexOf(target), 1)

      if (targets.length === 0 || this.#taken.has(network)) {
        networks.delete(network)
      }

      if (!this.#taken.has(network) && !this.#chosen.has(target)) {
        const other = otherFamilyOf(target, network)

        return this.#choiceOf(target, network, other != null && pool.sizeOf(other) <= pool.sizeOf(network) ? other : undefined)
      }
    }

    return undefined
  }

  #choiceOf (target: Target, network: string, other: string | undefined): Choice {
    return choiceOf(target, other == null || this.#taken.has(other) ? [network] : [network, other])
  }
}

/**
 * The netgroup in which a target has its addresses of the other family of IP than in `network`, where it has two netgroups in all.
 *
 * A target that was drawn in a netgroup with few others may name one with many there, and would be drawn for that one. So it races only
 * where the other netgroup has no more targets: then addresses that are made up at most double how often those of an attacker are drawn.
 */
export function otherFamilyOf (target: Target, network: string): string | undefined {
  const networks = isPermanent(target.source) ? [] : networksOf(target)
  const other = networks.find((other) => other !== network)

  if (networks.length !== 2 || other == null || networks.includes(NOWHERE)) {
    return undefined
  }

  return isIp6(target, network) === isIp6(target, other) ? undefined : other
}

function isIp6 ({ addresses, groups }: Target, network: string): boolean {
  return addresses.some((address) => groups.get(address) === network && address.startsWith('/ip6/'))
}

/** Whether all addresses of a target are in taken netgroups. A configured target may be anywhere. */
export function isTaken (target: Target, taken: ReadonlySet<string>): boolean {
  const { source, addresses, groups } = target

  if (isPermanent(source)) {
    return false
  }

  return addresses.length === 0 ? taken.has(NOWHERE) : addresses.every((address) => taken.has(groups.get(address) ?? NOWHERE))
}

/** The netgroups of the outbound sessions, and of the targets that are being dialled. */
export function takenNetgroups (peers: Iterable<Pick<Session, 'direction' | 'location'>>, dialled: Iterable<Target>): Set<string> {
  const sessions = [...peers].filter(({ direction }) => direction === 'outbound').flatMap(({ location }) => location.netgroup ?? [])

  return new Set([...sessions, ...[...dialled].flatMap(({ dialGroups }) => dialGroups)])
}

/** Reserved peers come first, then anchors that have not failed in this run. */
function rankOf (target: Target): number {
  if (target.source === 'reserved') {
    return -2
  }

  return isGoodAnchor(target) ? -1 : target.failures
}

/** Whether a target is an anchor that has not failed in this run. */
export function isGoodAnchor ({ isAnchor, failures }: Pick<Target, 'isAnchor' | 'failures'>): boolean {
  return isAnchor && failures === 0
}

function byNetwork (targets: readonly Target[]): Map<string, Target[]> {
  const networks = new Map<string, Target[]>()

  for (const target of targets) {
    for (const network of keysOf(target)) {
      const others = networks.get(network)

      if (others == null) {
        networks.set(network, [target])
      } else {
        others.push(target)
      }
    }
  }

  return networks
}

function keysOf (target: Target): string[] {
  return isPermanent(target.source) ? [target.key] : networksOf(target)
}

function choiceOf (target: Target, networks: readonly string[]): Choice {
  const { addresses, groups } = target

  if (isPermanent(target.source)) {
    return { target, addresses: [...addresses], groups: [...groups.values()] }
  }

  return {
    target,
    addresses: addresses.filter((address) => networks.includes(groups.get(address) ?? NOWHERE)),
    groups: networks.filter((network) => network !== NOWHERE)
  }
}

/** The netgroups of the addresses of a target. One without an address may be anywhere. */
function networksOf ({ addresses, groups }: Target): string[] {
  if (addresses.length < 2) {
    return [groups.get(addresses[0] ?? '') ?? NOWHERE]
  }

  return [...new Set(addresses.map((address) => groups.get(address) ?? NOWHERE))]
}

/** A drawn item: the first one for the largest draw, so that a constant draw keeps the order. */
function pickFrom<Item> (items: readonly Item[], random: number): Item {
  return items[Math.min(items.length - 1, Math.floor((1 - random) * items.length))]!
}
