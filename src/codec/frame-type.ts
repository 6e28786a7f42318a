import { MAX_LENGTH_BYTES } from './frame.ts'
import { REQUEST_ID_FIELD, typeOfField } from './envelope.ts'
import type { MessageType } from '../types/message.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bit 7 of a byte of a number says that another one follows. */
const MORE = 0x80

/** The type of the message in a frame of this node's own: it looks at a few bytes. `undefined` for what is no such frame. */
export function frameType (frame: Uint8Array | Uint8ArrayList): MessageType | undefined {
  const at = pastNumber(frame, 0, MAX_LENGTH_BYTES)
  const field = fieldAt(frame, at)

  return typeOfField(field === REQUEST_ID_FIELD ? fieldAt(frame, pastNumber(frame, at + 1, 10)) : field)
}

/** The number of the field whose tag is there, which has one byte or two. */
function fieldAt (frame: Uint8Array | Uint8ArrayList, at: number): number {
  const low = byteOf(frame, at)

  return low < MORE ? low >>> 3 : (low & 0x7f | byteOf(frame, at + 1) << 7) >>> 3
}

/** The bytes that the length of a frame takes in front of it. */
export function lengthBytes (length: number): number {
  return length < 2 ** 7 ? 1 : length < 2 ** 14 ? 2 : length < 2 ** 21 ? 3 : length < 2 ** 28 ? 4 : MAX_LENGTH_BYTES
}

function pastNumber (frame: Uint8Array | Uint8ArrayList, start: number, most: number): number {
  let at = start

  while (at - start < most && byteOf(frame, at) >= MORE) {
    at++
  }

  return at + 1
}

function byteOf (frame: Uint8Array | Uint8ArrayList, index: number): number {
  if (frame instanceof Uint8Array) {
    return frame[index] ?? 0
  }

  return index < frame.byteLength ? frame.get(index) : 0
}
