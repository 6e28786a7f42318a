import { WebSocket } from 'ws'
import { systemClock } from '../../../util/clock.ts'
import { TokenBucket } from '../../../util/token-bucket.ts'
import {
  CLOSE_TIMEOUT_MS, EMPTY_MESSAGES_PER_SECOND, MAX_EMPTY_MESSAGES, MAX_FRAGMENTS, MAX_MESSAGE_BYTES, RESUME_BYTES
} from './limits.ts'
import type { ClientOptions } from 'ws'

/** What a {@link Socket} tells. */
export interface SocketEvents {
  onMessage: (bytes: Uint8Array) => void
  /** Much less waits than before. */
  onDrain: () => void
  /** Called once. `isClean` where both sides agreed to it. */
  onClose: (isClean: boolean) => void
}

/** An open WebSocket. */
export interface Socket {
  /** Bytes that were sent and have not left yet. */
  readonly bufferedBytes: number
  /** Calls back for every event, and for messages that came before. */
  listen (events: SocketEvents): void
  /** Sends a message. */
  send (bytes: Uint8Array): void
  /** Ends it when all has been sent, and cuts it where the other side does not agree in time. */
  close (): void
  /** Cuts it. */
  terminate (): void
  /** Reads no more. */
  pause (): void
  /** Reads on. */
  resume (): void
}

/** Opens a WebSocket. Throws what went wrong, or the reason of `signal`, and leaves nothing open. */
export async function openSocket (uri: string, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  // these are younger than the types of `ws`
  const options: ClientOptions & { closeTimeout: number, maxFragments: number } = {
    maxPayload: MAX_MESSAGE_BYTES, maxFragments: MAX_FRAGMENTS, perMessageDeflate: false, closeTimeout: CLOSE_TIMEOUT_MS
  }
  const socket = new WebSocket(uri, options)

  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      socket.terminate()
      reject(signal.reason as Error)
    }

    // there for as long as the socket: without it an error would end the process
    socket.on('error', (err: Error) => {
      signal.removeEventListener('abort', onAbort)
      reject(err)
    })

    socket.once('open', () => {
      signal.removeEventListener('abort', onAbort)
      // until listen(): the first message may have come together with the answer to the handshake
      socket.pause()
      resolve(toSocket(socket))
    })

    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** A WebSocket of `ws` that is open. */
export function toSocket (socket: WebSocket): Socket {
  let onSent = (): void => {}
  const empty = new TokenBucket({ perSecond: EMPTY_MESSAGES_PER_SECOND, burst: MAX_EMPTY_MESSAGES }, systemClock)

  const countEmpty = (): void => {
    if (empty.take(1) > 0) {
      socket.terminate()
    }
  }

  return {
    get bufferedBytes () { return socket.bufferedAmount },

    listen ({ onMessage, onDrain, onClose }) {
      onSent = () => {
        if (socket.bufferedAmount <= RESUME_BYTES) {
          onDrain()
        }
      }

      socket.on('error', () => {})
      socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) {
          // libp2p sends bytes, and no text
          socket.terminate()
        } else if (data.byteLength === 0) {
          countEmpty()
        } else {
          onMessage(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
        }
      })
      socket.on('ping', countEmpty)
      socket.on('pong', countEmpty)
      socket.once('close', (code: number) => { onClose(code !== ABNORMAL_CLOSURE) })
      socket.resume()
    },

    send: (bytes) => { socket.send(bytes, { binary: true }, () => { onSent() }) },
    close: () => { socket.close() },
    terminate: () => { socket.terminate() },
    pause: () => { socket.pause() },
    resume: () => { socket.resume() }
  }
}

/** RFC 6455, section 7.4.1: the connection ended without a closing handshake. */
const ABNORMAL_CLOSURE = 1006
