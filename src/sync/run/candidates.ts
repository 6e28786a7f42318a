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

/** Which candidates are looked for. */
export interface CandidateOptions {
  /** Also those who are as high as we are, on another branch. */
  rivals: boolean
  /** Believes everybody who says to be higher. */
  trusting?: boolean
}

/** Who has what we do not have: more blocks, or another one in the place of our tip. */
export class Candidates {
  readonly doubts: Distrust
  readonly #peers: SyncPeers
  /** The last block that a peer has shown in the place of our tip. */
  readonly #rivals = new WeakMap<Session, Tip>()

  constructor (peers: SyncPeers, clock: Clock) {
    this.#peers = peers
    this.doubts = new Distrust(clock)
  }

  /** The ready peers, or the one of them that is named. */
  ready (id?: string): Session[] {
    const named = id == null ? undefined : this.#peers.get(id)

    return id == null ? [...this.#peers] : named == null ? [] : [named]
  }

  /** Takes note of a block that a peer has in the place of our tip, be it the same or another. */
  noteBeside (peer: Session, { height, hash }: Tip): void {
    this.#rivals.set(peer, { height, hash: new Uint8Array(hash) })
  }

  /** What a peer has for us; `undefined` where that is nothing. */
  of (peer: Session, tip: Tip, { rivals, trusting = false }: CandidateOptions): Candidate | undefined {
    const height = trusting ? peer.bestHeight : this.doubts.believed(peer)
    const isBeside = rivals && height <= tip.height && !this.doubts.has(peer) && this.#isBeside(peer, tip)

    return height > tip.height || isBeside ? { peer, height: Math.max(height, tip.height) } : undefined
  }

  /** Those who have something for us, the highest first. */
  ahead (tip: Tip, options: CandidateOptions): Candidate[] {
    return this.among(this.ready(), tip, options)
  }

  /**
   * Those of some peers who have something for us, the highest first. Of those who come from where others are in doubt there is one
   * for each network, the one that came first, behind all others.
   */
  among (peers: readonly Session[], tip: Tip, options: CandidateOptions): Candidate[] {
    const all = peers.map((peer) => this.of(peer, tip, options)).filter((candidate) => candidate != null)
    const crowds = Map.groupBy(all, ({ peer }) => options.trusting === true ? undefined : this.doubts.crowdOf(peer))
    const free = crowds.get(undefined) ?? []
    crowds.delete(undefined)

    return [...highestFirst(free), ...highestFirst([...crowds.values()].map(([first]) => first))]
  }

  /** Whether a peer is on another branch, as high as we are. Its handshake says so until it has grown. */
  #isBeside (peer: Session, tip: Tip): boolean {
    const shown = this.#rivals.get(peer)
    const said = peer.info?.bestHeight === tip.height ? peer.info.bestHash : undefined
    const hash = shown?.height === tip.height ? shown.hash : said

    return hash != null && !bytesEqual(hash, tip.hash)
  }
}

/** Those who are there, the highest first. */
export function highestFirst (candidates: readonly (Candidate | undefined)[]): Candidate[] {
  return candidates.filter((candidate) => candidate != null).sort((a, b) => b.height - a.height)
}
