// Writes test/fixtures/*.json: `node scripts/fixtures.ts`. test/fixtures/README.md says what is in them.
import { writeFile } from 'node:fs/promises'
import { INVALID } from './fixtures/invalid.ts'
import { toJson } from './fixtures/json.ts'
import { MESSAGES } from './fixtures/messages.ts'
import { TOLERATED } from './fixtures/tolerated.ts'
import { encodeFrame } from '../src/codec/frame.ts'
import { encodeMessage } from '../src/codec/message.ts'
import type { Json } from './fixtures/json.ts'
import type { WireMessage } from '../src/types/message.ts'

/** A message and the one way to encode it. */
export interface MessageFixture { name: string, type: string, requestId: string | null, message: Json, frame: string }

/** A frame to refuse. */
export interface InvalidFixture { name: string, why: string, frame: string }

/** A frame to decode, though no encoder writes it; `message` is `null` where it is to be ignored. */
export interface ToleratedFixture { name: string, why: string, type: string | null, requestId: string | null, message: Json, frame: string }

function describe (message: WireMessage | undefined, requestId: bigint | undefined): Pick<ToleratedFixture, 'type' | 'requestId' | 'message'> {
  if (message == null) {
    return { type: null, requestId: requestId?.toString() ?? null, message: null }
  }

  const { type, ...fields } = message

  return { type, requestId: requestId?.toString() ?? null, message: toJson(fields) }
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** The fixture files, by name, as they have to be. */
export function fixtureFiles (): Record<string, string> {
  const files = {
    'messages.json': MESSAGES.map(([name, message, requestId]) => {
      return { name, ...describe(message, requestId), frame: hex(encodeFrame(encodeMessage(message, requestId))) }
    }),
    'invalid.json': INVALID.map(([name, why, , frame]) => ({ name, why, frame })),
    'tolerated.json': TOLERATED.map(([name, why, frame, message, requestId]) => {
      return { name, why, ...describe(message, requestId), frame }
    })
  }

  return Object.fromEntries(Object.entries(files).map(([name, fixtures]) => [name, `${JSON.stringify(fixtures, null, 2)}\n`]))
}

if (import.meta.main) {
  for (const [name, content] of Object.entries(fixtureFiles())) {
    await writeFile(new URL(`../test/fixtures/${name}`, import.meta.url), content)
  }
}
