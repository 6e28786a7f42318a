import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BoundedWaiters, hasRoomForHost, netgroupKeyOf, pickSurplus } from '../../src/address/host-limits.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import type { Location } from '../../src/address/location.ts'

const LIMITS = { max: 4, maxPerHost: 2 }

const PUBLIC: Location = { host: '8.1.0.1', netgroup: '0801' }
const NEIGHBOUR: Location = { host: '8.1.0.2', netgroup: '0801' }
const PRIVATE: Location = { host: '10.0.0.1', netgroup: undefined }

interface Member { name: string, location: Location }

function at (host: string, netgroup: string | undefined = host): Location {
  return { host, netgroup }
}

/** Members in the order of their names. */
function members (...locations: Location[]): Member[] {
  return locations.map((location, i) => ({ name: String(i), location }))
}

function surplusOf (...locations: Location[]): string | undefined {
  return pickSurplus(members(...locations), LIMITS)?.name
}

describe('address/host-limits', () => {
  describe('hasRoomForHost', () => {
    it('lets a public host have as many as its limit, and not one more', () => {
      assert.equal(hasRoomForHost(PUBLIC, [PUBLIC, PUBLIC, NEIGHBOUR, PRIVATE], 3), true)
      assert.equal(hasRoomForHost(PUBLIC, [PUBLIC, PUBLIC, PUBLIC], 3), false)
    })

    it('counts each host by itself', () => {
      assert.equal(hasRoomForHost(NEIGHBOUR, Array.from({ length: 100 }, () => PUBLIC), 1), true)
    })

    it('has no limit for this machine, for peers behind a relay, or for a private address', () => {
      for (const location of [UNKNOWN_LOCATION, PRIVATE]) {
        assert.equal(hasRoomForHost(location, Array.from({ length: 100 }, () => location), 1), true)
      }
    })
  })

  describe('netgroupKeyOf', () => {
    it('is the netgroup of a public host, and the host where it is not public', () => {
      assert.deepEqual([PUBLIC, NEIGHBOUR, PRIVATE].map(netgroupKeyOf), ['0801', '0801', '10.0.0.1'])
    })

    it('is one for all peers of which nothing is known', () => {
      assert.equal(netgroupKeyOf(UNKNOWN_LOCATION), netgroupKeyOf({ host: undefined, netgroup: undefined }))
      assert.notEqual(netgroupKeyOf(UNKNOWN_LOCATION), netgroupKeyOf(PRIVATE))
    })
  })

  describe('pickSurplus', () => {
    it('picks none while there are no more than the limit', () => {
      assert.equal(surplusOf(), undefined)
      assert.equal(surplusOf(at('a'), at('b'), at('c'), at('d')), undefined)
      assert.equal(surplusOf(at('a'), at('b'), at('c'), at('d'), at('e')), '0')
    })

    it('picks the oldest of a host that has too many, also where there is room', () => {
      assert.equal(surplusOf(at('a'), at('b'), at('b')), undefined)
      assert.equal(surplusOf(at('a'), at('b'), at('b'), at('b')), '1')
    })

    it('has no limit for a host outside the public internet', () => {
      assert.equal(surplusOf(UNKNOWN_LOCATION, UNKNOWN_LOCATION, UNKNOWN_LOCATION, UNKNOWN_LOCATION), undefined)
      const proxy = { host: '10.0.0.1', netgroup: undefined }
      assert.equal(surplusOf(proxy, proxy, proxy, proxy), undefined)
      assert.equal(surplusOf(at('a'), proxy, UNKNOWN_LOCATION, proxy, proxy), '1')
      assert.equal(surplusOf(at('a'), proxy, UNKNOWN_LOCATION, UNKNOWN_LOCATION, UNKNOWN_LOCATION), '2')
    })

    it('picks the oldest of the most crowded netgroup, whatever its hosts are', () => {
      assert.equal(surplusOf(at('a'), at('b'), at('b'), at('x1', 'x'), at('x2', 'x'), at('x3', 'x')), '3')
    })

    it('picks the oldest of the most crowded host in it', () => {
      assert.equal(surplusOf(at('x1', 'x'), at('x2', 'x'), at('a'), at('x3', 'x'), at('x3', 'x')), '3')
    })

    it('never picks a member that is alone in its netgroup while others are not', () => {
      const location = fc.record({ host: fc.constantFrom('1', '2', '3'), netgroup: fc.constantFrom('x', 'y', 'z') })
        .map(({ host, netgroup }) => at(`${netgroup}${host}`, netgroup))

      fc.assert(fc.property(fc.array(location, { maxLength: 8 }), fc.nat(8), (others, position) => {
        const all = members(...others.slice(0, position), at('alone'), ...others.slice(position))
        const surplus = pickSurplus(all, LIMITS)

        assert.equal(surplus != null, all.length > LIMITS.max || hasCrowdedHost(all))
        assert.ok(surplus?.location.host !== 'alone' || new Set(all.map(({ location }) => location.netgroup)).size === all.length)
      }))
    })

    function hasCrowdedHost (all: Member[]): boolean {
      return all.some(({ location }) => all.filter((other) => other.location.host === location.host).length > LIMITS.maxPerHost)
    }
  })

  describe('BoundedWaiters', () => {
    it('evicts one for each newcomer above the limit', () => {
      const evicted: string[] = []
      const waiters = new BoundedWaiters<string>(LIMITS, (item) => { evicted.push(item) })
      const names = ['a', 'b', 'c', 'd', 'e']
      names.forEach((name) => { waiters.add(name, at(name)) })

      assert.deepEqual(evicted, ['a'])
      assert.equal(waiters.size, LIMITS.max)
      assert.equal(waiters.delete('a'), false)
      assert.equal(waiters.delete('b'), true)
      waiters.add('f', at('f'))
      assert.deepEqual(evicted, ['a'])
    })

    it('keeps to its limits whatever comes', () => {
      const host = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')

      fc.assert(fc.property(fc.array(fc.tuple(host, fc.boolean())), (steps) => {
        const live = new Set<number>()
        const waiters = new BoundedWaiters<number>(LIMITS, (item) => { live.delete(item) })

        for (const [i, [name, isLeaving]] of steps.entries()) {
          const [first] = live

          if (isLeaving && first != null) {
            live.delete(first)
            waiters.delete(first)
          } else {
            live.add(i)
            waiters.add(i, at(name))
          }

          assert.equal(waiters.size, live.size)
          assert.ok(waiters.size <= LIMITS.max)
        }
      }))
    })
  })
})
