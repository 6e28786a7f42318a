import { bytesEqual } from '../../util/bytes.ts'
import { Distrust } from './distrust.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/** The ready peers. */
export interface SyncPeers extends Iterable<Session> {
  get (id: string): Session | undefined
}

/** A peer that has something for us, as far as it says. */
export interface Candidate {
  peer: Session
  /** The height that it says to have, as far as that is believed. */
  height: number
}

/** A peer that says to have more than a tip, and is not believed. */
export interface DoubtedPeer {
  peer: Session
  /** The height that it is believed to have. */
  believed: number
  /** In how many ms the node asks it again. */
  retryIn: number
}

/** Which peers count as candidates. */
export interface CandidateOptions {
  /** Also those that are as high as we are, on another branch. */
  rivals: boolean
  /** Believes every peer that says to be higher. */
  trusting?: boolean
}

/** The peers that have what we do not have: more blocks, or another one at the height of our tip. */
export class Candidates {
  readonly distrust: Distrust
  readonly #peers: SyncPeers
  /** The last block that each peer has shown at the height of our tip. */
  readonly #rivals = new WeakMap<Session, Tip>()

  constructor (peers: SyncPeers, clock: Clock) {
    this.#peers = peers
    this.distrust = new Distrust(clock)
  }

  /** The ready peers, or the one of them that is named. */
  ready (id?: string): Session[] {
    const named = id == null ? undefined : this.#peers.get(id)

    return id == null ? [...this.#peers] : named == null ? [] : [named]
  }

  /** Takes note of the block that a peer has at the height of our tip: the same as ours, or a rival. */
  noteRival (peer: Session, { height, hash }: Tip): void {
    this.#rivals.set(peer, { height, hash: new Uint8Array(hash) })
  }

  /** What a peer has for us; `undefined` where that is nothing. */
  of (peer: Session, tip: Tip, { rivals, trusting = false }: CandidateOptions): Candidate | undefined {
    const height = trusting ? peer.bestHeight : this.distrust.believed(peer)
    const isRival = rivals && height <= tip.height && this.#isRival(peer, tip) && !this.distrust.has(peer)

    return height > tip.height || isRival ? { peer, height: Math.max(height, tip.height) } : undefined
  }

  /** The ready peers that have something for us, the highest first. */
  ahead (tip: Tip, options: CandidateOptions): Candidate[] {
    return this.among(this.ready(), tip, options)
  }

  /** The ready peers that say to have blocks above the tip, of which none is believed. */
  doubted (tip: Tip): DoubtedPeer[] {
    return this.ready().flatMap((peer) => {
      const believed = this.distrust.believed(peer)
      const retryIn = this.distrust.remaining(peer)

      return peer.bestHeight > tip.height && believed <= tip.height && retryIn != null ? [{ peer, believed, retryIn }] : []
    })
  }

  /**
   * Those of `peers` that have something for us, the highest first. Of newcomers in a distrusted netgroup there is one for each
   * netgroup, the one that came first, behind all others.
   */
  among (peers: readonly Session[], tip: Tip, options: CandidateOptions): Candidate[] {
    const all = peers.map((peer) => this.of(peer, tip, options)).filter((candidate) => candidate != null)

    if (all.length === 0) {
      return all
    }

    const byNetgroup = Map.groupBy(all, ({ peer }) => options.trusting === true ? undefined : this.distrust.distrustedNetgroup(peer))
    const free = byNetgroup.get(undefined) ?? []
    byNetgroup.delete(undefined)

    return [...highestFirst(free), ...highestFirst([...byNetgroup.values()].map(([first]) => first))]
  }

  /** Whether a peer has another block at the height of our tip. Its handshake says so until it has grown. */
  #isRival (peer: Session, tip: Tip): boolean {
    const shown = this.#rivals.get(peer)
    const said = peer.info?.bestHeight === tip.height ? peer.info.bestHash : undefined
    const hash = shown?.height === tip.height ? shown.hash : said

    return hash != null && !bytesEqual(hash, tip.hash)
  }
}

/** Sorts candidates, the highest first, and leaves out what is none. */
export function highestFirst (candidates: readonly (Candidate | undefined)[]): Candidate[] {
  return candidates.filter((candidate) => candidate != null).sort((a, b) => b.height - a.height)
}
