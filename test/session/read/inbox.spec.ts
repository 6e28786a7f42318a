import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddrConnectionPair } from '@libp2p/utils'
import fc from 'fast-check'
import { INBOX_BYTES, INBOX_CHUNKS, Inbox, READ_BUFFER_BYTES } from '../../../src/session/read/inbox.ts'
import { eventually, isPending, turns } from '../../support/eventually.ts'
import { ScriptedStream } from '../../support/stream-pair.ts'
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** What yamux lets a sender send before it hears of the receiver. */
const YAMUX_WINDOW_BYTES = 256 * 1024

/** Bytes that tell where they were in the whole. */
function bytesFrom (start: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (start + i) * 31 + ((start + i) >> 8) & 0xff)
}

/** The next chunk. */
async function takeOne (iterator: AsyncIterator<Uint8Array | Uint8ArrayList>): Promise<Uint8Array | undefined> {
  const { value, done } = await iterator.next() as IteratorResult<Uint8Array | Uint8ArrayList, undefined>

  return done === true ? undefined : value.subarray()
}

/** What a consumer takes, until the end. */
async function * chunksOf (inbox: Inbox): AsyncGenerator<Uint8Array | Uint8ArrayList> {
  for (let next = inbox.next(); next != null; next = inbox.next()) {
    if (next instanceof Promise) {
      await next
    } else {
      yield next
    }
  }
}

/** Everything that comes until the end. */
async function takeAll (inbox: Inbox): Promise<Buffer> {
  const chunks: Uint8Array[] = []

  for await (const chunk of chunksOf(inbox)) {
    chunks.push(chunk.subarray())
  }

  return Buffer.concat(chunks)
}

/** Two ends of a yamux stream over a connection in memory. */
async function yamuxPair (): Promise<{ sender: Stream, receiver: Stream, close: () => Promise<void> }> {
  const create = yamux({ enableKeepAlive: false })()
  const [near, far] = multiaddrConnectionPair({ capacity: 1000 })
  const nearMuxer = create.createStreamMuxer(near)
  const farMuxer = create.createStreamMuxer(far)
  const opened = new Promise<Stream>((resolve) => { farMuxer.addEventListener('stream', (event) => { resolve(event.detail) }, { once: true }) })
  const sender = await nearMuxer.createStream()

  return {
    sender,
    receiver: await opened,
    close: async () => {
      near.abort(new Error('the test is over'))
      await eventually(() => far.status !== 'open', 'the end of the connection')
    }
  }
}

describe('session/read/inbox', () => {
  let stream: ScriptedStream
  let inbox: Inbox

  beforeEach(() => {
    stream = new ScriptedStream()
    inbox = new Inbox(stream)
  })

  it('lets a paused stream hold the largest window of yamux, and leaves a larger buffer alone', () => {
    assert.equal(stream.maxReadBufferLength, READ_BUFFER_BYTES)

    const large = new ScriptedStream()
    large.maxReadBufferLength = READ_BUFFER_BYTES + 1
    assert.equal(new Inbox(large).receivedBytes, 0)
    assert.equal(large.maxReadBufferLength, READ_BUFFER_BYTES + 1)
  })

  it('hands over what came, in order, and then what comes', async () => {
    const iterator = chunksOf(inbox)
    stream.onData(Uint8Array.of(1))
    stream.onData(Uint8Array.of(2))
    assert.deepEqual(await takeOne(iterator), Uint8Array.of(1))
    assert.deepEqual(await takeOne(iterator), Uint8Array.of(2))
    const next = takeOne(iterator)
    assert.equal(await isPending(next), true)
    stream.onData(Uint8Array.of(3))
    assert.deepEqual(await next, Uint8Array.of(3))
  })

  it('takes what came before it was made', async () => {
    const early = new ScriptedStream()
    early.onData(Uint8Array.of(7))
    const late = new Inbox(early)
    early.onRemoteCloseWrite()

    assert.deepEqual(await takeAll(late), Buffer.of(7))
  })

  it('counts what waits, and what has come in all', async () => {
    stream.onData(new Uint8Array(10))
    stream.onData(new Uint8Array(5))
    assert.deepEqual([inbox.bufferedBytes, inbox.receivedBytes], [15, 15])
    const iterator = chunksOf(inbox)
    await iterator.next()
    assert.deepEqual([inbox.bufferedBytes, inbox.receivedBytes], [5, 15])
    await iterator.next()
    assert.deepEqual([inbox.bufferedBytes, inbox.receivedBytes], [0, 15])
  })

  describe('in pieces', () => {
    /** The sizes of what is handed over until the end. */
    async function sizes (): Promise<number[]> {
      const all: number[] = []

      for await (const piece of chunksOf(inbox)) {
        all.push(piece.byteLength)
      }

      return all
    }

    it('hands over no more than it is told to, and what is not larger as it came', async () => {
      inbox = new Inbox(stream = new ScriptedStream(), { pieceBytes: () => 100 })
      ;[100, 101, 250, 1].forEach((length) => { stream.onData(new Uint8Array(length)) })
      stream.onRemoteCloseWrite()
      assert.deepEqual(await sizes(), [100, 100, 1, 100, 100, 50, 1])
      assert.equal(inbox.bufferedBytes, 0)
    })

    it('asks for the size each time, since it may change', async () => {
      let size = 10
      inbox = new Inbox(stream = new ScriptedStream(), { pieceBytes: () => size++ })
      stream.onData(new Uint8Array(60))
      stream.onRemoteCloseWrite()
      // the first was asked for to see whether there are to be pieces at all
      assert.deepEqual(await sizes(), [11, 12, 13, 14, 10])
    })

    it('loses and reorders nothing of a list of many parts', async () => {
      inbox = new Inbox(stream = new ScriptedStream(), { pieceBytes: () => 1000 })
      stream.pause()
      const bytes = bytesFrom(0, 200_000)
      // what comes while it is paused is handed over as one list
      bytes.forEach((_, i) => { if (i % 4 === 0) { stream.onData(bytes.subarray(i, i + 4)) } })
      stream.onRemoteCloseWrite()
      assert.ok((await takeAll(inbox)).equals(bytes))
    })

    it('hands over nothing more when it is closed between two', async () => {
      inbox = new Inbox(stream = new ScriptedStream(), { pieceBytes: () => 10 })
      stream.onData(new Uint8Array(100))
      const iterator = chunksOf(inbox)
      await iterator.next()
      inbox.close()
      assert.equal(await takeOne(iterator), undefined)
      assert.equal(inbox.bufferedBytes, 0)
    })
  })

  describe('the memory of what it hands over', () => {
    const BYTES = 65_519

    /** What is left of the pieces when the consumer has each of them, and at the end. */
    async function consume (pieces: Uint8Array[]): Promise<{ during: number[], after: number[] }> {
      const during: number[] = []
      pieces.forEach((piece) => { stream.onData(piece) })
      stream.onRemoteCloseWrite()

      for await (const piece of chunksOf(inbox)) {
        during.push(piece.byteLength)
      }

      return { during, after: pieces.map(({ byteLength }) => byteLength) }
    }

    it('stays as it is unless it is told that no other code has it', async () => {
      assert.deepEqual(await consume([new Uint8Array(BYTES)]), { during: [BYTES], after: [BYTES] })
    })

    it('is given back when the consumer asks for the next piece, where nothing but a header of Yamux is with it', async () => {
      inbox = new Inbox(stream = new ScriptedStream(), { ownsMemory: true })
      const pieces = [new Uint8Array(BYTES), new Uint8Array(BYTES + 12).subarray(12)]
      assert.deepEqual(await consume(pieces), { during: [BYTES, BYTES], after: [0, 0] })
    })

    it('stays as it is where there may be something of another stream in it', async () => {
      inbox = new Inbox(stream = new ScriptedStream(), { ownsMemory: true })
      const pieces = [new Uint8Array(BYTES + 13).subarray(13), new Uint8Array(BYTES + 1).subarray(0, BYTES)]
      assert.deepEqual(await consume(pieces), { during: [BYTES, BYTES], after: [BYTES, BYTES] })
    })

    it('stays as it is until all of it was handed over', async () => {
      inbox = new Inbox(stream = new ScriptedStream(), { ownsMemory: true, pieceBytes: () => BYTES - 1 })
      assert.deepEqual(await consume([new Uint8Array(BYTES)]), { during: [BYTES - 1, 1], after: [BYTES] })
    })
  })

  describe('a piece that is a small part of its memory', () => {
    const MEMORY = 65_536

    /** The memory of each piece that the consumer takes. */
    async function * memories (): AsyncGenerator<number> {
      for await (const piece of chunksOf(inbox)) {
        yield piece.subarray().buffer.byteLength
      }
    }

    it('is copied where it waits: before the consumer asks, behind another piece, and while the consumer is at work', async () => {
      const taken = memories()
      stream.onData(new Uint8Array(MEMORY).subarray(0, 40))
      assert.equal((await taken.next()).value, 40)
      const next = taken.next()
      await turns(1)
      stream.onData(new Uint8Array(MEMORY).subarray(0, 50))
      stream.onData(new Uint8Array(MEMORY).subarray(0, 60))
      await next
      stream.onData(new Uint8Array(MEMORY).subarray(0, 70))
      assert.deepEqual([(await taken.next()).value, (await taken.next()).value], [60, 70])
    })

    it('is handed over as it is where the consumer waits for it', async () => {
      const taken = memories()
      const next = taken.next()
      await turns(1)
      stream.onData(new Uint8Array(MEMORY).subarray(0, 40))
      assert.equal((await next).value, MEMORY)
    })
  })

  describe('holds the sender back', () => {
    it('when INBOX_BYTES wait, and not one byte before', () => {
      stream.onData(new Uint8Array(INBOX_BYTES - 1))
      assert.equal(stream.readStatus, 'readable')
      stream.onData(new Uint8Array(1))
      assert.equal(stream.readStatus, 'paused')
      assert.equal(inbox.bufferedBytes, INBOX_BYTES)
    })

    it('when INBOX_CHUNKS wait, and not one chunk before', () => {
      for (let i = 0; i < INBOX_CHUNKS - 1; i++) {
        stream.onData(Uint8Array.of(i))
      }

      assert.equal(stream.readStatus, 'readable')
      stream.onData(Uint8Array.of(1))
      assert.equal(stream.readStatus, 'paused')
      assert.equal(inbox.bufferedBytes, INBOX_CHUNKS)
    })

    it('until everything that waited is taken', async () => {
      stream.onData(new Uint8Array(INBOX_BYTES - 1))
      stream.onData(new Uint8Array(1))
      const iterator = chunksOf(inbox)
      await iterator.next()
      await iterator.next()
      assert.equal(stream.readStatus, 'paused')
      const next = takeOne(iterator)
      await setImmediate()
      assert.equal(stream.readStatus, 'readable')
      stream.onData(Uint8Array.of(9))
      assert.deepEqual(await next, Uint8Array.of(9))
    })

    it('for as long as no reader takes anything, however much the stream still has', () => {
      for (let i = 0; i < 100; i++) {
        stream.onData(new Uint8Array(30_000))
      }

      assert.equal(stream.readStatus, 'paused')
      assert(inbox.bufferedBytes < INBOX_BYTES + 30_000)
      assert.equal(stream.status, 'open')
    })

    it('also where what came while it was held back is as much again: the last word to the remote is that it is to wait', async () => {
      stream.onData(new Uint8Array(INBOX_BYTES))
      stream.onData(new Uint8Array(INBOX_BYTES))
      const iterator = chunksOf(inbox)
      await iterator.next()
      await iterator.next()

      assert.equal(stream.readStatus, 'paused')
      assert.deepEqual(stream.signals.map(({ type }) => type), ['pause', 'resume', 'pause'])
    })

    it('over yamux, with a consumer that never takes anything', async () => {
      const { sender, receiver, close } = await yamuxPair()
      const held = new Inbox(receiver)

      for (let i = 0; i < 40; i++) {
        sender.send(new Uint8Array(100_000))
      }

      await eventually(() => receiver.readStatus === 'paused', 'the stream to be paused')
      await turns(200)

      assert(held.bufferedBytes < INBOX_BYTES + YAMUX_WINDOW_BYTES)
      assert(held.bufferedBytes + receiver.readBufferLength <= 2 * YAMUX_WINDOW_BYTES)
      assert(sender.writeBufferLength >= 4_000_000 - 2 * YAMUX_WINDOW_BYTES)
      await close()
    })
  })

  describe('ends', () => {
    it('when the remote has ended and everything was taken', async () => {
      stream.onData(Uint8Array.of(1, 2))
      stream.onData(Uint8Array.of(3))
      stream.onRemoteCloseWrite()

      assert.deepEqual(await takeAll(inbox), Buffer.of(1, 2, 3))
    })

    it('when the remote ends while a reader waits', async () => {
      const all = takeAll(inbox)
      await setImmediate()
      stream.onRemoteCloseWrite()

      assert.equal((await all).byteLength, 0)
    })

    it('when the remote had ended before the inbox listened', async () => {
      const ended = new ScriptedStream()
      ended.onRemoteCloseWrite()

      assert.equal((await takeAll(new Inbox(ended))).byteLength, 0)
    })

    it('when the remote had ended before the inbox listened, and after what an earlier reader put back', async () => {
      const ended = new ScriptedStream()
      const negotiate = (): void => {}
      ended.addEventListener('message', negotiate)
      ended.onData(Uint8Array.of(1, 2, 3))
      ended.onRemoteCloseWrite()
      ended.removeEventListener('message', negotiate)
      ended.push(Uint8Array.of(2, 3))
      assert.equal(ended.readableEnded, true)

      assert.deepEqual(await takeAll(new Inbox(ended)), Buffer.of(2, 3))
    })

    it('when the remote had ended while it was held back, and after what came until then', async () => {
      stream.onData(new Uint8Array(INBOX_BYTES))
      stream.onData(new Uint8Array(1000))
      stream.onRemoteCloseWrite()

      assert.equal((await takeAll(inbox)).byteLength, INBOX_BYTES + 1000)
    })

    it('when the connection was closed while it was held back, and after what came until then', async () => {
      stream.onData(new Uint8Array(INBOX_BYTES))
      stream.onData(new Uint8Array(1000))
      stream.onTransportClosed()

      assert.equal((await takeAll(inbox)).byteLength, INBOX_BYTES + 1000)
    })

    it('also where the stream can no longer be told that there is room again', async () => {
      stream.onData(new Uint8Array(INBOX_BYTES))
      stream.onData(new Uint8Array(1000))
      stream.onTransportClosed()
      stream.error = new Error('the connection is closed')

      assert.equal((await takeAll(inbox)).byteLength, INBOX_BYTES + 1000)
    })
  })

  describe('throws', () => {
    it('when the remote resets the stream, after what came until then', async () => {
      stream.onData(Uint8Array.of(1, 2))
      stream.onRemoteReset()
      const iterator = chunksOf(inbox)

      assert.deepEqual(await takeOne(iterator), Uint8Array.of(1, 2))
      await assert.rejects(iterator.next(), { name: 'StreamResetError' })
    })

    it('when the stream is reset while a reader waits', async () => {
      const all = takeAll(inbox)
      await setImmediate()
      stream.onRemoteReset()

      await assert.rejects(all, { name: 'StreamResetError' })
    })

    it('when the stream is reset while it is held back', async () => {
      stream.onData(new Uint8Array(INBOX_BYTES))
      stream.onData(new Uint8Array(1000))
      stream.onRemoteReset()

      await assert.rejects(takeAll(inbox), { name: 'StreamResetError' })
    })

    it('when the connection breaks', async () => {
      stream.onTransportClosed(new TypeError('broken'))

      await assert.rejects(takeAll(inbox), { name: 'TypeError', message: 'broken' })
    })
  })

  describe('once it is closed', () => {
    it('hands over nothing of what waited', async () => {
      stream.onData(Uint8Array.of(1))
      inbox.close()

      assert.equal((await takeAll(inbox)).byteLength, 0)
      assert.equal(inbox.bufferedBytes, 0)
    })

    it('ends in the middle of what waited', async () => {
      stream.onData(Uint8Array.of(1))
      stream.onData(Uint8Array.of(2))
      stream.onData(Uint8Array.of(3))
      const iterator = chunksOf(inbox)
      await iterator.next()
      inbox.close()

      assert.equal((await iterator.next()).done, true)
      assert.equal(inbox.bufferedBytes, 0)
    })

    it('ends for a reader that waits', async () => {
      const all = takeAll(inbox)
      await setImmediate()
      inbox.close()

      assert.equal((await all).byteLength, 0)
    })

    it('lets the stream flow, into nothing', () => {
      stream.onData(new Uint8Array(INBOX_BYTES))
      stream.onData(new Uint8Array(INBOX_BYTES))
      assert.equal(stream.readStatus, 'paused')
      inbox.close()

      for (let i = 0; i < 100; i++) {
        stream.onData(new Uint8Array(100_000))
      }

      assert.equal(stream.readStatus, 'readable')
      assert.equal(stream.status, 'open')
      assert.equal(stream.readBufferLength, 0)
      assert.equal(inbox.bufferedBytes, 0)
      assert.equal(inbox.receivedBytes, 2 * INBOX_BYTES + 10_000_000)
    })

    for (const [title, end] of [
      ['ended', () => { stream.onRemoteCloseWrite() }],
      ['reset', () => { stream.onRemoteReset() }],
      ['closed with its connection', () => { stream.onTransportClosed(); stream.error = new Error('the connection is closed') }]
    ] as const) {
      it(`does not mind a stream that was held back and is ${title}`, () => {
        stream.onData(new Uint8Array(INBOX_BYTES))
        stream.onData(new Uint8Array(1000))
        end()
        inbox.close()

        assert.equal(inbox.bufferedBytes, 0)
        assert.equal(stream.readBufferLength, 0)
      })
    }

    it('can be closed again', () => {
      inbox.close()
      inbox.close()

      assert.equal(stream.readStatus, 'readable')
    })
  })

  it('loses and reorders nothing, however it comes and however it is taken', async () => {
    const chunk = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 50_000, max: 190_000 }))
    const pause = fc.integer({ min: 0, max: 3 })

    await fc.assert(fc.asyncProperty(
      fc.array(fc.record({ bytes: chunk, pause }), { maxLength: 20 }),
      fc.array(pause, { minLength: 1, maxLength: 20 }),
      async (sent, pauses) => {
        const stream = new ScriptedStream()
        const inbox = new Inbox(stream)
        const total = sent.reduce((sum, { bytes }) => sum + bytes, 0)
        const expected = bytesFrom(0, total)
        const taken: Uint8Array[] = []

        const send = async (): Promise<void> => {
          let offset = 0

          for (const { bytes, pause } of sent) {
            stream.onData(expected.slice(offset, offset + bytes))
            offset += bytes
            await turns(pause)
          }

          stream.onRemoteCloseWrite()
        }

        const take = async (): Promise<void> => {
          for await (const chunk of chunksOf(inbox)) {
            taken.push(chunk.subarray())
            await turns(pauses[taken.length % pauses.length]!)
          }
        }

        await Promise.all([send(), take()])
        assert(Buffer.concat(taken).equals(expected))
        assert.equal(inbox.receivedBytes, total)
        assert.equal(inbox.bufferedBytes, 0)
      }
    ), { numRuns: 60 })
  })
})
