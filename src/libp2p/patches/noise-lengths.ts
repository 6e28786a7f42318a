import type { MessageStream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of the length in front of a message of Noise. */
const LENGTH_BYTES = 2

/** The inside of the connections of @chainsafe/libp2p-noise 17, and of the decoder of @libp2p/utils 7. */
interface Inside {
  readonly decoder?: {
    lengthDecoder?: (bytes: Uint8ArrayList) => number
    readonly encodingLength?: (length: number) => number
  }
}

/**
 * Has a connection of Noise read the lengths of its messages without an error. By itself it looks for one more length behind the last
 * message of each read, and throws a RangeError where there is none: with its stack, that takes as long as to decrypt a small message.
 *
 * A length of 0 says the same to the decoder: it waits for two bytes. Other kinds of connections are left alone.
 */
export function readNoiseLengths (connection: MessageStream): void {
  const { decoder } = connection as MessageStream & Inside

  if (decoder?.lengthDecoder != null && decoder.encodingLength?.(0) === LENGTH_BYTES) {
    decoder.lengthDecoder = (bytes) => bytes.byteLength < LENGTH_BYTES ? 0 : bytes.get(0) << 8 | bytes.get(1)
  }
}
