/** Where we know somebody from, the most trusted first. */
export type TargetSource = 'seed' | 'known' | 'discovered'

/** Somebody we may dial. */
export interface Target {
  /** The libp2p peer id, or the address of somebody whose peer id is not known. */
  readonly key: string
  /** Where we know it from first, or `seed` where it is one. */
  source: TargetSource
  /** Who told of it first: each has so much room. */
  readonly origin: string
  /** Multiaddrs, without the peer id where that is the key. */
  readonly addresses: string[]
  /** The libp2p peer id, as configured or as found when it was last reached. */
  peerId: string | undefined
  /** Failures since it was last found healthy. */
  failures: number
  /** When it may be dialled again, by the clock. */
  nextAttempt: number
  isDialling: boolean
}

/** How many targets there may be beside seeds. */
export const MAX_TARGETS = 1000

/** How many of them may be peers of an earlier run. */
export const MAX_KNOWN_TARGETS = 500

/** How many of them one origin of discovered ones may have told of. */
export const MAX_ORIGIN_TARGETS = 250

/** How many addresses of one target are kept. */
export const MAX_TARGET_ADDRESSES = 8

/** After this many failures in a row whoever is not a seed is forgotten. Seeds never are. */
export const MAX_FAILURES = 10

/** Everybody we may dial, bounded. */
export class Targets implements Iterable<Target> {
  readonly #targets = new Map<string, Target>()

  get size (): number {
    return this.#targets.size
  }

  [Symbol.iterator] (): Iterator<Target> {
    return this.#targets.values()
  }

  /** Whether there is a target of that name, which is a peer id or an address. */
  has (key: string): boolean {
    return this.#targets.has(key)
  }

  /**
   * Adds somebody that `origin` tells of, or the addresses to somebody who is there. Where there is no room, whoever of
   * the origin that has the most targets has failed most makes it; those that have not failed stay. Returns the target,
   * or `undefined` where there is no room at all.
   */
  add (
    source: TargetSource, { peerId, addresses }: { peerId?: string, addresses: string[] }, origin: string = source
  ): Target | undefined {
    const key = peerId ?? addresses[0]

    if (key == null) {
      return undefined
    }

    const existing = this.#targets.get(key)

    if (existing != null) {
      // a seed may have been discovered before the seeds were added
      existing.source = source === 'seed' ? source : existing.source
      merge(existing, addresses)

      return existing
    }

    if (source !== 'seed' && !this.#makeRoom(source, origin)) {
      return undefined
    }

    const target: Target = {
      key, source, origin, peerId, addresses: [], failures: 0, nextAttempt: 0, isDialling: false
    }

    merge(target, addresses)
    this.#targets.set(key, target)

    return target
  }

  /** Every target that is this libp2p peer, as far as is known: a seed's address may lead to a peer that is known otherwise too. */
  of (peerId: string): Target[] {
    return [...this].filter((target) => target.peerId === peerId)
  }

  /** Forgets somebody for good. */
  remove (target: Target): void {
    this.#targets.delete(target.key)
  }

  /** Counts a failure; forgets whoever has too many of them. False where it was forgotten. */
  fail (target: Target, nextAttempt: number): boolean {
    target.failures++
    target.nextAttempt = nextAttempt

    if (target.source === 'seed' || target.failures < MAX_FAILURES) {
      return true
    }

    this.remove(target)

    return false
  }

  #makeRoom (source: TargetSource, origin: string): boolean {
    const others = [...this].filter(({ source }) => source !== 'seed')
    const own = others.filter((target) => target.origin === origin)

    if (own.length >= (source === 'known' ? MAX_KNOWN_TARGETS : MAX_ORIGIN_TARGETS)) {
      return this.#forgetWorst(own)
    }

    if (others.length < MAX_TARGETS) {
      return true
    }

    const origins = Object.values(Object.groupBy(others, ({ origin }) => origin)).map((targets) => targets ?? [])

    return this.#forgetWorst(origins.reduce((most, targets) => targets.length > most.length ? targets : most, []))
  }

  /** Forgets whoever of them has failed most. False where none has failed, or can be spared. */
  #forgetWorst (targets: Target[]): boolean {
    const failed = targets.filter(({ failures, isDialling }) => failures > 0 && !isDialling)
    const [first, ...rest] = failed
    const worst = rest.reduce((worst, target) => target.failures > (worst?.failures ?? 0) ? target : worst, first)

    if (worst != null) {
      this.remove(worst)
    }

    return worst != null
  }
}

function merge ({ key, peerId, addresses }: Target, more: string[]): void {
  const suffix = `/p2p/${key}`

  for (const given of more) {
    const address = key === peerId && given.endsWith(suffix) ? given.slice(0, -suffix.length) : given

    if (address !== '' && addresses.length < MAX_TARGET_ADDRESSES && !addresses.includes(address)) {
      addresses.push(address)
    }
  }
}
