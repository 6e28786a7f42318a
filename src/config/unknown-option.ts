import { closestMatch } from 'leven'
import { ConfigError } from '../errors.ts'

const MAX_NAME_CHARS = 64
const MAX_EDITS = 3

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
  if (key.length > MAX_NAME_CHARS) {
    return
  }

  const lowerCase = names.map((name) => name.toLowerCase())
  const nearest = closestMatch(key.toLowerCase(), lowerCase, { maxDistance: Math.min(MAX_EDITS, Math.floor(key.length / 3)) })

  return nearest == null ? undefined : names[lowerCase.indexOf(nearest)]
}
