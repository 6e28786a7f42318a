import { Candidates } from './run/candidates.ts'
import { SyncRun } from './run/run.ts'
import { isChainLeft } from './chain/chain-gate.ts'
import { raceSignal } from '../util/race-signal.ts'
import { NotRunningError, RequestError, SyncError } from '../errors.ts'
import type { Candidate, DoubtedPeer, SyncPeers } from './run/candidates.ts'
import type { ChainWriter } from './chain/chain-writer.ts'
import type { SyncRunInit } from './run/run.ts'
import type { Session } from '../session/session.ts'
import type { Tip } from '../types/block.ts'
import type { SyncEnd, SyncOptions, SyncResult } from '../types/sync.ts'

/** Options of {@link Synchroniser}. None of the callbacks may throw. */
export interface SynchroniserInit extends Pick<SyncRunInit, 'clock' | 'createDownload' | 'requestBlock' | 'onProgress' | 'onFault' | 'onGrown'> {
  /** `undefined` where there is no chain to append to. */
  writer: ChainWriter | undefined
  peers: SyncPeers
  /** The height of the last known tip. */
  knownHeight: () => number
  /** Called when our chain could not tell its tip, and when a synchronisation has ended in which a peer had something for us. */
  onEnd: (end: SyncEnd) => void
}

/** A synchronisation, and how many callers wait for it. */
interface Current {
  peer: string | undefined
  run: SyncRun
  controller: AbortController
  waiters: number
  result: Promise<SyncResult>
}

/** Brings our chain to where those of peers are: one {@link SyncRun} at a time, for any number of callers that wait for it. */
export class Synchroniser {
  readonly #init: SynchroniserInit
  readonly #candidates: Candidates
  #current: Current | undefined
  /** Aborted by `stop`. */
  #lifetime = new AbortController()

  constructor (init: SynchroniserInit) {
    this.#init = init
    this.#candidates = new Candidates(init.peers, init.clock)
  }

  /** Whether a synchronisation is under way. */
  get running (): boolean { return this.#current != null }

  /** Bytes of blocks that were fetched and wait for the chain. */
  get bufferedBytes (): number { return this.#current?.run.bufferedBytes ?? 0 }

  /** The peers that are believed to have something for us, the highest first. */
  ahead (tip: Tip): Candidate[] {
    return this.#candidates.ahead(tip, { rivals: this.#init.writer?.canReorganise === true })
  }

  /** The ready peers that say to have blocks above the tip, of which none is believed. */
  doubted (tip: Tip): DoubtedPeer[] {
    return this.#candidates.doubted(tip)
  }

  /** Takes note of another block than ours that a peer has at the height of our tip. */
  noteRival (peer: Session, block: Tip): void {
    this.#candidates.noteRival(peer, block)
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. */
  onDelivered (peer: Session, height: number): void {
    this.#candidates.distrust.onDelivered(peer, height)
  }

  /**
   * Appends what peers have and we do not. Resolves when no peer has more, at once where that is so. A call joins the
   * synchronisation under way where that asks the same peers. What was appended stays, however it ends.
   *
   * Throws a SyncError, the signal's reason, and a RequestError where no peer can be asked or those that have more cannot be used.
   */
  async sync ({ peer, signal }: SyncOptions = {}): Promise<SyncResult> {
    const { writer } = this.#init
    const lifetime = this.#lifetime.signal
    signal?.throwIfAborted()

    if (writer == null) {
      throw new SyncError('NO_STORE', 'There is no chain that blocks can be appended to')
    }

    while (this.#current != null && (this.#current.peer !== peer || this.#current.controller.signal.aborted)) {
      // however it ends
      await raceSignal(this.#current.result.catch(() => {}), signal, lifetime)
    }

    if (this.#current == null && this.#candidates.ready(peer).length === 0) {
      throw new RequestError('NO_PEERS', peer == null ? 'There is no peer to ask' : `There is no session with ${peer}`)
    }

    return this.#wait(this.#current ?? this.#start(writer, peer), signal)
  }

  /** Takes note that our chain could not tell its tip, so that no synchronisation could begin. */
  onTipFailed (error: Error): void {
    if (!isChainLeft(error)) {
      const height = this.#init.knownHeight()
      this.#init.onEnd({ from: height, height, reorganised: false, error })
    }
  }

  /** Ends what is under way, with a NotRunningError. A write that has begun goes on until it is done. */
  stop (): void {
    const reason = new NotRunningError('The network has been stopped')
    this.#lifetime.abort(reason)
    this.#lifetime = new AbortController()
    this.#current?.controller.abort(reason)
  }

  /** The last caller to leave ends the synchronisation. */
  async #wait (current: Current, signal: AbortSignal | undefined): Promise<SyncResult> {
    current.waiters++

    try {
      return await raceSignal(current.result, signal, current.controller.signal)
    } finally {
      current.waiters--

      if (current.waiters === 0) {
        current.controller.abort()
      }
    }
  }

  #start (writer: ChainWriter, peer: string | undefined): Current {
    const controller = new AbortController()
    const run = new SyncRun({ ...this.#init, writer, candidates: this.#candidates, peer, signal: controller.signal })
    const current: Current = { peer, run, controller, waiters: 0, result: this.#follow(run) }
    this.#current = current

    return current
  }

  async #follow (run: SyncRun): Promise<SyncResult> {
    let error: Error | undefined

    try {
      return { ...await run.run() }
    } catch (err) {
      error = err instanceof Error ? err : new SyncError('STORE', String(err), { cause: err })
      throw error
    } finally {
      this.#current = undefined

      if (run.result != null) {
        this.#init.onEnd({ ...run.result, error })
      } else if (error instanceof SyncError) {
        this.onTipFailed(error)
      }
    }
  }
}
