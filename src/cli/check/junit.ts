import type { CheckResult } from '../../check/check.ts'
import type { Run } from '../../check/run.ts'

/** A run as JUnit XML, which continuous integration reads: a test case for each check, in the class of its section. */
export function toJunit ({ results, ms }: Run): string {
  const count = (wanted: string): number => results.filter(({ verdict }) => verdict === wanted).length
  const facts = `tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}" time="${seconds(ms)}"`

  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${facts}>`,
    `  <testsuite name="vibecoin-network check" ${facts}>`,
    ...results.map(toCase),
    '  </testsuite>',
    '</testsuites>',
    ''
  ].join('\n')
}

function toCase ({ check: { id, title, section, text }, verdict, ms, expected, seen, reason }: CheckResult): string {
  const begin = `    <testcase classname="${escape(section)}" name="${escape(`${id}: ${title}`)}" time="${seconds(ms)}"`

  if (verdict === 'ok') {
    return `${begin}/>`
  }

  const found = verdict === 'skipped'
    ? `<skipped message="${escape(reason ?? '')}"/>`
    : `<failure message="${escape(`expected ${expected ?? ''}`)}">${escape(`Saw ${seen ?? ''}\ndocs/protocol.md, "${section}": ${text}`)}</failure>`

  return `${begin}>${found}</testcase>`
}

function seconds (ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** What XML 1.0 does not allow at all, such as control characters, is left out. */
function escape (text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
