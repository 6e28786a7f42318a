import assert from 'node:assert/strict'
import { sampleRun } from './sample-run.ts'
import { describeList, describeRun } from '../../../src/cli/check/text.ts'

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

  it('says once why checks were skipped', () => {
    assert.ok(text.includes('SKIPPED ping-c, ping-d: the target has no chain'), text)
  })

  it('ends with the sum, and what was checked', () => {
    assert.match(text, /\n4 checks of other\/1\.0\[2J at block 42 of vibecoin-test, 12D3KooWid: 1 ok, 1 failed, 2 skipped, in 4\.3s\n$/)
    assert.match(describeRun(sampleRun(), { strict: true, columns: 80 }), /; what is skipped counts as failed\n$/)
    assert.match(describeRun(sampleRun({ isInterrupted: true }), { strict: false, columns: 80 }), /\nInterrupted\. 4 checks/)
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
