import { nextTick } from 'node:process'
import { hookTransport } from './transport-hooks.ts'
import { systemClock } from '../../util/clock.ts'
import type { MessageStream, Transport } from '@libp2p/interface'

/**
 * What a TCP socket takes before libp2p waits: all that is sent in one go.
 *
 * Node.js takes 64 KiB, which is one message of Noise, and libp2p then waits for each of them to be gone.
 */
export const SOCKET_WRITE_BYTES: number = 512 * 1024

/**
 * What is read of a connection before libp2p's answers to it are written, unless nothing more is there.
 *
 * Yamux gives back the window of each frame with a message of its own, and the remote waits for it once the window is used up: this is a
 * fraction of it.
 */
export const JOINED_READ_BYTES: number = 512 * 1024

/** What is larger goes to the socket at once, and not when the turn is over: there is nothing to be gained from a wait. */
export const JOINED_WRITE_BYTES: number = 16 * 1024

/** What of a socket holds back what it is to write. */
interface Corkable { cork?: () => void, uncork?: () => void }

/** The inside of the connections of @libp2p/tcp 11. */
interface Inside {
  readonly socket?: Corkable
  sendData?: (data: { readonly byteLength: number }) => unknown
  sendReset?: () => void
  onData?: (bytes: Uint8Array) => void
}

/** Has a transport hand what is sent in one turn to the operating system in one go, and not each piece by itself. */
export function withJoinedWrites<Components extends object> (
  create: (components: Components) => Transport
): (components: Components) => Transport {
  return hookTransport(create, { onConnection: joinWrites })
}

/**
 * libp2p writes each piece of what is sent: the length of a message of Noise, its text and its tag. What comes is answered with
 * several messages in a row, such as a window update, what was agreed on and a first message. A system call for each of them takes
 * more time than to encrypt it. What libp2p answers while it reads goes when all that has come is read, or enough of it. Other kinds
 * of connections than those of @libp2p/tcp are left alone.
 */
export function joinWrites (connection: MessageStream): void {
  const inside = connection as unknown as Inside
  const { socket, sendData, sendReset, onData } = inside

  if (socket?.cork == null || sendData == null || onData == null) {
    return
  }

  const turn = new WriteTurn(socket)

  inside.onData = (bytes) => {
    turn.isReading = true

    try {
      onData.call(connection, bytes)
    } finally {
      turn.isReading = false
      turn.noteRead(bytes.byteLength)
    }
  }

  inside.sendData = (data) => {
    turn.hold()

    try {
      return sendData.call(connection, data)
    } finally {
      if (data.byteLength > JOINED_WRITE_BYTES) {
        turn.release()
      }
    }
  }

  // what was sent before has been sent: it may say why
  inside.sendReset = () => {
    turn.release()
    sendReset?.call(connection)
  }
}

/** Holds back what is written until a turn is over. */
class WriteTurn {
  /** True while libp2p takes what has come. */
  isReading = false
  readonly #socket: Corkable
  #isHeld = false
  #readBytes = 0

  constructor (socket: Corkable) {
    this.#socket = socket
  }

  /** Holds back what the node sends from now on, until the turn is over. */
  hold (): void {
    if (this.#isHeld) {
      return
    }

    this.#isHeld = true
    this.#readBytes = 0
    this.#socket.cork?.()

    if (this.isReading) {
      // Node.js reads all that is there before it comes to this
      systemClock.afterTurn(() => { this.release() })
    } else {
      // a tick by itself comes before the promises that are continued in this turn
      queueMicrotask(() => { nextTick(() => { this.release() }) })
    }
  }

  /** Counts bytes that the node has read, and lets go of what is held back when there are enough. */
  noteRead (bytes: number): void {
    this.#readBytes += bytes

    if (this.#readBytes >= JOINED_READ_BYTES) {
      this.release()
    }
  }

  release (): void {
    if (this.#isHeld) {
      this.#isHeld = false
      this.#socket.uncork?.()
    }
  }
}
