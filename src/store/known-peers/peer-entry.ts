import { isCount, parseEntry } from '../entries/parse-entry.ts'
import { MAX_ADDRESS_CHARS, MAX_ADDRESSES, MAX_ID_CHARS, MAX_RECORD_BYTES, MAX_SOURCE_CHARS } from './peer-table.ts'
import type { KnownPeer } from '../../types/known-peers.ts'

// The format of a known peer on disk: its id is the key, the rest is JSON with a version. Version 1 had neither `source` nor `anchor`.
// Older nodes of version 2 read past `toldBy` and `record`.

const VERSION = 2

/** More characters than any valid peer has, escapes included. A longer entry is not parsed. */
const MAX_ENTRY_CHARS = 8 * MAX_ADDRESSES * MAX_ADDRESS_CHARS

/** Characters of a record of a peer, in Base64. */
const MAX_RECORD_CHARS: number = 4 * Math.ceil(MAX_RECORD_BYTES / 3)

/** A known peer as read from disk. */
export interface PeerEntry {
  peer: KnownPeer
  /** Whether the run before marked it as an anchor. */
  isAnchor: boolean
}

/** The value that is stored under the peer's id. */
export function encodeEntry (
  { addresses, lastSuccess, lastFailure, source, toldBy, record }: Readonly<KnownPeer>, { isAnchor }: { isAnchor: boolean }
): string {
  return JSON.stringify({
    ...{ v: VERSION, addresses, lastSuccess, lastFailure, source, toldBy },
    ...(record == null ? {} : { record: toBase64(record) }),
    ...(isAnchor ? { anchor: true } : {})
  })
}

/** The peer, or why it cannot be read: `newer` for an entry that a later version of this package wrote. */
export function decodeEntry (id: string, value: string): PeerEntry | 'damaged' | 'newer' {
  const entry = parseEntry(value, { version: VERSION, maxChars: MAX_ENTRY_CHARS })

  if (typeof entry === 'string') {
    return entry
  }

  const { addresses, lastSuccess, lastFailure, source, toldBy, record: text, anchor } = entry
  const record = text === undefined ? undefined : tryBase64(text)

  if (!isId(id) || !isAddresses(addresses) || !isTime(lastSuccess) || !isTime(lastFailure) || !isSource(source) || !isTeller(toldBy)) {
    return 'damaged'
  }

  if (text !== undefined && record == null) {
    return 'damaged'
  }

  const told = { ...(toldBy == null ? {} : { toldBy }), ...(record == null ? {} : { record }) }

  return { peer: { id, addresses, lastSuccess, lastFailure, source, ...told }, isAnchor: anchor === true }
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

function isTeller (value: unknown): value is string | undefined {
  return value === '' || isSource(value)
}

function toBase64 (bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

function tryBase64 (value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string' || value.length > MAX_RECORD_CHARS) {
    return undefined
  }

  try {
    return Uint8Array.from(atob(value), (char) => char.charCodeAt(0))
  } catch {
    return undefined
  }
}
