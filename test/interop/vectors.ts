import { readFileSync } from 'node:fs'
import { decodeWith } from './peer-process.ts'
import type { PeerEvent } from './peer-process.ts'

/** Part of a frame: hex, or hex that is there many times. */
type Part = string | { repeat: string, times: number }

/** A frame of test/fixtures, and what happens to it. */
interface Vector {
  file: string
  name: string
  phase: 'before' | 'after' | 'any'
  effect: 'valid' | 'tolerated' | 'violation' | 'item refused' | 'lost'
  /** What the session uses. In those of a file without it, nothing that matters. */
  features?: string[]
  /** `null` for what is to be ignored. */
  type?: string | null
  frame: string | Part[]
}

/** What a peer calls an effect. */
const VERDICTS = { valid: 'valid', tolerated: 'valid', violation: 'violation', 'item refused': 'rejected', lost: 'lost' }

/**
 * Has a peer decode every frame of test/fixtures. Returns what it makes something else of than they say, one line each. Where a message
 * is to be taken, it is encoded again: that of messages.json gives the same frame.
 */
export async function differences (binary: string): Promise<string[]> {
  const vectors = ['messages', 'invalid', 'tolerated', 'large', 'features'].flatMap(read)
  const answers = await decodeWith(binary, vectors.map((vector) => `${wordOf(vector)}${hexOf(vector.frame)}`))

  return vectors.flatMap((vector, i) => {
    const answer = answers[i] ?? { event: '', verdict: 'no answer' }

    return isRight(vector, answer) ? [] : [`${vector.file}: ${vector.name}: ${vector.effect}, the peer says ${short(answer)}`]
  })
}

/** What stands before a frame: whether it is the first one of a session, or comes in one with every feature. */
function wordOf ({ phase, features = [] }: Vector): string {
  return phase === 'before' ? 'before ' : features.length > 0 ? 'featured ' : ''
}

function isRight ({ file, effect, type, frame }: Vector, answer: PeerEvent): boolean {
  if (type === null) {
    return answer.verdict === 'ignored'
  }

  const isTaken = effect === 'valid' || effect === 'tolerated'

  return answer.verdict === VERDICTS[effect] && (!isTaken || answer.type === snakeCase(type!)) &&
    (file !== 'messages' || answer.frame === frame)
}

function short (answer: PeerEvent): string {
  return JSON.stringify(answer, (_, value: unknown) => typeof value === 'string' ? value.slice(0, 200) : value)
}

function read (file: string): Vector[] {
  const vectors = JSON.parse(readFileSync(new URL(`../fixtures/${file}.json`, import.meta.url), 'utf8')) as Omit<Vector, 'file'>[]

  return vectors.map((vector) => ({ ...vector, file }))
}

function hexOf (frame: string | Part[]): string {
  return typeof frame === 'string' ? frame : frame.map((part) => typeof part === 'string' ? part : part.repeat.repeat(part.times)).join('')
}

function snakeCase (name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
