// The pages of docs/reference/. What is generated of a page is between two comments. The rest of it is written by hand.

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderBounds } from './bounds.ts'
import { renderChecks } from './checks.ts'
import { renderAliases, renderCallOptions, renderChoices, renderErrors, renderEvents, renderFields, renderFunctions, renderMembers } from './interfaces.ts'
import { renderKit } from './kit.ts'
import { renderMetrics } from './metrics.ts'
import { renderOptions, renderParts, renderRates } from './options.ts'
import { renderAdminAnswers, renderJsonEvents } from './json-schema.ts'
import { renderCommand, renderCommands, renderSettings } from './settings.ts'
import { ROOT } from './source.ts'

type Renderer = (...names: string[]) => string | Promise<string>

/** What a comment can ask for. */
const RENDERERS: Record<string, Renderer> = {
  options: async (name = '') => renderOptions(name),
  parts: async (option = '', name = '') => renderParts(option, name),
  rates: () => renderRates(),
  fields: (name = '') => renderFields(name),
  'call-options': (name = '', entry = '') => renderCallOptions(name, entry),
  members: (name = '') => renderMembers(name),
  functions: () => renderFunctions(),
  aliases: (...names) => renderAliases(...names),
  choices: (name = '') => renderChoices(name),
  events: () => renderEvents(),
  errors: () => renderErrors(),
  metrics: () => renderMetrics(),
  commands: () => renderCommands(),
  'json-events': () => renderJsonEvents(),
  'admin-answers': () => renderAdminAnswers(),
  command: (name = '') => renderCommand(name),
  settings: async (command = '') => renderSettings(command),
  checks: () => renderChecks(),
  kit: (...names) => renderKit(...names),
  bounds: (kind = '') => renderBounds(kind)
}

const GENERATED = /(<!-- generated: ([^\n]+) -->\n).*?(<!-- end -->)/gs

/** A page as it is, and as it should be. */
export interface Page { path: string, before: string, after: string }

/** Every page of docs/reference/. */
export async function fillPages (): Promise<Page[]> {
  return Promise.all(globSync(join(ROOT, 'docs/reference/*.md')).sort().map(async (path) => {
    const before = readFileSync(path, 'utf8')

    return { path, before, after: await fill(before) }
  }))
}

/** A text with what its comments ask for between them. */
export async function fill (text: string): Promise<string> {
  const parts = [...text.matchAll(GENERATED)].map(async ([, begin = '', request = '', end = '']) => {
    const [kind = '', ...names] = request.split(' ')
    const render = RENDERERS[kind]

    if (render == null) {
      throw new Error(`Nothing is generated for "${request}"`)
    }

    return `${begin}\n${await render(...names)}\n\n${end}`
  })
  const filled = await Promise.all(parts)

  return text.replace(GENERATED, () => filled.shift()!)
}
