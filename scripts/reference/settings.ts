// The settings of the commands: their flags, variables and keys of the file.

import { CHECK_SETTINGS } from '../../src/cli/check/settings.ts'
import { DEVNET_SETTINGS } from '../../src/cli/devnet/settings.ts'
import { defaultOf, valueText } from '../../src/cli/settings/defaults.ts'
import { placeholderOf, settingName, variableName } from '../../src/cli/settings/setting.ts'
import { expectedOf } from '../../src/cli/settings/values.ts'
import { COMMANDS } from '../../src/cli/commands/commands.ts'
import { createProgram } from '../../src/cli/program.ts'
import { FILE_SETTINGS, START_SETTINGS, VARIABLE_SETTINGS } from '../../src/cli/start/settings.ts'
import { expected } from './options.ts'
import { size, table } from './markdown.ts'
import type { Command } from 'commander'
import type { Setting } from '../../src/cli/settings/setting.ts'

const COMMANDS_WITH_SETTINGS: Readonly<Record<string, Record<string, Setting>>> = {
  start: START_SETTINGS, devnet: { ...DEVNET_SETTINGS }, check: { ...CHECK_SETTINGS }
}

/** A table of all commands. */
export function renderCommands (): string {
  return table(['command', 'what it does'], createProgram(COMMANDS, {}).program.commands.map((command) => {
    return [`\`${usageOf(command)}\``, command.summary() === '' ? command.description() : command.summary()]
  }))
}

/** The options and arguments of a command that has no settings. */
export function renderCommand (name: string): string {
  const command = createProgram(COMMANDS, {}).program.commands.find((command) => command.name() === name)

  if (command == null) {
    throw new Error(`There is no command ${name}`)
  }

  const rows = [
    ...command.registeredArguments.map((argument) => [`\`${argument.name()}\``, argument.description]),
    ...command.options.filter(({ hidden }) => !hidden).map(({ flags, description }) => [`\`${flags}\``, description])
  ]

  return table([`\`${name}\``, 'what it is'], rows)
}

/** A table of the settings of a command, for each group of them. */
export async function renderSettings (command: string): Promise<string> {
  const settings = Object.entries(COMMANDS_WITH_SETTINGS[command] ?? {})
  const groups = [...new Set(settings.map(([, { group }]) => group))]
  const tables = await Promise.all(groups.map(async (group) => {
    const rows = settings.filter(([, setting]) => setting.group === group).map(async ([key, setting]) => {
      return [namesOf(command, key, setting), await valueOf(setting), defaultText(setting), setting.help]
    })
    const heading = groups.length === 1 ? [] : [`### ${group}`]

    return [...heading, table([command === 'start' ? 'flag, variable' : 'flag', 'value', 'default', 'what it is'], await Promise.all(rows))].join('\n\n')
  }))

  return tables.join('\n\n')
}

function namesOf (command: string, key: string, setting: Setting): string {
  const placeholder = placeholderOf(setting)
  const flag = `\`--${settingName(key)}${placeholder === '' ? '' : ` ${placeholder}`}\``

  if (command !== 'start' || !(key in VARIABLE_SETTINGS)) {
    return flag
  }

  return `${flag} \`${variableName(key)}\`${key in FILE_SETTINGS ? '' : ' (in no file)'}`
}

/** What the network takes is what its own check says. */
async function valueOf (setting: Setting): Promise<string> {
  const { kind, option, multiple = false } = setting
  const fromNetwork = option != null && !multiple && ['integer', 'number'].includes(kind.type)
  const text = fromNetwork ? await expected(option) : expectedOf(setting)

  return multiple ? `${text}; may be repeated` : text
}

function defaultText (setting: Setting): string {
  const value = defaultOf(setting)

  if (setting.presetText != null) {
    return setting.presetText
  }

  if (value == null && setting.kind.type === 'switch') {
    return '`false`'
  }

  if (value == null || (Array.isArray(value) && value.length === 0)) {
    return 'none'
  }

  const text = valueText(setting.kind, value)

  return setting.kind.type === 'size' ? `\`${text}\` (${size(Number(value))})` : `\`${text}\``
}

function usageOf (command: Command): string {
  return [command.name(), ...command.registeredArguments.map((argument) => argument.required ? argument.name() : `[${argument.name()}]`)].join(' ')
}
