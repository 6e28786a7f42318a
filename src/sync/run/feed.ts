import type { Download } from '../download/download.ts'
import type { DownloadInit, DownloadRange } from '../download/types.ts'
import type { Batch } from '../download/span.ts'

/** Blocks that are being fetched. */
export type BlockDownload = Pick<Download, 'batches' | 'busyPeers'>

/** Begins to fetch blocks. */
export type CreateDownload = (init: DownloadInit, range: DownloadRange) => BlockDownload

/** What {@link Feed} is made with. */
export interface FeedInit {
  createDownload: CreateDownload
  download: DownloadInit
  range: DownloadRange
}

/** A download that can be left at any time, also while something of it is waited for. */
export class Feed {
  readonly #download: BlockDownload
  readonly #batches: AsyncGenerator<Batch, void, undefined>
  readonly #left = new AbortController()

  constructor ({ createDownload, download, range }: FeedInit) {
    const signal = range.signal == null ? this.#left.signal : AbortSignal.any([range.signal, this.#left.signal])
    this.#download = createDownload(download, { ...range, signal })
    this.#batches = this.#download.batches()
  }

  /** Peers that are to send something now. */
  get busyPeers (): number { return this.#download.busyPeers }

  /** The next blocks, or `undefined` where there are no more. Throws what the download throws. */
  async next (): Promise<Batch | undefined> {
    const { value } = await this.#batches.next()

    return value ?? undefined
  }

  /** Ends everything under way. Does not throw. */
  async leave (): Promise<void> {
    this.#left.abort()
    await this.#batches.return().catch(() => {})
  }
}
