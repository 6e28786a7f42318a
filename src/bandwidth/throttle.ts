import { FairShare } from './fair-share.ts'
import type { Lane } from './fair-share.ts'
import type { Clock } from '../util/clock.ts'
import type { BandwidthOptions } from '../config/resolve.ts'
import type { Bandwidth } from '../types/limits.ts'

/**
 * The caps on what the node sends and receives, shared fairly between its sessions. What is counted are the bytes of the
 * frames: the headers of Yamux, Noise and TCP, about a thousandth for large ones, come on top.
 */
export class Throttle {
  /** What {@link Outbox} asks. */
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

  /** Changes the caps at once, also for what waits; what is left away stays. The numbers are not checked here. */
  set (changes: BandwidthOptions): void {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined)
    this.#limits = Object.freeze({ ...this.#limits, ...Object.fromEntries(given) })
    const { upload, download, peerUpload, peerDownload } = this.#limits
    this.upload.setRates({ total: upload, each: peerUpload })
    this.#download.setRates({ total: download, each: peerDownload })
  }

  /** What holds back the reader of one session, which has to close it. */
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
   * How much is to be read in one go, in bytes: a stream that was paused hands over all that its window let in, which would
   * pass in a lump.
   */
  get pieceBytes (): number {
    return this.#lane.isLimited ? this.#lane.turnBytes : Infinity
  }

  /**
   * Takes note of bytes that were read. Returns what to wait for before more are read, or nothing. It never rejects, and
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

  /** Ends the wait, if there is one, and gives its place back. */
  close (): void {
    this.#lane.close()
    this.#release()
  }

  #release (): void {
    this.#resolve?.()
    this.#resolve = undefined
  }
}
