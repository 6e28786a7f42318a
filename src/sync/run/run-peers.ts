import { highestFirst } from './candidates.ts'
import type { Candidate, Candidates } from './candidates.ts'
import type { DistrustedRange } from './distrust.ts'
import type { DownloadFault } from '../download/fault.ts'
import type { RefusedBlock } from './extension.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/** What {@link RunPeers} is made with. */
export interface RunPeersInit {
  candidates: Candidates
  /** The libp2p peer id of the only one. */
  peer: string | undefined
  /** Whether our chain can change over to a branch. */
  canReorganise: boolean
  onFault: (fault: DownloadFault) => void
}

/**
 * The peers of one synchronisation: who may be asked for what follows our tip, who is on a branch, and who is out. What is
 * found out about a peer counts from the next turn on: a download has its own view of those whom it asks.
 */
export class RunPeers {
  readonly #init: RunPeersInit
  /** Those who are asked no more. */
  readonly #out = new WeakSet<Session>()
  readonly #stalled = new WeakSet<Session>()
  /** Those whose blocks do not follow our tip. */
  #diverged = new WeakSet<Session>()
  /** Those who have said that our tip is on their chain, with its height. */
  #linked = new WeakMap<Session, number>()
  /** Those whose branch has been looked at, with its height. */
  readonly #offered = new WeakMap<Session, number>()
  readonly #delivered = new WeakSet<Session>()
  /** Those who do not have what they said to have. */
  readonly #lacking = new Map<Session, DownloadFault>()
  /** Those whose blocks do not follow what others sent, which may not have become part of our chain. */
  readonly #unlinked: DownloadFault[] = []
  /** What is to count from the next turn on. */
  readonly #found: (() => void)[] = []
  #trusting = false

  constructor (init: RunPeersInit) {
    this.#init = init
  }

  /**
   * To be called first. Whoever is named is believed, and so are those in doubt where nobody else has anything for us, nor is as
   * high as we are. False where nobody has.
   */
  begin (tip: Tip): boolean {
    this.#trusting = this.#init.peer != null
    this.#trusting ||= this.#all(tip).length === 0 && !this.isInStep(tip)

    return this.#all(tip).length > 0
  }

  /** Those who may be asked for the block above our tip and what follows it, the highest first. */
  straight (tip: Tip): Candidate[] {
    return this.#all(tip).filter(({ peer, height }) => height > tip.height && !this.#diverged.has(peer))
  }

  /** Those whose branch is to be looked at, the highest first. Each only once, unless it grows. */
  branches (tip: Tip): Candidate[] {
    return this.#all(tip).filter(({ peer, height }) => {
      return (height <= tip.height || this.#diverged.has(peer)) && height > (this.#offered.get(peer) ?? -1)
    })
  }

  /** Those of them whose blocks do not follow our tip and who go further. */
  diverged (tipHeight: number): Candidate[] {
    const diverged = this.#ready().filter((peer) => this.#diverged.has(peer) && !this.#out.has(peer))
    const candidates = diverged.map((peer) => ({ peer, height: peer.bestHeight }))

    return highestFirst(candidates.filter(({ peer, height }) => height > tipHeight && height > (this.#offered.get(peer) ?? -1)))
  }

  /**
   * How far it probably goes, for people to read: what more than half of those say who are there; of those who have delivered,
   * where some are still ahead. A liar among honest peers is in the minority.
   */
  target (tip: Tip): number {
    const { doubts } = this.#init.candidates
    const usable = this.#ready().filter((peer) => !this.#out.has(peer))
    const claims = usable.map((peer) => ({ peer, height: this.#trusting ? peer.bestHeight : doubts.believed(peer) }))
    const proven = claims.filter(({ peer, height }) => height > tip.height && this.#delivered.has(peer))
    const heights = (proven.length > 0 ? proven : claims).map(({ height }) => height).sort((a, b) => a - b)

    return Math.max(tip.height, heights[Math.floor((heights.length - 1) / 2)] ?? 0)
  }

  /** Takes note of a peer that could not be used. */
  onFault (fault: DownloadFault): void {
    const { peer, kind, height } = fault

    // asked for several things at once, it lacks the lowest of them before all others
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
    this.#found.push(() => {
      this.#out.add(peer)

      if (kind === 'stalled') {
        this.#stalled.add(peer)
      }

      // whoever has sent something and then took too long may well go on later
      if (kind === 'stalled' && !this.#delivered.has(peer)) {
        this.#init.candidates.doubts.add(peer, { above: height - 1 })
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
    this.doubt(peer, { above: common.height })

    if (kind === 'stalled') {
      this.#found.push(() => { this.#stalled.add(peer) })
    }
  }

  /** Ends the session with whoever has sent a block that the chain refuses. */
  onInvalid ({ peer, height, error }: RefusedBlock): void {
    this.#init.onFault({ peer, kind: 'invalid', height, detail: error.message })
    this.doubt(peer, { above: height - 1 })
    peer.close('PROTOCOL_VIOLATION', 'an invalid block')
  }

  /** Asks a peer no more in this synchronisation. */
  drop (peer: Session): void {
    this.#found.push(() => { this.#out.add(peer) })
  }

  /** Does not believe a peer for a while. */
  doubt (peer: Session, range: DistrustedRange): void {
    this.#found.push(() => {
      this.#out.add(peer)
      this.#init.candidates.doubts.add(peer, range)
    })
  }

  /** Takes note of a peer whose branch is being looked at. */
  onOffered ({ peer, height }: Candidate): void {
    this.#offered.set(peer, height)
  }

  /** Takes note of a peer whose branch was not looked at to its end: it may be looked at again. */
  onWithdrawn (peer: Session): void {
    this.#offered.delete(peer)
  }

  /** Takes note of a peer that has our tip on its chain. */
  onLinked (peer: Session, tip: Tip): void {
    this.#init.candidates.noteBeside(peer, tip)
    this.#linked.set(peer, tip.height)
    this.#found.push(() => { this.#diverged.delete(peer) })
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. */
  onDelivered (peer: Session, height: number): void {
    this.#delivered.add(peer)
    this.#init.candidates.doubts.onDelivered(peer, height)
  }

  /** To be called when our chain has changed over: what followed our tip or did not was about another one. */
  onAdopted (): void {
    this.#found.push(() => {
      this.#diverged = new WeakSet()
      this.#linked = new WeakMap()
    })
  }

  /** Takes note of those whose blocks do not follow our tip, in the middle of a turn: their branches may be looked at. */
  settleUnlinked (tipHeight: number): void {
    const faults = this.#unlinked.splice(0)
    this.#unlinked.push(...faults.filter(({ height }) => height > tipHeight + 1))

    for (const fault of faults.filter(({ height }) => height <= tipHeight + 1)) {
      const { peer, height } = fault
      this.#init.onFault(fault)
      this.#diverged.add(peer)
      this.#found.push(() => { this.#diverged.add(peer) })

      // one of the two is not true: there is no branch to look at
      if (this.#linked.get(peer) === height - 1) {
        this.doubt(peer, { above: height - 1 })
      }
    }
  }

  /** Ends a turn, after which this is our tip: what was found out counts. False where that was nothing. */
  settle (tip: Tip): boolean {
    this.settleUnlinked(tip.height)
    this.#unlinked.length = 0

    for (const [peer, fault] of this.#lacking) {
      this.#init.onFault(fault)
      this.doubt(peer, { above: fault.height - 1 })
    }

    this.#lacking.clear()
    const found = this.#found.splice(0)
    found.forEach((apply) => { apply() })

    return found.length > 0
  }

  /** Whether a peer may still be asked. */
  isReady (peer: Session): boolean {
    return this.#ready().includes(peer)
  }

  /** Whether somebody took too long who still says to be above the tip. */
  hasStalled (tip: Tip): boolean {
    return this.#ready().some((peer) => this.#stalled.has(peer) && peer.bestHeight > tip.height)
  }

  /** Whether somebody who kept its word is as high as we are. */
  isInStep (tip: Tip): boolean {
    const { doubts } = this.#init.candidates

    return this.#ready().some((peer) => !this.#out.has(peer) && !doubts.has(peer) && peer.bestHeight >= tip.height)
  }

  #ready (): Session[] {
    return this.#init.candidates.ready(this.#init.peer)
  }

  #all (tip: Tip): Candidate[] {
    const { candidates, canReorganise: rivals } = this.#init
    const usable = this.#ready().filter((peer) => !this.#out.has(peer))

    return candidates.among(usable, tip, { rivals, trusting: this.#trusting })
  }
}
