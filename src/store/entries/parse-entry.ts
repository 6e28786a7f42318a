/**
 * The object of an entry, which is JSON; `newer` where its version `v` is above `version`, and `damaged` where it has no version up to
 * that. An entry of more than `maxChars` is not parsed, and damaged.
 */
export function parseEntry (
  value: string, { version, maxChars }: { version: number, maxChars: number }
): Record<string, unknown> | 'damaged' | 'newer' {
  const entry = value.length > maxChars ? undefined : parseObject(value)
  const v = entry?.['v']

  if (entry == null || !Number.isInteger(v) || v as number < 1) {
    return 'damaged'
  }

  return v as number > version ? 'newer' : entry
}

/** Whether a value of an entry is a whole number from 0, such as a time in ms since the Unix epoch. */
export function isCount (value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number > 0 || Object.is(value, 0))
}

function parseObject (value: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(value)

    return typeof entry === 'object' && entry !== null ? entry as Record<string, unknown> : undefined
  } catch {
    return undefined
  }
}
