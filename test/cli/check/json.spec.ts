import assert from 'node:assert/strict'
import { sampleRun } from './sample-run.ts'
import { toJson } from '../../../src/cli/check/json.ts'
import { toHex } from '../../../src/cli/output/format.ts'
import { sampleHash } from '../../support/sample.ts'

describe('cli/check/json', () => {
  it('has the target, the sums, and each check with what was found', () => {
    const { checks, ...rest } = toJson(sampleRun())
    assert.deepEqual(rest, {
      format: 1,
      target: {
        address: '/ip4/127.0.0.1/tcp/1', id: '12D3KooWid', network: 'vibecoin-test', genesisHash: toHex(sampleHash('genesis')),
        userAgent: 'other/1.0\u001b[2J', protocolVersion: 1, bestHeight: 42
      },
      ok: 1,
      failed: 1,
      skipped: 2,
      ms: 4322,
      isInterrupted: false,
      left: 0
    })
    const common = { section: 'Ping', text: 'Words <of> the "text".', manners: 'polite' }
    assert.deepEqual(checks.slice(0, 3), [
      { ...common, id: 'ping-a', title: 'does ping-a', verdict: 'ok', ms: 12 },
      { ...common, id: 'ping-b', title: 'does ping-b', manners: 'ban', verdict: 'failed', ms: 3001, expected: 'a Pong', seen: 'nothing\u001b[31m & "more"\u0000' },
      { ...common, id: 'ping-c', title: 'does ping-c', verdict: 'skipped', ms: 0, reason: 'the target has no chain' }
    ])
    assert.deepEqual(JSON.parse(JSON.stringify({ checks, ...rest })), { checks, ...rest })
  })
})
