import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { eventually } from '../../../support/eventually.ts'
import type { Stream } from '@libp2p/interface'

/** The types of frames, and the flag of the first one of a stream. */
const DATA = 0
const WINDOW_UPDATE = 1
const SYN = 1

const STREAM_ID = 1
const HEADER_BYTES = 12

/** How many bytes fit into a stream's first window. */
const FIRST_WINDOW_BYTES = 256 * 1024

/** A stream of a real muxer, whose other end is frames made by hand: no muxer would send them. */
export async function openBareYamux (): Promise<{ stream: Stream, sendByteByByte: () => Promise<number> }> {
  const [outer, inner] = multiaddrConnectionPair()
  const muxer = yamux()().createStreamMuxer(inner)
  const opened = Promise.withResolvers<Stream>()
  muxer.addEventListener('stream', ({ detail }) => { opened.resolve(detail) })
  outer.addEventListener('message', () => {})
  outer.send(frame(WINDOW_UPDATE, SYN))
  const stream = await opened.promise

  return {
    stream,
    /** Fills the first window but for a little, each byte in a frame of its own. */
    sendByteByByte: async () => {
      const count = FIRST_WINDOW_BYTES - 1024
      const perSend = Math.floor(65_519 / (HEADER_BYTES + 1))

      for (let sent = 0; sent < count;) {
        const now = Math.min(perSend, count - sent)
        outer.send(Buffer.concat(Array.from({ length: now }, () => frame(DATA, 0, 0x80))))
        sent += now
        await eventually(() => stream.readBufferLength >= sent, `${sent} bytes`)
      }

      return count
    }
  }
}

function frame (type: number, flags: number, ...body: number[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, STREAM_ID)
  view.setUint32(8, body.length)
  bytes.set(body, HEADER_BYTES)

  return bytes
}
