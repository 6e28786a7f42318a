import { withRawConnections } from './raw-connections.ts'
import type { MessageStream, Transport } from '@libp2p/interface'

/**
 * What a TCP socket takes before libp2p is to wait, in bytes: all that is sent in one go. Node.js takes 64 KiB, which is one message of
 * Noise, and libp2p then waits for each of them to be gone.
 */
export const SOCKET_WRITE_BYTES: number = 512 * 1024

/**
 * What is read before the answers to it go, in bytes, unless nothing more is there. Yamux gives back the window of each frame with
 * a message of its own, and the remote waits for it once the window is used up: this is a fraction of it.
 */
export const JOINED_READ_BYTES: number = 512 * 1024

/** The inside of the connections of @libp2p/tcp 11. */
interface Inside {
  readonly socket?: { cork?: () => void, uncork?: () => void }
  sendData?: (data: never) => unknown
  onData?: (bytes: Uint8Array) => void
}

/** Has a transport hand what is sent in one go to the operating system in one go too, and not each piece by itself. */
export function withJoinedWrites<Components extends object> (
  create: (components: Components) => Transport
): (components: Components) => Transport {
  return withRawConnections(create, { onRaw: joinWrites })
}

/**
 * libp2p writes each piece of what is sent: the length of a message of Noise, its text and its tag. A system call for each of
 * them takes more time than to encrypt it. What libp2p answers while it reads goes when all that has come is read, or enough of it.
 * Other kinds of connections than those of @libp2p/tcp are left alone.
 */
export function joinWrites (connection: MessageStream): void {
  const inside = connection as unknown as Inside
  const { socket, sendData, onData } = inside

  if (socket?.cork == null || sendData == null || onData == null) {
    return
  }

  const answers = new Answers(() => { socket.cork?.() }, () => { socket.uncork?.() })

  inside.onData = (bytes) => {
    answers.isReading = true

    try {
      onData.call(connection, bytes)
    } finally {
      answers.isReading = false
      answers.noteRead(bytes.byteLength)
    }
  }

  inside.sendData = (data) => {
    answers.hold()
    socket.cork?.()

    try {
      return sendData.call(connection, data)
    } finally {
      socket.uncork?.()
    }
  }
}

/** Holds back what is answered while something is read. */
class Answers {
  /** True while libp2p takes what has come. */
  isReading = false
  readonly #cork: () => void
  readonly #uncork: () => void
  #isHeld = false
  #readBytes = 0

  constructor (cork: () => void, uncork: () => void) {
    this.#cork = cork
    this.#uncork = uncork
  }

  /** To be called before something is sent. What is sent at other times goes at once. */
  hold (): void {
    if (this.isReading && !this.#isHeld) {
      this.#isHeld = true
      this.#readBytes = 0
      this.#cork()
      // Node.js reads all that is there before it comes to this
      setImmediate(() => { this.#release() })
    }
  }

  noteRead (bytes: number): void {
    this.#readBytes += bytes

    if (this.#readBytes >= JOINED_READ_BYTES) {
      this.#release()
    }
  }

  #release (): void {
    if (this.#isHeld) {
      this.#isHeld = false
      this.#uncork()
    }
  }
}
