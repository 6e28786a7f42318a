import assert from 'node:assert/strict'
import { Uint8ArrayList } from 'uint8arraylist'
import { fromHex, readFrames } from '../support/read-frames.ts'
import { encodeFrame, FrameReader } from '../../src/codec/frame.ts'
import { MAX_FRAME_BYTES } from '../../src/codec/limits.ts'

const A = Uint8Array.of(1, 2, 3)
const B = new Uint8Array(300).fill(7)
const AB = Uint8Array.from([...encodeFrame(A), ...encodeFrame(B)])

async function * endless (...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield * chunks
  assert.fail('more was read than is needed')
}

describe('codec/frame: encodeFrame', () => {
  const LENGTHS: [bytes: number, prefix: string][] = [
    [1, '01'], [127, '7f'], [128, '8001'], [16_383, 'ff7f'], [16_384, '808001'], [2_097_152, '80808001'], [MAX_FRAME_BYTES, '80808002']
  ]

  for (const [bytes, prefix] of LENGTHS) {
    it(`puts ${prefix} in front of ${bytes} bytes`, () => {
      const message = new Uint8Array(bytes).fill(5)
      const frame = encodeFrame(message)

      assert.equal(Buffer.from(frame.subarray(0, prefix.length / 2)).toString('hex'), prefix)
      assert.ok(Buffer.from(frame.subarray(prefix.length / 2)).equals(message))
    })
  }

  it('refuses an empty message', () => {
    assert.throws(() => encodeFrame(new Uint8Array(0)), { name: 'EncodeError' })
  })

  it('refuses what is over 4 MiB', () => {
    assert.throws(() => encodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1)), { name: 'EncodeError' })
  })

  it('takes as much as it is told, and no more', () => {
    assert.equal(encodeFrame(new Uint8Array(10), 10).byteLength, 11)
    assert.throws(() => encodeFrame(new Uint8Array(11), 10), { name: 'EncodeError' })
    assert.equal(encodeFrame(new Uint8Array(MAX_FRAME_BYTES + 1), MAX_FRAME_BYTES + 1).byteLength, MAX_FRAME_BYTES + 5)
  })
})

describe('codec/frame: FrameReader', () => {
  describe('cuts a stream into the same frames', () => {
    const CHUNKINGS: [title: string, chunks: (Uint8Array | Uint8ArrayList)[]][] = [
      ['in one chunk', [AB]],
      ['byte by byte', Array.from(AB, (byte) => Uint8Array.of(byte))],
      ['with empty chunks in between', [new Uint8Array(0), AB.subarray(0, 2), new Uint8Array(0), new Uint8ArrayList(), AB.subarray(2)]],
      ['in a list of chunks', [new Uint8ArrayList(AB.subarray(0, 1), AB.subarray(1, 5), AB.subarray(5))]],
      ['in Buffers', [Buffer.from(AB.subarray(0, 50)), Buffer.from(AB.subarray(50))]],
      ...Array.from({ length: AB.byteLength - 1 }, (_, index): [string, Uint8Array[]] => {
        return [`in two chunks, the first of ${index + 1} bytes`, [AB.subarray(0, index + 1), AB.subarray(index + 1)]]
      }).filter((_, index) => index < 8 || index > 300)
    ]

    for (const [title, chunks] of CHUNKINGS) {
      it(title, async () => {
        assert.deepEqual(await readFrames(chunks), [A, B])
      })
    }
  })

  it('gives nothing for an empty stream', async () => {
    assert.deepEqual(await readFrames([]), [])
  })

  it('lets in a frame of the most bytes that are allowed', async () => {
    const body = new Uint8Array(100).fill(1)

    assert.deepEqual(await readFrames([encodeFrame(body)], { maxBytes: () => 100 }), [body])
  })

  it('refuses a frame of one byte more', async () => {
    await assert.rejects(readFrames([encodeFrame(new Uint8Array(101))], { maxBytes: () => 100 }), { name: 'DecodeError' })
  })

  for (const prefix of ['65', 'e500', '8180808000', 'ffffffff7f']) {
    it(`refuses ${prefix} on the length, before anything else has come`, async () => {
      const reader = new FrameReader({ maxBytes: () => 100 })

      await assert.rejects(reader.read(endless(fromHex(prefix))).next(), { name: 'DecodeError' })
    })
  }

  const BAD_LENGTHS: [title: string, hex: string, message: RegExp][] = [
    ['of zero', '00', /not empty/],
    ['of zero in two bytes', '8000', /shortest/],
    ['of five in two bytes', '8500', /shortest/],
    ['of five in five bytes', '8580808000', /shortest/],
    ['of five bytes that go on', '8080808080', /at most 5 bytes/],
    ['of 2^35 and more', 'ffffffffff', /at most 5 bytes/],
    ['of 2^32', '8080808010', /at most 100 bytes/]
  ]

  for (const [title, hex, message] of BAD_LENGTHS) {
    it(`refuses a length ${title}`, async () => {
      const reader = new FrameReader({ maxBytes: () => 100 })
      await assert.rejects(reader.read(endless(fromHex(hex))).next(), { name: 'DecodeError', message })

      const bytes = Array.from(fromHex(hex), (byte) => Uint8Array.of(byte))
      await assert.rejects(readFrames(bytes, { maxBytes: () => 100 }), { name: 'DecodeError', message })
    })
  }

  it('hands out what came before a frame that it refuses', async () => {
    const frames = new FrameReader({ maxBytes: () => 100 }).read(endless(fromHex('03010203' + '00')))

    assert.deepEqual((await frames.next()).value, A)
    await assert.rejects(frames.next(), { name: 'DecodeError' })
  })

  const CUT_SHORT: [title: string, hex: string][] = [
    ['inside a length', '85'],
    ['after a length', '05'],
    ['inside a body', '0501020304'],
    ['inside the second length', '0301020385'],
    ['after the second length', '0301020305'],
    ['inside the second body', '030102030501']
  ]

  for (const [title, hex] of CUT_SHORT) {
    it(`refuses a stream that ends ${title}`, async () => {
      await assert.rejects(readFrames([fromHex(hex)]), { name: 'DecodeError', message: /ended inside a frame/ })
    })
  }

  it('asks for the limit at each frame, after the frame before was handled', async () => {
    let maxBytes = 3
    const frames = new FrameReader({ maxBytes: () => maxBytes }).read(endless(AB))

    await frames.next()
    maxBytes = 300
    assert.deepEqual((await frames.next()).value, B)
  })

  it('holds the next frame to a limit that has become smaller', async () => {
    let maxBytes = 300
    const frames = new FrameReader({ maxBytes: () => maxBytes }).read(endless(AB))

    await frames.next()
    maxBytes = 299
    await assert.rejects(frames.next(), { name: 'DecodeError' })
  })

  it('does not hold a frame under way to a limit that has become smaller', async () => {
    let maxBytes = 300
    const init = { maxBytes: () => maxBytes, onPartial: () => { maxBytes = 3 } }

    assert.deepEqual(await readFrames([encodeFrame(B).subarray(0, 10), encodeFrame(B).subarray(10)], init), [B])
  })

  const PARTIALS: [title: string, chunks: string[], partials: boolean[]][] = [
    ['after whole frames', ['03010203', '0105' + '0106'], [false, false]],
    ['inside a length', ['85', '01' + '11'.repeat(133)], [true, false]],
    ['after a length', ['03', '010203'], [true, false]],
    ['inside a body', ['0301', '02', '03'], [true, true, false]],
    ['inside the frame after a whole one', ['0301020303', '010203'], [true, false]],
    ['after an empty chunk', ['', '03', '', '010203', ''], [false, true, true, false, false]]
  ]

  for (const [title, chunks, expected] of PARTIALS) {
    it(`says whether the bytes at hand end ${title}`, async () => {
      const partials: boolean[] = []
      await readFrames(chunks.map(fromHex), { onPartial: (partial) => { partials.push(partial) } })

      assert.deepEqual(partials, expected)
    })
  }

  it('says so only when the frames before were handled', async () => {
    const partials: boolean[] = []
    const reader = new FrameReader({ maxBytes: () => 100, onPartial: (partial) => { partials.push(partial) } })
    const frames = reader.read((async function * () { yield fromHex('0105' + '0106') })())

    await frames.next()
    await frames.next()
    assert.deepEqual(partials, [])
    await frames.next()
    assert.deepEqual(partials, [false])
  })

  it('gives each frame memory of its own, however it came', async () => {
    for (const inList of [false, true]) {
      for (const memory of [[AB.slice()], [AB.slice(0, 100), AB.slice(100)]]) {
        const frames = await readFrames(inList ? [new Uint8ArrayList(...memory)] : memory)
        memory.forEach((chunk) => { chunk.fill(0) })

        assert.deepEqual(frames, [A, B])
        assert.ok(frames.every((frame) => frame.buffer.byteLength <= 8192), 'the memory of a frame and little more')
      }
    }
  })

  it('takes memory for what has come, not for what was declared', async () => {
    const before = process.memoryUsage().arrayBuffers
    let taken = 0
    const source = (async function * () {
      yield fromHex('80808020' + '01')
      taken = process.memoryUsage().arrayBuffers - before
    })()
    const frames = new FrameReader({ maxBytes: () => 64 * 1024 * 1024 }).read(source)

    await assert.rejects(frames.next(), { name: 'DecodeError', message: /ended inside a frame/ })
    assert.ok(taken < 1024 * 1024, `${taken} bytes`)
  })

  it('lets go at once of the memory that a frame grows out of', () => {
    const bytes = 4 * 1024 * 1024
    const reader = new FrameReader({ maxBytes: () => bytes })
    const part = new Uint8Array(bytes / 64)
    reader.cut(encodeFrame(new Uint8Array(bytes)).subarray(0, 4)).next()
    const before = process.memoryUsage().arrayBuffers

    for (let count = 0; count < 63; count++) {
      reader.cut(part).next()
    }

    const taken = process.memoryUsage().arrayBuffers - before
    assert.ok(taken >= bytes && taken < 1.5 * bytes, `${taken} bytes`)
  })

  it('reads a frame that comes byte by byte in time that grows with its size alone', async () => {
    const body = Uint8Array.from({ length: 250_000 }, (_, index) => index * 7)
    const chunks = Array.from(encodeFrame(body), (byte) => Uint8Array.of(byte))
    // the last byte of the frame comes with the first of the next one
    const frames = await readFrames([...chunks.slice(0, -1), Uint8Array.of(body.at(-1)!, 1, 9)])

    assert.equal(frames.length, 2)
    assert.ok(Buffer.from(frames[0]!).equals(body))
    assert.deepEqual(frames[1], Uint8Array.of(9))
  })

  it('passes on the error of its source as it is', async () => {
    const broken = new TypeError('reset')
    const source = (async function * (): AsyncGenerator<Uint8Array> {
      yield fromHex('0301')
      throw broken
    })()

    await assert.rejects(new FrameReader({ maxBytes: () => 100 }).read(source).next(), (err) => err === broken)
  })

  it('lets go of its source when it refuses a frame and when its reader stops', async () => {
    for (const hex of ['00', '0105']) {
      let closed = false
      const source = (async function * () {
        try {
          yield fromHex(hex)
        } finally {
          closed = true
        }
      })()
      const frames = new FrameReader({ maxBytes: () => 100 }).read(source)
      await frames.next().catch(() => {})
      await frames.return(undefined)

      assert.equal(closed, true)
    }
  })
})
