import type { Download, DownloadInit } from '../download/download.ts'
import type { DownloadRange } from '../download/window.ts'
import type { Batch } from '../download/span.ts'

/** What {@link Feed} uses of a download. */
export type BlockDownload = Pick<Download, 'batches' | 'busyPeers' | 'bufferedBytes'>

/** Creates the download of a range. */
export type CreateDownload = (init: DownloadInit, range: DownloadRange) => BlockDownload

/** Options of {@link Feed}. */
export interface FeedInit {
  createDownload: CreateDownload
  download: DownloadInit
  range: DownloadRange
}

/** The blocks of a download, for {@link Extension}. It can be cancelled at any time, also while a batch is waited for. */
export class Feed {
  readonly #download: BlockDownload
  readonly #batches: AsyncGenerator<Batch, void, undefined>
  readonly #cancelled = new AbortController()

  constructor ({ createDownload, download, range }: FeedInit) {
    const signal = range.signal == null ? this.#cancelled.signal : AbortSignal.any([range.signal, this.#cancelled.signal])
    this.#download = createDownload(download, { ...range, signal })
    this.#batches = this.#download.batches()
  }

  /** Peers that have a request under way. */
  get busyPeers (): number { return this.#download.busyPeers }

  /** Bytes of blocks that wait to be taken. */
  get bufferedBytes (): number { return this.#download.bufferedBytes }

  /** The next blocks, or `undefined` where there are no more. Throws what the download throws. */
  async next (): Promise<Batch | undefined> {
    const { value } = await this.#batches.next()

    return value ?? undefined
  }

  /** Ends everything under way. Does not throw. */
  async cancel (): Promise<void> {
    this.#cancelled.abort()
    await this.#batches.return().catch(() => {})
  }
}
