import assert from 'node:assert/strict'
import { sampleRun } from './sample-run.ts'
import { toJunit } from '../../../src/cli/check/junit.ts'

describe('cli/check/junit', () => {
  it('is XML with a case for each check, and nothing that XML forbids', () => {
    assert.equal(toJunit(sampleRun()), `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" skipped="2" time="4.322">
  <testsuite name="vibecoin-network check" tests="4" failures="1" skipped="2" time="4.322">
    <testcase classname="Ping" name="ping-a: does ping-a" time="0.012"/>
    <testcase classname="Ping" name="ping-b: does ping-b" time="3.001"><failure message="expected a Pong">Saw nothing[31m &amp; &quot;more&quot;
docs/protocol.md, &quot;Ping&quot;: Words &lt;of&gt; the &quot;text&quot;.</failure></testcase>
    <testcase classname="Ping" name="ping-c: does ping-c" time="0.000"><skipped message="the target has no chain"/></testcase>
    <testcase classname="Rates" name="ping-d: does ping-d" time="0.000"><skipped message="the target has no chain"/></testcase>
  </testsuite>
</testsuites>
`)
  })
})
