import { Buffer } from 'node:buffer'
import { rawNodeInfo } from '../integration/nodes.ts'
import { DATA, FIN, GO_AWAY, PING, pour, RST, SYN, WINDOW, yamuxFrame } from './bare.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeMessage, PROTOCOL_ID } from '../../src/index.ts'
import type { BareConnection } from './bare.ts'
import type { WebSocket } from 'ws'

/** Who attacks over one connection. */
export interface Attack {
  name: string
  /** What goes over the line. */
  title: string
  /** How it connects. `socket` has a WebSocket and nothing on it. */
  over: 'tcp' | 'ws' | 'socket'
  /** Whether the connection is to be cut, or only to be read more slowly. */
  isCut: boolean
  /** Whether it needs a muxer that answers. */
  needsMuxer?: boolean
  run: (target: Target, until: number) => Promise<void>
}

export interface Target extends BareConnection {
  /** For `socket` alone. */
  socket: WebSocket
}

/** Frames that are sent in one piece. */
const BATCH = 1000

/** The same frame, or one for each number, again and again. */
function * batches (frame: (i: number) => Uint8Array, size = BATCH): Generator<Uint8Array> {
  for (let i = 0; ; i += size) {
    yield Buffer.concat(Array.from({ length: size }, (_, k) => frame(i + k)))
  }
}

/** Streams have odd numbers where we have dialled. */
const streamOf = (i: number): number => 2 * i + 1

/** Data that goes on and on. */
const FILLER = new Uint8Array(64 * 1024)

const OPEN = yamuxFrame(WINDOW, SYN, 1, 0)

/** One large data frame after another on streams of their own, in pieces of one byte, and two at the end. */
function * crumbs (bytes: number): Generator<Uint8Array> {
  const one = new Uint8Array(1)
  const header = Buffer.from(yamuxFrame(DATA, SYN, 1, bytes))

  for (let i = 0; ; i++) {
    header.writeUInt32BE(streamOf(i), 4)
    yield Buffer.from(i === 0 ? header : header.subarray(1))

    for (let k = 1; k < bytes; k++) {
      yield one
    }

    // the last one, and the first of the next header
    yield new Uint8Array(2)
  }
}

/** A message of Noise that cannot be decrypted, in pieces of one byte, and two at the end. */
function * noiseCrumbs (): Generator<Uint8Array> {
  const one = Uint8Array.of(0xff)
  yield Uint8Array.of(0xff, 0xff)

  for (let k = 1; k < 0xffff; k++) {
    yield one
  }

  yield Uint8Array.of(0xff, 0xff)
}

const overMuxer = (
  frame: (i: number) => Uint8Array, { first = [OPEN], size = BATCH }: { first?: Uint8Array[], size?: number } = {}
): Attack['run'] => async ({ secured }, until) => {
  first.forEach((bytes) => { secured.send(bytes) })
  await pour(secured, batches(frame, size), until)
}

const overSocket = (send: (socket: WebSocket) => void): Attack['run'] => async ({ socket }, until) => {
  while (socket.readyState === socket.OPEN && performance.now() < until) {
    for (let i = 0; i < BATCH && socket.readyState === socket.OPEN; i++) {
      send(socket)
    }

    while (socket.bufferedAmount > 1024 * 1024 && socket.readyState === socket.OPEN && performance.now() < until) {
      // the attacker's pace, and nothing that a test waits for: a socket of `ws` tells nobody that it has drained
      await new Promise((resolve) => { setTimeout(resolve, 1) })
    }

    await new Promise((resolve) => { setImmediate(resolve) })
  }
}

/** Reads nothing. */
const unread = (run: Attack['run']): Attack['run'] => async (target, until) => {
  target.raw.pause()
  await run(target, until)
}

export const ATTACKS: readonly Attack[] = [
  {
    name: 'no-stream',
    title: 'data of 4 GiB for a stream that there is not',
    over: 'tcp',
    isCut: true,
    run: overMuxer(() => FILLER, { first: [yamuxFrame(DATA, 0, 77, 0xfffffff0)], size: 1 })
  },
  {
    name: 'late-data',
    title: 'data of 4 GiB for a stream that was reset',
    over: 'tcp',
    isCut: true,
    run: overMuxer(() => FILLER, { first: [OPEN, yamuxFrame(WINDOW, RST, 1, 0), yamuxFrame(DATA, 0, 1, 0xfffffff0)], size: 1 })
  },
  {
    name: 'crumbs',
    title: 'data of 200,000 bytes, each byte a message of Noise, then two at once',
    over: 'tcp',
    isCut: false,
    run: async ({ secured }, until) => { await pour(secured, crumbs(200_000), until) }
  },
  {
    name: 'crumbs-ws',
    title: 'the same over a WebSocket',
    over: 'ws',
    isCut: false,
    run: async ({ secured }, until) => { await pour(secured, crumbs(200_000), until) }
  },
  { name: 'pings', title: 'pings', over: 'tcp', isCut: true, run: overMuxer((i) => yamuxFrame(PING, SYN, 0, i)) },
  { name: 'pings-unread', title: 'pings whose answers are not read', over: 'tcp', isCut: true, run: unread(overMuxer((i) => yamuxFrame(PING, SYN, 0, i))) },
  { name: 'syns', title: 'new streams', over: 'tcp', isCut: true, run: overMuxer((i) => yamuxFrame(WINDOW, SYN, streamOf(i), 0)) },
  { name: 'syns-unread', title: 'new streams whose resets are not read', over: 'tcp', isCut: true, run: unread(overMuxer((i) => yamuxFrame(WINDOW, SYN, streamOf(i), 0))) },
  {
    name: 'syn-rst',
    title: 'new streams, each reset at once',
    over: 'tcp',
    isCut: true,
    run: overMuxer((i) => yamuxFrame(WINDOW, i % 2 === 0 ? SYN : RST, streamOf(i >> 1), 0))
  },
  { name: 'rsts', title: 'resets of streams that there are not', over: 'tcp', isCut: true, run: overMuxer((i) => yamuxFrame(WINDOW, RST, streamOf(i), 0)) },
  { name: 'fins', title: 'ends of the same stream', over: 'tcp', isCut: true, run: overMuxer(() => yamuxFrame(WINDOW, FIN, 1, 0)) },
  { name: 'windows', title: 'window updates', over: 'tcp', isCut: true, run: overMuxer(() => yamuxFrame(WINDOW, 0, 1, 1)) },
  { name: 'empty', title: 'data frames without data', over: 'tcp', isCut: true, run: overMuxer(() => yamuxFrame(DATA, 0, 1, 0)) },
  { name: 'go-away', title: 'go-away frames', over: 'tcp', isCut: true, run: overMuxer(() => yamuxFrame(GO_AWAY, 0, 0, 0)) },
  {
    name: 'noise-empty',
    title: 'messages of Noise of length 0',
    over: 'tcp',
    isCut: true,
    run: async ({ raw }, until) => { await pour(raw, batches(() => new Uint8Array(64 * 1024), 1), until) }
  },
  {
    name: 'noise-crumbs-ws',
    title: 'a message of Noise over a WebSocket, each byte a message of its own',
    over: 'ws',
    isCut: false,
    run: async ({ raw }, until) => { await pour(raw, noiseCrumbs(), until) }
  },
  {
    name: 'small-frames',
    title: 'a session, and a block in data frames of one byte',
    over: 'tcp',
    isCut: false,
    needsMuxer: true,
    run: async ({ connection, secured }, until) => {
      const stream = await connection.newStream(PROTOCOL_ID, { runOnLimitedConnection: true })
      stream.send(encodeFrame(encodeMessage({ type: 'handshake', node: rawNodeInfo() })))
      // a length of 4 MiB - 1
      stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0x01))
      const { streamId } = stream as unknown as { streamId: number }
      await pour(secured, batches(() => yamuxFrame(DATA, 0, streamId, 1, Uint8Array.of(0x1a))), until)
    }
  },
  { name: 'ws-empty', title: 'WebSocket messages without content, before Noise', over: 'socket', isCut: true, run: overSocket((socket) => { socket.send(new Uint8Array(0)) }) },
  { name: 'ws-pings', title: 'WebSocket pings, before Noise', over: 'socket', isCut: true, run: overSocket((socket) => { socket.ping() }) },
  { name: 'ws-pongs', title: 'WebSocket pongs, before Noise', over: 'socket', isCut: true, run: overSocket((socket) => { socket.pong() }) },
  { name: 'ws-fragments', title: 'a WebSocket message in empty fragments', over: 'socket', isCut: true, run: overSocket((socket) => { socket.send(new Uint8Array(0), { fin: false }) }) }
]
