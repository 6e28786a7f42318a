/** Where we know somebody from, the most trusted first. */
export type TargetSource = 'seed' | 'known' | 'discovered'

/** Somebody we may dial. */
export interface Target {
  /** The libp2p peer id, or the address of a seed whose peer id is not known. */
  readonly key: string
  /** Where we know it from first, or `seed` where it is one. */
  source: TargetSource
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

  /** Adds somebody, or the addresses to somebody who is there. Returns it, or `undefined` where there is no room. */
  add (source: TargetSource, { peerId, addresses }: { peerId?: string, addresses: string[] }): Target | undefined {
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

    if (source !== 'seed' && this.#countOthers() >= MAX_TARGETS) {
      return undefined
    }

    const target: Target = {
      key, source, peerId, addresses: [], failures: 0, nextAttempt: 0, isDialling: false
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

  /** Those who are not seeds. */
  #countOthers (): number {
    return [...this].filter(({ source }) => source !== 'seed').length
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
