import assert from 'node:assert/strict'
import { TARGET } from '../integration/check/targets.ts'
import { CheckFailure } from '../../src/check/failure.ts'
import { CHECKS } from '../../src/check/checks/index.ts'
import { runChecks } from '../../src/check/run.ts'
import { startNetworkWith } from '../../src/start-network.ts'
import { eventually } from '../support/eventually.ts'
import type { Check } from '../../src/check/check.ts'
import type { CheckContext } from '../../src/check/context.ts'
import type { Network } from '../../src/index.ts'
import type { LocationOfIp } from '../../src/address/location.ts'

/** Takes each address of 127/8 for a public host of its own, which a node bans. */
const eachAHost: LocationOfIp = (ip) => ({ host: ip, netgroup: ip })

function fake (id: string, run: (context: CheckContext) => Promise<void> | void, overrides: Partial<Check> = {}): Check {
  return { id, title: id, section: 'Ping', text: '', manners: 'polite', run: async (context) => run(context), ...overrides }
}

function real (...ids: string[]): Check[] {
  return ids.map((id) => CHECKS.find((check) => check.id === id)!)
}

describe('check/run', () => {
  let node: Network
  let address: string

  before(async () => {
    node = await startNetworkWith(TARGET, undefined, { locationOfIp: eachAHost })
    address = node.libp2p.getMultiaddrs()[0]!.toString()
  })

  after(async () => {
    await node.stop()
  })

  it('gives the results in the order of the checks, whatever order they end in', async () => {
    const gate = Promise.withResolvers<void>()
    const checks = [
      fake('a', async () => gate.promise),
      fake('b', (context) => { context.skip('it is so') }),
      fake('c', () => {
        gate.resolve()
        throw new CheckFailure({ expected: 'this', seen: 'that' })
      }),
      fake('d', () => { throw new TypeError('a bug') })
    ]
    const { results, target, isInterrupted } = await runChecks({ address, checks })
    assert.deepEqual(results.map(({ check: { id }, verdict, reason, expected, seen }) => [id, verdict, reason, expected, seen]), [
      ['a', 'ok', undefined, undefined, undefined],
      ['b', 'skipped', 'it is so', undefined, undefined],
      ['c', 'failed', undefined, 'this', 'that'],
      ['d', 'failed', undefined, 'a connection and a stream of the protocol, and an end of the check in time', 'a bug']
    ])
    assert.deepEqual([target.id, target.node.network, isInterrupted], [node.libp2p.peerId.toString(), 'vibecoin-test', false])
  })

  it('runs what fills the target alone, and what sums up last', async () => {
    const running = new Set<string>()
    const seen: string[] = []
    const watch = (id: string): Check['run'] => async ({ rest }) => {
      running.add(id)
      seen.push([...running].sort().join('+'))
      await (id === 'alongside' ? rest : new Promise((resolve) => { setImmediate(resolve) }))
      running.delete(id)
    }
    const checks = [
      fake('last', watch('last'), { when: 'last' }), fake('alone', watch('alone'), { when: 'alone' }),
      fake('alongside', watch('alongside'), { when: 'alongside' }), fake('a', watch('a')), fake('b', watch('b'))
    ]
    await runChecks({ address, checks, parallel: 1 })
    assert.deepEqual(seen, ['alongside', 'a+alongside', 'alongside+b', 'alone', 'last'])
  })

  it('runs a check again, without others, for which the target had no place beside them', async () => {
    const running = new Set<string>()
    const seen: string[] = []
    const crowded = (id: string, times: number): Check => fake(id, () => {
      const runs = seen.push([...running, id].join('+'))

      if (runs <= times) {
        throw new CheckFailure({ expected: 'a Pong', seen: 'Handshake, Disconnect(TOO_MANY_CONNECTIONS, "full")' })
      }
    })
    const beside = fake('beside', async ({ rest }) => {
      running.add('beside')
      await rest
      running.delete('beside')
    }, { when: 'alongside' })
    const { results } = await runChecks({ address, checks: [crowded('once', 2), crowded('always', Infinity), beside], parallel: 1 })
    assert.deepEqual(seen, ['beside+once', 'beside+always', 'once', 'always'])
    assert.deepEqual(results.map(({ check: { id }, verdict }) => `${id} ${verdict}`), ['once ok', 'always failed', 'beside ok'])
  })

  it('skips what is not gentle, and what needs the target to dial, with the reason', async () => {
    const never = (): never => { throw new Error('it runs') }
    const checks = [fake('rude', never, { manners: 'rude' }), fake('ban', never, { manners: 'ban' }), fake('dial', never, { listens: true })]
    const { results } = await runChecks({ address, checks, gentle: true })
    assert.deepEqual(results.map(({ reason }) => reason), [
      'the target may hold it against the peer, and --gentle is on', 'the target may ban for it, and --gentle is on', 'the target has to dial: use --listen'
    ])
  })

  it('on loopback dials from an address of its own for each identity', async () => {
    const hosts = new Set<string>()
    node.addEventListener('peer:ready', ({ detail: { address } }) => { hosts.add(address.split('/')[2]!) })
    const check = fake('a', async (context) => { await Promise.all([context.session(), context.session()]) })
    const { results } = await runChecks({ address, checks: [check] })
    assert.deepEqual(results.map(({ verdict, seen }) => [verdict, seen]), [['ok', undefined]])
    assert.equal(hosts.size, 2)
    assert.ok([...hosts].every((host) => /^127\.64\.0\.\d+$/.test(host)), [...hosts].join())
  })

  it('from one address runs what leads to a ban last, and skips the rest when the host is banned', async () => {
    const order: string[] = []
    const checks = real('frame-zero', 'frame-over', 'ping-nonce', 'ping-odd-pongs')
    const { results } = await runChecks({
      address, checks, sources: ['127.77.0.1'], onStart: ({ id }) => { order.push(id) }
    })
    assert.deepEqual(order, ['ping-nonce', 'ping-odd-pongs', 'frame-zero', 'frame-over'])
    assert.deepEqual(results.map(({ verdict }) => verdict), ['ok', 'skipped', 'ok', 'ok'])
    assert.match(results[1]!.reason!, /^the target takes no connection from this host since frame-zero: give more addresses with --source/)
  })

  it('from several addresses runs as many checks at a time', async () => {
    const gate = Promise.withResolvers<void>()
    let count = 0
    const meet = async (): Promise<void> => {
      if (++count === 2) {
        gate.resolve()
      }

      await gate.promise
    }
    const { results } = await runChecks({ address, checks: [fake('a', meet), fake('b', meet)], sources: ['127.77.0.2', '127.77.0.3'] })
    assert.deepEqual(results.map(({ verdict }) => verdict), ['ok', 'ok'])
  })

  it('ends when it is told to, with what is done', async () => {
    const controller = new AbortController()
    const checks = [
      fake('a', () => {}),
      fake('b', async (context) => {
        const link = await context.session()
        controller.abort(new Error('Ctrl-C'))
        await link.until(() => false, 60_000)
      }),
      fake('c', () => {})
    ]
    const { results, isInterrupted } = await runChecks({ address, checks, parallel: 1, signal: controller.signal })
    assert.deepEqual(results.map(({ check: { id } }) => id), ['a'])
    assert.equal(isInterrupted, true)
  })

  it('leaves nothing behind in the target', async () => {
    await runChecks({ address, checks: real('ping-nonce', 'end-reset', 'pair-one-session') })
    await eventually(() => [...node.peers].length === 0 && node.libp2p.getConnections().length === 0, 'the last session to end')
  })
})
