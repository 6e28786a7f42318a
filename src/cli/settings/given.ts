import { refuse, readText } from './values.ts'
import { settingName } from './setting.ts'
import { UsageError } from './usage-error.ts'
import type { Setting, Settings, Source } from './setting.ts'
import type { Place } from './values.ts'

/** Texts of one source, by the names that settings have in the program, each with where it stands. */
export type Given = ReadonlyMap<string, { texts: readonly string[], place: Place }>

/** The values of all settings, where each came from, and a name of each for an error. */
export interface Resolved<Options> {
  options: Options
  sources: Readonly<Record<keyof Options, Source>>
  labels: Readonly<Record<keyof Options, string>>
}

/** What was given, by its source: each goes before those after it. */
export interface GivenBySource { flag?: Given, environment?: Given, file?: Given }

const ORDER = ['flag', 'environment', 'file'] as const

/**
 * The values of all settings: a flag goes before a variable, that before a file, and that before the preset. Throws a
 * {@link UsageError} for a text that cannot be read, also where another source goes before it.
 */
export function resolveSettings<Options> (settings: Settings<Options>, given: GivenBySource): Resolved<Options> {
  const options: Record<string, unknown> = {}
  const sources: Record<string, Source> = {}
  const labels: Record<string, string> = {}

  for (const [key, setting] of Object.entries<Setting>(settings)) {
    options[key] = setting.preset
    sources[key] = 'default'
    labels[key] = `--${settingName(key)}`

    for (const source of ORDER.toReversed()) {
      const found = given[source]?.get(key)

      if (found != null) {
        options[key] = readTexts(found, setting)
        sources[key] = source
        labels[key] = found.place.label
      }
    }
  }

  return { options, sources, labels } as Resolved<Options>
}

/**
 * Throws a {@link UsageError} for a setting that was given without the one that it needs: it would have no effect, and the operator would
 * not be told.
 */
export function checkNeeded<Options> (settings: Settings<Options>, { options, sources, labels }: Resolved<Options>): void {
  for (const [key, { needs }] of Object.entries<Setting>(settings)) {
    const name = key as keyof Options
    const other = needs as keyof Options | undefined

    if (other != null && sources[name] !== 'default' && isOn(options[name]) && !isOn(options[other])) {
      throw new UsageError(`Expected --${settingName(String(other))} with ${labels[name]}, which has no effect without it`)
    }
  }
}

/** Whether a value says something: a switch that is off does not. */
function isOn (value: unknown): boolean {
  return value != null && value !== false && !(Array.isArray(value) && value.length === 0)
}

function readTexts ({ texts, place }: { texts: readonly string[], place: Place }, setting: Setting): unknown {
  if (setting.multiple === true) {
    return texts.map((text) => readText(text, setting, place))
  }

  const [text, ...others] = texts

  if (others.length > 0) {
    throw new UsageError(`Expected ${place.label} once, got it more often`)
  }

  return text == null ? refuse(setting, place, '') : readText(text, setting, place)
}
