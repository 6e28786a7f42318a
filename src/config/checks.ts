import { ConfigError } from '../errors.ts'
import type { PrivateKey } from '@libp2p/interface'

/**
 * Checks the value of the option `name`, which is neither `undefined` nor the default. Returns the value for the resolved config. Throws a
 * {@link ConfigError} that says what was expected.
 */
export type Check<Value> = (value: unknown, name: string) => Value

const MAX_QUOTED_CHARS = 64
const KEY_TYPES = ['Ed25519', 'secp256k1', 'RSA']
const utf8 = new TextEncoder()

/** Throws a {@link ConfigError}: "Expected `maxInbound` to be an integer from 0 to 10000, got -1". */
export function fail (name: string, expected: string, got: string): never {
  throw new ConfigError(`Expected \`${name}\` to be ${expected}, got ${got}`)
}

/** A value as error messages show it: short, and never what is inside an object, which may be a secret. */
export function describe (value: unknown): string {
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) {
    return String(value)
  }

  if (typeof value === 'string') {
    return value.length <= MAX_QUOTED_CHARS ? JSON.stringify(value) : `a string of ${utf8.encode(value).byteLength} bytes`
  }

  if (value instanceof Uint8Array) {
    return `a Uint8Array of ${value.byteLength} bytes`
  }

  return describeType(value)
}

/** The type of a value, and nothing of the value itself. */
export function describeType (value: unknown): string {
  if (value == null) {
    return String(value)
  }

  const type = Array.isArray(value) ? 'array' : typeof value

  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`
}

/** `true` or `false`. */
export const boolean: Check<boolean> = (value, name) => {
  if (typeof value !== 'boolean') {
    fail(name, 'true or false', describe(value))
  }

  return value
}

/** An object with some of these properties, each of them one of its values. */
export function choices<Options extends object> (allowed: { [Name in keyof Options]-?: readonly Options[Name][] }): Check<Options> {
  const names = Object.keys(allowed)

  return (value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      fail(name, `an object with any of ${names.map((name) => `\`${name}\``).join(', ')}`, describe(value))
    }

    for (const [key, given] of Object.entries(value)) {
      const values = Object.hasOwn(allowed, key) ? (allowed as Record<string, readonly unknown[]>)[key] : undefined

      if (values == null) {
        fail(name, `an object with any of ${names.map((name) => `\`${name}\``).join(', ')}`, `\`${key}\``)
      }

      if (given !== undefined && !values.includes(given)) {
        fail(`${name}.${key}`, `one of ${values.map(describe).join(', ')}`, describe(given))
      }
    }

    return Object.freeze({ ...value }) as Options
  }
}

/** An object with these properties, each of them PEM. Errors show nothing of them. */
export function pem<Options extends object> (names: readonly (keyof Options & string)[]): Check<Options> {
  return (value, name) => {
    for (const key of names) {
      const text = (value as Record<string, unknown> | null | undefined)?.[key]

      if (typeof text !== 'string' || !text.includes('-----BEGIN ')) {
        fail(name, `an object with ${names.map((name) => `\`${name}\``).join(' and ')} as PEM`, `${describeType(text)} for \`${key}\``)
      }
    }

    return Object.freeze({ ...value as Options })
  }
}

/** A whole number from `min` to `max`, both included. `unit` is named in the message. */
export function integer (min: number, max: number, unit?: string): Check<number> {
  const expected = `an integer from ${min} to ${max}${unit == null ? '' : ` (${unit})`}`

  return (value, name) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      fail(name, expected, describe(value))
    }

    return value
  }
}

/** Each of these names at most once, in any order. */
export function names<Name extends string> (known: readonly Name[]): Check<readonly Name[]> {
  const expected = `an array of different names out of ${known.map((name) => `'${name}'`).join(', ')}`

  return (value, name) => {
    const given: unknown[] = Array.isArray(value) ? value : fail(name, expected, describe(value))
    const wrong = given.findIndex((one, index) => !known.includes(one as Name) || given.indexOf(one) < index)

    if (wrong >= 0) {
      fail(name, expected, `${describe(given[wrong])} at index ${wrong}`)
    }

    return [...given] as Name[]
  }
}

/** At most `max` heights from 1 to 2^53 - 1, each above the one before. */
export function heights (max: number): Check<readonly number[]> {
  const expected = `an array of at most ${max} heights from 1 to 2^53 - 1, in ascending order`

  return (value, name) => {
    if (!Array.isArray(value) || value.length > max) {
      fail(name, expected, Array.isArray(value) ? `${value.length} heights` : describe(value))
    }

    const heights = [...value as unknown[]] as number[]
    heights.forEach((height, index) => {
      if (!Number.isSafeInteger(height) || height <= (heights[index - 1] ?? 0)) {
        fail(name, expected, `${describe(height)} at index ${index}`)
      }
    })

    return heights
  }
}

/** A string of `min` to `max` bytes once it is UTF-8. */
export function text (min: number, max: number): Check<string> {
  const expected = `a string of ${min === 0 ? 'at most' : `${min} to`} ${max} bytes of UTF-8`

  return (value, name) => {
    // a lone surrogate has no UTF-8 form: the peer would read another string
    if (typeof value !== 'string' || !value.isWellFormed()) {
      fail(name, expected, typeof value === 'string' ? 'one with half a surrogate pair' : describe(value))
    }

    const { byteLength } = utf8.encode(value)

    if (byteLength < min || byteLength > max) {
      fail(name, expected, `one of ${byteLength} bytes`)
    }

    return value
  }
}

/** A copy of exactly `length` bytes, so that a caller who reuses the memory changes nothing here. */
export function bytes (length: number): Check<Uint8Array> {
  return (value, name) => {
    if (!(value instanceof Uint8Array) || value.byteLength !== length) {
      fail(name, `a Uint8Array of ${length} bytes`, describe(value))
    }

    return Uint8Array.from(value)
  }
}

/** A path in the file system. The check does not open it. */
export function path (value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    fail(name, 'the path of a directory', describe(value))
  }

  return value
}

/** A function. */
export function fn<Value> (value: unknown, name: string): Value {
  if (typeof value !== 'function') {
    fail(name, 'a function', describe(value))
  }

  return value as Value
}

/** A private key of libp2p. Errors show nothing of another value: it may be the secret in another form. */
export function privateKey (value: unknown, name: string): PrivateKey {
  const expected = 'a libp2p private key (Ed25519, secp256k1 or RSA), as `generateKeyPair` of \'@libp2p/crypto/keys\' makes'
  const key = value as Partial<PrivateKey> | null

  if (typeof key !== 'object' || key === null || typeof key.sign !== 'function' || !(key.raw instanceof Uint8Array)) {
    fail(name, expected, describeType(value))
  }

  if (typeof key.publicKey?.verify !== 'function' || typeof key.publicKey.toMultihash !== 'function') {
    fail(name, expected, 'an object with a part of what one has')
  }

  // libp2p has no peer id for ECDSA keys, though it can make them
  if (!KEY_TYPES.includes(key.type ?? '')) {
    fail(name, expected, `one of type ${describe(key.type)}`)
  }

  return value as PrivateKey
}

/**
 * An object with the functions `required`, and the functions `optional` and the `values` where they are there at all. Kept as it is.
 */
export function objectWith<Value extends object> (
  required: string[], optional: string[] = [], values: Readonly<Record<string, Check<unknown>>> = {}
): Check<Value> {
  const names = [...required.map((key) => `\`${key}\``), ...optional.map((key) => `optionally \`${key}\``)]
  const expected = `an object with the function${names.length === 1 ? '' : 's'} ${names.join(', ')}`

  return (value, name) => {
    if (typeof value !== 'object' || value === null) {
      fail(name, expected, describeType(value))
    }

    const object = value as Record<string, unknown>

    for (const key of required) {
      fn(object[key], `${name}.${key}`)
    }

    for (const key of optional) {
      if (object[key] !== undefined) {
        fn(object[key], `${name}.${key}`)
      }
    }

    for (const [key, check] of Object.entries(values)) {
      if (object[key] !== undefined) {
        check(object[key], `${name}.${key}`)
      }
    }

    return value as Value
  }
}

/** An object with functions under some of `names`, and with nothing else. Kept as it is. */
export function functions<Value extends object> (names: readonly string[]): Check<Value> {
  const expected = `an object with functions under any of ${names.map((key) => `\`${key}\``).join(', ')}`

  return (value, name) => {
    if (typeof value !== 'object' || value === null) {
      fail(name, expected, describeType(value))
    }

    for (const [key, member] of Object.entries(value)) {
      if (!names.includes(key)) {
        fail(name, expected, `\`${key}\``)
      }

      if (member !== undefined) {
        fn(member, `${name}.${key}`)
      }
    }

    return value as Value
  }
}
