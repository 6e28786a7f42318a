import type { Session } from '../../session/session.ts'
import type { Frame } from '../../session/send/send-queue.ts'
import type { BroadcastMessage } from '../../types/message.ts'

/** A block or transaction that is to be sent. */
export interface Parcel {
  readonly type: BroadcastMessage['type']
  readonly key: string
  readonly item: Uint8Array
  /** Made when the first peer gets it, where it is not there. */
  frame: Frame | undefined
  /** The id of the peer that it came from. */
  readonly from: string | undefined
  /** To how many peers it is sent where it is large. */
  readonly pushes: number
  /** Which peers are to have it; all of them where it says nothing. */
  readonly wants: ((session: Session) => boolean) | undefined
}
