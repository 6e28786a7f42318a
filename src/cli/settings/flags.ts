import { Option } from 'commander'
import { describeDefault } from './defaults.ts'
import { placeholderOf, settingName } from './setting.ts'
import { UsageError } from './usage-error.ts'
import type { Given } from './given.ts'
import type { Setting, Settings } from './setting.ts'
import type { Command } from 'commander'

/** Gives a command a flag for each setting, below the headings of their groups. A switch also has `--no-...`, which the help leaves out. */
export function addFlags<Options> (command: Command, settings: Settings<Options>): void {
  for (const [key, setting] of Object.entries<Setting>(settings)) {
    const name = settingName(key)
    const placeholder = placeholderOf(setting)
    const flag = new Option(`--${name}${placeholder === '' ? '' : ` <${placeholder}>`}`, describe(setting)).helpGroup(`${setting.group}:`)

    if (placeholder === '') {
      command.addOption(flag).addOption(new Option(`--no-${name}`).hideHelp())
    } else {
      command.addOption(flag.argParser<string[] | undefined>((value, previous) => [...previous ?? [], readValue(value, name)]))
    }
  }
}

/** The flags that were given, as texts. */
export function readFlags<Options> (command: Command, settings: Settings<Options>): Given {
  return new Map(Object.keys(settings).flatMap((key) => {
    const value: unknown = command.getOptionValue(key)
    const place = { label: `--${value === false ? 'no-' : ''}${settingName(key)}`, directory: '' }

    return command.getOptionValueSource(key) === 'cli' ? [[key, { texts: Array.isArray(value) ? value.map(String) : [String(value)], place }]] : []
  }))
}

/** The parser takes whatever comes next for a value: here a forgotten one is noticed. */
function readValue (value: string, name: string): string {
  if (value === '' || value.startsWith('--')) {
    throw new UsageError(`Expected a value after --${name}`)
  }

  return value
}

function describe (setting: Setting): string {
  const facts = [...(setting.multiple === true ? ['may be repeated'] : []), ...describeDefault(setting)]
  const text = setting.help.replace(/\.$/, '')

  return facts.length === 0 ? `${text}.` : `${text} (${facts.join('; ')}).`
}
