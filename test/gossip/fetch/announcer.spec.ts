import assert from 'node:assert/strict'
import { Announcer, bestOf, askableOf, createWantedItem } from '../../../src/gossip/fetch/announcer.ts'
import { Withheld } from '../../../src/gossip/fetch/withheld.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Netgroup, WantedItem } from '../../../src/gossip/fetch/announcer.ts'
import type { Direction } from '../../../src/types/peer.ts'
import type { Location } from '../../../src/address/location.ts'

describe('gossip/fetch/announcer', () => {
  let clock: FakeClock
  let withheld: Withheld
  let want: WantedItem
  let netgroups: Map<string, Netgroup>

  beforeEach(() => {
    clock = new FakeClock()
    withheld = new Withheld(clock)
    want = createWantedItem('a', 0)
    netgroups = new Map()
  })

  function crowdOf ({ netgroup: group = '' }: Location): Netgroup {
    const netgroup = netgroups.get(group) ?? { name: group, members: 1, announcements: 0 }
    netgroups.set(group, netgroup)

    return netgroup
  }

  function announcer (
    id: string, direction: Direction = 'inbound', location: Location = { host: `host of ${id}`, netgroup: `network of ${id}` }
  ): Announcer {
    const added = new Announcer({ id, direction, location }, crowdOf(location))
    want.announcers.push(added)

    return added
  }

  /** All who have announced it, in the order in which they are asked. */
  function order (): string[] {
    const ids: string[] = []

    const selection = { wanted: want, withheld, now: clock.now() }

    for (let best = bestOf(askableOf(want), selection); best != null; best = bestOf(askableOf(want), selection)) {
      ids.push(best.id)
      want.asked.push(best)
    }

    return ids
  }

  it('asks outbound ones first, then who announced it first', () => {
    announcer('in 1')
    announcer('in 2')
    announcer('out 1', 'outbound')
    announcer('out 2', 'outbound')

    assert.deepEqual(order(), ['out 1', 'out 2', 'in 1', 'in 2'])
  })

  it('asks those first who have withheld the least, whatever their direction, and then those whose hosts have', () => {
    withheld.note(announcer('twice', 'outbound'))
    withheld.note(announcer('once', 'outbound'))
    withheld.note({ id: 'twice', host: 'host of twice' })
    announcer('never')

    assert.deepEqual(order(), ['never', 'once', 'twice'])
  })

  it('asks another peer at a host that has withheld something after all others', () => {
    withheld.note({ id: 'before', host: '192.0.2.1' })
    announcer('new', 'outbound', { host: '192.0.2.1', netgroup: 'c000' })
    announcer('other')

    assert.deepEqual(order(), ['other', 'new'])
  })

  it('goes by the peer alone where the host is not known', () => {
    withheld.note(announcer('bad', 'inbound', UNKNOWN_LOCATION))
    announcer('good', 'inbound', UNKNOWN_LOCATION)

    assert.deepEqual(order(), ['good', 'bad'])
  })

  it('asks one of each network before a second one of any', () => {
    for (const id of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']) {
      announcer(id, 'inbound', { host: id, netgroup: id[0] })
    }

    assert.deepEqual(order(), ['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
  })

  it('asks those later who were asked before this moment and have not answered', () => {
    announcer('owes').requests.set('b', { at: clock.now() - 1, bytes: 0, isLate: false })
    announcer('was just asked').requests.set('b', { at: clock.now(), bytes: 0, isLate: false })
    announcer('owes nothing')

    assert.deepEqual(order(), ['was just asked', 'owes nothing', 'owes'])
  })

  it('asks those last who were asked for it in another session', () => {
    want.askedBefore.add(announcer('again', 'outbound'))
    withheld.note(announcer('suspect'))

    assert.deepEqual(order(), ['suspect', 'again'])
  })

  it('asks no peer without a session', () => {
    const gone = announcer('gone')
    gone.awayUntil = clock.now() + 1000
    assert.deepEqual(order(), [])
    const location = { host: '192.0.2.1', netgroup: 'c000' }
    gone.onSession({ id: 'gone', direction: 'outbound', location }, crowdOf(location))

    assert.deepEqual([gone.direction, gone.host, gone.netgroup.name], ['outbound', '192.0.2.1', 'c000'])
    assert.deepEqual(order(), ['gone'])
  })
})
