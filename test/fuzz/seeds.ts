import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_INPUT_BYTES } from './mutate.ts'
import { FrameReader } from '../../src/codec/frame.ts'
import { MAX_FRAME_BYTES } from '../../src/codec/limits.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')

const CORPUS = join(import.meta.dirname, 'corpus')

/** The frames of the fixtures, valid ones and others, as far as they are short enough. */
export function fixtureFrames (): Uint8Array[] {
  return ['messages.json', 'invalid.json', 'tolerated.json', 'features.json']
    .flatMap((name) => JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as { frame: string }[])
    .map(({ frame }) => fromHex(frame))
    .filter(({ byteLength }) => byteLength <= MAX_INPUT_BYTES)
}

/** The messages in them, as far as they can be cut out. */
export function fixtureMessages (): Uint8Array[] {
  return fixtureFrames().flatMap((frame) => {
    try {
      return [...new FrameReader({ maxBytes: () => MAX_FRAME_BYTES }).cut(frame)]
    } catch {
      return []
    }
  })
}

/** The inputs that are kept for a target. */
export function savedInputs (target: string): Uint8Array[] {
  const file = fileOf(target)

  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map(fromHex) : []
}

/** Keeps inputs for a target, in place of those that there are: one in hex in each line, so that a change can be read. */
export function saveInputs (target: string, inputs: readonly Uint8Array[]): void {
  writeFileSync(fileOf(target), inputs.map((input) => toHex(input) + '\n').sort().join(''))
}

function fileOf (target: string): string {
  return join(CORPUS, `${target}.hex`)
}

/** The bytes of a hex string; white space in it is for people. */
export function fromHex (hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replace(/\s+/g, ''), 'hex'))
}

/** An input as it is written to a file and on a command line. */
export function toHex (input: Uint8Array): string {
  return Buffer.from(input).toString('hex')
}
