// The checks of `vibecoin-network check`.

import { CHECKS } from '../../src/check/checks/index.ts'
import { table } from './markdown.ts'
import type { Check } from '../../src/check/check.ts'

/** A table for each section of the protocol, in the order of the checks. */
export function renderChecks (): string {
  const sections = Map.groupBy(CHECKS, ({ section }) => section)

  return [...sections].map(([section, checks]) => {
    const heading = `### [${section}](../protocol.md#${anchorOf(section)})`
    const rows = checks.map(({ id, title, manners }: Check) => [`\`${id}\``, title, manners])

    return `${heading}\n\n${table(['check', 'the node', 'manners'], rows)}`
  }).join('\n\n')
}

function anchorOf (heading: string): string {
  return heading.toLowerCase().replace(/[^\w\s-]/g, '').replaceAll(' ', '-')
}
