import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { LIBP2P_PARTS } from '../integration/nodes.ts'
import type { Connection, Libp2p, MessageStream } from '@libp2p/interface'

export const DATA = 0
export const WINDOW = 1
export const PING = 2
export const GO_AWAY = 3
export const SYN = 1
export const FIN = 4
export const RST = 8

/** A frame of Yamux. `length` is what its header says, whatever `data` holds. */
export function yamuxFrame (
  type: number, flags: number, streamId: number, length: number, data: Uint8Array = new Uint8Array(0)
): Buffer {
  const frame = Buffer.alloc(12 + data.byteLength)
  frame[1] = type
  frame.writeUInt16BE(flags, 2)
  frame.writeUInt32BE(streamId, 4)
  frame.writeUInt32BE(length, 8)
  frame.set(data, 12)

  return frame
}

/** A connection on which encryption and Yamux were agreed on, and what goes over it is up to whoever has it. */
export interface BareConnection {
  connection: Connection
  /** Below the muxer: what is sent is encrypted, each piece as a message of Noise. */
  secured: MessageStream
  /** Below the encryption. */
  raw: MessageStream
}

/** Whoever connects in its own way. */
export class BareNode {
  readonly libp2p: Libp2p
  readonly #secured: MessageStream[]

  private constructor (libp2p: Libp2p, secured: MessageStream[]) {
    this.libp2p = libp2p
    this.#secured = secured
  }

  /** `isDeaf`: what comes is read, and nothing is made of it. A relay, which is connected to before, is listened to all the same. */
  static async start (host: string, { isDeaf = true, hasRelay = false }: { isDeaf?: boolean, hasRelay?: boolean } = {}): Promise<BareNode> {
    // of `node:net`, which libp2p passes on to it
    const dialOpts: object = { localAddress: host }
    const secured: MessageStream[] = []

    return new BareNode(await createLibp2p({
      ...LIBP2P_PARTS,
      addresses: { listen: [] },
      transports: [tcp({ dialOpts }), webSockets(), ...hasRelay ? [circuitRelayTransport()] : []],
      // which a transport over relays insists on, and which says nothing by itself here
      ...hasRelay ? { services: { identify: identify({ runOnConnectionOpen: false }) } } : {},
      streamMuxers: [() => {
        const factory = yamux({ enableKeepAlive: false })()
        const createStreamMuxer = factory.createStreamMuxer.bind(factory)

        factory.createStreamMuxer = (connection) => {
          const muxer = createStreamMuxer(connection)
          const isRelay = hasRelay && secured.length === 0
          secured.push(connection)

          if (isDeaf && !isRelay) {
            Object.assign(muxer, { onData: () => {} })
          }

          return muxer
        }

        return factory
      }]
    }), secured)
  }

  async connect (address: string): Promise<BareConnection> {
    const connection = await this.libp2p.dial(multiaddr(address), { force: true })
    const secured = this.#secured.pop()!

    return { connection, secured, raw: (secured as unknown as { stream: MessageStream }).stream }
  }

  async stop (): Promise<void> {
    await this.libp2p.stop()
  }
}

/** Sends until `until`, or for as long as the stream is open, as fast as it takes it. Lets others have their turn. */
export async function pour (stream: MessageStream, pieces: Iterable<Uint8Array>, until: number): Promise<void> {
  let sent = 0

  for (const piece of pieces) {
    if (stream.status !== 'open' || performance.now() > until) {
      return
    }

    if (!stream.send(piece)) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          resolve()
        }
        const timer = setTimeout(done, Math.max(0, until - performance.now()))
        stream.addEventListener('drain', done, { once: true })
        stream.addEventListener('close', done, { once: true })
      })
    } else if (++sent % 64 === 0) {
      await new Promise((resolve) => { setImmediate(resolve) })
    }
  }
}
