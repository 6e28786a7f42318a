import { closestMatch } from 'leven'
import { ConfigError } from '../errors.ts'

const MAX_NAME_CHARS = 64
const MAX_EDITS = 3

/** Characters that a name and what was given for it have to share, where one is a part of the other. */
const MIN_SHARED_CHARS = 4

/** Names that an error lists, where several may have been meant. */
const MAX_LISTED = 3

/**
 * Throws a {@link ConfigError} for the first key of `options` that is not in `known`, and names the nearest ones. `prefix` is the path
 * of the options.
 */
export function refuseUnknown (options: object, known: readonly string[], prefix = ''): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      const near = findNear(key, known).map((name) => `\`${prefix}${name}\``).join(' or ')

      throw new ConfigError(`Unknown option \`${prefix}${key.slice(0, MAX_NAME_CHARS)}\`${near === '' ? '' : `, did you mean ${near}?`}`)
    }
  }
}

/**
 * The name with the fewest typing errors between it and `key`. Where these are too many, the names that have `key` in them or are in it:
 * `peers` may be `seedPeers`.
 */
function findNear (key: string, names: readonly string[]): string[] {
  if (key.length > MAX_NAME_CHARS) {
    return []
  }

  const lowerCase = names.map((name) => name.toLowerCase())
  const nearest = closestMatch(key.toLowerCase(), lowerCase, { maxDistance: Math.min(MAX_EDITS, Math.floor(key.length / 3)) })

  if (nearest != null) {
    return [names[lowerCase.indexOf(nearest)]!]
  }

  return names.filter((_, i) => isPart(key.toLowerCase(), lowerCase[i]!)).slice(0, MAX_LISTED)
}

function isPart (one: string, other: string): boolean {
  return Math.min(one.length, other.length) >= MIN_SHARED_CHARS && (one.includes(other) || other.includes(one))
}
