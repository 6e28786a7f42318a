import assert from 'node:assert/strict'
import {
  addAnnouncer, Announcer, bestOf, MAX_ANNOUNCERS, MAX_INBOUND_ANNOUNCERS
} from '../../src/gossip/announcer.ts'
import type { Want } from '../../src/gossip/announcer.ts'
import type { Direction } from '../../src/types/peer.ts'

function announcers (direction: Direction, count: number): Announcer[] {
  return Array.from({ length: count }, (_, index) => new Announcer(`${direction} ${index}`, direction))
}

describe('gossip/announcer', () => {
  let want: Want

  beforeEach(() => {
    want = { key: 'a', announcers: [], asked: undefined, due: 0 }
  })

  function add (...added: Announcer[]): void {
    added.forEach((announcer) => { addAnnouncer(want, announcer) })
  }

  it(`keeps ${MAX_ANNOUNCERS} announcers of an item, and one more replaces none`, () => {
    const all = announcers('outbound', MAX_ANNOUNCERS + 1)
    add(...all)

    assert.deepEqual(want.announcers, all.slice(0, MAX_ANNOUNCERS))
    assert.equal(all.at(-1)!.wants.size, 0)
    assert.deepEqual([...all[0]!.wants], [want])
  })

  it(`keeps ${MAX_INBOUND_ANNOUNCERS} of them that are inbound, and has room for outbound ones then`, () => {
    const inbound = announcers('inbound', MAX_INBOUND_ANNOUNCERS + 1)
    const outbound = announcers('outbound', MAX_ANNOUNCERS - MAX_INBOUND_ANNOUNCERS + 1)
    add(...inbound, ...outbound)

    assert.deepEqual(want.announcers, [...inbound.slice(0, -1), ...outbound.slice(0, -1)])
  })

  it('counts the one that is asked', () => {
    const [asked, ...others] = announcers('outbound', MAX_ANNOUNCERS + 1)
    want.asked = asked
    asked!.wants.add(want)
    add(asked!, ...others)
    assert.deepEqual(want.announcers, others.slice(0, MAX_ANNOUNCERS - 1))

    want = { key: 'b', announcers: [], asked: announcers('inbound', 1)[0], due: 0 }
    add(...announcers('inbound', MAX_INBOUND_ANNOUNCERS))
    assert.equal(want.announcers.length, MAX_INBOUND_ANNOUNCERS - 1)
  })

  it('keeps each announcer once', () => {
    const [announcer] = announcers('inbound', 1)
    add(announcer!, announcer!)
    assert.equal(want.announcers.length, 1)
  })

  it('prefers outbound ones, then who announced it first, and to both who has not left a question unanswered', () => {
    const [in1, in2] = announcers('inbound', 2) as [Announcer, Announcer]
    const [out1, out2] = announcers('outbound', 2) as [Announcer, Announcer]
    const order: string[] = []
    const all = [in1, in2, out1, out2]
    in1.isLate = true
    out1.isLate = true

    for (let best = bestOf(all); best != null; best = bestOf(all)) {
      order.push(best.id)
      all.splice(all.indexOf(best), 1)
    }

    assert.deepEqual(order, ['outbound 1', 'inbound 1', 'outbound 0', 'inbound 0'])
    assert.equal(bestOf([in2, new Announcer('x', 'inbound')]), in2)
    assert.equal(bestOf([]), undefined)
  })
})
