import { FairShare } from './fair-share.ts'
import type { Lane } from './lane.ts'
import type { Clock } from '../util/clock.ts'
import type { BandwidthOptions } from '../config/resolve.ts'
import type { Bandwidth } from '../types/limits.ts'

/**
 * The caps on what the node sends and receives, shared fairly between its sessions. They count the bytes of frames. The headers of Yamux,
 * Noise and TCP come on top: about a thousandth for large frames.
 */
export class Throttle {
  /** The cap that the outbox of each session asks. */
  readonly upload: FairShare
  readonly #download: FairShare
  #limits: Bandwidth

  constructor ({ clock, limits }: { clock: Clock, limits: Bandwidth }) {
    this.#limits = Object.freeze({ ...limits })
    this.upload = new FairShare(clock, { total: limits.upload, each: limits.peerUpload })
    this.#download = new FairShare(clock, { total: limits.download, each: limits.peerDownload })
  }

  /** The caps that hold now, in bytes per second. */
  get limits (): Bandwidth {
    return this.#limits
  }

  /** Changes the caps at once, also for what waits. A cap that is not given stays. The caller has checked the numbers. */
  set (changes: BandwidthOptions): void {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined)
    this.#limits = Object.freeze({ ...this.#limits, ...Object.fromEntries(given) })
    const { upload, download, peerUpload, peerDownload } = this.#limits
    this.upload.setRates({ total: upload, each: peerUpload })
    this.#download.setRates({ total: download, each: peerDownload })
  }

  /** The lane of the reader of one session, which has to close it. */
  openDownload (): DownloadLane {
    return new DownloadLane(this.#download)
  }
}

/** Holds back the reader of one session, one wait at a time. */
export class DownloadLane {
  readonly #lane: Lane
  #bytes = 0
  #resolve: (() => void) | undefined

  constructor (share: FairShare) {
    this.#lane = share.open(() => {
      this.#release()

      return this.#bytes
    })
  }

  /**
   * The most that the reader takes at once, in bytes: a stream that was paused hands over all of its window in one piece.
   */
  get pieceBytes (): number {
    return this.#lane.isLimited ? this.#lane.turnBytes : Infinity
  }

  /**
   * Takes note of bytes that were read. Returns what the reader waits for before it reads more, if anything. That never rejects, and
   * resolves when the lane is closed.
   */
  take (bytes: number): Promise<void> | undefined {
    if (!this.#lane.isLimited) {
      return undefined
    }

    this.#bytes = bytes
    this.#lane.wait('live')

    return this.#lane.isWaiting ? new Promise((resolve) => { this.#resolve = resolve }) : undefined
  }

  /** Ends the wait, if there is one, and closes the lane. */
  close (): void {
    this.#lane.close()
    this.#release()
  }

  #release (): void {
    this.#resolve?.()
    this.#resolve = undefined
  }
}
