import type { Location } from './location.ts'

// How many one host may have of something, and which member makes room where there are too many. Sessions, half-open handshakes,
// sessionless connections, connections that wait for their encryption and clients of the relay all count by these.

/** How many there may be. */
export interface HostLimits {
  readonly max: number
  /** Of one public host. Other addresses are not counted: there may be a proxy behind them, and many peers behind it. */
  readonly maxPerHost: number
}

/** What has a location. */
export interface Located {
  readonly location: Location
}

/**
 * Whether one more of a location is within the limit of its host, beside the others. Only public hosts have one: behind a private address,
 * or one of this machine, there may be a proxy, and many peers behind it.
 */
export function hasRoomForHost ({ host, netgroup }: Location, others: Iterable<Location>, maxPerHost: number): boolean {
  if (host == null || netgroup == null) {
    return true
  }

  let count = 0

  for (const other of others) {
    count += other.host === host ? 1 : 0
  }

  return count < maxPerHost
}

/**
 * What counts as one netgroup: a netgroup, or a host that is not public. Peers without a host, on this machine and behind relays, count as
 * one together: to be one of them costs no address.
 */
export function netgroupKeyOf ({ host, netgroup }: Location): string {
  return netgroup ?? host ?? ''
}

/** How many items each key has. */
export function countBy<Item> (items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>()

  for (const item of items) {
    const key = keyOf(item)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }

  return counts
}

/**
 * The member that has to go where there are too many, `undefined` where there are not. `members` are in the order in which they came.
 *
 * Of a host that has too many it is the oldest. Otherwise it is the oldest of the host with the most, in the netgroup with the most.
 * Netgroups come first: one IPv6 netgroup has any number of hosts, with one connection each, but a netgroup of its own costs money. The
 * newcomer stays: an honest one is done soon.
 */
export function pickSurplus<Member extends Located> (members: readonly Member[], { max, maxPerHost }: HostLimits): Member | undefined {
  const hosts = countBy(members, hostKeyOf)
  const crowding = members.find((member) => member.location.netgroup != null && hosts.get(hostKeyOf(member))! > maxPerHost)

  if (crowding != null || members.length <= max) {
    return crowding
  }

  const weigh = weigher<Member>(members)

  // of those that weigh the same, the first is the oldest
  return members.reduce((chosen, member) => outweighs(weigh(member), weigh(chosen)) ? member : chosen)
}

/** How crowded the netgroup and the host of a member are. */
export type Weight = readonly [netgroup: number, host: number]

/** Says how crowded it is where a member is. */
export function weigher<Member extends Located> (members: readonly Member[]): (member: Member) => Weight {
  const netgroups = countBy(members, ({ location }) => netgroupKeyOf(location))
  const hosts = countBy(members, hostKeyOf)

  return (member) => [netgroups.get(netgroupKeyOf(member.location))!, hosts.get(hostKeyOf(member))!]
}

/** Whether the netgroup of the one is more crowded than that of the other, or its host where the netgroups are equally crowded. */
export function outweighs ([netgroup, host]: Weight, [otherNetgroup, otherHost]: Weight): boolean {
  return netgroup > otherNetgroup || (netgroup === otherNetgroup && host > otherHost)
}

/** Items that wait for something. Where too many do, it evicts one. */
export class BoundedWaiters<Item> {
  readonly #limits: HostLimits
  readonly #evict: (item: Item) => void
  /** The oldest first. */
  readonly #waiting = new Map<Item, Located & { item: Item }>()

  constructor (limits: HostLimits, evict: (item: Item) => void) {
    this.#limits = limits
    this.#evict = evict
  }

  /** How many wait. */
  get size (): number {
    return this.#waiting.size
  }

  /** Takes a newcomer. Where there are too many then, it evicts the one that {@link pickSurplus} names. */
  add (item: Item, location: Location): void {
    this.#waiting.set(item, { item, location })
    const surplus = pickSurplus([...this.#waiting.values()], this.#limits)

    if (surplus != null) {
      this.#waiting.delete(surplus.item)
      this.#evict(surplus.item)
    }
  }

  /** Forgets an item that waits no longer. False where it did not wait. */
  delete (item: Item): boolean {
    return this.#waiting.delete(item)
  }
}

function hostKeyOf ({ location }: Located): string {
  return location.host ?? ''
}
