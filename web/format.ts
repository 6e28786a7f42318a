const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes for people, as `1.2 MB`. */
export function formatBytes (bytes: number): string {
  let value = bytes
  let unit = 0

  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }

  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]!}`
}

/** The time of day of a moment, in ms since the Unix epoch. */
export function formatTime (at: number): string {
  return new Date(at).toTimeString().slice(0, 8)
}

/** A duration in ms, as `12 ms` or `1.2 s`. */
export function formatMs (ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}

/** The first digits of a hash, or the last of a peer id, which tell it from others. */
export function shorten (text: string): string {
  return text.length <= 12 ? text : text.startsWith('12D3') ? `…${text.slice(-6)}` : text.slice(0, 8)
}

/** A colour for a tip: the same one for the same hash. */
export function colourOf (hash: string | undefined): string {
  return hash == null ? 'var(--line)' : `hsl(${Number.parseInt(hash.slice(0, 6), 16) % 360} 55% 42%)`
}
