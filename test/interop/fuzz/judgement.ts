import { knownBodies, readEnvelope } from '../../../src/codec/envelope.ts'
import { encodeFrame, FrameReader } from '../../../src/codec/frame.ts'
import { digestOf } from '../../../src/codec/digest.ts'
import { checkReceivedSize, readItem, readNewItem, readRange } from '../../../src/codec/items/items.ts'
import { maxItemBytes, MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES } from '../../../src/codec/limits.ts'
import { decodeBody, encodeMessage } from '../../../src/codec/message.ts'
import { DecodeError } from '../../../src/errors.ts'
import { FEATURES } from '../../../src/types/features.ts'
import type { Envelope } from '../../../src/codec/envelope.ts'

/** What may become of a frame, in the order of the numbers that stand for it in an answer. */
export const VERDICTS = ['valid', 'ignored', 'rejected', 'lost', 'violation'] as const

/** What becomes of a frame. */
export type Verdict = typeof VERDICTS[number] | 'crash'

/** A frame, and whether it is the first one of a session, or comes in one that uses every feature. */
export interface Question {
  isFirst: boolean
  /** @default false */
  isFeatured?: boolean
  frame: Uint8Array
}

/**
 * What a decoder makes of a frame, as bytes that are compared: the number of the verdict. Where it is valid, the length in four bytes and
 * the message encoded again in a frame follow, then the digest of each item in it as it came.
 */
export type Answer = Uint8Array

/** The answer of a decoder that has ended, or thrown what it must not. */
export const CRASH: Answer = Uint8Array.of(255)

/** The verdict in an answer. */
export function verdictOf (answer: Answer): Verdict {
  return VERDICTS[answer[0]!] ?? 'crash'
}

/** What our decoder makes of a frame, and the rule of docs/protocol.md that it names, or the kind of the message. */
export function judge ({ isFirst, isFeatured = false, frame }: Question): { answer: Answer, about: string } {
  try {
    const reader = new FrameReader({ maxBytes: () => isFirst ? MAX_HANDSHAKE_FRAME_BYTES : MAX_FRAME_BYTES })
    const { value: body } = reader.cut(frame).next()

    return body == null ? simple('lost') : judgeEnvelope(readEnvelope(body, knownBodies(isFeatured ? FEATURES : [])), isFirst)
  } catch (err) {
    return simple('violation', ruleOf(err))
  }
}

function judgeEnvelope (envelope: Envelope, isFirst: boolean): { answer: Answer, about: string } {
  const { type, body } = envelope

  if (isFirst && type !== 'handshake' && type !== 'disconnect') {
    return simple('violation', 'first-message')
  }

  if (type == null) {
    return simple('ignored')
  }

  if (!isFirst && type === 'handshake') {
    return simple('violation', 'second-handshake')
  }

  // as the relay has it: what is wrong outside of the item is a violation
  const item = type === 'newBlock' || type === 'newTransaction' ? readNewItem(body) : undefined

  try {
    return taken(envelope)
  } catch (err) {
    if (item == null) {
      throw err
    }

    return simple('rejected', ruleOf(err))
  }
}

function taken ({ type, requestId, body }: Envelope): { answer: Answer, about: string } {
  const items = itemsOf(type!, body)
  items.forEach((item) => checkReceivedSize(item, maxItemBytes(MAX_FRAME_BYTES)))
  const frame = encodeFrame(encodeMessage(decodeBody(type!, body), requestId))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(frame.byteLength)

  return { answer: Buffer.concat([Uint8Array.of(VERDICTS.indexOf('valid')), length, frame, ...items.map(digestOf)]), about: type! }
}

function itemsOf (type: NonNullable<Envelope['type']>, body: Uint8Array): Uint8Array[] {
  switch (type) {
    case 'newBlock':
    case 'newTransaction':
    case 'responseBlock': {
      const item = readItem(body)

      return item == null ? [] : [item]
    }
    case 'responseBlockRange': return readRange(body).items
    default: return []
  }
}

function simple (verdict: typeof VERDICTS[number], about = ''): { answer: Answer, about: string } {
  return { answer: Uint8Array.of(VERDICTS.indexOf(verdict)), about }
}

function ruleOf (err: unknown): string {
  if (!(err instanceof DecodeError)) {
    throw err
  }

  return err.rule ?? err.message
}
