import { encodeFrame } from '../../codec/frame.ts'

/** The fields of `Message.body` in proto/vibecoin.proto. */
export const BODY = {
  handshake: 2, newBlock: 3, newTransaction: 4, requestBlock: 5, responseBlock: 6, requestBlockRange: 7, responseBlockRange: 8,
  ping: 9, pong: 10, disconnect: 11, have: 12, want: 13
} as const

/** A field that no version has. */
export const UNKNOWN_FIELD = 100

/** An unsigned LEB128 varint, with zero bytes at its end up to `bytes`. */
export function varint (value: number | bigint, bytes = 1): Uint8Array {
  const out: number[] = []
  let rest = BigInt(value)

  do {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  } while (rest > 0n || out.length < bytes)

  out[out.length - 1]! &= 0x7f

  return Uint8Array.from(out)
}

/** A field of a message: a varint, or bytes with their length. */
export function field (number: number, value: number | bigint | Uint8Array): Uint8Array {
  return value instanceof Uint8Array
    ? join(varint(number << 3 | 2), varint(value.byteLength), value)
    : join(varint(number << 3), varint(value))
}

export function join (...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

export function utf8 (text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** A Ping as encoded fields. */
export function pingBody (nonce: bigint): Uint8Array {
  return field(1, nonce)
}

/** A message of a kind that no version has, of exactly so many bytes. */
export function unknownMessage (bytes: number): Uint8Array {
  // the length of the filling takes as many bytes as that of the whole
  const around = varint(UNKNOWN_FIELD << 3 | 2).byteLength + varint(bytes - 6).byteLength
  const message = field(UNKNOWN_FIELD, new Uint8Array(bytes - around))

  if (message.byteLength !== bytes) {
    throw new RangeError(`Expected ${bytes} bytes, made ${message.byteLength}`)
  }

  return message
}

/** `message`, filled up with an unknown field to exactly so many bytes. */
export function padded (message: Uint8Array, bytes: number): Uint8Array {
  return join(message, unknownMessage(bytes - message.byteLength))
}

/** A frame of any size. */
export function frame (message: Uint8Array): Uint8Array {
  return encodeFrame(message, 2 ** 28)
}
