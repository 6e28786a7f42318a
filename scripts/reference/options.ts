// The options: what each may be, as the checks themselves say it, its default, and its words.

import { DEFAULTS, startNetwork } from '../../src/index.ts'
import { duration, firstSentence, size, table } from './markdown.ts'
import { membersOf } from './source.ts'
import type { Member } from './source.ts'
import type { NetworkConfig } from '../../src/index.ts'

const defaults = DEFAULTS as Readonly<Record<string, unknown>>

/** The options with a section of their own about what they hold. */
const WITH_PARTS = ['limits', 'rateLimits', 'bandwidth', 'discovery', 'nat']

/** A table of the options that an interface declares, then a section for each. */
export async function renderOptions (name: string): Promise<string> {
  const options = membersOf(name, { inherited: false })
  const index = options.map((option) => {
    return [`[\`${option.name}\`](#${option.name.toLowerCase()})`, defaultOf(option, defaults[option.name]), firstSentence(option.text)]
  })
  const sections = await Promise.all(options.map(async (option) => {
    const value = await expected(option.name)
    const preset = defaultOf(option, defaults[option.name])
    const facts = `Value: ${value}. ${preset === 'required' ? 'Required' : `Default: ${preset}`}.`

    const parts = WITH_PARTS.includes(option.name) ? `[What it holds](#what-${option.name.toLowerCase()}-holds).` : ''

    return [`### \`${option.name}\``, facts, option.text, beyond(option, value), parts].filter((part) => part !== '').join('\n\n')
  }))

  return [table(['option', 'default', 'what it is'], index), ...sections].join('\n\n')
}

/** A table of what an option that is an object may hold. */
export async function renderParts (option: string, name: string): Promise<string> {
  const rows = membersOf(name).map(async (part) => {
    const preset = (defaults[option] as Record<string, unknown> | undefined)?.[part.name]
    const value = await expected(`${option}.${part.name}`)

    return [`\`${part.name}\``, value, defaultOf(part, preset), [part.text, beyond(part, value)].join(' ').trim()]
  })

  return table([`\`${option}\``, 'value', 'default', 'what it is'], await Promise.all(rows))
}

/** A table of the rates. */
export function renderRates (): string {
  return table(['`rateLimits`', '`perSecond`', '`burst`', 'what it counts'], membersOf('RateLimits').map(({ name, text }) => {
    const { perSecond, burst } = DEFAULTS.rateLimits[name as keyof typeof DEFAULTS.rateLimits]

    return [`\`${name}\``, String(perSecond), String(burst), text]
  }))
}

/** What an option may be. A value that no option takes makes its check say so, before anything is started. */
export async function expected (path: string): Promise<string> {
  const [name = '', ...parts] = path.split('.')
  const value = parts.reduceRight<unknown>((value, part) => ({ [part]: value }), Symbol(path))
  const config = { genesisHash: new Uint8Array(32), [name]: value } as NetworkConfig

  try {
    const network = await startNetwork(config)
    await network.stop()
  } catch (err) {
    const [, text] = /^Expected `[^`]+` to be (.*), got /s.exec((err as Error).message) ?? []

    if (text != null) {
      return text
    }
  }

  throw new Error(`No check says what \`${path}\` may be`)
}

/** What the remarks say, which for a number is what happens beyond it. */
function beyond ({ remarks }: Member, value: string): string {
  return remarks !== '' && /integer|power/.test(value) ? `Beyond it: ${remarks[0]?.toLowerCase()}${remarks.slice(1)}` : remarks
}

/** The default of a number with its unit; that of anything else as `@default` has it. */
function defaultOf ({ name, default: words }: Member, value: unknown): string {
  if (typeof value !== 'number') {
    return words == null ? 'required' : words === 'undefined' ? 'none' : `\`${words}\``
  }

  const digits = value < 10_000 ? String(value) : String(value).replace(/(?<=\d)(?=(\d{3})+$)/g, '_')
  const unit = /Bytes$/.test(name) ? ` (${size(value)})` : /(Timeout|Interval|Delay|Duration)$/i.test(name) ? ` (${duration(value)})` : ''

  return `\`${digits}\`${unit}`
}
