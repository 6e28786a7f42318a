import { DEFAULTS } from '../../config/defaults.ts'
import { rateText } from './values.ts'
import type { Setting } from './setting.ts'
import type { RateValue } from './values.ts'

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

  return valueText(kind, value)
}

/** A value as its flag would have it. */
export function valueText (kind: Setting['kind'], value: unknown): string {
  switch (kind.type) {
    case 'seconds': return String(Number(value) / 1000)
    case 'rate': return rateText(value as RateValue)
    default: return [value].flat().map(String).join(', ')
  }
}
