import type { DownloadFault } from './fault.ts'
import type { Clock } from '../../util/clock.ts'
import type { Session } from '../../session/session.ts'
import type { Tip } from '../../types/block.ts'

/** What a download is made with. */
export interface DownloadInit {
  /** The peers that may be asked. Looked at again and again: peers come and go. */
  peers: () => Iterable<Session>
  clock: Clock
  onFault?: (fault: DownloadFault) => void
}

/** What is to be downloaded, and until when. */
export interface DownloadRange {
  startHeight: number
  /** Inclusive. */
  endHeight: number
  /** The block below `startHeight`, which the first one has to follow. */
  previous?: Pick<Tip, 'height' | 'hash'> | undefined
  signal?: AbortSignal | undefined
}
