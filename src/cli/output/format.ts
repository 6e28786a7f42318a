import prettyBytes from 'pretty-bytes'
import prettyMilliseconds from 'pretty-ms'
import sliceAnsi from 'slice-ansi'
import stringWidth from 'string-width'

// Formats values for people.

const ELLIPSIS = '…'
const LONGEST_INPUT = 4096

// control and format characters (bidirectional overrides among them), line separators, private use, unassigned
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Text from a peer, made fit to print: no control characters, at most `columns` wide. */
export function cleanText (text: string, columns: number = 64): string {
  return cutText(text.slice(0, LONGEST_INPUT).toWellFormed().replace(UNPRINTABLE, ''), columns)
}

/** At most `columns` of a terminal, the last one an ellipsis where something was cut. The text may be in colours. */
export function cutText (text: string, columns: number): string {
  if (stringWidth(text) <= columns) {
    return text
  }

  return columns < 1 ? '' : sliceAnsi(text, 0, columns - 1) + ELLIPSIS
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

/** Why a dial has failed, in at most `columns`: without control characters, and the id and the address that stand beside it. */
export function dialErrorLabel (error: string, columns: number): string {
  return cleanText(error.replace(/^The session with \S+ has ended: /, '').replace(/\bconnection error \S+: /g, ''), columns)
}

/** Bytes in the unit that leaves at most four digits. */
export function formatBytes (bytes: number): string {
  return prettyBytes(bytes, { maximumFractionDigits: 1 })
}

/** Blocks a second: with a decimal where they are few, for 0 means that none come. */
export function formatBlockRate (blocksPerSecond: number): string {
  const isFew = blocksPerSecond > 0 && blocksPerSecond < 10
  const rate = isFew ? Math.max(0.1, Math.round(blocksPerSecond * 10) / 10) : Math.round(blocksPerSecond)

  return `${formatCount(rate, 'block')}/s`
}

/** A duration in ms, in the one or two units that suit it. */
export function formatDuration (ms: number): string {
  return prettyMilliseconds(ms, { unitCount: 2, millisecondsDecimalDigits: ms < 10 ? 1 : 0, secondsDecimalDigits: ms < 60_000 ? 1 : 0 })
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
