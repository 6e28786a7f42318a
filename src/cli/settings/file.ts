import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { closestMatch } from 'leven'
import { settingName } from './setting.ts'
import { UsageError } from './usage-error.ts'
import type { Given } from './given.ts'
import type { Setting, Settings } from './setting.ts'

/** Bytes of a configuration file. A larger one is no configuration file. */
export const MAX_FILE_BYTES: number = 1024 * 1024

const MAX_EDITS = 3
const MAX_SHOWN = 64

/** How a value of TOML is called in an error. */
const TYPES: Readonly<Record<string, string>> = { string: 'a text', number: 'a number', boolean: 'true or false' }

/**
 * Reads a configuration file: TOML, whose keys are the names of the flags. A path in it is relative to the file. Throws a
 * {@link UsageError} for a file that cannot be read, for a key that is no setting, with the one that was probably meant, and for a value
 * of another type.
 */
export async function readSettingsFile<Options> (settings: Partial<Settings<Options>>, file: string): Promise<Given> {
  const path = resolve(file)
  const table = await parseFile(path)
  const keys = new Map(Object.keys(settings).map((key) => [settingName(key), key]))

  return new Map(Object.entries(table).map(([name, value]) => {
    const key = keys.get(name)

    if (key == null) {
      throw unknownKey(name, [...keys.keys()], file)
    }

    const label = `\`${name}\` in ${file}`

    return [key, { texts: toTexts(value, (settings as Record<string, Setting>)[key]!, label), place: { label, directory: dirname(path) } }]
  }))
}

async function parseFile (path: string): Promise<Record<string, unknown>> {
  const { parse, TomlError } = await import('smol-toml')
  let text: string

  try {
    text = await readFile(path, 'utf8')
  } catch (err) {
    throw new UsageError(`Could not read the configuration file ${path}`, { cause: err })
  }

  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    throw new UsageError(`Expected a configuration file of at most ${MAX_FILE_BYTES} bytes, ${path} is larger`)
  }

  try {
    return parse(text, { unsafeKeyBehaviour: 'throw' })
  } catch (err) {
    const place = err instanceof TomlError ? `${path}:${err.line}:${err.column}` : path
    const [reason = ''] = (err as Error).message.split('\n')

    throw new UsageError(`Could not read ${place} as TOML: ${reason.replace(/^Invalid TOML document: /, '')}`)
  }
}

function unknownKey (name: string, names: string[], file: string): UsageError {
  const shown = name.replace(/\p{C}/gu, '?').slice(0, MAX_SHOWN)
  // `max_inbound` and `maxInbound` are the spellings of other programs
  const usual = settingName(shown).replaceAll('_', '-').toLowerCase()
  const nearest = closestMatch(usual, names, { maxDistance: Math.min(MAX_EDITS, Math.ceil(usual.length / 3)) })

  return new UsageError(`Unknown key \`${shown}\` in ${file}${nearest == null ? '' : `, did you mean \`${nearest}\`?`}`)
}

/** The texts of a value: the same that a flag would have. */
function toTexts (value: unknown, { kind, multiple = false }: Setting, label: string): string[] {
  if (multiple !== Array.isArray(value)) {
    throw new UsageError(`Expected ${label} to be ${multiple ? 'an array, as in ["..."]' : 'one value, got an array'}`)
  }

  const types = kind.type === 'switch' ? ['boolean'] : NUMBERS.has(kind.type) ? ['number'] : kind.type === 'size' ? ['number', 'string'] : ['string']

  return [value].flat().map((value: unknown) => {
    if ((typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') && types.includes(typeof value)) {
      return String(value)
    }

    throw new UsageError(`Expected ${label} to be ${types.map((type) => TYPES[type]).join(' or ')}, got ${describe(value)}`)
  })
}

const NUMBERS: ReadonlySet<string> = new Set(['integer', 'number', 'seconds'])

function describe (value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return `\`${value}\``
  }

  return typeof value === 'string' ? 'a text' : 'a table'
}
