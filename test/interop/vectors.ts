import { readFileSync } from 'node:fs'
import { decodeWith } from './peer-process.ts'
import type { PeerEvent } from './peer-process.ts'

/** A frame of test/fixtures, and what a decoder has to make of it. */
interface Vector { file: string, name: string, frame: string, type?: string | null, verdict: string }

/**
 * Has a peer decode every frame of test/fixtures. Returns what it makes something else of than they say, one line each. Where a message
 * is to be taken, it is encoded again: that of messages.json gives the same frame.
 */
export async function differences (binary: string): Promise<string[]> {
  const vectors = [...read('messages', 'valid'), ...read('invalid', 'violation'), ...read('tolerated', 'valid')]
  const answers = await decodeWith(binary, vectors.map(({ frame }) => frame))

  return vectors.flatMap(({ file, name, frame, type, verdict }, i) => {
    const { verdict: found, type: foundType, frame: again, why }: PeerEvent = answers[i] ?? { event: '', verdict: 'no answer' }
    const expected = type === null ? 'ignored' : verdict
    const isSame = found === expected && (expected !== 'valid' || foundType === snakeCase(type!)) && (file !== 'messages' || again === frame)

    return isSame ? [] : [`${file}: ${name}: ${expected} ${type ?? ''}, the peer says ${JSON.stringify({ found, foundType, again, why })}`]
  })
}

function read (file: string, verdict: string): Vector[] {
  const vectors = JSON.parse(readFileSync(new URL(`../fixtures/${file}.json`, import.meta.url), 'utf8')) as Omit<Vector, 'file' | 'verdict'>[]

  return vectors.map((vector) => ({ ...vector, file, verdict }))
}

function snakeCase (name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
