import { sampleNodeInfo } from '../../support/sample.ts'
import type { Check, CheckResult } from '../../../src/check/check.ts'
import type { Run } from '../../../src/check/run.ts'

function check (id: string, overrides: Partial<Check> = {}): Check {
  return { id, title: `does ${id}`, section: 'Ping', text: 'Words <of> the "text".', manners: 'polite', run: async () => {}, ...overrides }
}

/** One check of each verdict, with what a target may put into them. */
export const RESULTS: CheckResult[] = [
  { check: check('ping-a'), verdict: 'ok', ms: 12.4 },
  { check: check('ping-b', { manners: 'ban' }), verdict: 'failed', ms: 3000.6, expected: 'a Pong', seen: 'nothing\u001b[31m & "more"\u0000' },
  { check: check('ping-c'), verdict: 'skipped', ms: 0, reason: 'the target has no chain' },
  { check: check('ping-d', { section: 'Rates' }), verdict: 'skipped', ms: 0, reason: 'the target has no chain' }
]

/** A run with {@link RESULTS}. */
export function sampleRun (overrides: Partial<Run> = {}): Run {
  const node = sampleNodeInfo({ userAgent: 'other/1.0\u001b[2J' })

  return { target: { address: '/ip4/127.0.0.1/tcp/1', id: '12D3KooWid', node }, results: RESULTS, ms: 4321.5, isInterrupted: false, left: 0, ...overrides }
}
