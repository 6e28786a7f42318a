import { FrameReader } from '../../src/codec/frame.ts'
import { MAX_FRAME_BYTES } from '../../src/codec/limits.ts'
import type { FrameReaderInit } from '../../src/codec/frame.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

/** The bytes of a hex string. */
export function fromHex (hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

/** The frames in `chunks`; nothing but the error where there is one. */
export async function readFrames (chunks: (Uint8Array | Uint8ArrayList)[], init: Partial<FrameReaderInit> = {}): Promise<Uint8Array[]> {
  const reader = new FrameReader({ maxBytes: () => MAX_FRAME_BYTES, ...init })
  const frames: Uint8Array[] = []

  for await (const frame of reader.read(sourceOf(chunks))) {
    frames.push(frame)
  }

  return frames
}

async function * sourceOf<Chunk> (chunks: Chunk[]): AsyncGenerator<Chunk> {
  yield * chunks
}
