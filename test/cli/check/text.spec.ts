import assert from 'node:assert/strict'
import { sampleRun } from './sample-run.ts'
import { describeList, describeRun } from '../../../src/cli/check/text.ts'
import type { CheckResult } from '../../../src/check/check.ts'

describe('cli/check/text', () => {
  const text = describeRun(sampleRun(), { strict: false, columns: Infinity })

  it('has a line for each check, with its result, its time and its section', () => {
    const lines = text.split('\n')
    assert.match(lines[0]!, /^CHECK +RESULT +MS +SECTION +THE NODE$/)
    assert.match(lines[1]!, /^ping-a +ok +12 +Ping +does ping-a$/)
    assert.match(lines[2]!, /^ping-b +failed +3001 +Ping/)
    assert.match(lines[4]!, /^ping-d +skipped +0 +Rates/)
  })

  it('says of a failure what was expected, what came, and where the text says so', () => {
    assert.ok(text.includes([
      'FAILED ping-b: the node does ping-b', '  expected  a Pong', '  saw       nothing[31m & "more"',
      '  the text  "Ping" in docs/protocol.md: Words <of> the "text".'
    ].join('\n')), text)
  })

  it('tells once of failures that are alike, after the others, and first of what they may come of', () => {
    const { results: [, failed] } = sampleRun()
    const of = (id: string, changes: Partial<CheckResult> = {}, isBasic = false): CheckResult => {
      return { ...failed!, check: { ...failed!.check, id, isBasic }, ...changes }
    }
    const alike = ['a', 'b', 'c'].map((id) => of(id, { seen: 'Handshake' }))
    const results = [...alike, of('other'), of('basic', {}, true), of('another', { seen: 'Handshake', expected: 'a Ping' })]
    const lines = describeRun(sampleRun({ results }), { strict: false, columns: 80 }).split('\n').filter((line) => /^(FAILED|Begin)/.test(line))
    assert.deepEqual(lines.map((line) => line.split(': the node')[0]), [
      'Begin with basic. Nearly all checks build on that, so most other failures may come of it',
      'FAILED basic', 'FAILED other', 'FAILED another', 'FAILED 3 checks in the same way: a, b, c'
    ])
    const alone = describeRun(sampleRun({ results: results.slice(4, 5) }), { strict: false, columns: 80 })
    assert.ok(!alone.includes('Begin with'), alone)
  })

  it('says once why checks were skipped', () => {
    assert.ok(text.includes('SKIPPED ping-c, ping-d: the target has no chain'), text)
  })

  it('ends with the sum, and what was checked', () => {
    assert.match(text, /\n4 checks of other\/1\.0\[2J at block 42 of vibecoin-test, 12D3KooWid: 1 ok, 1 failed, 2 skipped, in 4\.3s\n$/)
    assert.match(describeRun(sampleRun(), { strict: true, columns: 80 }), /; what is skipped counts as failed\n$/)
    assert.match(describeRun(sampleRun({ isInterrupted: true, left: 190 }), { strict: false, columns: 80 }), /\nInterrupted, 190 checks not done\. 4 checks of/)
  })

  it('leaves columns out where a terminal is narrow', () => {
    const narrow = describeRun(sampleRun(), { strict: false, columns: 40 }).split('\n')
    assert.match(narrow[0]!, /^CHECK +RESULT +MS +SECTION$/)
  })

  it('lists checks', () => {
    const { results } = sampleRun()
    assert.match(describeList(results.map(({ check }) => check)).split('\n')[2]!, /^ping-b +Ping +ban +does ping-b$/)
  })
})
