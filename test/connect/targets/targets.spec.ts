import assert from 'node:assert/strict'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { MAX_FAILURES, MAX_KNOWN_TARGETS, MAX_NETWORK_TARGETS, MAX_ORIGIN_TARGETS, MAX_TARGET_ADDRESSES, MAX_TARGETS } from '../../../src/connect/targets/target.ts'
import type { Target, TargetSource } from '../../../src/connect/targets/target.ts'

const ADDRESS = '/ip4/10.0.0.1/tcp/8765'

function addresses (count: number): string[] {
  return Array.from({ length: count }, (_, i) => `/ip4/10.0.1.${i}/tcp/8765`)
}

describe('connect/targets/targets', () => {
  let targets: Targets

  beforeEach(() => {
    targets = new Targets()
  })

  function add (source: TargetSource, peerId: string | undefined, ...addresses: string[]): Target {
    const target = targets.add(source, { peerId, addresses })
    assert(target != null, 'there is room')

    return target
  }

  function fill (count: number, source: TargetSource = 'discovered'): void {
    for (let i = 0; i < count; i++) {
      add(source, `${source}-${i}`, ADDRESS)
    }
  }

  /** Adds so many that `origin` tells of, as far as there is room, and says how many there was room for. */
  function tell (origin: string, count: number, from = 0): number {
    return Array.from({ length: count }, (_, i) => {
      return targets.add('discovered', { peerId: `${origin}-${from + i}`, addresses: [ADDRESS] }, origin)
    }).filter((target) => target != null).length
  }

  function countOf (origin: string): number {
    return [...targets].filter((target) => target.origin === origin).length
  }

  /** Everything that there is room for: as many origins as it takes. */
  function fillAll (): void {
    for (let i = 0; i < MAX_TARGETS / MAX_ORIGIN_TARGETS; i++) {
      tell(`origin${i}`, MAX_ORIGIN_TARGETS)
    }
  }

  describe('add', () => {
    it('makes a target that may be dialled at once', () => {
      assert.deepEqual(add('known', 'alice', ADDRESS), {
        key: 'alice', source: 'known', origin: 'known', peerId: 'alice', addresses: [ADDRESS], groups: new Map(), dialGroups: [], isAnchor: false, lastSuccess: -1, failures: 0, nextAttempt: 0, isDialling: false,
        reachedAt: undefined, toldBy: undefined, record: undefined
      })
      assert.equal(targets.size, 1)
    })

    it('knows a seed without a peer id by its address', () => {
      const target = add('seed', undefined, ADDRESS)

      assert.equal(target.key, ADDRESS)
      assert.equal(target.peerId, undefined)
      assert.deepEqual(target.addresses, [ADDRESS])
    })

    it('adds nothing that has neither a peer id nor an address', () => {
      assert.equal(targets.add('seed', { addresses: [] }), undefined)
      assert.equal(targets.size, 0)
    })

    it('adds the addresses to an existing target', () => {
      const first = add('known', 'alice', '/ip4/10.0.0.1/tcp/1')
      const second = add('discovered', 'alice', '/ip4/10.0.0.1/tcp/2')

      assert.equal(second, first)
      assert.equal(targets.size, 1)
      assert.deepEqual(first.addresses, ['/ip4/10.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/2'])
      assert.equal(first.source, 'known')
    })

    it('makes a discovered target a seed when it turns out to be one', () => {
      const target = add('discovered', 'alice', ADDRESS)
      add('seed', 'alice', ADDRESS)

      assert.equal(target.source, 'seed')
      assert.equal(targets.size, 1)
    })

    it('leaves a seed a seed when it is discovered', () => {
      const target = add('seed', 'alice', ADDRESS)
      add('discovered', 'alice', ADDRESS)

      assert.equal(target.source, 'seed')
    })

    it('makes a discovered target or a seed a reserved peer when it turns out to be one', () => {
      for (const source of ['discovered', 'seed', 'known'] as const) {
        const target = add(source, source, ADDRESS)
        add('reserved', source, ADDRESS)
        assert.equal(target.source, 'reserved')
        add('seed', source, ADDRESS)
        add('discovered', source, ADDRESS)
        assert.equal(target.source, 'reserved')
      }
    })

    it('has a reserved peer at the addresses that are configured for it, whatever others tell', () => {
      const target = add('discovered', 'alice', ...addresses(MAX_TARGET_ADDRESSES))
      add('reserved', 'alice', '/ip4/10.0.0.2/tcp/1/p2p/alice', '/ip4/10.0.0.3/tcp/1')
      add('discovered', 'alice', ADDRESS)
      add('seed', 'alice', ADDRESS)

      assert.deepEqual(target.addresses, ['/ip4/10.0.0.2/tcp/1', '/ip4/10.0.0.3/tcp/1'])
      add('reserved', 'alice', '/ip4/10.0.0.4/tcp/1')
      assert.equal(target.addresses.length, 3)
    })

    it('has the addresses of a seed first, and in place of others that were told before', () => {
      const told = addresses(MAX_TARGET_ADDRESSES)
      const target = add('discovered', 'alice', ...told)
      add('seed', 'alice', ADDRESS)

      assert.deepEqual(target.addresses, [ADDRESS, ...told.slice(0, -1)])
    })

    it('marks an anchor as one, whenever that is known', () => {
      assert.equal(targets.add('known', { peerId: 'alice', addresses: [ADDRESS], isAnchor: true })?.isAnchor, true)
      const bob = add('discovered', 'bob', ADDRESS)
      targets.add('known', { peerId: 'bob', addresses: [ADDRESS], isAnchor: true })
      add('known', 'bob', ADDRESS)
      assert.equal(bob.isAnchor, true)
    })

    it('knows the networks of the addresses that are kept', () => {
      targets = new Targets((address) => {
        if (address === 'broken') {
          throw new Error('not an address')
        }

        return /^\/ip4\/(8\.\d+)\./.exec(address)?.[1]
      })
      const target = add('discovered', 'alice', '/ip4/8.1.0.1/tcp/1', '/ip4/8.1.0.2/tcp/1', ADDRESS, 'broken')
      assert.deepEqual([...target.groups], [['/ip4/8.1.0.1/tcp/1', '8.1'], ['/ip4/8.1.0.2/tcp/1', '8.1']])
      add('discovered', 'alice', '/ip4/8.2.0.1/tcp/1')
      assert.equal(target.groups.get('/ip4/8.2.0.1/tcp/1'), '8.2')
      add('reserved', 'alice', '/ip4/8.3.0.1/tcp/1')
      assert.deepEqual([...target.groups], [['/ip4/8.3.0.1/tcp/1', '8.3']])
    })

    it('takes reserved peers however many targets there are, and takes no room for them', () => {
      fill(3, 'reserved')
      fillAll()

      assert.equal(tell('another', 1), 0)
      add('reserved', 'one-more', ADDRESS)
      assert.equal(targets.size, MAX_TARGETS + 4)
    })

    it('leaves the failures of an existing target as they are', () => {
      const target = add('known', 'alice', ADDRESS)
      targets.fail(target, 500)
      add('known', 'alice', '/ip4/10.0.0.2/tcp/1')

      assert.equal(target.failures, 1)
      assert.equal(target.nextAttempt, 500)
    })

    it('keeps each address once', () => {
      const target = add('known', 'alice', ADDRESS, ADDRESS)
      add('known', 'alice', ADDRESS)

      assert.deepEqual(target.addresses, [ADDRESS])
    })

    it('leaves the peer id at the end of an address out', () => {
      const target = add('known', 'alice', `${ADDRESS}/p2p/alice`, ADDRESS)

      assert.deepEqual(target.addresses, [ADDRESS])
    })

    it('keeps the peer id of another peer in an address', () => {
      const relayed = '/ip4/10.0.0.9/tcp/1/p2p/relay/p2p-circuit'
      const target = add('known', 'alice', `${ADDRESS}/p2p/bob`, `${relayed}/p2p/alice`)

      assert.deepEqual(target.addresses, [`${ADDRESS}/p2p/bob`, relayed])
    })

    it('leaves out an address that is nothing but a peer id', () => {
      assert.deepEqual(add('known', 'alice', '/p2p/alice').addresses, [])
    })

    it(`keeps ${MAX_TARGET_ADDRESSES} addresses and no more`, () => {
      const all = addresses(MAX_TARGET_ADDRESSES + 1)

      assert.deepEqual(add('known', 'full', ...all.slice(0, -1)).addresses, all.slice(0, -1))
      assert.deepEqual(add('known', 'over', ...all).addresses, all.slice(0, -1))
    })

    it(`keeps ${MAX_TARGET_ADDRESSES} addresses that come one by one, the first of them`, () => {
      const all = addresses(MAX_TARGET_ADDRESSES + 1)
      const target = all.map((address) => add('known', 'alice', address)).at(-1)!

      assert.deepEqual(target.addresses, all.slice(0, -1))
    })

    it(`takes ${MAX_KNOWN_TARGETS} peers of an earlier run and no more`, () => {
      fill(MAX_KNOWN_TARGETS, 'known')

      assert.equal(targets.add('known', { peerId: 'one-more', addresses: [ADDRESS] }), undefined)
      assert.equal(targets.size, MAX_KNOWN_TARGETS)
    })

    it(`takes ${MAX_ORIGIN_TARGETS} that one origin tells of and no more, and those of another all the same`, () => {
      assert.equal(tell('liar', MAX_ORIGIN_TARGETS + 1), MAX_ORIGIN_TARGETS)
      assert.equal(tell('honest', 3), 3)
      assert.equal(tell('liar', 10, 2 * MAX_ORIGIN_TARGETS), 0)
    })

    it('has the target with the most failures make room for others of the same origin', () => {
      tell('dns', MAX_ORIGIN_TARGETS)
      const [once, twice] = [...targets] as [Target, Target]
      targets.fail(once, 0)
      targets.fail(twice, 0)
      targets.fail(twice, 0)

      assert.equal(tell('dns', 3, MAX_ORIGIN_TARGETS), 2)
      assert.equal(countOf('dns'), MAX_ORIGIN_TARGETS)
      assert.deepEqual([targets.has(once.key), targets.has(twice.key), targets.has(`dns-${MAX_ORIGIN_TARGETS}`)], [false, false, true])
    })

    it('has none make room for one that has failed as often', () => {
      tell('dns', MAX_ORIGIN_TARGETS)
      const [first] = targets
      targets.fail(first!, 0)
      targets.fail(first!, 0)
      assert.equal(targets.add('discovered', { peerId: 'same', addresses: [ADDRESS], failures: 2 }, 'dns'), undefined)
      assert.notEqual(targets.add('discovered', { peerId: 'less', addresses: [ADDRESS], failures: 1 }, 'dns'), undefined)
    })

    it('has the one make room first that has failed most', () => {
      tell('dns', MAX_ORIGIN_TARGETS)
      const [once, twice] = [...targets] as [Target, Target]
      targets.fail(once, 0)
      targets.fail(twice, 0)
      targets.fail(twice, 0)
      tell('dns', 1, MAX_ORIGIN_TARGETS)

      assert.deepEqual([targets.has(once.key), targets.has(twice.key)], [true, false])
    })

    it(`takes ${MAX_NETWORK_TARGETS} in one netgroup and no more, whatever their origin, but in place of one that has failed`, () => {
      targets = new Targets((address) => /^\/ip4\/(8\.\d+)\./.exec(address)?.[1])
      const tell = (i: number, network: number): Target | undefined => {
        return targets.add('discovered', { peerId: `peer-${network}-${i}`, addresses: [`/ip4/8.${network}.0.${i}/tcp/1`] }, `origin${i % 3}`)
      }
      const all = Array.from({ length: MAX_NETWORK_TARGETS }, (_, i) => tell(i, 1))
      assert(all.every((target) => target != null))
      assert.equal(tell(MAX_NETWORK_TARGETS, 1), undefined)
      assert.notEqual(tell(0, 2), undefined)
      targets.fail(all[3]!, 0)
      assert.notEqual(tell(MAX_NETWORK_TARGETS, 1), undefined)
      assert.equal(targets.has('peer-1-3'), false)
      assert.equal(targets.size, MAX_NETWORK_TARGETS + 1)
    })

    it('has the most crowded network make room for a less crowded one, and for no other', () => {
      targets = new Targets((address) => /^\/ip4\/(8\.\d+)\./.exec(address)?.[1])
      const tell = (i: number, network: number): Target | undefined => {
        return targets.add('discovered', { peerId: `peer-${network}-${i}`, addresses: [`/ip4/8.${network}.0.${i}/tcp/1`] })
      }
      const networks = Math.ceil(MAX_ORIGIN_TARGETS / MAX_NETWORK_TARGETS)
      Array.from({ length: MAX_ORIGIN_TARGETS }, (_, i) => tell(i, i % networks))

      for (let i = 0; i < Math.floor(MAX_ORIGIN_TARGETS / (networks + 1)); i++) {
        assert.notEqual(tell(i, 200), undefined, `newcomer ${i}`)
        assert.equal(targets.size, MAX_ORIGIN_TARGETS)
      }

      const counts = Object.values(Object.groupBy(targets, ({ groups }) => [...groups.values()][0]!)).map((targets) => targets!.length)
      assert(Math.max(...counts) - Math.min(...counts) <= 1, counts.join())
      assert.equal(tell(99, 200), undefined)
    })

    it('does not have those make room that are being dialled', () => {
      tell('dns', MAX_ORIGIN_TARGETS)
      const [first] = [...targets] as [Target]
      targets.fail(first, 0)
      first.isDialling = true

      assert.equal(tell('dns', 1, MAX_ORIGIN_TARGETS), 0)
    })

    it(`takes ${MAX_TARGETS} targets and no more, whatever their origin`, () => {
      fillAll()
      assert.equal(targets.size, MAX_TARGETS)
      assert.equal(tell('another', 1), 0)
      assert.equal(targets.add('known', { peerId: 'one-more', addresses: [ADDRESS] }), undefined)
      assert.equal(targets.size, MAX_TARGETS)
    })

    it('has the origin with the most of them make room for another one when all room is taken', () => {
      fill(MAX_KNOWN_TARGETS, 'known')
      tell('origin0', MAX_ORIGIN_TARGETS)
      tell('origin1', MAX_TARGETS - MAX_KNOWN_TARGETS - MAX_ORIGIN_TARGETS)
      targets.fail([...targets].find(({ origin }) => origin === 'origin0')!, 0)
      assert.equal(tell('another', 1), 0, 'of the known ones none has failed')
      targets.fail([...targets][0]!, 0)

      assert.equal(tell('another', 2), 1)
      assert.equal(countOf('known'), MAX_KNOWN_TARGETS - 1)
      assert.equal(targets.size, MAX_TARGETS)
    })

    it('takes a seed however many there are', () => {
      fillAll()
      add('seed', 'one-more', ADDRESS)

      assert.equal(targets.size, MAX_TARGETS + 1)
    })

    it(`takes ${MAX_TARGETS} targets beside the seeds`, () => {
      fill(3, 'seed')
      fillAll()

      assert.equal(tell('another', 1), 0)
      assert.equal(targets.size, MAX_TARGETS + 3)
    })

    it('takes addresses of an existing target when there is no room for others', () => {
      fillAll()
      const target = add('discovered', 'origin0-0', '/ip4/10.0.0.2/tcp/1')

      assert.deepEqual(target.addresses, [ADDRESS, '/ip4/10.0.0.2/tcp/1'])
    })

    it('has room again when a target was removed', () => {
      fillAll()
      targets.remove([...targets][0]!)

      assert.equal(tell('origin0', 1, MAX_ORIGIN_TARGETS), 1)
      assert.equal(targets.size, MAX_TARGETS)
    })

    it('keeps the first origin of a target', () => {
      tell('first', 1)
      targets.add('discovered', { peerId: 'first-0', addresses: [ADDRESS] }, 'second')

      assert.deepEqual([countOf('first'), countOf('second')], [1, 0])
    })
  })

  describe('fail', () => {
    it('counts the failure and notes when to try again', () => {
      const target = add('known', 'alice', ADDRESS)

      assert.equal(targets.fail(target, 1234), true)
      assert.equal(target.failures, 1)
      assert.equal(target.nextAttempt, 1234)
    })

    for (const source of ['known', 'discovered'] as const) {
      it(`keeps a ${source} target after ${MAX_FAILURES - 1} failures and forgets it after ${MAX_FAILURES}`, () => {
        const target = add(source, 'alice', ADDRESS)

        for (let i = 1; i < MAX_FAILURES; i++) {
          assert.equal(targets.fail(target, i), true)
        }

        assert.deepEqual([...targets], [target])
        assert.equal(targets.fail(target, 99), false)
        assert.deepEqual([...targets], [])
      })
    }

    for (const source of ['seed', 'reserved'] as const) {
      it(`never forgets a ${source === 'seed' ? source : 'reserved peer'}`, () => {
        const target = add(source, 'alice', ADDRESS)

        for (let i = 1; i <= 10 * MAX_FAILURES; i++) {
          assert.equal(targets.fail(target, i), true)
        }

        assert.deepEqual([...targets], [target])
        assert.equal(target.failures, 10 * MAX_FAILURES)
      })
    }
  })

  describe('of', () => {
    it('is every target that is known to be the peer', () => {
      const alice = add('discovered', 'alice', ADDRESS)
      const seed = add('seed', undefined, ADDRESS)
      add('discovered', 'bob', ADDRESS)

      assert.deepEqual(targets.of('alice'), [alice])
      seed.peerId = 'alice'
      assert.deepEqual(targets.of('alice'), [alice, seed])
      assert.deepEqual(targets.of('carol'), [])
      targets.remove(seed)
      assert.deepEqual(targets.of('alice'), [alice])
      targets.remove(alice)
      assert.deepEqual(targets.of('alice'), [])
    })
  })

  describe('remove', () => {
    it('forgets a target, seed or not', () => {
      const seed = add('seed', undefined, ADDRESS)
      const alice = add('known', 'alice', ADDRESS)
      targets.remove(seed)

      assert.deepEqual([...targets], [alice])
    })
  })
})
