import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ANNOUNCERS } from '../../../src/gossip/fetch/announcer.ts'
import { MAX_AWAY } from '../../../src/gossip/fetch/away.ts'
import { MAX_WANTED, MAX_WANTED_PER_PEER, WantedItems } from '../../../src/gossip/fetch/wanted-items.ts'
import { Withheld } from '../../../src/gossip/fetch/withheld.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Announcer } from '../../../src/gossip/fetch/announcer.ts'
import type { Direction } from '../../../src/types/peer.ts'

describe('gossip/fetch/wanted-items', () => {
  let withheld: Withheld
  let table: WantedItems

  beforeEach(() => {
    withheld = new Withheld(new FakeClock())
    table = new WantedItems(withheld)
  })

  function announcer (id: string, network = id, direction: Direction = 'inbound'): Announcer {
    return table.announcerOf({ id, direction, location: { host: network, netgroup: network } })
  }

  /** Announces items, new ones or not. */
  function announce (by: Announcer, ...keys: string[]): void {
    for (const key of keys) {
      const want = table.get(key)

      if (want == null) {
        table.add(key, by, 0)
      } else {
        table.join(want, by)
      }
    }
  }

  function keys (prefix: string, count: number): string[] {
    return Array.from({ length: count }, (_, index) => `${prefix} ${index}`)
  }

  function idsOf (key: string): string[] | undefined {
    return table.get(key)?.announcers.map(({ id }) => id)
  }

  function countOf (by: Announcer): number {
    const count = by.wanted.size
    assert.equal([...table.all].filter(({ announcers }) => announcers.includes(by)).length, count)

    return count
  }

  it(`waits for ${MAX_WANTED_PER_PEER} items of one peer, and for more as soon as there is room`, () => {
    const [alice, bob] = [announcer('alice'), announcer('bob')]
    announce(alice, ...keys('a', MAX_WANTED_PER_PEER - 1), 'the last one', 'one more')
    assert.equal(table.size, MAX_WANTED_PER_PEER)
    announce(bob, 'one more')
    announce(alice, 'one more')
    assert.deepEqual([countOf(alice), countOf(bob)], [MAX_WANTED_PER_PEER, 1])
    table.end(table.get('a 0')!)
    announce(alice, 'one more', 'again one more')
    assert.deepEqual([countOf(alice), idsOf('one more')], [MAX_WANTED_PER_PEER, ['bob', 'alice']])
  })

  it('forgets what a peer has announced, and an item that no other peer has', () => {
    const [alice, bob] = [announcer('alice'), announcer('bob')]
    announce(alice, 'a', 'b')
    announce(bob, 'b')
    table.forget(alice)

    assert.deepEqual([table.size, idsOf('b'), table.announcer('alice')], [1, ['bob'], undefined])
  })

  describe(`where ${MAX_WANTED} items are waited for`, () => {
    const PEERS = MAX_WANTED / MAX_WANTED_PER_PEER

    it('takes the latest from the peer with the most, and no other, for one of a peer with less', () => {
      const flooders = Array.from({ length: PEERS }, (_, index) => announcer(`flooder ${index}`))
      flooders.forEach((flooder) => { announce(flooder, ...keys(flooder.id, MAX_WANTED_PER_PEER)) })
      const alice = announcer('alice')
      assert.equal(table.size, MAX_WANTED)
      announce(alice, 'a')

      assert.deepEqual([table.size, countOf(alice)], [MAX_WANTED, 1])
      assert.deepEqual(flooders.map(countOf).toSorted((a, b) => b - a), [256, 256, 256, 255])
      assert.equal(table.get(`flooder 0 ${MAX_WANTED_PER_PEER - 1}`), undefined)
    })

    it('takes nothing from an honest peer that announces less than its share, however many peers others have at two hosts', () => {
      const honest = announcer('honest')
      announce(honest, ...keys('honest', 200))

      for (let which = 0; which < 31; which++) {
        announce(announcer(`flooder ${which}`, `network ${which % 2}`), ...keys(`flooder ${which}`, MAX_WANTED_PER_PEER))
      }

      announce(honest, 'one more')
      assert.deepEqual([table.size, countOf(honest)], [MAX_WANTED, 201])
    })

    it('leaves a peer its share where others come from as many networks as they are', () => {
      const honest = announcer('honest')
      announce(honest, ...keys('honest', MAX_WANTED_PER_PEER))

      for (let which = 0; which < 31; which++) {
        announce(announcer(`flooder ${which}`), ...keys(`flooder ${which}`, MAX_WANTED_PER_PEER))
      }

      assert.deepEqual([table.size, countOf(honest)], [MAX_WANTED, MAX_WANTED / 32])
    })

    it('takes from peers that have withheld something first, however little they have', () => {
      const [suspect, honest] = [announcer('suspect'), announcer('honest')]
      announce(suspect, ...keys('suspect', 2))
      Array.from({ length: PEERS }, (_, which) => { announce(announcer(`peer ${which}`), ...keys(`peer ${which}`, MAX_WANTED_PER_PEER)) })
      withheld.note(suspect)
      announce(honest, 'a', 'b')
      assert.deepEqual([table.size, countOf(suspect), countOf(honest)], [MAX_WANTED, 0, 2])
      announce(suspect, 'c')
      assert.equal(countOf(suspect), 0, 'they keep nobody out')
    })

    it('takes from peers that have gone before that', () => {
      const [gone, suspect] = [announcer('gone'), announcer('suspect')]
      announce(gone, 'gone')
      announce(suspect, ...keys('suspect', MAX_WANTED_PER_PEER - 1))
      Array.from({ length: PEERS - 1 }, (_, which) => { announce(announcer(`peer ${which}`), ...keys(`peer ${which}`, MAX_WANTED_PER_PEER)) })
      withheld.note(suspect)
      table.keepAway(gone, 1)
      announce(announcer('honest'), 'a')
      assert.deepEqual([table.get('gone'), countOf(suspect), table.size], [undefined, MAX_WANTED_PER_PEER - 1, MAX_WANTED])
    })

    it('has room for one more also where many announce the same', () => {
      for (let group = 0; group < PEERS; group++) {
        for (let member = 0; member < 8; member++) {
          announce(announcer(`${group} ${member}`), ...keys(`group ${group}`, MAX_WANTED_PER_PEER))
        }
      }

      announce(announcer('honest'), 'a')
      assert.ok(table.size <= MAX_WANTED)
      assert.ok(table.get('a') != null)
    })

    it('has none for one more of peers that have the most', () => {
      const many = Array.from({ length: 32 }, (_, index) => announcer(`peer ${index}`))
      many.forEach((peer) => { announce(peer, ...keys(peer.id, MAX_WANTED / 32)) })
      announce(many[0]!, 'one more')
      assert.deepEqual([table.size, table.get('one more')], [MAX_WANTED, undefined])
    })
  })

  describe(`where ${MAX_ANNOUNCERS} peers have announced an item`, () => {
    function fill (direction: Direction = 'inbound', networkOf: (which: number) => string = String): Announcer[] {
      const all = Array.from({ length: MAX_ANNOUNCERS }, (_, which) => announcer(`peer ${which}`, networkOf(which), direction))
      all.forEach((each) => { announce(each, 'a') })
      assert.equal(table.get('a')?.announcers.length, MAX_ANNOUNCERS)

      return all
    }

    it('has no room for one more that is no better', () => {
      const all = fill()
      const late = announcer('late')
      announce(late, 'a')
      assert.deepEqual([idsOf('a'), countOf(late)], [all.map(({ id }) => id), 0])
    })

    it('has room for an outbound one in place of an inbound one', () => {
      const all = fill()
      const chosen = announcer('chosen', 'chosen', 'outbound')
      announce(chosen, 'a')
      assert.deepEqual(idsOf('a'), [...all.slice(1), chosen].map(({ id }) => id))
      assert.equal(countOf(all[0]!), 0)
    })

    it('has room for one of a netgroup of its own in place of one of the largest', () => {
      const all = fill('inbound', (which) => which < 10 ? 'crowded' : String(which))
      const late = announcer('late')
      announce(late, 'a')
      assert.deepEqual(idsOf('a'), [...all.slice(1), late].map(({ id }) => id))
    })

    it('has room for any peer in place of one that was asked in vain, or has withheld something', () => {
      const all = fill('outbound')
      const [late, suspect] = [announcer('late'), announcer('later')]
      all[5]!.requests.set('a', { at: 0, bytes: 0, isLate: true })
      withheld.note(all[7]!)
      announce(late, 'a')
      assert.equal(countOf(all[5]!), 0)
      announce(suspect, 'a')
      assert.equal(countOf(all[7]!), 0)
      assert.deepEqual([countOf(late), countOf(suspect)], [1, 1])
    })
  })

  it(`keeps the announcements of ${MAX_AWAY} peers that have gone, and of one more not those of the first`, () => {
    const gone = Array.from({ length: MAX_AWAY + 1 }, (_, which) => announcer(`gone ${which}`))
    gone.forEach((each, which) => {
      announce(each, each.id)
      table.keepAway(each, 1000 + which)
    })

    assert.equal(table.size, MAX_AWAY)
    assert.equal(table.get('gone 0'), undefined)
    table.keepAway(announcer('nothing announced'), 5000)
    assert.equal(table.announcer('nothing announced'), undefined)
    table.end(table.get('gone 1')!)
    table.leave(table.get('gone 2')!, gone[2]!)
    assert.deepEqual([table.announcer('gone 1'), table.announcer('gone 2')], [undefined, undefined])
  })

  it('holds no more than it may, and loses no track of anything, whatever is done', () => {
    const step = fc.record({
      do: fc.constantFrom('announce', 'announce', 'announce', 'suspect', 'away', 'back', 'end', 'forget'),
      who: fc.integer({ min: 0, max: 20 }),
      from: fc.integer({ min: 0, max: 1200 }),
      count: fc.integer({ min: 1, max: 300 })
    })

    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      table = new WantedItems(withheld)

      for (const { do: what, who, from, count } of steps) {
        const peer = announcer(`peer ${who}`, `network ${who % 5}`, who % 3 === 0 ? 'outbound' : 'inbound')

        if (what === 'announce') {
          peer.awayUntil = undefined
          announce(peer, ...Array.from({ length: count }, (_, index) => String(from + index)))
        } else if (what === 'suspect') {
          withheld.note(peer)
        } else if (what === 'away') {
          table.keepAway(peer, from)
        } else if (what === 'back') {
          peer.awayUntil = undefined
        } else if (what === 'forget') {
          table.forget(peer)
        } else {
          const want = table.get(String(from))

          if (want != null) {
            table.end(want)
          }
        }

        assert.ok(table.size <= MAX_WANTED)
      }

      const links = [...table.all].flatMap((want) => {
        assert.ok(want.announcers.length > 0 && want.announcers.length <= MAX_ANNOUNCERS)

        return want.announcers.map((each) => {
          assert.ok(each.wanted.has(want))
          assert.equal(table.announcer(each.id), each)

          return each
        })
      })

      const countOf = (netgroup: unknown): number => links.filter((other) => other.netgroup === netgroup).length
      const netgroups = new Map(links.map(({ netgroup }) => [netgroup, countOf(netgroup)]))
      netgroups.forEach((count, netgroup) => { assert.equal(netgroup.announcements, count) })

      for (const each of new Set(links)) {
        assert.equal(links.filter((other) => other === each).length, each.wanted.size)
        assert.ok(each.wanted.size <= MAX_WANTED_PER_PEER)
      }
    }), { numRuns: 50 })
  })
})
