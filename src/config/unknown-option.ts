import { ConfigError } from '../errors.ts'

const MAX_NAME_CHARS = 64

/**
 * Throws a {@link ConfigError} for the first key of `options` that is not in `known`, and names the nearest one. `prefix` is the path
 * of the options.
 */
export function refuseUnknown (options: object, known: readonly string[], prefix = ''): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      const nearest = findNearest(key, known)

      throw new ConfigError(`Unknown option \`${prefix}${key.slice(0, MAX_NAME_CHARS)}\`${nearest == null ? '' : `, did you mean \`${prefix}${nearest}\`?`}`)
    }
  }
}

/** The name with the fewest typing errors between it and `key`. None where these are too many. */
function findNearest (key: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined
  let fewest = 1 + Math.min(3, Math.floor(key.length / 3))

  for (const name of key.length > MAX_NAME_CHARS ? [] : names) {
    const edits = countEdits(key.toLowerCase(), name.toLowerCase())

    if (edits < fewest) {
      fewest = edits
      nearest = name
    }
  }

  return nearest
}

/** Levenshtein's distance: characters put in, left out or replaced. */
function countEdits (from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)

  for (let i = 1; i <= from.length; i++) {
    const next = [i]

    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }

    row = next
  }

  return row[to.length]!
}
