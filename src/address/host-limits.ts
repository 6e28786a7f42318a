import type { Location } from './location.ts'

/** How many there may be. */
export interface HostLimits {
  readonly max: number
  /** Of one public host. Behind another address there may be a proxy, and everybody. */
  readonly maxPerHost: number
}

/** Of whom it is known where they are. */
export interface Located {
  readonly location: Location
}

/**
 * Who has to go where there are too many, `undefined` where there are not. `members` are in the order in which they came.
 *
 * Of a host that has too many it is the oldest. Otherwise it is the oldest of the host that has the most in the network group
 * that has the most. Groups come first: who has one IPv6 network has as many hosts as there are places, with one
 * connection each, but a group of its own costs money. The newcomer stays: whoever means well is done soon.
 */
export function pickSurplus<Member extends Located> (members: readonly Member[], { max, maxPerHost }: HostLimits): Member | undefined {
  const hosts = count(members, hostOf)
  const crowding = members.find(({ location }) => location.netgroup != null && hosts.get(hostOf({ location }))! > maxPerHost)

  if (crowding != null || members.length <= max) {
    return crowding
  }

  const weigh = weigher<Member>(members)

  // the first one stays where others weigh the same: it is the oldest
  return members.reduce((chosen, member) => outweighs(weigh(member), weigh(chosen)) ? member : chosen)
}

/** How crowded it is where somebody is: how many there are in the network group, and of those at the host. */
export type Weight = readonly [netgroup: number, host: number]

/** Weighs those of a crowd. */
export function weigher<Member extends Located> (crowd: readonly Member[]): (member: Member) => Weight {
  const groups = count(crowd, groupOf)
  const hosts = count(crowd, hostOf)

  return (member) => [groups.get(groupOf(member))!, hosts.get(hostOf(member))!]
}

/** Whether it is more crowded at the one than at the other. */
export function outweighs ([group, host]: Weight, [otherGroup, otherHost]: Weight): boolean {
  return group > otherGroup || (group === otherGroup && host > otherHost)
}

/** Holds what waits for something, and gives up on some of it where too much does. */
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

  /** Takes a newcomer. Where there are too many then, one that {@link pickSurplus} names is removed and given up. */
  add (item: Item, location: Location): void {
    this.#waiting.set(item, { item, location })
    const surplus = pickSurplus([...this.#waiting.values()], this.#limits)

    if (surplus != null) {
      this.#waiting.delete(surplus.item)
      this.#evict(surplus.item)
    }
  }

  /** Lets go of what waits no longer. False where it did not. */
  delete (item: Item): boolean {
    return this.#waiting.delete(item)
  }
}

function hostOf ({ location }: Located): string {
  return location.host ?? ''
}

/** What is in no public network is a group by itself. */
function groupOf (member: Located): string {
  return member.location.netgroup ?? hostOf(member)
}

function count<Member> (members: readonly Member[], keyOf: (member: Member) => string): Map<string, number> {
  const counts = new Map<string, number>()

  for (const member of members) {
    const key = keyOf(member)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }

  return counts
}
