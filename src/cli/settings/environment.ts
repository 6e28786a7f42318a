import { closestMatch } from 'leven'
import { variableName, VARIABLE_PREFIX } from './setting.ts'
import type { Given } from './given.ts'
import type { Setting, Settings } from './setting.ts'

const MAX_EDITS = 3
const MAX_SHOWN = 64

/** The variables of the settings. An empty one counts as not set. A list is cut at commas and spaces. */
export function readEnvironment<Options> (settings: Partial<Settings<Options>>, env: NodeJS.ProcessEnv): Given {
  return new Map(Object.entries(settings as Record<string, Setting>).flatMap(([key, { multiple = false }]) => {
    const label = variableName(key)
    const text = env[label] ?? ''
    const texts = multiple ? text.split(/[\s,]+/).filter((part) => part !== '') : [text]

    return text === '' ? [] : [[key, { texts, place: { label, directory: '' } }]]
  }))
}

/**
 * A warning for each variable that looks like one of a setting and is none, with the one that was probably meant. It is no error:
 * Kubernetes sets variables such as `VIBECOIN_PORT` in every container beside a service of that name.
 */
export function unknownVariables<Options> (settings: Partial<Settings<Options>>, env: NodeJS.ProcessEnv): string[] {
  const known = Object.keys(settings).map(variableName)

  return Object.keys(env).filter((name) => name.startsWith(VARIABLE_PREFIX) && !known.includes(name)).map((name) => {
    const shown = name.replace(/\p{C}/gu, '?').slice(0, MAX_SHOWN)
    const nearest = closestMatch(shown, known, { maxDistance: MAX_EDITS })

    return `The variable ${shown} is no setting, and has no effect${nearest == null ? '' : `: did you mean ${nearest}?`}`
  })
}
