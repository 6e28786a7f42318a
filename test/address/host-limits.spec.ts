import assert from 'node:assert/strict'
import fc from 'fast-check'
import { pickSurplus, BoundedWaiters } from '../../src/address/host-limits.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import type { Location } from '../../src/address/location.ts'

const LIMITS = { max: 4, maxPerHost: 2 }

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
  it('lets as many stay as there may be', () => {
    assert.equal(surplusOf(), undefined)
    assert.equal(surplusOf(at('a'), at('b'), at('c'), at('d')), undefined)
    assert.equal(surplusOf(at('a'), at('b'), at('c'), at('d'), at('e')), '0')
  })

  it('has the oldest of a host go that has too many, also where there is room', () => {
    assert.equal(surplusOf(at('a'), at('b'), at('b')), undefined)
    assert.equal(surplusOf(at('a'), at('b'), at('b'), at('b')), '1')
  })

  it('counts no host apart that is in no public network', () => {
    assert.equal(surplusOf(UNKNOWN_LOCATION, UNKNOWN_LOCATION, UNKNOWN_LOCATION, UNKNOWN_LOCATION), undefined)
    const proxy = { host: '10.0.0.1', netgroup: undefined }
    assert.equal(surplusOf(proxy, proxy, proxy, proxy), undefined)
    assert.equal(surplusOf(at('a'), proxy, UNKNOWN_LOCATION, proxy, proxy), '1')
    assert.equal(surplusOf(at('a'), proxy, UNKNOWN_LOCATION, UNKNOWN_LOCATION, UNKNOWN_LOCATION), '2')
  })

  it('has the oldest of the most crowded network go, whatever its hosts are', () => {
    assert.equal(surplusOf(at('a'), at('b'), at('b'), at('x1', 'x'), at('x2', 'x'), at('x3', 'x')), '3')
  })

  it('has the oldest of the most crowded host in it go', () => {
    assert.equal(surplusOf(at('x1', 'x'), at('x2', 'x'), at('a'), at('x3', 'x'), at('x3', 'x')), '3')
  })

  it('never has somebody go who is alone in a network while others are not', () => {
    const location = fc.record({ host: fc.constantFrom('1', '2', '3'), netgroup: fc.constantFrom('x', 'y', 'z') })
      .map(({ host, netgroup }) => at(`${netgroup}${host}`, netgroup))

    fc.assert(fc.property(fc.array(location, { maxLength: 8 }), fc.nat(8), (crowd, position) => {
      const all = members(...crowd.slice(0, position), at('alone'), ...crowd.slice(position))
      const surplus = pickSurplus(all, LIMITS)

      assert.equal(surplus != null, all.length > LIMITS.max || hasCrowdedHost(all))
      assert.ok(surplus?.location.host !== 'alone' || new Set(all.map(({ location }) => location.netgroup)).size === all.length)
    }))
  })

  function hasCrowdedHost (all: Member[]): boolean {
    return all.some(({ location }) => all.filter((other) => other.location.host === location.host).length > LIMITS.maxPerHost)
  }

  describe('a waiting room', () => {
    it('gives one up for each newcomer above its limit', () => {
      const evicted: string[] = []
      const room = new BoundedWaiters<string>(LIMITS, (item) => { evicted.push(item) })
      const names = ['a', 'b', 'c', 'd', 'e']
      names.forEach((name) => { room.add(name, at(name)) })

      assert.deepEqual(evicted, ['a'])
      assert.equal(room.size, LIMITS.max)
      assert.equal(room.delete('a'), false)
      assert.equal(room.delete('b'), true)
      room.add('f', at('f'))
      assert.deepEqual(evicted, ['a'])
    })

    it('keeps its bound whatever comes', () => {
      const host = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')

      fc.assert(fc.property(fc.array(fc.tuple(host, fc.boolean())), (steps) => {
        const live = new Set<number>()
        const room = new BoundedWaiters<number>(LIMITS, (item) => { live.delete(item) })

        for (const [i, [name, isLeaving]] of steps.entries()) {
          const [first] = live

          if (isLeaving && first != null) {
            live.delete(first)
            room.delete(first)
          } else {
            live.add(i)
            room.add(i, at(name))
          }

          assert.equal(room.size, live.size)
          assert.ok(room.size <= LIMITS.max)
        }
      }))
    })
  })
})
