import { stringify } from 'smol-toml'
import { toNetworkConfig } from './network-config.ts'
import { START_SETTINGS } from './settings.ts'
import { defaultOf, valueText } from '../settings/defaults.ts'
import { settingName, variableName } from '../settings/setting.ts'
import { VERSION } from '../../version.ts'
import type { Resolved } from '../settings/given.ts'
import type { Setting, Source } from '../settings/setting.ts'
import type { StartOptions } from './settings.ts'

/** What is not written into a file. */
const FOR_ONE_RUN: ReadonlySet<string> = new Set(['config', 'printConfig', 'exitWithParent'])

/**
 * Checks the settings as the start does, and prints them as a configuration file that says where each came from. What nothing has set is
 * there too, as a comment where it has no value. Resolves to the exit code.
 */
export async function printConfig (settings: Resolved<StartOptions>, out: { write: (text: string) => unknown }): Promise<number> {
  await toNetworkConfig(settings)
  out.write(renderConfig(settings))

  return 0
}

/** The file, as text. */
export function renderConfig ({ options, sources, labels }: Resolved<StartOptions>): string {
  const lines = [`# vibecoin-network ${VERSION}: the settings of \`start\`, and where each came from`]
  let group = ''

  for (const [key, setting] of Object.entries<Setting>(START_SETTINGS).filter(([key]) => !FOR_ONE_RUN.has(key))) {
    if (setting.group !== group) {
      group = setting.group
      lines.push('', `# ${group}`)
    }

    const name = key as keyof StartOptions
    const value = toFileValue(setting, options[name] ?? defaultOf(setting))
    lines.push(renderLine(key, value, { setting, origin: origin(key, sources[name], labels[name]) }))
  }

  return `${lines.join('\n')}\n`
}

function renderLine (key: string, value: unknown, { setting, origin }: { setting: Setting, origin: string }): string {
  return value === undefined
    ? `# ${settingName(key)} =   # ${setting.presetText ?? 'not set'}`
    : `${stringify({ [settingName(key)]: value }).trim()}   # ${origin}`
}

function origin (key: string, source: Source, label: string): string {
  return { flag: label, environment: variableName(key), file: label.replace(/^`.*?` in /, ''), default: 'default' }[source]
}

/** The value as a file has it. What no number can say has none: no cap. */
function toFileValue ({ kind }: Setting, value: unknown): unknown {
  if (value === Infinity) {
    return
  }

  if (value == null) {
    return kind.type === 'switch' ? false : undefined
  }

  return kind.type === 'seconds' ? Number(value) / 1000 : kind.type === 'rate' ? valueText(kind, value) : value
}
