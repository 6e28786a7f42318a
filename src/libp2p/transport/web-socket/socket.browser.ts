import { RESUME_BYTES } from './limits.ts'
import { systemClock } from '../../../util/clock.ts'
import type { Socket } from './socket.ts'

/** How often a socket is asked whether what it had to send has left, in ms: it does not tell by itself. */
const POLL_MS = 10

/** Opens a WebSocket. Throws what went wrong, or the reason of `signal`, and leaves nothing open. */
export async function openSocket (uri: string, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const socket = new WebSocket(uri)
  socket.binaryType = 'arraybuffer'

  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      socket.close()
      reject(signal.reason as Error)
    }

    signal.addEventListener('abort', onAbort, { once: true })

    socket.onclose = () => {
      signal.removeEventListener('abort', onAbort)
      // a browser never says why
      reject(new Error(`Could not connect to ${uri}`))
    }

    socket.onopen = () => {
      signal.removeEventListener('abort', onAbort)
      socket.onclose = null
      resolve(toSocket(socket))
    }
  })
}

function toSocket (socket: WebSocket): Socket {
  let onDrain = (): void => {}
  let poll: unknown

  const look = (): void => {
    poll = undefined

    if (socket.bufferedAmount <= RESUME_BYTES || socket.readyState > WebSocket.OPEN) {
      onDrain()
    } else {
      poll = systemClock.setTimeout(look, POLL_MS)
    }
  }

  return {
    get bufferedBytes () { return socket.bufferedAmount },

    listen (events) {
      onDrain = () => { events.onDrain() }

      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) {
          events.onMessage(new Uint8Array(data))
        }
      }

      socket.onclose = ({ wasClean }) => {
        systemClock.clearTimeout(poll)
        events.onClose(wasClean)
      }
    },

    send (bytes) {
      socket.send(bytes as Uint8Array<ArrayBuffer>)

      if (socket.bufferedAmount > RESUME_BYTES) {
        poll ??= systemClock.setTimeout(look, POLL_MS)
      }
    },

    close: () => { socket.close() },
    // there is nothing stronger in a browser
    terminate: () => { socket.close() },
    pause: () => {},
    resume: () => {}
  }
}
