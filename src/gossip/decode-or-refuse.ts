import { checkReceivedSize, decodeBlock, decodeTransaction } from '../codec/items/items.ts'
import { maxItemBytes } from '../codec/limits.ts'
import { DecodeError } from '../errors.ts'
import type { GossipInit, RelayedType } from './types.ts'
import type { Session } from '../session/session.ts'
import type { BroadcastMessage } from '../types/message.ts'

/** The bytes of an item of a peer, and what they are said to be. */
export interface Undecoded { type: RelayedType, item: Uint8Array, from: Session }

/** Decodes an item that a peer has sent. `undefined` for one that breaks the grammar: `onRefused` is told of it. */
export function decodeOrRefuse (
  { type, item, from }: Undecoded, { maxFrameBytes, onRefused }: Pick<GossipInit, 'maxFrameBytes' | 'onRefused'>
): BroadcastMessage | undefined {
  try {
    checkReceivedSize(item, maxItemBytes(maxFrameBytes))

    return type === 'newBlock' ? { type, block: decodeBlock(item) } : { type, transaction: decodeTransaction(item) }
  } catch (err) {
    if (!(err instanceof DecodeError)) {
      throw err
    }

    onRefused(type, from, err)

    return undefined
  }
}
