/** Where the node knows a peer from, the most trusted source first. */
export type TargetSource = 'reserved' | 'seed' | 'known' | 'discovered'

/** A peer to add to the targets. */
export interface NewTarget {
  /** The libp2p peer id, where it is known. */
  peerId?: string | undefined
  /** Multiaddrs, with or without the peer id. */
  addresses: string[]
  /** Whether it was one of the best outbound peers of the run before. */
  isAnchor?: boolean
  /** When it was last reached, in ms since the Unix epoch. */
  lastSuccess?: number | undefined
  /** Failures in a row so far. */
  failures?: number
}

/** A peer that the node may dial. */
export interface Target {
  /** The libp2p peer id, or the address where that is not known. */
  readonly key: string
  /** Where the node first knew it from, or `reserved` or `seed` where it is one. */
  source: TargetSource
  /** What reported it first. The targets of one origin are bounded. */
  readonly origin: string
  /** Multiaddrs, without the peer id where that is the key. */
  readonly addresses: string[]
  /** The netgroups of the public addresses, by address. */
  readonly groups: ReadonlyMap<string, string>
  /** The netgroups that the dial under way may lead to. */
  dialGroups: readonly string[]
  /** Whether the node dials it before others, as long as it has not failed. */
  isAnchor: boolean
  /** When it was last reached, in ms since the Unix epoch; -1 where that is not known. */
  lastSuccess: number
  /** The libp2p peer id, as configured or as found when it was last reached. */
  peerId: string | undefined
  /** Why the last dial, or the last session, has ended; at most 256 characters. */
  lastError?: string
  /** Failures since it was last found healthy. */
  failures: number
  /** When it may be dialled again, by the clock. */
  nextAttempt: number
  isDialling: boolean
}

/** Peers that the node knows to dial, beside seeds and reserved peers. */
export const MAX_TARGETS = 1000

/** Peers to dial that are known from an earlier run. */
export const MAX_KNOWN_TARGETS = 500

/** Peers to dial that one origin has told of: a DNS name, the DHT, libp2p's discoveries, inbound peers. */
export const MAX_ORIGIN_TARGETS = 250

/** Peers to dial that are in one netgroup, as far as that is known. */
export const MAX_NETWORK_TARGETS = 16

/** Addresses that are kept of a peer to dial. */
export const MAX_TARGET_ADDRESSES = 8

/** Failures in a row after which the node forgets a peer that is neither a seed nor reserved. */
export const MAX_FAILURES = 10

/** A target whose lists may be changed. */
type Entry = Target & { groups: Map<string, string> }

/** The peers that the node may dial, bounded. */
export class Targets implements Iterable<Target> {
  readonly #targets = new Map<string, Entry>()
  /** The netgroups of each target: each new target needs all of them. */
  readonly #netgroups = new WeakMap<Target, readonly string[]>()
  readonly #groupOf: (address: string) => string | undefined

  /** `groupOf` returns the netgroup of a public multiaddr. It may throw for what is no multiaddr. */
  constructor (groupOf: (address: string) => string | undefined = () => undefined) {
    this.#groupOf = groupOf
  }

  get size (): number { return this.#targets.size }

  [Symbol.iterator] (): Iterator<Target> {
    return this.#targets.values()
  }

  /** Whether there is a target with this key. */
  has (key: string): boolean {
    return this.#targets.has(key)
  }

  /**
   * Adds a target that `origin` has reported, or adds its addresses to an existing one. Returns the target, or `undefined` where there is
   * no room.
   *
   * Where there is none, the origin with the most targets makes it: its target with the most failures goes. Where none has failed, one of
   * its largest netgroup goes, if the netgroup of the new target is smaller.
   */
  add (source: TargetSource, peer: NewTarget, origin: string = source): Target | undefined {
    const { peerId, addresses, isAnchor = false, lastSuccess = -1, failures = 0 } = peer
    const key = peerId ?? addresses[0]

    if (key == null) {
      return undefined
    }

    const existing = this.#targets.get(key)

    if (existing != null) {
      this.#update(existing, source, { addresses, isAnchor, lastSuccess })

      return existing
    }

    const target: Entry = {
      key, source, origin, peerId, addresses: [], groups: new Map(), dialGroups: [], isAnchor, lastSuccess,
      failures, nextAttempt: 0, isDialling: false
    }

    this.#merge(target, addresses, source)

    if (!isPermanent(source) && !this.#makeRoom(target)) {
      return undefined
    }

    this.#targets.set(key, target)

    return target
  }

  /** The targets that are known to be this libp2p peer: a seed's address may lead to a peer that is a target by its peer id too. */
  of (peerId: string): Target[] {
    return [...this].filter((target) => target.peerId === peerId)
  }

  /** Puts an address behind the others: a dial that began with it has failed. */
  moveBack (target: Target, address: string | undefined): void {
    const i = target.addresses.indexOf(address ?? '')
    target.addresses.push(...(i < 0 ? [] : target.addresses.splice(i, 1)))
  }

  /** Puts an address before the others: the peer was reached at it. */
  moveFirst (target: Target, address: string): void {
    const i = target.addresses.findIndex((known) => known === address || `${known}/p2p/${target.peerId}` === address)
    target.addresses.unshift(...(i < 0 ? [] : target.addresses.splice(i, 1)))
  }

  /** Forgets a target for good. */
  remove (target: Target): void {
    this.#targets.delete(target.key)
  }

  /** Counts a failure, and forgets a target that has too many of them. False where it was forgotten. */
  fail (target: Target, nextAttempt: number): boolean {
    target.failures++
    target.nextAttempt = nextAttempt

    if (isPermanent(target.source) || target.failures < MAX_FAILURES) {
      return true
    }

    this.remove(target)

    return false
  }

  #makeRoom (newcomer: Target): boolean {
    const { source, origin } = newcomer
    const others = [...this].filter(({ source }) => !isPermanent(source))
    const neighbours = largestOf(this.#netgroupsOf(newcomer).map((network) => {
      return others.filter((target) => this.#netgroupsOf(target).includes(network))
    }))

    if (newcomer.groups.size > 0 && neighbours.length >= MAX_NETWORK_TARGETS) {
      return this.#forgetWorst(neighbours)
    }

    const own = others.filter((target) => target.origin === origin)

    if (own.length >= (source === 'known' ? MAX_KNOWN_TARGETS : MAX_ORIGIN_TARGETS)) {
      return this.#forgetWorst(own) || this.#forgetOfLargest(own, neighbours.length)
    }

    if (others.length < MAX_TARGETS) {
      return true
    }

    const origins = Object.values(Object.groupBy(others, ({ origin }) => origin)).map((targets) => targets ?? [])
    const most = largestOf(origins)

    return this.#forgetWorst(most) || this.#forgetOfLargest(most, neighbours.length)
  }

  /** Forgets one of the largest netgroup among them, where that has more targets than the netgroup of the new one would have. */
  #forgetOfLargest (targets: Target[], neighbours: number): boolean {
    const largest = largestOf(this.#byNetgroup(targets).values())
    const last = largest.length > neighbours + 1 ? largest.findLast(({ isDialling }) => !isDialling) : undefined

    if (last != null) {
      this.remove(last)
    }

    return last != null
  }

  /** Forgets the target with the most failures. False where none has failed, or all that have are being dialled. */
  #forgetWorst (targets: Target[]): boolean {
    const failed = targets.filter(({ failures, isDialling }) => failures > 0 && !isDialling)
    const [first, ...rest] = failed
    const worst = rest.reduce((worst, target) => target.failures > (worst?.failures ?? 0) ? target : worst, first)

    if (worst != null) {
      this.remove(worst)
    }

    return worst != null
  }

  #update (target: Entry, source: TargetSource, more: Pick<Target, 'addresses' | 'isAnchor' | 'lastSuccess'>): void {
    target.isAnchor ||= more.isAnchor
    target.lastSuccess = Math.max(target.lastSuccess, more.lastSuccess)

    // a reserved peer is where the operator says: other addresses would only delay the dial
    if (source === 'reserved' && target.source !== source) {
      target.addresses.length = 0
    }

    // a configured one may have been discovered before
    if (isPermanent(source) && target.source !== 'reserved') {
      target.source = source
    }

    if (target.source !== 'reserved' || source === 'reserved') {
      this.#merge(target, more.addresses, source)
    }
  }

  /** Adds addresses. Configured ones come first, and push out those that peers have reported. */
  #merge (target: Entry, more: string[], source: TargetSource): void {
    const { key, peerId, addresses, groups } = target
    const suffix = `/p2p/${key}`
    const given = more.map((address) => key === peerId && address.endsWith(suffix) ? address.slice(0, -suffix.length) : address)
    const all = new Set(isPermanent(source) ? [...given, ...addresses] : [...addresses, ...given])
    all.delete('')
    const before = new Set(addresses.splice(0, Infinity, ...[...all].slice(0, MAX_TARGET_ADDRESSES)))

    for (const address of groups.keys()) {
      if (!addresses.includes(address)) {
        groups.delete(address)
      }
    }

    for (const address of addresses.filter((address) => !before.has(address))) {
      const group = this.#tryGroupOf(address)

      if (group != null) {
        groups.set(address, group)
      }
    }

    this.#netgroups.set(target, groups.size === 0 ? [''] : [...new Set(groups.values())])
  }

  /** The netgroups of a target. All targets without a known one count as one netgroup. */
  #netgroupsOf (target: Target): readonly string[] {
    return this.#netgroups.get(target) ?? ['']
  }

  /** Targets by netgroup: one with addresses in several is in all of them. */
  #byNetgroup (targets: Iterable<Target>): Map<string, Target[]> {
    const found = new Map<string, Target[]>()

    for (const target of targets) {
      for (const network of this.#netgroupsOf(target)) {
        const others = found.get(network) ?? []
        found.set(network, others)
        others.push(target)
      }
    }

    return found
  }

  #tryGroupOf (address: string): string | undefined {
    try {
      return this.#groupOf(address)
    } catch {
      // it cannot be dialled either
      return undefined
    }
  }
}

function largestOf (lists: Iterable<Target[]>): Target[] {
  return [...lists].reduce((most, targets) => targets.length > most.length ? targets : most, [])
}

/** Whether a target was configured: the node never forgets such a target, and it takes no room. */
export function isPermanent (source: TargetSource): boolean {
  return source === 'seed' || source === 'reserved'
}
