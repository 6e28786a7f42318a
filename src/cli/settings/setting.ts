// What a setting is. A setting has one name in three spellings: `--max-inbound`, `VIBECOIN_MAX_INBOUND`, and `max-inbound` in a file.

/** What a setting holds: decides how its text is read, and how it stands in a file. */
export type Kind =
  | { type: 'switch' }
  | { type: 'text' }
  | { type: 'name', maxBytes: number }
  | { type: 'address' }
  | { type: 'path' }
  | { type: 'integer' } & Range
  | { type: 'number' } & Range
  /** Whole milliseconds inside, seconds outside. */
  | { type: 'seconds' }
  /** Bytes: `500000`, `500 kB` or `1.5 MiB`. */
  | { type: 'size' }
  | { type: 'choice', choices: readonly string[] }
  /** How much a second, and how much at once: `1000/10000`, or `none` for no limit. Both may be bytes: `1MB/4MB`. */
  | { type: 'rate' }

/** The numbers that a setting takes. What becomes an option of the network has no range here: the network has one. */
export interface Range { min?: number, max?: number }

/** A setting of a command. */
export interface Setting {
  kind: Kind
  /** May be given more than once. Its value is an array. */
  multiple?: boolean
  /** What stands for the value in the help: `ADDR`. A switch has none. */
  placeholder?: string
  /** One or two sentences, for the help and for the documents. */
  help: string
  /** The value where it is not given. */
  preset?: unknown
  /** What happens where it is not given, in words; without it the words are those of `preset`. */
  presetText?: string
  /** The option of the network that it becomes, as a path: `nat.relay`. The network checks its value. */
  option?: string
  /** The name of the setting without which it has no effect. */
  needs?: string
  /** The heading that it stands below. */
  group: string
}

/** The settings of a command, by their names in the program. */
export type Settings<Options> = { readonly [Name in keyof Options]-?: Setting }

/** Where a value came from. */
export type Source = 'flag' | 'environment' | 'file' | 'default'

/** The name of a setting on the command line and in a file: `maxInbound` is `max-inbound`. */
export function settingName (key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The variable of a setting: `maxInbound` is `VIBECOIN_MAX_INBOUND`. */
export function variableName (key: string): string {
  return `${VARIABLE_PREFIX}${settingName(key).replaceAll('-', '_').toUpperCase()}`
}

/** What the variables of all settings begin with. */
export const VARIABLE_PREFIX = 'VIBECOIN_'

/** What stands for the value in the help and in documents; empty for a switch. */
export function placeholderOf ({ kind, placeholder }: Setting): string {
  return placeholder ?? PLACEHOLDERS[kind.type]
}

const PLACEHOLDERS: Record<Kind['type'], string> = {
  switch: '', text: 'TEXT', name: 'NAME', address: 'ADDR', path: 'FILE', integer: 'N', number: 'N', seconds: 'SECONDS', size: 'SIZE', choice: 'WORD', rate: 'RATE'
}
