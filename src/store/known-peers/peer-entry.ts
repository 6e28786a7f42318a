import { isCount, parseEntry } from '../entries/parse-entry.ts'
import { MAX_ADDRESS_CHARS, MAX_ADDRESSES, MAX_ID_CHARS, MAX_SOURCE_CHARS } from './peer-table.ts'
import type { KnownPeer } from '../../types/known-peers.ts'

// The format of a known peer on disk: its id is the key, the rest is JSON with a version. Version 1 had neither `source` nor `anchor`.

const VERSION = 2

/** More characters than any valid peer has, escapes included. A longer entry is not parsed. */
const MAX_ENTRY_CHARS = 8 * MAX_ADDRESSES * MAX_ADDRESS_CHARS

/** A known peer as read from disk. */
export interface PeerEntry {
  peer: KnownPeer
  /** Whether the run before marked it as an anchor. */
  isAnchor: boolean
}

/** The value that is stored under the peer's id. */
export function encodeEntry (
  { addresses, lastSuccess, lastFailure, source }: Readonly<KnownPeer>, { isAnchor }: { isAnchor: boolean }
): string {
  return JSON.stringify({ v: VERSION, addresses, lastSuccess, lastFailure, source, ...(isAnchor ? { anchor: true } : {}) })
}

/** The peer, or why it cannot be read: `newer` for an entry that a later version of this package wrote. */
export function decodeEntry (id: string, value: string): PeerEntry | 'damaged' | 'newer' {
  const entry = parseEntry(value, { version: VERSION, maxChars: MAX_ENTRY_CHARS })

  if (typeof entry === 'string') {
    return entry
  }

  const { addresses, lastSuccess, lastFailure, source, anchor } = entry

  if (!isId(id) || !isAddresses(addresses) || !isTime(lastSuccess) || !isTime(lastFailure) || !isSource(source)) {
    return 'damaged'
  }

  return { peer: { id, addresses, lastSuccess, lastFailure, source }, isAnchor: anchor === true }
}

function isId (id: string): boolean {
  return id.length > 0 && id.length <= MAX_ID_CHARS
}

function isAddresses (value: unknown): value is string[] {
  return Array.isArray(value) && value.every((address) => typeof address === 'string')
}

function isTime (value: unknown): value is number | undefined {
  return value === undefined || isCount(value)
}

function isSource (value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length > 0 && value.length <= MAX_SOURCE_CHARS)
}
