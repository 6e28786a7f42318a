import { minimise } from '../../fuzz/minimise.ts'
import { parse, serialise } from '../../fuzz/mutate-fields.ts'
import { encodeFrame, FrameReader } from '../../../src/codec/frame.ts'
import type { Field } from '../../fuzz/mutate-fields.ts'

/** How often a frame is tried while fields are left out of it. */
const MAX_TRIES = 2000

/** How deep fields are looked for in fields. */
const MAX_DEPTH = 4

const NO_LIMIT = 2 ** 31
const NO_BYTES = new Uint8Array(0)

/**
 * The frame with as much of it left out, or made 0, as possible: first whole fields, with the lengths that are right for what is left, then
 * bytes. `isSame` says whether a frame still shows the same.
 */
export async function shrink (frame: Uint8Array, isSame: (frame: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  const body = bodyOf(frame)
  const whole = body != null && await isSame(encode(body)) ? encode(await shrinkFields(body, async (body) => isSame(encode(body)))) : frame

  return minimise(whole, isSame)
}

async function shrinkFields (given: Uint8Array, isSame: (body: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let body = given
  let hasChanged = true

  for (let tries = 0; hasChanged && tries < MAX_TRIES;) {
    hasChanged = false

    for (const candidate of smaller(body)) {
      if (candidate.byteLength > 0 && tries++ < MAX_TRIES && await isSame(candidate)) {
        body = candidate
        hasChanged = true
        break
      }
    }
  }

  return body
}

/** Messages with a little less in them, which are all shorter or have less in a number. */
function * smaller (body: Uint8Array, depth = 0): Generator<Uint8Array> {
  const fields = depth < MAX_DEPTH ? parse(body) ?? [] : []

  for (let size = fields.length >> 1; size > 1; size >>= 1) {
    for (let at = 0; at < fields.length; at += size) {
      yield serialise(fields.toSpliced(at, size))
    }
  }

  for (const [at, field] of fields.entries()) {
    yield serialise(fields.toSpliced(at, 1))

    for (const value of smallerValues(field, depth)) {
      yield serialise(fields.with(at, { ...field, value }))
    }
  }
}

function * smallerValues ({ wireType, value }: Field, depth: number): Generator<bigint | Uint8Array> {
  if (typeof value === 'bigint') {
    yield * value > 0n ? [0n, value >> 7n] : []
  } else if (wireType === 2 && value.byteLength > 0) {
    yield NO_BYTES
    yield * smaller(value, depth + 1)
    yield value.slice(0, value.byteLength >> 1)
  }
}

/** What is in the frame, where there is nothing else. */
function bodyOf (frame: Uint8Array): Uint8Array | undefined {
  try {
    const { value } = new FrameReader({ maxBytes: () => NO_LIMIT }).cut(frame).next()

    return value ?? undefined
  } catch {
    return undefined
  }
}

function encode (body: Uint8Array): Uint8Array {
  return encodeFrame(body, NO_LIMIT)
}
