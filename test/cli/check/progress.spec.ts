import assert from 'node:assert/strict'
import { RESULTS, sampleRun } from './sample-run.ts'
import { Progress } from '../../../src/cli/check/progress.ts'

function progressOf (isTTY: boolean): string {
  let text = ''
  const progress = new Progress(4, { isTTY, columns: 60, write: (part) => { text += part } })
  progress.target(sampleRun().target)
  RESULTS.forEach((result) => { progress.result(result) })
  progress.end()

  return text
}

describe('cli/check/progress', () => {
  it('is a line for the target and one for each failure', () => {
    assert.equal(progressOf(false), [
      'checking other/1.0[2J at block 42 of vibecoin-test, 12D3KooWid',
      'failed ping-b: expected a Pong, saw nothing[31m & "more"',
      ''
    ].join('\n'))
  })

  it('shows on a terminal how far it is, and takes that away in the end', () => {
    const text = progressOf(true)
    assert.ok(text.includes('\r2 of 4 checks, 1 failed, last ping-b\x1b[K'), JSON.stringify(text))
    assert.ok(text.endsWith('\r\x1b[K'))
  })
})
