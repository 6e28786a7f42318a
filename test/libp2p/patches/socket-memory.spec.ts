import assert from 'node:assert/strict'
import { createHash, randomFillSync } from 'node:crypto'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { pEvent } from 'p-event'
import { MIN_FREED_BYTES } from '../../../src/memory/free-memory.ts'
import { withJoinedWrites } from '../../../src/libp2p/patches/joined-writes.ts'
import { noiseCrypto } from '../../../src/libp2p/patches/noise-crypto.ts'
import { freeSocketMemory, withFreedMemory } from '../../../src/libp2p/patches/socket-memory.ts'
import { eventually } from '../../support/eventually.ts'
import type { Libp2p, MessageStream, Stream } from '@libp2p/interface'

/** What a socket is read in. */
const READ_BYTES = 64 * 1024

class ScriptedConnection {
  readStatus = 'readable'
  readBufferLength = 0
  readonly handedOn: Uint8Array[] = []
  readonly written: (() => void)[] = []
  readonly socket = {
    write: (_: Uint8Array, onWritten: () => void = () => {}): boolean => {
      this.written.push(onWritten)

      return true
    }
  }

  constructor () {
    freeSocketMemory(this as unknown as MessageStream)
  }

  onData (bytes: Uint8Array): void {
    this.handedOn.push(bytes)
  }
}

describe('libp2p/patches/socket-memory: freeSocketMemory', () => {
  let connection: ScriptedConnection

  beforeEach(() => {
    connection = new ScriptedConnection()
  })

  /** Has the connection read pieces of these sizes, and returns them. */
  function read (...sizes: number[]): Uint8Array[] {
    const pieces = sizes.map((size) => new Uint8Array(size))
    // each was made by a class whose method has been replaced
    pieces.forEach((piece) => { connection.onData(piece) })

    return pieces
  }

  function sizes (pieces: Uint8Array[]): number[] {
    return pieces.map(({ byteLength }) => byteLength)
  }

  it('gives back what was read when a whole message has come after it, and not one byte before', () => {
    const pieces = read(READ_BYTES, READ_BYTES)
    assert.deepEqual(connection.handedOn, pieces)
    assert.deepEqual(sizes(pieces), [READ_BYTES, READ_BYTES])
    read(1)
    assert.deepEqual(sizes(pieces), [0, READ_BYTES])
    read(READ_BYTES - 1)
    assert.deepEqual(sizes(pieces), [0, READ_BYTES])
    read(1)
    assert.deepEqual(sizes(pieces), [0, 0])
  })

  it('keeps all of it while libp2p holds something back, and gives it back afterwards', () => {
    connection.readStatus = 'paused'
    const paused = read(READ_BYTES, READ_BYTES, READ_BYTES)
    connection.readStatus = 'readable'
    connection.readBufferLength = 1
    const waiting = read(READ_BYTES)
    assert.deepEqual(sizes([...paused, ...waiting]), Array(4).fill(READ_BYTES))
    connection.readBufferLength = 0
    read(2)
    assert.deepEqual(sizes([...paused, ...waiting]), [...paused.map(() => 0), READ_BYTES])
  })

  it('leaves small pieces to the garbage collector', () => {
    const pieces = read(MIN_FREED_BYTES - 1, MIN_FREED_BYTES)
    read(READ_BYTES, READ_BYTES)
    assert.deepEqual(sizes(pieces), [MIN_FREED_BYTES - 1, 0])
  })

  it('gives back what was encrypted when it is written', () => {
    const bytes = new Uint8Array(MIN_FREED_BYTES)
    assert.equal(connection.socket.write(bytes), true)
    assert.equal(bytes.byteLength, MIN_FREED_BYTES)
    connection.written.forEach((onWritten) => { onWritten() })
    assert.equal(bytes.byteLength, 0)
  })

  it('leaves what is written with other memory, is small, or has a callback', () => {
    let calls = 0
    const kept = [new Uint8Array(READ_BYTES).subarray(1), new Uint8Array(MIN_FREED_BYTES - 1)]
    kept.forEach((bytes) => { connection.socket.write(bytes) })
    const waitedFor = new Uint8Array(READ_BYTES)
    connection.socket.write(waitedFor, () => { calls++ })
    connection.written.forEach((onWritten) => { onWritten() })
    assert.deepEqual(sizes([...kept, waitedFor]), [READ_BYTES - 1, MIN_FREED_BYTES - 1, READ_BYTES])
    assert.equal(calls, 1)
  })

  it('leaves connections of other kinds alone', () => {
    const [write, onData] = [(): void => {}, (): void => {}]
    const others = [{ socket: { write } }, { socket: {}, onData }, { onData }]
    others.forEach((other) => { freeSocketMemory(other as unknown as MessageStream) })
    assert.deepEqual(others, [{ socket: { write } }, { socket: {}, onData }, { onData }])
  })
})

describe('libp2p/patches/socket-memory: withFreedMemory', () => {
  const PROTOCOL = '/test/1.0.0'
  let nodes: Libp2p[]

  async function createNode (listen: string[]): Promise<Libp2p> {
    return createLibp2p({
      addresses: { listen },
      transports: [withFreedMemory(withJoinedWrites(tcp()))],
      connectionEncrypters: [noise({ crypto: noiseCrypto! })],
      streamMuxers: [yamux()]
    })
  }

  beforeEach(async () => {
    nodes = [await createNode(['/ip4/127.0.0.1/tcp/0']), await createNode([])]
  })

  afterEach(async () => {
    await Promise.all(nodes.map(async (node) => node.stop()))
  })

  /** Sends all of it in pieces of many sizes, and ends. */
  async function send (stream: Stream, bytes: Uint8Array): Promise<void> {
    for (let start = 0, size = 1; start < bytes.byteLength; start += size, size = size * 7 % 300_007) {
      if (!stream.send(bytes.slice(start, start + size))) {
        await pEvent(stream, 'drain', { rejectionEvents: ['close'] })
      }
    }

    await stream.close()
  }

  it('loses and changes nothing of several streams of the real stack, also where one of them is not read for long, and does give back', async () => {
    const { prototype } = ArrayBuffer
    const { value: transfer } = Object.getOwnPropertyDescriptor(prototype, 'transfer') as { value: ArrayBuffer['transfer'] }
    let freedBytes = 0

    prototype.transfer = function (this: ArrayBuffer, bytes?: number) {
      freedBytes += this.byteLength

      return transfer.call(this, bytes)
    }

    try {
      const [receiver, sender] = nodes as [Libp2p, Libp2p]
      const sent = Array.from({ length: 3 }, () => randomFillSync(new Uint8Array(4 * 1024 * 1024)))
      const received: { stream: Stream, chunks: Uint8Array[], bytes: number }[] = []

      await receiver.handle(PROTOCOL, (stream) => {
        const entry = { stream, chunks: [] as Uint8Array[], bytes: 0 }
        received.push(entry)
        stream.addEventListener('message', ({ data }) => {
          // what has been handed on is not looked at before all has come
          entry.chunks.push(...data instanceof Uint8Array ? [data] : data)
          entry.bytes += data.byteLength
        })
      })

      const streams: Stream[] = []

      for (const bytes of sent) {
        const stream = await sender.dialProtocol(receiver.getMultiaddrs(), PROTOCOL)
        streams.push(stream)
        await eventually(() => received.length === streams.length, 'the other end of a stream')
        assert.equal(bytes.byteLength, sent[0]!.byteLength)
      }

      received[0]!.stream.pause()
      const sending = Promise.all(streams.map(async (stream, index) => send(stream, sent[index]!)))
      const arrived = (index: number): boolean => received[index]!.bytes === sent[index]!.byteLength
      await eventually(() => arrived(1) && arrived(2), 'what is read')
      received[0]!.stream.resume()
      await sending
      await eventually(() => arrived(0), 'what was held up')

      for (const [index, { chunks }] of received.entries()) {
        assert.equal(digest(...chunks), digest(sent[index]!))
      }

      // read, joined by Noise, and written
      assert.ok(freedBytes > 2 * 3 * 4 * 1024 * 1024, `${freedBytes} bytes`)
    } finally {
      prototype.transfer = transfer
    }
  })
})

function digest (...chunks: Uint8Array[]): string {
  const hash = createHash('sha256')
  chunks.forEach((chunk) => { hash.update(chunk) })

  return hash.digest('hex')
}
