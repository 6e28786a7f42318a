// Writes test/fixtures/*.json: `node scripts/fixtures.ts`. test/fixtures/README.md says what is in them.
import { writeFile } from 'node:fs/promises'
import { FEATURE_CASES } from './fixtures/features.ts'
import { INVALID, UNTIMELY } from './fixtures/invalid.ts'
import { toJson } from './fixtures/json.ts'
import { LARGE } from './fixtures/large.ts'
import { MESSAGES } from './fixtures/messages.ts'
import { TOLERATED } from './fixtures/tolerated.ts'
import { encodeFrame } from '../src/codec/frame.ts'
import { encodeMessage } from '../src/codec/message.ts'
import type { InvalidCase, InvalidEffect } from './fixtures/invalid.ts'
import type { Json } from './fixtures/json.ts'
import type { MessageCase } from './fixtures/messages.ts'
import type { ToleratedCase } from './fixtures/tolerated.ts'
import type { Feature } from '../src/types/features.ts'
import type { WireMessage } from '../src/types/message.ts'

/** When a frame comes: as the first of a session, or once it is ready. */
export type Phase = 'before' | 'after' | 'any'

interface Named<Effect> { name: string, phase: Phase, effect: Effect, frame: string }

/** What is in a frame. */
interface Described { type: string | null, requestId: string | null, message: Json }

/** A message and the one way to encode it. */
export interface MessageFixture extends Named<'valid'>, Described { type: string }

/** A frame to refuse. */
export interface InvalidFixture extends Named<InvalidEffect> { rule: string | null, why: string }

/** A frame to decode, though no encoder writes it; `message` is `null` where it is to be ignored. */
export interface ToleratedFixture extends Named<'tolerated'>, Described { why: string }

/** A frame of a session that uses these features: one of the three above. */
export type FeatureFixture = { features: readonly Feature[] } & (MessageFixture | InvalidFixture | ToleratedFixture)

const PHASES: Record<string, Phase> = { handshake: 'before', disconnect: 'any' }

function describe (message: WireMessage | undefined, requestId: bigint | undefined): Described {
  if (message == null) {
    return { type: null, requestId: requestId?.toString() ?? null, message: null }
  }

  const { type, ...fields } = message

  return { type, requestId: requestId?.toString() ?? null, message: toJson(fields) }
}

function phaseOf (type: string | undefined): Phase {
  return PHASES[type ?? ''] ?? 'after'
}

/** Whether the message in a frame begins with the field of a handshake. */
function isHandshake (frame: string): boolean {
  return /^(?:[89a-f].)*[0-7].12/.test(frame)
}

function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function toValid ([name, message, requestId]: MessageCase): MessageFixture {
  const frame = hex(encodeFrame(encodeMessage(message, requestId)))

  return { name, phase: phaseOf(message.type), effect: 'valid', ...describe(message, requestId), type: message.type, frame }
}

function toInvalid ([name, rule, why, frame, effect = 'violation']: InvalidCase): InvalidFixture {
  return { name, phase: isHandshake(frame) ? 'before' : 'after', effect, rule, why, frame }
}

function toTolerated ([name, why, frame, message, requestId]: ToleratedCase): ToleratedFixture {
  return { name, phase: phaseOf(message?.type), effect: 'tolerated', why, ...describe(message, requestId), frame }
}

/** The fixture files, by name, as they have to be. */
export function fixtureFiles (): Record<string, string> {
  const files = {
    'messages.json': MESSAGES.map(toValid),
    'invalid.json': [
      ...INVALID.map(toInvalid),
      ...UNTIMELY.map(([name, rule, why, frame, effect = 'violation', phase]): InvalidFixture => ({ name, phase, effect, rule, why, frame }))
    ],
    'tolerated.json': TOLERATED.map(toTolerated),
    'large.json': LARGE,
    'features.json': FEATURE_CASES.flatMap(({ features, valid, tolerated, invalid }): FeatureFixture[] => {
      return [...valid.map(toValid), ...tolerated.map(toTolerated), ...invalid.map(toInvalid)].map((fixture) => ({ features, ...fixture }))
    })
  }

  return Object.fromEntries(Object.entries(files).map(([name, fixtures]) => [name, `${JSON.stringify(fixtures, null, 2)}\n`]))
}

if (import.meta.main) {
  for (const [name, content] of Object.entries(fixtureFiles())) {
    await writeFile(new URL(`../test/fixtures/${name}`, import.meta.url), content)
  }
}
