import assert from 'node:assert/strict'
import { killPeers, PeerProcess } from './peer-process.ts'
import { CHECKS } from '../../src/check/checks/index.ts'
import { runChecks } from '../../src/check/run.ts'

/** The peers of other languages, where they were built. */
const PEERS: [language: string, variable: string][] = [['Rust', 'VIBECOIN_RUST_PEER'], ['Go', 'VIBECOIN_GO_PEER']]

/** How long a peer may take to react on a machine that is busy with other things, in ms. */
const PATIENCE_MS = 15_000

/**
 * What says nothing of a peer that asks for blocks when it is told to alone, that counts no rates and has no limit of sessions, and that
 * knows of no forks.
 */
const SKIPPED = /^(answer-(?!unasked|no-id)|request-ids-new|rate-limited|refuse-full|fork-|pruned-below|handshake-tip|have-want|takeover-announced)/

describe('interop/check', function () {
  this.timeout(240_000)

  afterEach(killPeers)

  for (const [language, variable] of PEERS) {
    it(`finds nothing wrong with the peer in ${language}`, async function () {
      const binary = process.env[variable] ?? ''

      if (binary === '') {
        console.log(`    skipped: ${variable} does not name a peer that was built`)
        this.skip()
      }

      const peer = await PeerProcess.start(binary, { chain: { length: 300, proofBytes: 4000 } })
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
  }
})
