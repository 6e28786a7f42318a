import { inventTransaction } from './samples.ts'
import type { CheckContext } from '../context.ts'
import type { Link } from '../peer/link.ts'

/** More than a muxer and a socket hold for a reader that has stopped. */
const UNREAD_BYTES = 12 * 1024 * 1024
const ITEM_BYTES = 1024 * 1024

/** Gives the target more to send than the peer that has stopped reading has room for. */
export async function fill (context: CheckContext, link: Link): Promise<void> {
  for (let id = 1n; id <= 4n; id++) {
    link.send({ type: 'requestBlockRange', startHeight: 0, endHeight: 1000 }, id)
  }

  const from = await context.session()

  for (let bytes = 0; bytes < UNREAD_BYTES && link.stream.status === 'open'; bytes += ITEM_BYTES) {
    from.sendFrame(inventTransaction(ITEM_BYTES).message)
    await from.until(() => link.stream.status !== 'open', 50)
  }
}
