import { view } from './memory.ts'
import type protobuf from 'protobufjs/minimal.js'

/** What `reader.bytes()` gives, in half the time: a view of what is read. Throws a RangeError where it ends too early. */
export function readBytes (reader: protobuf.Reader): Uint8Array {
  const length = reader.size()
  const start = reader.pos

  if (length > reader.len - start) {
    throw new RangeError(`index out of range: ${start} + ${length} > ${reader.len}`)
  }

  reader.pos = start + length

  return view(reader.buf, start, reader.pos)
}
