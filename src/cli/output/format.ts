// Formats values for people.

const ELLIPSIS = '…'
const LONGEST_INPUT = 4096

// control and format characters (bidirectional overrides among them), line separators, private use, unassigned
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Text from a peer, made fit to print: no control characters, at most `maxLength` characters. */
export function cleanText (text: string, maxLength: number = 64): string {
  return cutText(text.slice(0, LONGEST_INPUT).toWellFormed().replace(UNPRINTABLE, ''), maxLength)
}

/** At most `maxLength` characters, the last one an ellipsis where something was cut. */
export function cutText (text: string, maxLength: number): string {
  const characters = Array.from(text)

  if (characters.length <= maxLength) {
    return text
  }

  return maxLength < 1 ? '' : characters.slice(0, maxLength - 1).join('') + ELLIPSIS
}

/** Bytes as hexadecimal digits. */
export function toHex (bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** The first digits of a hash in hexadecimal. */
export function shortHash (hash: string): string {
  return hash.length <= 10 ? hash : `${hash.slice(0, 8)}..`
}

/** The last characters of a peer id: the first ones are the same for all of a kind. */
export function shortId (id: string): string {
  return id.length <= 10 ? id : `..${id.slice(-8)}`
}

/** The name of a peer in one word: the one that it claims, or its id. */
export function peerLabel (peer: { id: string, nodeId: string }): string {
  return cleanText(peer.nodeId, 24).trim() || shortId(peer.id)
}

/** Bytes in the unit that leaves at most four digits. */
export function formatBytes (bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0

  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }

  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`
}

/** A duration in ms in the unit that suits it. */
export function formatDuration (ms: number): string {
  if (ms < 10) {
    return `${ms.toFixed(1)} ms`
  }

  if (ms < 1000) {
    return `${Math.round(ms)} ms`
  }

  if (ms < 60_000) {
    return `${(ms / 1000).toFixed(1)} s`
  }

  const seconds = Math.floor(ms / 1000)
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60

  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`
}

/** The time of day, as a clock on the wall has it. */
export function formatTime (date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** `1 block`, `2 blocks`. */
export function formatCount (count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** An error, or another value that was thrown, as text. */
export function errorText (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
