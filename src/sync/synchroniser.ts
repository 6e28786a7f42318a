import { Candidates } from './run/candidates.ts'
import { SyncRun } from './run/run.ts'
import { raceSignal } from '../util/race-signal.ts'
import { RequestError, SyncError } from '../errors.ts'
import type { Candidate, SyncPeers } from './run/candidates.ts'
import type { ChainWriter } from './chain/chain-writer.ts'
import type { SyncRunInit } from './run/run.ts'
import type { Session } from '../session/session.ts'
import type { Tip } from '../types/block.ts'
import type { SyncEnd, SyncOptions, SyncResult } from '../types/sync.ts'

/** What {@link Synchroniser} is made with. None of the callbacks may throw. */
export interface SynchroniserInit extends Pick<SyncRunInit, 'clock' | 'createDownload' | 'requestBlock' | 'onProgress' | 'onFault' | 'onGrown'> {
  /** `undefined` where there is no chain to append to. */
  writer: ChainWriter | undefined
  peers: SyncPeers
  /** Called when a synchronisation in which somebody had something for us has ended. */
  onEnd: (end: SyncEnd) => void
}

/** A synchronisation, and those who wait for it. */
interface Current {
  peer: string | undefined
  controller: AbortController
  waiters: number
  result: Promise<SyncResult>
}

/** Brings our chain to where those of peers are: one synchronisation at a time, for as many as wait for it. */
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

  /** Who is believed to have something for us, the highest first. */
  ahead (tip: Tip): Candidate[] {
    return this.#candidates.ahead(tip, { rivals: this.#init.writer?.canReorganise === true })
  }

  /** Takes note of another block than ours that a peer has at the height of our tip. */
  noteRival (peer: Session, block: Tip): void {
    this.#candidates.noteBeside(peer, block)
  }

  /** Takes note of a block that a peer has sent and that is now on our chain. */
  onDelivered (peer: Session, height: number): void {
    this.#candidates.doubts.onDelivered(peer, height)
  }

  /**
   * Appends what peers have and we do not, and resolves when nobody has more, at once where that is so. Where one is under way that
   * asks the same peers, it is joined. What was appended stays, however it ends.
   *
   * Throws a SyncError, a RequestError where nobody can be asked or those who have more cannot be used, and the signal's reason.
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

  /** Ends what is under way. A write that has begun goes on until it is done. */
  stop (): void {
    this.#lifetime.abort()
    this.#lifetime = new AbortController()
    this.#current?.controller.abort()
  }

  /** The last one to leave ends it. */
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
    const current: Current = { peer, controller, waiters: 0, result: this.#follow(run) }
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
      }
    }
  }
}
