import { parseArgs } from 'node:util'

/** A command line that cannot be understood. The message is one sentence; `command` has the --help that explains it. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly command: string

  constructor (message: string, command: string = '') {
    super(message)
    this.command = command
  }
}

/** An option of a command. */
export interface OptionSpec {
  /** The name of its value in the help; none for a switch. */
  value?: string
  /** May be given more than once. */
  multiple?: boolean
  /** Lines of the help. */
  help: string[]
}

/** The options of a command, by name. */
export type OptionSpecs = Record<string, OptionSpec>

/** A range of numbers. */
export interface NumberRange { min: number, max: number }

/** The options that were given, by name. */
export class GivenOptions {
  readonly #values: Map<string, string[]>

  constructor (values: Map<string, string[]>) {
    this.#values = values
  }

  /** Whether a switch was given. */
  flag (name: string): boolean {
    return this.#values.has(name)
  }

  /** The value of an option. */
  text (name: string): string | undefined {
    return this.#values.get(name)?.[0]
  }

  /** The values of an option that may be repeated. */
  list (name: string): string[] {
    return this.#values.get(name) ?? []
  }

  /** The value of an option as an integer in `range`. */
  integer (name: string, range: NumberRange): number | undefined {
    return this.#number(name, { ...range, kind: 'an integer', pattern: /^\d{1,15}$/ })
  }

  /** The value of an option as a number in `range`. */
  number (name: string, range: NumberRange): number | undefined {
    return this.#number(name, { ...range, kind: 'a number', pattern: /^\d{1,15}(\.\d{1,6})?$/ })
  }

  /** The value of an option as one of `choices`. */
  choice<Choice extends string> (name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name)

    if (text == null) {
      return
    }

    return choices.find((choice) => choice === text) ?? fail(name, `one of ${choices.join(', ')}`, text)
  }

  #number (name: string, { min, max, kind, pattern }: NumberRange & { kind: string, pattern: RegExp }): number | undefined {
    const text = this.text(name)

    if (text == null) {
      return
    }

    const value = pattern.test(text) ? Number(text) : NaN

    return value >= min && value <= max ? value : fail(name, `${kind} from ${min} to ${max}`, text)
  }
}

/** Throws the {@link UsageError} for an option with a wrong value. */
export function fail (name: string, expected: string, got: string): never {
  throw new UsageError(`Expected --${name} to be ${expected}, got \`${got}\``)
}

/** Reads the options of a command. Throws a {@link UsageError} for those it does not have, and for anything else. */
export function readOptions (specs: OptionSpecs, args: string[]): GivenOptions {
  const values = new Map<string, string[]>()
  const options = Object.fromEntries(Object.entries(specs).map(([name, { value }]) => {
    return [name, { type: value == null ? 'boolean' as const : 'string' as const }]
  }))

  for (const token of parseArgs({ args, options, strict: false, tokens: true }).tokens) {
    if (token.kind === 'positional') {
      throw new UsageError(`Expected only options after the command, got \`${token.value}\``)
    }

    if (token.kind === 'option') {
      const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
      const given = values.get(token.name) ?? []

      checkOption({ ...token, spec, again: given.length > 0, specs })
      values.set(token.name, [...given, token.value ?? ''])
    }
  }

  return new GivenOptions(values)
}

interface OptionToken {
  name: string
  rawName: string
  value: string | undefined
  spec: OptionSpec | undefined
  again: boolean
  specs: OptionSpecs
}

function checkOption ({ name, rawName, value, spec, again, specs }: OptionToken): void {
  if (spec == null) {
    const nearest = nearestName(name, Object.keys(specs))

    throw new UsageError(`Unknown option ${rawName}${nearest == null ? '' : `, did you mean --${nearest}?`}`)
  }

  if (spec.value == null && value != null) {
    throw new UsageError(`Expected ${rawName} without a value, got \`${value}\``)
  }

  if (spec.value != null && (value == null || value === '' || value.startsWith('--'))) {
    throw new UsageError(`Expected a value after ${rawName}`)
  }

  if (again && spec.multiple !== true) {
    throw new UsageError(`Expected ${rawName} once, got it more often`)
  }
}

/** A name at most two edits away. */
function nearestName (name: string, names: string[]): string | undefined {
  const near = names.map((other) => ({ other, distance: editDistance(name.slice(0, 64), other) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)

  return near[0]?.other
}

function editDistance (a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)

  for (let i = 1; i <= a.length; i++) {
    const next = [i]

    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }

    row = next
  }

  return row[b.length] ?? 0
}

/** The options as lines of the help: names on the left, descriptions on the right. */
export function describeOptions (specs: OptionSpecs): string {
  const names = Object.entries(specs).map(([name, { value }]) => `--${name}${value == null ? '' : ` ${value}`}`)
  const width = Math.max(...names.map((name) => name.length)) + 4

  return Object.values(specs).flatMap(({ help }, i) => {
    return help.map((line, j) => `${(j === 0 ? `  ${names[i] ?? ''}` : '').padEnd(width)}${line}`)
  }).join('\n')
}
