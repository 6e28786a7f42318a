import { withRawConnections } from './raw-connections.ts'
import type { MessageStream, Transport } from '@libp2p/interface'

/**
 * What a TCP socket takes before libp2p is to wait, in bytes: all that is sent in one go. Node.js takes 64 KiB, which is one message of
 * Noise, and libp2p then waits for each of them to be gone.
 */
export const SOCKET_WRITE_BYTES: number = 512 * 1024

/** The inside of the connections of @libp2p/tcp 11. */
interface Inside {
  readonly socket?: { cork?: () => void, uncork?: () => void }
  sendData?: (data: never) => unknown
}

/** Has a transport hand what is sent in one go to the operating system in one go too, and not each piece by itself. */
export function withJoinedWrites<Components extends object> (
  create: (components: Components) => Transport
): (components: Components) => Transport {
  return withRawConnections(create, joinWrites)
}

/**
 * libp2p writes each piece of what is sent: the length of a message of Noise, its text and its tag. A system call for each of
 * them takes more time than to encrypt it. Other kinds of connections than those of @libp2p/tcp are left alone.
 */
export function joinWrites (connection: MessageStream): void {
  const inside = connection as unknown as Inside
  const { socket, sendData } = inside

  if (socket?.cork == null || sendData == null) {
    return
  }

  inside.sendData = (data) => {
    socket.cork?.()

    try {
      return sendData.call(connection, data)
    } finally {
      socket.uncork?.()
    }
  }
}
