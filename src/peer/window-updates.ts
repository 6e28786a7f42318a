import type { Stream } from '@libp2p/interface'

/** How much of its window the sender still has when it is given back what was read, as a part of it. */
export const WINDOW_MARK: number = 3 / 4

/** The state of a stream both sides of which are there, and which is not paused. */
const ESTABLISHED = 3

/** The inside of the streams of @chainsafe/libp2p-yamux 8. */
interface Inside {
  readonly state?: number
  /** Bytes that the sender may have under way. */
  readonly recvWindow?: number
  /** Bytes of them that it may still send. */
  readonly recvWindowCapacity?: number
  sendWindowUpdate?: () => void
}

/**
 * Gives a sender its window back in larger parts. Yamux does it with each frame of data that comes, and each time it is encrypted and
 * written for itself, which is an eighth of a receiver's time. Does nothing to streams that work in another way.
 */
export function delayWindowUpdates (stream: Stream): void {
  const inside = stream as unknown as Inside
  const { sendWindowUpdate } = inside

  if (sendWindowUpdate == null || inside.recvWindow == null || inside.recvWindowCapacity == null) {
    return
  }

  inside.sendWindowUpdate = () => {
    const { state, recvWindow, recvWindowCapacity } = inside

    if (state !== ESTABLISHED || recvWindowCapacity! <= recvWindow! * WINDOW_MARK) {
      sendWindowUpdate.call(stream)
    }
  }
}
