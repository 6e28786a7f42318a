import { resolve } from 'node:path'
import { UsageError } from './usage-error.ts'
import type { Kind, Range, Setting } from './setting.ts'

/** Where a text stands, for the error, and the directory that a path in it is relative to. */
export interface Place { label: string, directory: string }

/** What a setting of the kind `rate` holds. */
export interface RateValue { perSecond: number, burst: number }

const NO_RATE = 'none'

type Type = Kind['type']
type Of<Name extends Type> = Extract<Kind, { type: Name }>

const MAX_SHOWN = 80
/** What the network takes for a duration. */
const SECONDS: Range = { min: 0.01, max: 24 * 60 * 60 }
const UNITS: Readonly<Record<string, number>> = {
  '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30
}

/** What a text has to be, in words. */
const EXPECTED: { [Name in Type]: (kind: Of<Name>) => string } = {
  switch: () => 'true or false',
  text: () => 'a text',
  name: ({ maxBytes }) => `at most ${maxBytes} bytes of UTF-8 without control characters`,
  address: () => 'a multiaddr such as /ip4/127.0.0.1/tcp/8765',
  path: () => 'a path',
  integer: (range) => `an integer${describeRange(range)}`,
  number: (range) => `a number${describeRange(range)}`,
  seconds: () => `a number of seconds${describeRange(SECONDS)}`,
  size: () => 'bytes, such as 500000 or 1.5MB',
  choice: ({ choices }) => `one of ${choices.join(', ')}`,
  rate: () => 'how much a second and at once, such as 1000/10000, or none'
}

/** How a text is read: `undefined` where it cannot be. */
const READERS: { [Name in Type]: (text: string, kind: Of<Name>, place: Place) => unknown } = {
  switch: (text) => ({ true: true, 1: true, yes: true, on: true, false: false, 0: false, no: false, off: false })[text.toLowerCase()],
  text: (text) => text,
  name: (text, { maxBytes }) => Buffer.byteLength(text) <= maxBytes && !/\p{C}/u.test(text) ? text : undefined,
  // the network checks the rest
  address: (text) => text.startsWith('/') ? text : undefined,
  path: (text, _, { directory }) => text === '' || text.includes('\0') ? undefined : resolve(directory, text),
  integer: (text, range) => inRange(/^\d{1,15}$/.test(text) ? Number(text) : NaN, range),
  number: (text, range) => inRange(decimal(text), range),
  seconds: (text) => {
    const seconds = inRange(decimal(text), SECONDS)

    return seconds == null ? undefined : Math.round(seconds * 1000)
  },
  size: readSize,
  choice: (text, { choices }) => choices.includes(text) ? text : undefined,
  rate: readRate
}

/** What values of this setting are, in words. */
export function expectedOf ({ kind }: Pick<Setting, 'kind'>): string {
  return EXPECTED[kind.type](kind as never)
}

/** The value in a text. Throws a {@link UsageError} that says what was expected. */
export function readText (text: string, { kind }: Pick<Setting, 'kind'>, place: Place): unknown {
  return READERS[kind.type](text, kind as never, place) ?? refuse({ kind }, place, text)
}

/** Throws the {@link UsageError} for a value that a setting cannot have. */
export function refuse (setting: Pick<Setting, 'kind'>, { label }: Place, got: string): never {
  throw new UsageError(`Expected ${label} to be ${expectedOf(setting)}, got \`${got.replace(/\p{C}/gu, '?').slice(0, MAX_SHOWN)}\``)
}

function readSize (text: string): number | undefined {
  const [, digits = '', unit = ''] = /^([\d.]+) ?([a-z]{0,3})$/i.exec(text) ?? []

  return inRange(Math.round(decimal(digits) * (UNITS[unit.toLowerCase()] ?? NaN)), {})
}

function readRate (text: string): RateValue | undefined {
  if (text === NO_RATE) {
    return { perSecond: Infinity, burst: Infinity }
  }

  const [perSecond, burst, ...others] = text.split('/')
  const [rate, most] = [readAmount(perSecond), readAmount(burst)]

  return rate == null || most == null || others.length > 0 ? undefined : { perSecond: rate, burst: most }
}

/** Slow rates are fractions of one, and those of bytes have units. */
function readAmount (text = ''): number | undefined {
  return inRange(decimal(text.trim()), {}) ?? readSize(text.trim())
}

/** A rate as its text has it. */
export function rateText ({ perSecond, burst }: RateValue): string {
  return perSecond === Infinity ? NO_RATE : `${perSecond}/${burst}`
}

function decimal (text: string): number {
  return /^\d{1,15}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN
}

function inRange (value: number, { min = 0, max = Number.MAX_SAFE_INTEGER }: Range): number | undefined {
  return value >= min && value <= max ? value : undefined
}

function describeRange ({ min, max }: Range): string {
  return min == null || max == null ? '' : ` from ${min} to ${max}`
}
