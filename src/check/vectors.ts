import { readFileSync } from 'node:fs'
import type { Feature } from '../types/features.ts'

/** When a vector comes: as the first frame of a session, once it is ready, or both. */
export type Phase = 'before' | 'after' | 'any'

/** A frame of test/fixtures, and what it does. Their README says what the fields are. */
export interface Vector {
  name: string
  phase: Phase
  effect: 'valid' | 'tolerated' | 'violation' | 'item refused' | 'lost'
  /** What the session has to use. */
  features?: Feature[]
  rule: string | null
  why?: string
  type?: string | null
  requestId?: string | null
  message?: Record<string, unknown> | null
  frame: string | (string | { repeat: string, times: number })[]
}

/** A file of vectors. */
export type VectorFile = 'messages' | 'invalid' | 'tolerated' | 'large' | 'features'

const files = new Map<VectorFile, readonly Vector[]>()

/** The vectors of a file. They are in the package, beside its code. */
export function vectorsOf (file: VectorFile): readonly Vector[] {
  const vectors = files.get(file) ?? JSON.parse(readFileSync(new URL(`../../test/fixtures/${file}.json`, import.meta.url), 'utf8')) as Vector[]
  files.set(file, vectors)

  return vectors
}

/** The whole frame of a vector, with its length. */
export function bytesOf ({ frame }: Vector): Uint8Array {
  const parts = typeof frame === 'string' ? [frame] : frame

  return Buffer.concat(parts.map((part) => {
    return typeof part === 'string' ? Buffer.from(part, 'hex') : Buffer.from(part.repeat.repeat(part.times), 'hex')
  }))
}
