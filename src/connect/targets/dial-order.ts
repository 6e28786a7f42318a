import { isPermanent } from './targets.ts'
import type { Target } from './targets.ts'

/** Somebody to be dialled, and where. */
export interface Choice {
  target: Target
  addresses: string[]
  /** The networks that the dial may lead to. */
  groups: string[]
}

/** How likely the node is to dial the peer that was reached last before the others, where it knows. */
export const LATEST_CHANCE: number = 1 / 8

/** The key of whatever is in no network, as far as is known. Targets there are drawn like those of one network. */
const NOWHERE = ''

/** Targets that may be drawn at the same time. */
interface Pool {
  networks: Map<string, Target[]>
  /** Those of whom it is known when they were last reached, the latest at the end. */
  latest: Target[]
}

/** Options of {@link DialOrder}. */
export interface DialOrderInit {
  /** Networks in which no target is drawn, unless it was configured. */
  taken: ReadonlySet<string>
  /** 0 to 1. */
  random: () => number
  /** Who comes before others: the lowest. */
  rank?: (target: Target) => number
}

/**
 * Decides who of the candidates is dialled before the others. Reserved peers come first, then anchors that have not failed, then
 * those with the fewest failures. Among equals a network is drawn, and then a target in it: who fills the targets with addresses
 * in a few networks is drawn no more often than those networks are. A target is dialled at its addresses in that network only,
 * so that made-up addresses elsewhere do not help either. Seeds and reserved peers are a network each. Now and then it is not drawn,
 * but is whoever was reached last: a few that are there are found among many that are gone.
 */
export class DialOrder {
  readonly #pools: Pool[]
  readonly #taken: Set<string>
  readonly #random: () => number
  readonly #chosen = new Set<Target>()

  constructor (candidates: Iterable<Target>, { taken, random, rank = rankOf }: DialOrderInit) {
    this.#taken = new Set(taken)
    this.#random = random
    this.#pools = [...Map.groupBy(candidates, rank)].sort(([a], [b]) => a - b).map(([, targets]) => poolOf(targets))
  }

  /** The next to be dialled, whose networks are taken from then on. */
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
    return this.#latestOf(pool) ?? this.#drawOf(pool.networks)
  }

  #latestOf ({ latest }: Pool): Choice | undefined {
    if (latest.length === 0 || this.#random() >= LATEST_CHANCE) {
      return undefined
    }

    for (let target = latest.pop(); target != null; target = latest.pop()) {
      const network = this.#chosen.has(target) ? undefined : keysOf(target).find((network) => !this.#taken.has(network))

      if (network != null) {
        return choiceOf(target, network)
      }
    }

    return undefined
  }

  #drawOf (networks: Pool['networks']): Choice | undefined {
    while (networks.size > 0) {
      const [network, targets] = pickFrom([...networks], this.#random())
      const target = pickFrom(targets, this.#random())
      targets.splice(targets.indexOf(target), 1)

      if (targets.length === 0 || this.#taken.has(network)) {
        networks.delete(network)
      }

      if (!this.#taken.has(network) && !this.#chosen.has(target)) {
        return choiceOf(target, network)
      }
    }

    return undefined
  }
}

/** Whether all addresses of a target are in networks that are taken. Who was configured may be anywhere. */
export function isTaken (target: Target, taken: ReadonlySet<string>): boolean {
  return !isPermanent(target.source) && networksOf(target).every((network) => taken.has(network))
}

/** Reserved peers come first, then anchors that have not failed in this run. */
function rankOf ({ source, isAnchor, failures }: Target): number {
  if (source === 'reserved') {
    return -2
  }

  return isAnchor && failures === 0 ? -1 : failures
}

function poolOf (targets: Target[]): Pool {
  const networks: Pool['networks'] = new Map()

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

  return { networks, latest: targets.filter(({ lastSuccess }) => lastSuccess >= 0).sort((a, b) => a.lastSuccess - b.lastSuccess) }
}

function keysOf (target: Target): string[] {
  return isPermanent(target.source) ? [target.key] : networksOf(target)
}

function choiceOf (target: Target, network: string): Choice {
  const { addresses, groups } = target

  if (isPermanent(target.source)) {
    return { target, addresses: [...addresses], groups: [...groups.values()] }
  }

  return {
    target,
    addresses: addresses.filter((address) => (groups.get(address) ?? NOWHERE) === network),
    groups: network === NOWHERE ? [] : [network]
  }
}

/** The networks that the addresses of a target are in. Who has no address is looked for everywhere. */
function networksOf ({ addresses, groups }: Target): string[] {
  return addresses.length === 0 ? [NOWHERE] : [...new Set(addresses.map((address) => groups.get(address) ?? NOWHERE))]
}

/** The first for the largest draw, so that a draw that never changes keeps the order. */
function pickFrom<Item> (items: readonly Item[], random: number): Item {
  return items[Math.min(items.length - 1, Math.floor((1 - random) * items.length))]!
}
