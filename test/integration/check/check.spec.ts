import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { check, prunedChain, TARGET, verdicts, withChain } from './targets.ts'
import { startNetworkWith } from '../../../src/start-network.ts'
import { encodeFrame } from '../../../src/codec/frame.ts'
import { encodeMessage, PROTOCOL_ID } from '../../../src/index.ts'
import { quickClock } from '../../support/quick-clock.ts'
import { CHECKS } from '../../../src/check/checks/index.ts'
import type { CheckResult } from '../../../src/check/check.ts'
import type { Network, NetworkConfig } from '../../../src/index.ts'
import type { Clock } from '../../../src/util/clock.ts'

/** Their deadlines are 30 s: they run against a node whose clock is faster. */
const SLOW = ['frame-rest-timeout', 'ping-timeout', 'rate-limited', 'too-slow']

/** How many times faster. */
const FACTOR = 10

/** What says nothing of a node with a chain, and of one without. */
const SKIPPED_WITH_CHAIN = [
  'handshake-tip', 'pruned-below', 'pruned-range-below', 'relay-block', 'relay-block-only', 'relay-compact', 'relay-compact-form',
  'relay-compact-whole', 'relay-refused-then-valid'
]

const ids = (lines: string[]): string[] => lines.map((line) => line.slice(0, line.indexOf(':'))).sort()

describe('integration/check', function () {
  this.timeout(240_000)

  const nodes: Network[] = []

  async function start (config: NetworkConfig, clock?: Clock): Promise<string> {
    const node = await startNetworkWith(config, undefined, clock == null ? {} : { clock })
    nodes.push(node)

    return node.libp2p.getMultiaddrs()[0]!.toString()
  }

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async (node) => node.stop()))
  })

  it('finds nothing wrong with this package: with a chain and without, by its deadlines, and gently', async () => {
    const [chained, plain, quick] = await Promise.all([start(withChain()), start(TARGET), start(withChain(), quickClock(FACTOR))])
    const [full, rest, slow] = await Promise.all([
      check(chained, ({ id }) => !SLOW.includes(id)),
      check(plain, ({ id }) => SKIPPED_WITH_CHAIN.includes(id)),
      check(quick, ({ id }) => SLOW.includes(id))
    ])

    for (const run of [full, rest, slow]) {
      assert.deepEqual(verdicts(run, 'failed'), [])
    }

    assert.deepEqual(ids(verdicts(full, 'skipped')), SKIPPED_WITH_CHAIN)
    assert.deepEqual(ids(verdicts(rest, 'skipped')), ['pruned-below', 'pruned-range-below'])
    assert.deepEqual(verdicts(slow, 'skipped'), [])
    assert.equal(new Set([full, rest, slow].flatMap(({ results }) => results.map(({ check }) => check.id))).size, CHECKS.length)
  })

  it('finds nothing wrong with a node whose rules refuse every invented item', async () => {
    const address = await start({ ...withChain(), handlers: { newTransaction: () => 'reject', newBlock: () => 'reject' } })
    const run = await check(address, ({ id }) => id.startsWith('relay-compact'), { patience: 3000 })
    assert.deepEqual(verdicts(run, 'failed'), [])
    assert.ok(verdicts(run, 'skipped').some((line) => line.startsWith('relay-compact-form')))
  })

  it('takes a test dial of the node for none of its sessions', async () => {
    const address = await start(TARGET)
    const [node] = nodes
    const ask = async (tester: string): Promise<void> => {
      const stream = await node!.libp2p.dialProtocol(multiaddr(tester), PROTOCOL_ID)
      stream.send(encodeFrame(encodeMessage({ type: 'disconnect', reason: 'SHUTDOWN', detail: 'a test dial' })))
      await stream.close()
      await node!.connect(tester)
    }
    const run = await check(address, ({ id }) => id === 'dial-handshake', { listening: { address: '/ip4/127.0.0.1/tcp/0', ask } })
    assert.deepEqual(run.results.map(({ verdict, seen, reason }) => [verdict, seen, reason]), [['ok', undefined, undefined]])
  })

  it('finds nothing wrong with a node that has dropped its old blocks', async () => {
    const run = await check(await start({ ...withChain(), chain: prunedChain() }), ({ id }) => id.startsWith('pruned-'))
    assert.deepEqual([verdicts(run, 'failed'), verdicts(run, 'skipped'), run.results.length], [[], [], 3])
  })

  it('is gentle where it is told to be: it is held against no peer, and reaches none', async () => {
    const address = await start(withChain())
    const [node] = nodes
    const seen: string[] = []
    node!.addEventListener('peer:banned', ({ detail: { reason } }) => { seen.push(`banned: ${reason}`) })
    node!.addEventListener('block', () => { seen.push('a block') })
    node!.addEventListener('transaction', () => { seen.push('a transaction') })
    const results: CheckResult[] = []
    const run = await check(address, ({ id }) => /^(handshake|request|range|ping|end|field|relay)-/.test(id), {
      gentle: true, onResult: (result) => { results.push(result) }
    })
    assert.deepEqual(verdicts(run, 'failed'), [])
    assert.deepEqual(seen, [])
    assert.ok(results.filter(({ verdict }) => verdict === 'ok').length > 40)
    assert.ok(results.every(({ check, verdict }) => check.manners === 'polite' || verdict === 'skipped'))
  })
})
