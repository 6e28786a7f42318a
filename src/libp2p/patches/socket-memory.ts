import { readStatusOf } from './read-status.ts'
import { hookTransport } from './transport-hooks.ts'
import { fillsMemory, freeMemory, MIN_FREED_BYTES } from '../../memory/free-memory.ts'
import type { MessageStream, Transport } from '@libp2p/interface'

/** A message of Noise with its length. Noise keeps what has come of one until all of it is there. */
const MAX_MESSAGE_BYTES = 2 + 65_535

/** The inside of the connections of @libp2p/tcp 11. */
interface Inside {
  readonly socket?: { write?: (bytes: Uint8Array, ...rest: unknown[]) => boolean }
  onData?: (bytes: Uint8Array) => void
}

/**
 * Has the connections of a transport give memory back at once, and not leave it to the garbage collector: what a socket has read,
 * when it is decrypted, and what was encrypted, when it is written. Only where all of them are encrypted by Noise with
 * `noiseCrypto` of a runtime with the cipher, which decrypts into other memory.
 */
export function withFreedMemory<Components extends object> (
  create: (components: Components) => Transport
): (components: Components) => Transport {
  return hookTransport(create, { onUpgraded: freeSocketMemory })
}

/** See {@link withFreedMemory}. Other kinds of connections than those of @libp2p/tcp are left alone. */
export function freeSocketMemory (connection: MessageStream): void {
  const inside = connection as unknown as Inside
  const { socket, onData } = inside

  if (socket?.write == null || onData == null) {
    return
  }

  const write = socket.write.bind(socket)
  socket.write = (bytes, ...rest) => {
    return rest.length === 0 && isEncrypted(bytes) ? write(bytes, () => { freeMemory(bytes) }) : write(bytes, ...rest)
  }

  const memory = new ReadMemory()
  inside.onData = (bytes) => {
    onData.call(connection, bytes)
    memory.add(bytes)

    // what libp2p holds back has not been decrypted
    if (readStatusOf(connection) === 'readable' && connection.readBufferLength === 0) {
      memory.free()
    }
  }
}

/** What is as large as this and alone in its memory comes from the cipher. */
function isEncrypted (bytes: Uint8Array): boolean {
  return bytes.byteLength >= MIN_FREED_BYTES && fillsMemory(bytes)
}

/** What was read from a socket, in order, until Noise is done with it. Small pieces are not worth it, and a remote could send many. */
class ReadMemory {
  readonly #waiting: { bytes: Uint8Array, end: number }[] = []
  #readBytes = 0

  add (bytes: Uint8Array): void {
    this.#readBytes += bytes.byteLength

    if (bytes.byteLength >= MIN_FREED_BYTES) {
      this.#waiting.push({ bytes, end: this.#readBytes })
    }
  }

  /** Frees what libp2p is done with. All that was added has been handed on by then: only the last message may be incomplete. */
  free (): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.end <= this.#readBytes - MAX_MESSAGE_BYTES) {
      freeMemory(this.#waiting.shift()!.bytes)
    }
  }
}
