import assert from 'node:assert/strict'
import {
  EARLY_FEELER_INTERVAL_MS, FEELER_INTERVAL_MS, FEELER_TIMEOUT_MS, Feelers, FEW_PEERS
} from '../../../src/connect/exchange/feelers.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { DisconnectedError } from '../../../src/errors.ts'
import { seededChance } from '../../../src/util/chance.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { ProbedPeer } from '../../../src/connect/exchange/probe.ts'
import type { Target } from '../../../src/connect/targets/target.ts'
import type { Session } from '../../../src/session/session.ts'
import type { Logger } from '@libp2p/interface'

const netgroupOf = (address: string): string | undefined => /^\/ip4\/(\d+\.\d+)\./.exec(address)?.[1]

describe('connect/exchange/feelers', () => {
  let clock: FakeClock
  let targets: Targets
  let feelers: Feelers
  let probed: (ProbedPeer & { resolve: (address: string) => void, reject: (err: unknown) => void, signal: AbortSignal })[]
  let reached: [key: string, session: string | undefined][]
  let failed: string[]
  let sessions: Map<string, 'inbound' | 'outbound'>
  let banned: Set<string>
  let tellable: number

  beforeEach(() => {
    clock = new FakeClock()
    targets = new Targets(netgroupOf)
    probed = []
    reached = []
    failed = []
    sessions = new Map()
    banned = new Set()
    tellable = 0
    const get = (id: string): Session | undefined => {
      return sessions.has(id) ? { id, direction: sessions.get(id) } as unknown as Session : undefined
    }
    feelers = new Feelers({
      targets,
      peers: { get, find: get, isKeptOut: ({ id }) => banned.has(id ?? '') },
      config: { reconnectDelay: 1000, maxReconnectDelay: 300_000 },
      probe: async (peer, signal) => new Promise((resolve, reject) => { probed.push({ ...peer, resolve, reject, signal }) }),
      tellable: () => tellable,
      clock,
      chance: seededChance('feelers'),
      log: (() => {}) as unknown as Logger,
      onReached: ({ key }, session) => { reached.push([key, session?.id]) },
      onFailure: ({ key }) => { failed.push(key) }
    })
    feelers.start()
  })

  afterEach(() => { feelers.stop() })

  function hear (id: string, ...addresses: string[]): Target {
    return targets.add('discovered', { peerId: id, addresses: addresses.length === 0 ? ['/ip4/8.8.8.8/tcp/1'] : addresses }, 'peers')!
  }

  /** Lets the time come for the next one. */
  const next = async (): Promise<void> => { await clock.advance(clock.next!) }

  it('try a peer that the node has only heard of, and note that it was reached, where, and when', async () => {
    const target = hear('alice', '/ip4/8.8.8.8/tcp/1', '/ip4/8.8.8.8/tcp/2')
    target.failures = 2
    await next()
    assert.deepEqual(probed.map(({ peerId, addresses }) => [peerId, addresses]), [['alice', ['/ip4/8.8.8.8/tcp/1', '/ip4/8.8.8.8/tcp/2']]])
    assert.equal(target.isDialling, true)
    probed[0]!.resolve('/ip4/8.8.8.8/tcp/2/p2p/alice')
    await turns(3)

    assert.deepEqual(reached, [['alice', undefined]])
    assert.deepEqual(
      [target.lastSuccess, target.reachedAt, target.failures, target.isDialling, target.addresses[0]],
      [clock.date(), '8.8.8.8', 0, false, '/ip4/8.8.8.8/tcp/2']
    )
    assert.deepEqual(feelers.status, { tried: 1, reached: 1, nextIn: clock.next })
  })

  it('try none again that was reached', async () => {
    hear('alice')
    await next()
    probed[0]!.resolve('/ip4/8.8.8.8/tcp/1')
    await turns(3)
    await next()
    await next()

    assert.equal(probed.length, 1)
  })

  for (const [what, count, interval] of [
    [`every ${EARLY_FEELER_INTERVAL_MS} ms while the node could tell of ${FEW_PEERS - 1} peers`, FEW_PEERS - 1, EARLY_FEELER_INTERVAL_MS],
    [`every ${FEELER_INTERVAL_MS} ms when it could tell of ${FEW_PEERS}`, FEW_PEERS, FEELER_INTERVAL_MS]
  ] as const) {
    it(`are made ${what}, give or take a quarter`, async () => {
      tellable = count
      const pauses: number[] = []

      for (let round = 0; round < 50; round++) {
        await next()
        pauses.push(clock.next!)
      }

      assert(Math.min(...pauses) >= 0.75 * interval && Math.max(...pauses) <= 1.25 * interval + 1, pauses.join())
      assert(Math.max(...pauses) - Math.min(...pauses) > 0.3 * interval, pauses.join())
    })
  }

  it('are made one at a time', async () => {
    hear('alice')
    hear('bob', '/ip4/9.9.9.9/tcp/1')
    await next()
    await clock.advance(FEELER_TIMEOUT_MS - 1)
    assert.equal(probed.length, 1)
  })

  it('end after so many ms and count as a failure then, and not before', async () => {
    const target = hear('alice')
    await next()
    await clock.advance(FEELER_TIMEOUT_MS - 1)
    assert.equal(probed[0]!.signal.aborted, false)
    await clock.advance(1)
    assert.equal(probed[0]!.signal.aborted, true)
    probed[0]!.reject(probed[0]!.signal.reason)
    await turns(3)

    assert.deepEqual([failed, target.failures, target.lastSuccess], [['alice'], 1, -1])
  })

  it('wait longer for a peer that has failed, by what it has said', async () => {
    const target = hear('alice')
    await next()
    probed[0]!.reject(new DisconnectedError('no', { reason: 'WRONG_NETWORK', byRemote: false }))
    await turns(3)
    assert(target.nextAttempt >= clock.now() + 30 * 60_000)

    for (let round = 0; round < 100; round++) {
      await next()
    }

    assert.equal(probed.length, 1)
  })

  it('have a peer forgotten that fails ten times', async () => {
    const target = hear('alice')
    target.failures = 9
    await next()
    probed[0]!.reject(new Error('no'))
    await turns(3)

    assert.equal(targets.has('alice'), false)
    assert.deepEqual(failed, ['alice'])
  })

  it('try peers that have dialled this node when no others are left, and none that this node has dialled', async () => {
    sessions.set('inbound', 'inbound').set('outbound', 'outbound')
    hear('outbound', '/ip4/7.7.7.7/tcp/1')
    hear('inbound', '/ip4/8.8.8.8/tcp/1')
    hear('stranger', '/ip4/9.9.9.9/tcp/1')
    const order: string[] = []

    for (let round = 0; round < 4; round++) {
      await next()
      const peer = probed.pop()

      if (peer != null) {
        order.push(peer.peerId)
        peer.resolve(peer.addresses[0]!)
        await turns(3)
      }
    }

    assert.deepEqual(order, ['stranger', 'inbound'])
    assert.deepEqual(reached, [['stranger', undefined], ['inbound', 'inbound']])
  })

  it('draw a netgroup first: 60 peers of one are tried no more often than one of another', async () => {
    for (let index = 0; index < 15; index++) {
      hear(`crowd ${index}`, `/ip4/8.8.1.${index}/tcp/1`)
    }

    const lonely = Array.from({ length: 5 }, (_, index) => `lonely ${index}`)
    lonely.forEach((id, index) => { hear(id, `/ip4/9.${index}.1.1/tcp/1`) })
    const order: string[] = []

    for (let round = 0; round < 20; round++) {
      await next()
      const peer = probed.pop()!
      order.push(peer.peerId)
      peer.resolve(peer.addresses[0]!)
      await turns(3)
    }

    // by chance it is the turn of all five before the twentieth, of which fifteen are of one netgroup
    assert(lonely.every((id) => order.indexOf(id) < 12), order.join())
  })

  it('leave out seeds, banned peers, peers that are being dialled or wait, and addresses behind relays', async () => {
    targets.add('seed', { peerId: 'seed', addresses: ['/ip4/1.1.1.1/tcp/1'] })
    hear('banned', '/ip4/2.2.2.2/tcp/1')
    banned.add('banned')
    hear('dialled', '/ip4/3.3.3.3/tcp/1').isDialling = true
    hear('waits', '/ip4/4.4.4.4/tcp/1').nextAttempt = Infinity
    hear('relayed', '/ip4/5.5.5.5/tcp/1/p2p/12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd/p2p-circuit')
    await next()
    await next()

    assert.deepEqual(probed, [])
  })

  it('end when the node stops: nothing of the one under way counts', async () => {
    const target = hear('alice')
    await next()
    feelers.stop()
    assert.equal(probed[0]!.signal.aborted, true)
    probed[0]!.reject(probed[0]!.signal.reason)
    await turns(3)

    assert.deepEqual([failed, target.failures, target.isDialling, clock.pending, feelers.status.nextIn], [[], 0, false, 0, null])
  })
})
