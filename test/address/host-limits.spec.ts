import assert from 'node:assert/strict'
import fc from 'fast-check'
import { pickSurplus, WaitingRoom } from '../../src/address/host-limits.ts'
import { NOWHERE } from '../../src/types/location.ts'
import type { Place } from '../../src/types/location.ts'

const LIMITS = { max: 4, maxPerHost: 2 }

interface Member { name: string, place: Place }

function at (host: string, group: string | undefined = host): Place {
  return { host, group }
}

/** Members in the order of their names. */
function members (...places: Place[]): Member[] {
  return places.map((place, i) => ({ name: String(i), place }))
}

function surplusOf (...places: Place[]): string | undefined {
  return pickSurplus(members(...places), LIMITS)?.name
}

describe('stack/crowd', () => {
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
    assert.equal(surplusOf(NOWHERE, NOWHERE, NOWHERE, NOWHERE), undefined)
    const proxy = { host: '10.0.0.1', group: undefined }
    assert.equal(surplusOf(proxy, proxy, proxy, proxy), undefined)
    assert.equal(surplusOf(at('a'), proxy, NOWHERE, proxy, proxy), '1')
    assert.equal(surplusOf(at('a'), proxy, NOWHERE, NOWHERE, NOWHERE), '2')
  })

  it('has the oldest of the most crowded network go, whatever its hosts are', () => {
    assert.equal(surplusOf(at('a'), at('b'), at('b'), at('x1', 'x'), at('x2', 'x'), at('x3', 'x')), '3')
  })

  it('has the oldest of the most crowded host in it go', () => {
    assert.equal(surplusOf(at('x1', 'x'), at('x2', 'x'), at('a'), at('x3', 'x'), at('x3', 'x')), '3')
  })

  it('never has somebody go who is alone in a network while others are not', () => {
    const place = fc.record({ host: fc.constantFrom('1', '2', '3'), group: fc.constantFrom('x', 'y', 'z') })
      .map(({ host, group }) => at(`${group}${host}`, group))

    fc.assert(fc.property(fc.array(place, { maxLength: 8 }), fc.nat(8), (crowd, position) => {
      const all = members(...crowd.slice(0, position), at('alone'), ...crowd.slice(position))
      const surplus = pickSurplus(all, LIMITS)

      assert.equal(surplus != null, all.length > LIMITS.max || hasCrowdedHost(all))
      assert.ok(surplus?.place.host !== 'alone' || new Set(all.map(({ place }) => place.group)).size === all.length)
    }))
  })

  function hasCrowdedHost (all: Member[]): boolean {
    return all.some(({ place }) => all.filter((other) => other.place.host === place.host).length > LIMITS.maxPerHost)
  }

  describe('a waiting room', () => {
    it('gives one up for each newcomer above its limit', () => {
      const evicted: string[] = []
      const room = new WaitingRoom<string>(LIMITS, (item) => { evicted.push(item) })
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
        const room = new WaitingRoom<number>(LIMITS, (item) => { live.delete(item) })

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
