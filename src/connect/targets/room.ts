import { hash } from '../../peers/eviction.ts'
import { isPermanent, MAX_KNOWN_TARGETS, MAX_NETWORK_TARGETS, MAX_ORIGIN_TARGETS, MAX_TARGETS } from './target.ts'
import type { Target } from './target.ts'

/** Buckets of peers that the node has heard of from peers, and has not reached yet. */
export const HEARD_BUCKETS = 64

/** Peers in one of these buckets. */
export const HEARD_BUCKET_SIZE = 8

/** Buckets that what peers of one netgroup tell may come into. */
export const BUCKETS_PER_TELLER = 8

/** Options of {@link Room}. */
export interface RoomInit {
  all: () => Iterable<Target>
  remove: (target: Target) => void
  /** Two random words, which choose the buckets. */
  secret: Uint32Array
}

/**
 * Decides whether there is room for a further target, and which one makes it.
 *
 * | bound | what makes room |
 * |---|---|
 * | the netgroup of the newcomer | the target there with the most failures, if it has more than the newcomer |
 * | the bucket of one that a peer has told of | the same. The secret and the netgroups of teller and newcomer choose the bucket |
 * | the origin of any other | the same, or one of its largest netgroup, if that of the newcomer is smaller |
 * | all targets | the same of the origin with the most |
 *
 * A target that the node has reached never makes room for one that it has not.
 */
export class Room {
  readonly #init: RoomInit
  /** The netgroups of each target: each new target needs all of them. */
  readonly #netgroups = new WeakMap<Target, readonly string[]>()
  readonly #buckets = new WeakMap<Target, number>()

  constructor (init: RoomInit) {
    this.#init = init
  }

  /** Takes note of the netgroups of the addresses of a target. */
  noteNetgroups (target: Target, groups: Iterable<string>): void {
    const found = new Set(groups)
    this.#netgroups.set(target, found.size === 0 ? [''] : [...found])
  }

  /** Makes room for a target. False where there is none. */
  make (newcomer: Target): boolean {
    const others = [...this.#init.all()].filter(({ source }) => !isPermanent(source))
    const neighbours = largestOf(this.#netgroupsOf(newcomer).map((network) => {
      return others.filter((target) => this.#netgroupsOf(target).includes(network))
    }))

    if (newcomer.groups.size > 0 && neighbours.length >= MAX_NETWORK_TARGETS) {
      return this.#forgetWorst(neighbours, newcomer)
    }

    const origin = this.#makeInOrigin(newcomer, others, neighbours.length)

    if (origin != null || others.length < MAX_TARGETS) {
      return origin ?? true
    }

    const most = largestOf(Map.groupBy(others, ({ origin }) => origin).values())

    return this.#forgetWorst(most, newcomer) || this.#forgetOfLargest(most, newcomer, neighbours.length)
  }

  /** Whether the bound of its origin, or of its bucket, has room or has made some; `undefined` where that bound is not reached. */
  #makeInOrigin (newcomer: Target, others: readonly Target[], neighbours: number): boolean | undefined {
    if (newcomer.toldBy != null && newcomer.lastSuccess < 0) {
      const bucket = this.#bucketOf(newcomer)
      const members = others.filter((target) => target.toldBy != null && target.lastSuccess < 0 && this.#bucketOf(target) === bucket)

      return members.length >= HEARD_BUCKET_SIZE ? this.#forgetWorst(members, newcomer) : undefined
    }

    const { origin, source } = newcomer
    const own = others.filter((target) => target.origin === origin)

    if (newcomer.toldBy != null || own.length < (source === 'known' ? MAX_KNOWN_TARGETS : MAX_ORIGIN_TARGETS)) {
      return undefined
    }

    return this.#forgetWorst(own, newcomer) || this.#forgetOfLargest(own, newcomer, neighbours)
  }

  #bucketOf (target: Target): number {
    const { secret } = this.#init
    const known = this.#buckets.get(target)

    if (known != null) {
      return known
    }

    const teller = target.toldBy ?? ''
    const place = hash(`${teller} ${this.#netgroupsOf(target)[0]}`, secret) % BUCKETS_PER_TELLER
    const bucket = hash(`${teller}/${place}`, secret) % HEARD_BUCKETS
    this.#buckets.set(target, bucket)

    return bucket
  }

  /** Forgets one of the largest netgroup among them, where that has more targets than the netgroup of the new one would have. */
  #forgetOfLargest (targets: readonly Target[], newcomer: Target, neighbours: number): boolean {
    const largest = largestOf(this.#byNetgroup(targets).values())
    const last = largest.length > neighbours + 1 ? largest.findLast((target) => mayGoFor(target, newcomer)) : undefined

    return this.#forget(last)
  }

  /** Forgets the target with the most failures. False where none has more than the newcomer, or all that have are being dialled. */
  #forgetWorst (targets: readonly Target[], newcomer: Target): boolean {
    const [first, ...rest] = targets.filter((target) => target.failures > newcomer.failures && mayGoFor(target, newcomer))

    return this.#forget(rest.reduce((worst, target) => target.failures > (worst?.failures ?? 0) ? target : worst, first))
  }

  #forget (target: Target | undefined): boolean {
    if (target != null) {
      this.#init.remove(target)
    }

    return target != null
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
}

/** Whether a target may make room for a new one. */
function mayGoFor ({ isDialling, lastSuccess }: Target, newcomer: Target): boolean {
  return !isDialling && (lastSuccess < 0 || newcomer.lastSuccess >= 0)
}

function largestOf (lists: Iterable<readonly Target[]>): readonly Target[] {
  return [...lists].reduce((most, targets) => targets.length > most.length ? targets : most, [])
}
