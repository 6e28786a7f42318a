import { isCount, parseEntry } from '../entries/parse-entry.ts'
import type { Ban, BanKind } from '../../types/ban.ts'

// The format of a ban on disk: its subject is the key, the rest is JSON with a version.

const VERSION = 1

/** `Ban.subject` and `Ban.reason`, in characters. */
const MAX_TEXT_CHARS = 128

/** More characters than any valid ban has, escapes included. A longer entry is not parsed. */
const MAX_ENTRY_CHARS = 8 * MAX_TEXT_CHARS + 512

/** The value that is stored under the subject of the ban. */
export function encodeBan ({ kind, until, duration, reason, offences, isManual }: Ban): string {
  return JSON.stringify({ v: VERSION, kind, until, duration, reason, offences, manual: isManual })
}

/** The ban, or why it cannot be read: `newer` for an entry that a later version of this package wrote. */
export function decodeBan (subject: string, value: string): Ban | 'damaged' | 'newer' {
  const entry = parseEntry(value, { version: VERSION, maxChars: MAX_ENTRY_CHARS })

  if (typeof entry === 'string') {
    return entry
  }

  const { kind, until, duration, reason, offences, manual } = entry

  if (
    subject.length === 0 || subject.length > MAX_TEXT_CHARS || !isKind(kind) || !isCount(until) || !isDuration(duration) ||
    !isReason(reason) || !isCount(offences) || typeof manual !== 'boolean'
  ) {
    return 'damaged'
  }

  return { subject, kind, until, duration, reason, offences, isManual: manual }
}

function isKind (value: unknown): value is BanKind {
  return value === 'peer' || value === 'host'
}

function isDuration (value: unknown): value is number {
  return typeof value === 'number' && value > 0
}

function isReason (value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT_CHARS
}
