import { MAX_ADDRESS_CHARS, MAX_ADDRESSES, MAX_ID_CHARS } from './peer-table.ts'
import type { KnownPeer } from '../types/known-peers.ts'

// A known peer as it is on disk: its id is the key, the rest is JSON with a version.

const VERSION = 1

/** More than the bounds of a peer come to, escapes and all. What is longer is not parsed. */
const MAX_ENTRY_CHARS = 8 * MAX_ADDRESSES * MAX_ADDRESS_CHARS

/** The value to keep under the peer's id. */
export function encodeEntry ({ addresses, lastSuccess, lastFailure }: Readonly<KnownPeer>): string {
  return JSON.stringify({ v: VERSION, addresses, lastSuccess, lastFailure })
}

/** The peer, or why there is none: `newer` for an entry that a later version of this package wrote. */
export function decodeEntry (id: string, value: string): KnownPeer | 'damaged' | 'newer' {
  const entry = parse(value)

  if (entry == null || id.length === 0 || id.length > MAX_ID_CHARS) {
    return 'damaged'
  }

  if (Number.isInteger(entry['v']) && entry['v'] as number > VERSION) {
    return 'newer'
  }

  const { v, addresses, lastSuccess, lastFailure } = entry

  if (v !== VERSION || !isAddresses(addresses) || !isTime(lastSuccess) || !isTime(lastFailure)) {
    return 'damaged'
  }

  return { id, addresses, lastSuccess, lastFailure }
}

function parse (value: string): Record<string, unknown> | undefined {
  if (value.length > MAX_ENTRY_CHARS) {
    return undefined
  }

  try {
    const entry: unknown = JSON.parse(value)

    return typeof entry === 'object' && entry !== null ? entry as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}

function isAddresses (value: unknown): value is string[] {
  return Array.isArray(value) && value.every((address) => typeof address === 'string')
}

function isTime (value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && value as number >= 0)
}
