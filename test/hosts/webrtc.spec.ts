import assert from 'node:assert/strict'
import { exchangeBlocks, isRelayed, startBehindRelay, startCallerOf, startRelayAt } from './nat-nodes.ts'
import { useInternet } from './use-internet.ts'
import { eventually } from '../support/eventually.ts'
import type { RouterKind } from './internet.ts'
import type { NatOptions } from '../../src/index.ts'
import type { ChildChain, NodeProcess } from '../integration/node-process.ts'

const nat: NatOptions = { relay: true, webrtc: true }

/** How long two nodes may take on a busy machine to find out whether there is a path, in ms. */
const PATIENCE_MS = 20_000

/** How often the same two homes are joined. `TRIES=20 npm run test:hosts` is what docs/guide/nat.md tells of. */
const TRIES = Number(process.env['TRIES'] ?? 2)

/** What is synchronised over WebRTC, in blocks of a million bytes. */
const BLOCKS = Number(process.env['MEGABYTES'] ?? 20)

interface Pair { relay: NodeProcess, called: NodeProcess, call: (chain?: ChildChain) => Promise<NodeProcess> }

describe('hosts/webrtc', function () {
  this.timeout(60_000 + 30_000 * TRIES)
  const internet = useInternet()

  /** A relay, a node in one home, and a function that starts another one in another home which calls it. */
  async function startPair (kinds: readonly [RouterKind, RouterKind], chain?: ChildChain): Promise<Pair> {
    const relay = await startRelayAt(await internet.addHost(), chain == null ? undefined : { ...chain, length: 1 })
    const [home, other] = [await internet.addHome(kinds[0]), await internet.addHome(kinds[1])]
    const called = await startBehindRelay(home.host, relay, { nat }, chain)

    return { relay, called, call: async (own) => startCallerOf(other.host, { relay, to: called }, { nat }, own) }
  }

  async function untilDirect (caller: NodeProcess, called: NodeProcess): Promise<void> {
    const isDirect = (node: NodeProcess, peer: NodeProcess): boolean => /\/udp\/\d+\/webrtc\//.test(node.addressOf(peer.id) ?? '')
    await eventually(() => isDirect(caller, called) && isDirect(called, caller), 'a direct session', { timeout: PATIENCE_MS })
  }

  it('joins two homes that let nobody in, each time, and needs the relay no more', async () => {
    const { relay, called, call } = await startPair(['closed', 'closed'])
    const times: number[] = []

    for (let i = 0; i < TRIES; i++) {
      const caller = await call()
      const since = performance.now()
      await untilDirect(caller, called)
      times.push(performance.now() - since)

      if (i < TRIES - 1) {
        // in order: the node would keep the sessions of processes that are killed until a ping is late, and has room for 4 of a host
        assert.equal((await caller.stop()).code, 0)
      } else {
        await relay.kill()
        await exchangeBlocks(caller, called)
      }
    }

    console.log(`      direct ${times.length} times of ${TRIES}, after ${times.map((ms) => Math.round(ms)).sort((a, b) => a - b).join(', ')} ms`)
    assert.equal(times.length, TRIES)
  })

  it('carries a chain between two such homes', async () => {
    const chain = { length: BLOCKS + 1, proofBytes: 1_000_000 }
    const { called, call } = await startPair(['closed', 'closed'], chain)
    const caller = await call({ ...chain, length: 1 })
    await untilDirect(caller, called)
    const since = performance.now()
    const from = caller.tip?.height ?? 0
    await eventually(() => caller.tip?.height === BLOCKS, 'the chain', { timeout: PATIENCE_MS + 1000 * BLOCKS })
    const seconds = (performance.now() - since) / 1000
    console.log(`      ${BLOCKS - from} MB in ${seconds.toFixed(1)} s: ${((BLOCKS - from) / seconds).toFixed(1)} MB/s`)
    assert.equal(isRelayed(caller, called), false)
  })

  for (const kinds of [['symmetric', 'symmetric'], ['symmetric', 'closed']] as const) {
    it(`leaves a session between a ${kinds[0]} and a ${kinds[1]} NAT on the relay, and says so`, async () => {
      const { called, call } = await startPair(kinds)
      const caller = await call()
      const since = performance.now()
      let state: unknown = 'trying'

      while (state !== 'failed') {
        assert.ok(performance.now() - since < PATIENCE_MS, `still ${String(state)}`)
        state = (await caller.status()).upgrades[called.id]
      }

      console.log(`      after ${Math.round(performance.now() - since)} ms`)
      assert(isRelayed(caller, called) && isRelayed(called, caller))
      await exchangeBlocks(caller, called)
    })
  }
})
