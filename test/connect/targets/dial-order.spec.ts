import assert from 'node:assert/strict'
import { DialOrder } from '../../../src/connect/targets/dial-order.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { locationOf } from '../dial/dialer-world.ts'
import type { TargetSource } from '../../../src/connect/targets/target.ts'

const IP4 = '/ip4/8.1.0.1/tcp/1'
const IP6 = '/ip6/2a00:1::1/tcp/1'
const [GROUP4, GROUP6] = ['8.1', '2a00:1']

describe('connect/targets/dial-order', () => {
  let targets: Targets

  beforeEach(() => { targets = new Targets((address) => locationOf(address).netgroup) })

  function add (
    peerId: string, addresses: string[], { source = 'discovered', lastSuccess }: { source?: TargetSource, lastSuccess?: number } = {}
  ): void {
    targets.add(source, { peerId, addresses, lastSuccess }, 'libp2p')
  }

  /** What is dialled, and in which netgroups: the draw is the first one for 0.999, and the last one for 0.25. */
  function choose ({ taken = [], random = 0.999 }: { taken?: string[], random?: number } = {}): { addresses: string[], groups: string[] } {
    const { addresses, groups } = new DialOrder(targets, { taken: new Set(taken), random: () => random }).next()!

    return { addresses, groups }
  }

  it('has a target race at its addresses of both families, wherever it was drawn', () => {
    add('a', [IP4, '/ip4/8.1.0.2/tcp/1', IP6])

    for (const random of [0.999, 0.25]) {
      const { addresses, groups } = choose({ random })
      assert.deepEqual(addresses, [IP4, '/ip4/8.1.0.2/tcp/1', IP6])
      assert.deepEqual(groups.sort(), [GROUP6, GROUP4])
    }
  })

  it('leaves out the family whose netgroup is taken', () => {
    add('a', [IP4, IP6])
    assert.deepEqual(choose({ taken: [GROUP6] }), { addresses: [IP4], groups: [GROUP4] })
    assert.deepEqual(choose({ taken: [GROUP4] }), { addresses: [IP6], groups: [GROUP6] })
  })

  it('leaves out the family whose netgroup has more targets, and not one with as many', () => {
    add('a', [IP4, IP6])
    add('b', ['/ip4/8.1.0.3/tcp/1'])
    // the last draw is in the netgroup of IPv6, where a is alone
    assert.deepEqual(choose({ random: 0.25 }), { addresses: [IP6], groups: [GROUP6] })
    assert.deepEqual(choose().groups.sort(), [GROUP6, GROUP4])
    add('c', ['/ip6/2a00:1::3/tcp/1'])
    const { groups } = new DialOrder(targets, { taken: new Set(), random: drawsOf(0.25, 0.999) }).next()!
    assert.deepEqual(groups.sort(), [GROUP6, GROUP4])
  })

  it('counts targets that were drawn already as well', () => {
    add('a', [IP4, IP6])
    add('b', ['/ip4/8.1.0.3/tcp/1'])
    add('c', ['/ip4/8.1.0.4/tcp/1'])
    // b is drawn for its netgroup first, and that is taken from then on
    const order = new DialOrder(targets, { taken: new Set(), random: drawsOf(0.999, 0.5) })
    assert.equal(order.next()?.target.key, 'b')
    assert.deepEqual(order.next()?.groups, [GROUP6])
  })

  it('has only one netgroup dialled where a target names two of one family, or three', () => {
    add('a', [IP4, '/ip4/8.2.0.1/tcp/1'])
    assert.deepEqual(choose().addresses, [IP4])
    targets = new Targets((address) => locationOf(address).netgroup)
    add('b', [IP4, IP6, '/ip6/2a00:2::1/tcp/1'])
    assert.deepEqual(choose().addresses, [IP4])
  })

  it('has a peer race that was reached last, whatever its netgroups hold', () => {
    add('b', ['/ip6/2a00:1::3/tcp/1'])
    add('a', [IP4, IP6], { lastSuccess: 1 })
    const { target, groups } = new DialOrder(targets, { taken: new Set(), random: drawsOf(0.1) }).next()!
    assert.deepEqual([target.key, groups.sort()], ['a', [GROUP6, GROUP4]])
  })

  it('has a seed dialled at all of its addresses', () => {
    add('a', [IP4, '/ip4/8.2.0.1/tcp/1', IP6], { source: 'seed' })
    assert.equal(choose().addresses.length, 3)
  })
})

/** Draws of chance: these, and then the last one. */
function drawsOf (...draws: number[]): () => number {
  return () => draws.length > 1 ? draws.shift()! : draws[0]!
}
