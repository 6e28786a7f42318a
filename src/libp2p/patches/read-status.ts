import type { MessageStream } from '@libp2p/interface'

/** Whether a stream or connection hands on what comes, holds it back, or has ended. Other kinds than those of @libp2p/utils do not say. */
export type ReadStatus = 'readable' | 'paused' | 'closing' | 'closed'

/** `readStatus` of the streams and connections of @libp2p/utils 7, which the interface of libp2p has for streams alone. */
export function readStatusOf (stream: MessageStream): ReadStatus | undefined {
  return (stream as MessageStream & { readonly readStatus?: ReadStatus }).readStatus
}
