import { DEFAULTS } from '../../config/defaults.ts'
import type { Setting } from './setting.ts'

/** The value of a setting where it is not given; `undefined` where there is none. Times are milliseconds. */
export function defaultOf ({ preset, option }: Setting): unknown {
  return preset ?? option?.split('.').reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], DEFAULTS)
}

/** What counts where a setting is not given, in words: `default 32`. Nothing for a switch that is off. */
export function describeDefault (setting: Setting): string[] {
  const text = setting.presetText ?? toText(setting, defaultOf(setting))

  return text == null || text === 'false' ? [] : [`default ${text}`]
}

function toText ({ kind }: Setting, value: unknown): string | undefined {
  if (value == null || (Array.isArray(value) && value.length === 0)) {
    return
  }

  return kind.type === 'seconds' ? String(Number(value) / 1000) : [value].flat().map(String).join(', ')
}
