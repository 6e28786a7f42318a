import { describe, fail, integer } from './checks.ts'
import { DEFAULTS } from './defaults.ts'
import { refuseUnknown } from './unknown-option.ts'
import type { Check } from './checks.ts'
import type { Bandwidth, Limits, Rate, RateLimits } from '../types/limits.ts'

const KIB = 1024
const MIB = 1_048_576
const DAY_MS: number = 24 * 60 * 60 * 1000

/** With less, hardly a message gets through. */
const MIN_BYTES_PER_SECOND: number = KIB

const MAX_UNITS = 1e12

/** What one peer may send. What is not given has its default. */
export const rateLimits: Check<RateLimits> = (value, name) => {
  return merge(value, name, { base: DEFAULTS.rateLimits, check: () => rate })
}

/** Caps in bytes a second. What is not given has no cap. */
export const bandwidth: Check<Bandwidth> = (value, name) => merge(value, name, { base: DEFAULTS.bandwidth, check: () => bytesPerSecond })

/** `base` with the changes. Throws a ConfigError for what is not a bandwidth. */
export function changeBandwidth (base: Bandwidth, changes: unknown): Bandwidth {
  return merge(changes, 'bandwidth', { base, check: () => bytesPerSecond })
}

/** `base` with the changes to its rates. Throws a ConfigError for what is no rate, and for one that `base` does not have. */
export function changeRates<Kind extends string> (base: Readonly<Record<Kind, Rate>>, changes: unknown, name: string): Record<Kind, Rate> {
  return merge<Record<Kind, Rate>>(changes, name, { base, check: () => rate })
}

const LIMIT_CHECKS: { readonly [Name in keyof Limits]: Check<number> } = {
  servedBlocks: integer(1, 1024),
  servedBytes: integer(64 * KIB, 64 * MIB, 'bytes'),
  servedRequests: integer(1, 64),
  outboxSoftBytes: integer(64 * KIB, 64 * MIB, 'bytes'),
  outboxHardBytes: integer(MIB, 256 * MIB, 'bytes'),
  seenDigests: powerOfTwo,
  seenDuration: integer(1000, DAY_MS, 'milliseconds'),
  bans: integer(1, 100_000)
}

/** The table of digests has sets, which the bits of a hash choose. */
function powerOfTwo (value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(Math.log2(value)) || value < 1024 || value > MIB) {
    fail(name, `a power of two from 1024 to ${MIB}`, describe(value))
  }

  return value
}

/** Bounds of single parts. What is not given has its default. */
export const limits: Check<Limits> = (value, name) => {
  const merged = merge<Limits>(value, name, { base: DEFAULTS.limits, check: (key) => LIMIT_CHECKS[key] })

  if (merged.outboxSoftBytes >= merged.outboxHardBytes) {
    fail(`${name}.outboxSoftBytes`, `less than \`outboxHardBytes\` (${merged.outboxHardBytes})`, `${merged.outboxSoftBytes}`)
  }

  return merged
}

const rate: Check<Rate> = (value, name) => {
  const { perSecond, burst } = object(value, name) as Partial<Record<keyof Rate, unknown>>

  return Object.freeze({
    perSecond: amount(perSecond, `${name}.perSecond`, Number.MIN_VALUE),
    burst: amount(burst, `${name}.burst`, 1)
  })
}

const bytesPerSecond: Check<number> = (value, name) => amount(value, name, MIN_BYTES_PER_SECOND)

function amount (value: unknown, name: string, min: number): number {
  if (typeof value !== 'number' || !(value >= min && (value <= MAX_UNITS || value === Infinity))) {
    fail(name, `a number ${min < 1 ? 'above 0' : `from ${min}`}, or Infinity`, describe(value))
  }

  return value
}

function object (value: unknown, name: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(name, 'an object', describe(value))
  }

  return value
}

function merge<Options extends object> (
  value: unknown,
  name: string,
  { base, check }: { base: Options, check: (key: keyof Options & string) => Check<Options[keyof Options & string]> }
): Options {
  const given = object(value, name) as Record<string, unknown>
  refuseUnknown(given, Object.keys(base), `${name}.`)
  const merged = { ...base }

  for (const key of Object.keys(base) as (keyof Options & string)[]) {
    if (given[key] !== undefined) {
      merged[key] = check(key)(given[key], `${name}.${key}`)
    }
  }

  return Object.freeze(merged)
}
