import assert from 'node:assert/strict'
import { mutateFields } from '../mutate-fields.ts'
import { fixtureMessages } from '../seeds.ts'
import { checkMessage } from '../../../src/codec/check.ts'
import { knownBodies, readEnvelope } from '../../../src/codec/envelope.ts'
import { readItem, readRange } from '../../../src/codec/items/items.ts'
import { decodeBody, decodeMessage, encodeMessage } from '../../../src/codec/message.ts'
import { FEATURES } from '../../../src/types/features.ts'
import type { Target } from '../target.ts'

/** What `read` gives, or `undefined` for a DecodeError; nothing else may be thrown. */
export function unlessUndecodable<T> (read: () => T): T | undefined {
  try {
    return read()
  } catch (err) {
    if ((err as Error).name !== 'DecodeError') {
      throw err
    }

    return undefined
  }
}

/** What the body of any type is read as, which is a message that could be sent or none. */
function checkBody (bytes: Uint8Array): void {
  const envelope = unlessUndecodable(() => readEnvelope(bytes, knownBodies(FEATURES)))

  if (envelope?.type == null) {
    return
  }

  const { type, requestId, body } = envelope
  const message = unlessUndecodable(() => decodeBody(type, body))
  const item = unlessUndecodable(() => readItem(body))
  const range = unlessUndecodable(() => readRange(body))

  if (message == null) {
    return
  }

  assert.equal(message.type, type)
  checkMessage(message)
  assert.deepEqual(decodeMessage(new Uint8Array(encodeMessage(message, requestId)), FEATURES), { message, requestId })

  if (message.type === 'newBlock' || message.type === 'newTransaction') {
    assert(item != null, 'a relay cannot find what a decoder finds')
  }

  if (message.type === 'responseBlockRange') {
    assert.deepEqual(range?.items.length, message.blocks.length)
    assert.equal(range?.last, message.last)
  }
}

/** A message in a frame: it is one that could be sent, or refused with a DecodeError. */
export const messages: Target = {
  name: 'messages',
  share: 35,
  seeds: fixtureMessages,
  mutate: mutateFields,
  run: (input) => {
    const before = input.slice()
    checkBody(input)
    assert.deepEqual(input, before, 'what is decoded was changed')
  }
}
