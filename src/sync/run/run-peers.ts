import { highestFirst } from './candidates.ts'
import type { Candidate, Candidates } from './candidates.ts'
import type { DistrustedRange } from './distrust.ts'
import type { DownloadFault } from '../download/fault.ts'
import type { RefusedBlock } from './extension.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/** Options of {@link RunPeers}. */
export interface RunPeersInit {
  candidates: Candidates
  /** The libp2p peer id of the only peer to ask. */
  peer: string | undefined
  /** Whether our chain can change over to a branch. */
  canReorganise: boolean
  onFault: (fault: DownloadFault) => void
}

/**
 * What one synchronisation knows of its peers: which may be asked for what follows our tip, which are on a branch, and which are
 * excluded. What it finds out counts from the next round on: a download has its own view of the peers that it asks.
 */
export class RunPeers {
  readonly #init: RunPeersInit
  /** The peers that are asked no more. */
  readonly #excluded = new WeakSet<Session>()
  readonly #stalled = new WeakSet<Session>()
  /** The peers whose blocks do not follow our tip. */
  #diverged = new WeakSet<Session>()
  /** The peers that have our tip on their chains, with its height. */
  #linked = new WeakMap<Session, number>()
  /** The peers whose branch was looked at, with its height, and that have not been found on our chain since. */
  readonly #explored = new WeakMap<Session, number>()
  readonly #delivered = new WeakSet<Session>()
  /** The peers that do not have what they said to have. */
  readonly #lacking = new Map<Session, DownloadFault>()
  /** Faults of peers whose blocks do not follow those of others, which may not have become part of our chain. */
  readonly #unlinked: DownloadFault[] = []
  /** What counts from the next round on. */
  readonly #deferred: ((tip: Tip) => void)[] = []
  #trusting = false

  constructor (init: RunPeersInit) {
    this.#init = init
  }

  /**
   * Called first. A peer that is named is believed. So are distrusted ones where no other peer has anything for us, or is as high
   * as we are. False where no peer has anything for us.
   */
  begin (tip: Tip): boolean {
    this.#trusting = this.#init.peer != null
    this.#trusting ||= this.#all(tip).length === 0 && !this.isSynced(tip)

    return this.#all(tip).length > 0
  }

  /** The peers that may be asked for what follows our tip, the highest first. */
  extending (tip: Tip): Candidate[] {
    return this.#all(tip).filter(({ peer, height }) => height > tip.height && !this.#diverged.has(peer))
  }

  /** The peers whose branch is to be looked at, the highest first. Each only once, unless it grows. */
  branching (tip: Tip): Candidate[] {
    return this.#all(tip).filter(({ peer, height }) => {
      return (height <= tip.height || this.#diverged.has(peer)) && height > (this.#explored.get(peer) ?? -1)
    })
  }

  /** Those of them that go further than our tip, with blocks that do not follow it. */
  diverged (tipHeight: number): Candidate[] {
    const diverged = this.#ready().filter((peer) => this.#diverged.has(peer) && !this.#excluded.has(peer))
    const candidates = diverged.map((peer) => ({ peer, height: peer.bestHeight }))

    return highestFirst(candidates.filter(({ peer, height }) => height > tipHeight && height > (this.#explored.get(peer) ?? -1)))
  }

  /**
   * The height that the synchronisation probably reaches, for people to read: what more than half of the peers say, or of those
   * that have delivered, where some are still ahead. A liar among honest peers is in the minority.
   */
  target (tip: Tip): number {
    const { distrust } = this.#init.candidates
    const usable = this.#ready().filter((peer) => !this.#excluded.has(peer))
    const claims = usable.map((peer) => ({ peer, height: this.#trusting ? peer.bestHeight : distrust.believed(peer) }))
    const proven = claims.filter(({ peer, height }) => height > tip.height && this.#delivered.has(peer))
    const heights = (proven.length > 0 ? proven : claims).map(({ height }) => height).sort((a, b) => a - b)

    return Math.max(tip.height, heights[Math.floor((heights.length - 1) / 2)] ?? 0)
  }

  /** Takes note of a peer that could not be used. */
  onFault (fault: DownloadFault): void {
    const { peer, kind, height } = fault

    // of several requests that it could not answer, the lowest counts
    if (kind === 'unavailable') {
      const before = this.#lacking.get(peer)
      this.#lacking.set(peer, before != null && before.height <= height ? before : fault)
      return
    }

    if (kind === 'unlinked') {
      this.#unlinked.push(fault)
      return
    }

    this.#init.onFault(fault)
    this.#deferred.push(() => {
      this.#excluded.add(peer)

      // a peer that has delivered, and then took too long, may well go on later
      if (kind === 'stalled') {
        this.#stalled.add(peer)

        if (!this.#delivered.has(peer)) {
          this.#init.candidates.distrust.add(peer, { above: height - 1 })
        }
      }
    })
  }

  /** Takes note of a peer that could not be used to look at its own branch, which leaves our chain at `common`. */
  onBranchFault (fault: DownloadFault, common: Pick<Tip, 'height'>): void {
    const { peer, kind } = fault

    if (kind === 'unavailable') {
      this.onFault(fault)
      return
    }

    this.#init.onFault(fault)
    this.distrust(peer, { above: common.height })

    if (kind === 'stalled') {
      this.#deferred.push(() => { this.#stalled.add(peer) })
    }
  }

  /** Ends the session with a peer that has sent a block that our chain refuses. */
  onInvalid ({ peer, height, error }: RefusedBlock): void {
    this.#init.onFault({ peer, kind: 'invalid', height, detail: error.message })
    this.distrust(peer, { above: height - 1 })
    peer.close('PROTOCOL_VIOLATION', 'an invalid block')
  }

  /** Asks a peer no more in this synchronisation. */
  exclude (peer: Session): void {
    this.#deferred.push(() => { this.#excluded.add(peer) })
  }

  /** Distrusts a peer for a while. */
  distrust (peer: Session, range: DistrustedRange): void {
    this.#deferred.push(() => {
      this.#excluded.add(peer)
      this.#init.candidates.distrust.add(peer, range)
    })
  }

  /** Takes note of a peer whose branch is being looked at. */
  onBranchBegun ({ peer, height }: Candidate): void {
    this.#explored.set(peer, height)
  }

  /** Takes note of a peer whose branch was not looked at to its end. It may be looked at again. */
  onBranchAbandoned (peer: Session): void {
    this.#explored.delete(peer)
  }

  /** Takes note of a peer that has our tip on its chain. */
  onLinked (peer: Session, tip: Tip): void {
    this.#init.candidates.noteRival(peer, tip)
    this.#linked.set(peer, tip.height)
    this.#deferred.push(() => {
      this.#diverged.delete(peer)
      // our own blocks may leave its chain again
      this.#explored.delete(peer)
    })
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. */
  onDelivered (peer: Session, height: number): void {
    this.#delivered.add(peer)
    this.#init.candidates.distrust.onDelivered(peer, height)
  }

  /**
   * Takes note that our chain has changed over: what is known of peers was about another tip. The branch of a peer that goes further
   * than ours may be looked at again. One that is as high may not: a chain that takes every branch would go back and forth.
   */
  onAdopted (): void {
    this.#deferred.push((tip) => {
      this.#diverged = new WeakSet()
      this.#linked = new WeakMap()
      this.#ready().filter((peer) => (this.#explored.get(peer) ?? 0) > tip.height).forEach((peer) => { this.#explored.delete(peer) })
    })
  }

  /** Takes note of the peers whose blocks do not follow our tip, in the middle of a round: their branches may be looked at. */
  settleUnlinked (tipHeight: number): void {
    const faults = this.#unlinked.splice(0)
    this.#unlinked.push(...faults.filter(({ height }) => height > tipHeight + 1))

    for (const fault of faults.filter(({ height }) => height <= tipHeight + 1)) {
      const { peer, height } = fault
      this.#init.onFault(fault)
      this.#diverged.add(peer)
      this.#deferred.push(() => { this.#diverged.add(peer) })

      // it has said that it has our tip: there is no branch to look at
      if (this.#linked.get(peer) === height - 1) {
        this.distrust(peer, { above: height - 1 })
      }
    }
  }

  /** Ends a round, after which this is our tip: what was found out counts from now on. False where that is nothing. */
  endRound (tip: Tip): boolean {
    this.settleUnlinked(tip.height)
    this.#unlinked.length = 0

    for (const [peer, fault] of this.#lacking) {
      this.#init.onFault(fault)
      this.distrust(peer, { above: fault.height - 1 })
    }

    this.#lacking.clear()
    const found = this.#deferred.splice(0)
    found.forEach((apply) => { apply(tip) })

    return found.length > 0
  }

  /** Whether a peer may still be asked. */
  isReady (peer: Session): boolean {
    return this.#ready().includes(peer)
  }

  /**
   * Whether a peer took too long whose claim to be above the tip may be true: it has delivered, or too few others say that there is
   * nothing above the tip. That takes one whom we have dialled, or two. An inbound peer costs an attacker nothing.
   */
  hasStalled (tip: Tip): boolean {
    const stalled = this.#ready().filter((peer) => this.#stalled.has(peer) && peer.bestHeight > tip.height)
    const level = this.#level(tip)
    const isContradicted = level.length > 1 || level.some(({ direction }) => direction === 'outbound')

    return stalled.some((peer) => !isContradicted || this.#delivered.has(peer))
  }

  /** Whether a peer that kept its word is as high as we are. */
  isSynced (tip: Tip): boolean {
    return this.#level(tip).length > 0
  }

  /** The peers that kept their word and are as high as we are. */
  #level (tip: Tip): Session[] {
    const { distrust } = this.#init.candidates

    return this.#ready().filter((peer) => !this.#excluded.has(peer) && !distrust.has(peer) && peer.bestHeight >= tip.height)
  }

  #ready (): Session[] {
    return this.#init.candidates.ready(this.#init.peer)
  }

  #all (tip: Tip): Candidate[] {
    const { candidates, canReorganise: rivals } = this.#init
    const usable = this.#ready().filter((peer) => !this.#excluded.has(peer))

    return candidates.among(usable, tip, { rivals, trusting: this.#trusting })
  }
}
