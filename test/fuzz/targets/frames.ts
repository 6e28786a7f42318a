import assert from 'node:assert/strict'
import { Uint8ArrayList } from 'uint8arraylist'
import { mutateBytes } from '../mutate.ts'
import { Random } from '../random.ts'
import { fixtureFrames } from '../seeds.ts'
import { FrameReader } from '../../../src/codec/frame.ts'
import type { Target } from '../target.ts'

const MAX_BYTES = 4096

/** The first bytes of an input say how the rest is cut into chunks. */
const HEAD_BYTES = 2

interface Outcome { frames: Uint8Array[], error: string | undefined }

/** What has to come of bytes, whatever the chunks: the rules of the wire, and nothing of how they are kept. */
function expected (bytes: Uint8Array): Outcome {
  const frames: Uint8Array[] = []
  let at = 0

  while (at < bytes.byteLength) {
    let length = 0
    let count = 0
    let byte: number | undefined

    do {
      byte = bytes[at + count]

      if (byte == null) {
        return { frames, error: 'truncated' }
      }

      length += (byte & 0x7f) * 128 ** count++
    } while (byte >= 0x80 && count < 5)

    if (byte === 0 || byte >= 0x80 || length > MAX_BYTES) {
      return { frames, error: 'refused' }
    }

    at += count

    if (at + length > bytes.byteLength) {
      return { frames, error: 'truncated' }
    }

    frames.push(bytes.slice(at, at + length))
    at += length
  }

  return { frames, error: undefined }
}

function read (chunks: (Uint8Array | Uint8ArrayList)[]): Outcome {
  let isPartial = false
  const reader = new FrameReader({ maxBytes: () => MAX_BYTES, onPartial: (partial) => { isPartial = partial } })
  const frames: Uint8Array[] = []

  try {
    for (const chunk of chunks) {
      for (const frame of reader.cut(chunk)) {
        frames.push(frame)
      }

      // the memory of a chunk is not ours
      for (const part of chunk instanceof Uint8Array ? [chunk] : chunk) {
        part.fill(0xee)
      }
    }

    assert.equal(isPartial, throws(() => { reader.end() }))
    reader.end()

    return { frames, error: undefined }
  } catch (err) {
    assert.equal((err as Error).name, 'DecodeError', String(err))

    return { frames, error: (err as { truncated: boolean }).truncated ? 'truncated' : 'refused' }
  }
}

function throws (callback: () => void): boolean {
  try {
    callback()

    return false
  } catch {
    return true
  }
}

function cut (bytes: Uint8Array, random: Random): (Uint8Array | Uint8ArrayList)[] {
  const chunks: (Uint8Array | Uint8ArrayList)[] = []
  const largest = random.pick([1, 2, 16, 5000])

  for (let at = 0; at < bytes.byteLength;) {
    const length = 1 + random.below(largest)
    const chunk = bytes.slice(at, at + length)
    chunks.push(random.oneIn(4) ? new Uint8ArrayList(chunk, bytes.slice(at + length, at + length + 1)) : chunk)
    at += chunks.at(-1)!.byteLength
  }

  return chunks
}

/** Bytes of a stream, in chunks of any size: the frames in them are always the same. */
export const frames: Target = {
  name: 'frames',
  share: 20,
  seeds: () => fixtureFrames().map((frame, index) => Uint8Array.from([index, 0, ...frame, ...frame])),
  mutate: mutateBytes,
  run: (input) => {
    const bytes = input.slice(HEAD_BYTES)
    const random = new Random((input[0] ?? 0) + 256 * (input[1] ?? 0))
    const outcome = expected(bytes)

    assert.deepEqual(read([bytes.slice()]), outcome)
    assert.deepEqual(read(cut(bytes, random)), outcome)
  }
}
