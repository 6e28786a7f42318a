import assert from 'node:assert/strict'
import { describePeers } from './peers.ts'
import { CHECKS } from '../../src/check/checks/index.ts'
import { runChecks } from '../../src/check/run.ts'

/** How long a peer may take to react on a machine that is busy with other things, in ms. */
const PATIENCE_MS = 15_000

/**
 * What says nothing of a peer that asks for blocks when it is told to alone, that counts no rates and has no limit of sessions, and that
 * knows of no forks.
 */
const SKIPPED = /^(answer-(?!unasked|no-id)|request-ids-new|rate-limited|refuse-full|fork-|pruned-below|handshake-tip|have-want|takeover-announced)/

describePeers('check', ({ startPeer }) => {
  it('finds nothing wrong', async function () {
    this.timeout(240_000)
    const peer = await startPeer({ chain: { length: 300, proofBytes: 4000 } })
    const { results } = await runChecks({
      address: peer.address,
      checks: CHECKS,
      patience: PATIENCE_MS,
      listening: { address: '/ip4/127.0.0.1/tcp/0', ask: async (address) => { await peer.ask({ do: 'dial', address }) } }
    })
    const failed = results.filter(({ verdict }) => verdict === 'failed')
    assert.deepEqual(failed.map(({ check, expected, seen }) => `${check.id}: expected ${expected}, saw ${seen}`), [])
    const skipped = results.filter(({ verdict }) => verdict === 'skipped')
    assert.deepEqual(skipped.filter(({ check: { id } }) => !SKIPPED.test(id)).map(({ check: { id }, reason }) => `${id}: ${reason}`), [])
  })
})
