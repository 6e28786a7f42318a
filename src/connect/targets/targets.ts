import { multiaddr } from '@multiformats/multiaddr'
import { Room } from './room.ts'
import { isPermanent, MAX_FAILURES, MAX_TARGET_ADDRESSES } from './target.ts'
import { originOf } from '../../address/multiaddr.ts'
import type { NewTarget, Target, TargetSource } from './target.ts'
import type { ReadRecord } from '../../address/peer-records.ts'

/** A target whose lists may be changed. */
type Entry = Target & { groups: Map<string, string> }

/** The peers that the node may dial, bounded. */
export class Targets implements Iterable<Target> {
  readonly #targets = new Map<string, Entry>()
  /** Those of them that were added without a peer id, as seeds are. The others have it for their key. */
  readonly #unnamed = new Set<Target>()
  readonly #room: Room
  readonly #groupOf: (address: string) => string | undefined

  /**
   * `groupOf` returns the netgroup of a public multiaddr. It may throw for what is no multiaddr. `secret` is two random words, which choose
   * the buckets of peers that the node has heard of.
   */
  constructor (groupOf: (address: string) => string | undefined = () => undefined, secret: Uint32Array = new Uint32Array(2)) {
    this.#groupOf = groupOf
    this.#room = new Room({ all: () => this.#targets.values(), remove: (target) => { this.remove(target) }, secret })
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
    const { peerId, addresses, isAnchor = false, lastSuccess = -1, failures = 0, toldBy, record } = peer
    const key = peerId ?? addresses[0]

    if (key == null) {
      return undefined
    }

    const existing = this.#targets.get(key)

    if (existing != null) {
      this.#update(existing, source, { addresses, isAnchor, lastSuccess })
      this.noteRecord(existing, record)

      return existing
    }

    const target: Entry = {
      key, source, origin, peerId, addresses: [], groups: new Map(), dialGroups: [], isAnchor, lastSuccess, toldBy, record,
      reachedAt: lastSuccess < 0 ? undefined : tryOriginOf(addresses[0]), failures, nextAttempt: 0, isDialling: false
    }

    this.#merge(target, addresses, source)

    if (!isPermanent(source) && !this.#room.make(target)) {
      return undefined
    }

    this.#targets.set(key, target)

    if (peerId == null) {
      this.#unnamed.add(target)
    }

    return target
  }

  /** The targets that are known to be this libp2p peer: a seed's address may lead to a peer that is a target by its peer id too. */
  of (peerId: string): Target[] {
    const named = this.#targets.get(peerId)

    return [...named?.peerId === peerId ? [named] : [], ...[...this.#unnamed].filter((target) => target.peerId === peerId)]
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

  /** Takes note that a target was reached at an address, at a time in ms since the Unix epoch. */
  noteReached (target: Target, address: string, time: number): void {
    target.lastSuccess = time
    target.reachedAt = tryOriginOf(address)
    this.moveFirst(target, address)
  }

  /** Keeps the record of a target, unless it has a newer one. */
  noteRecord (target: Target, record: ReadRecord | undefined): void {
    if (record != null && record.sequence > (target.record?.sequence ?? -1n)) {
      target.record = record
    }
  }

  /** Forgets a target for good. */
  remove (target: Target): void {
    this.#targets.delete(target.key)
    this.#unnamed.delete(target)
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

  /** Has configured targets that wait dialled `now`, by the clock. */
  endPauses (now: number): void {
    for (const target of this) {
      if (isPermanent(target.source)) {
        target.nextAttempt = Math.min(target.nextAttempt, now)
      }
    }
  }

  #update (target: Entry, source: TargetSource, more: Pick<Target, 'addresses' | 'isAnchor' | 'lastSuccess'>): void {
    target.isAnchor ||= more.isAnchor
    target.lastSuccess = Math.max(target.lastSuccess, more.lastSuccess)
    target.reachedAt ??= more.lastSuccess < 0 ? undefined : tryOriginOf(more.addresses[0])

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

    this.#room.noteNetgroups(target, groups.values())
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

function tryOriginOf (address: string | undefined): string | undefined {
  try {
    return address == null ? undefined : originOf(multiaddr(address))
  } catch {
    // it is no multiaddr, and was never reached there
    return undefined
  }
}
