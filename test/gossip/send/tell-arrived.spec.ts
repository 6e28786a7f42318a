import assert from 'node:assert/strict'
import { tellArrived } from '../../../src/gossip/send/tell-arrived.ts'
import { ANNOUNCE_BYTES } from '../../../src/gossip/send/distribution.ts'
import { WantRequests } from '../../../src/gossip/fetch/want-requests.ts'
import { WantedItems } from '../../../src/gossip/fetch/wanted-items.ts'
import { Withheld } from '../../../src/gossip/fetch/withheld.ts'
import { ReadyPeers } from '../../../src/gossip/peers.ts'
import { digestToKey } from '../../../src/gossip/digest-key.ts'
import { SendBudget } from '../../../src/session/limits/send-budget.ts'
import { DEFAULTS } from '../../../src/config/defaults.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import type { Announcer, WantedItem } from '../../../src/gossip/fetch/announcer.ts'

const KEY = digestToKey(new Uint8Array(32).fill(7))

describe('gossip/send/tell-arrived', () => {
  const item = new Uint8Array(ANNOUNCE_BYTES)
  let withheld: Withheld
  let requests: WantRequests
  let peers: ReadyPeers
  let sessions: FakeSession[]
  let announcers: Announcer[]
  let wanted: WantedItem

  beforeEach(() => {
    const clock = new FakeClock()
    withheld = new Withheld(clock)
    const table = new WantedItems(withheld)
    requests = new WantRequests({ clock, withheld, table, receivedFrom: () => 0 })
    peers = new ReadyPeers(8)
    sessions = ['first', 'second', 'third'].map((id) => new FakeSession(id))
    sessions.forEach(({ session }) => { peers.add(session) })
    announcers = sessions.map(({ session }) => table.announcerOf(session))
    wanted = table.add(KEY, announcers[0]!, 0)!
    announcers.slice(1).forEach((announcer) => { table.join(wanted, announcer) })
  })

  it('tells those that were asked and have not answered, and no others', () => {
    requests.asked(wanted, announcers[0]!)
    requests.asked(wanted, announcers[1]!)
    requests.answered(KEY, announcers[1]!)
    tellArrived(wanted, item, peers)

    assert.deepEqual(sessions.map(({ types }) => types), [['have'], [], []])
    assert.deepEqual(sessions[0]!.queue[0]!.digests, ['07'.repeat(32)])
  })

  it('holds nothing against one that had time left, and what it has held against one that had none', () => {
    requests.asked(wanted, announcers[0]!)
    requests.noteLate(wanted)
    requests.asked(wanted, announcers[1]!)
    tellArrived(wanted, item, peers)

    assert.deepEqual(announcers.slice(0, 2).map((announcer) => announcer.requests.has(KEY)), [true, false])
    assert.deepEqual(['first', 'second'].map((id) => withheld.of(id)), [1, 0])
  })

  it('tells nothing of small items, or to a peer that may be sent no more digests, or has gone', () => {
    announcers.forEach((announcer) => { requests.asked(wanted, announcer) })
    tellArrived(wanted, item.subarray(1), peers)
    tellArrived(undefined, item, peers)
    const budget = new SendBudget(DEFAULTS.rateLimits, new FakeClock())
    budget.take('digests', budget.left('digests'))
    sessions[0]!.budget = budget
    peers.remove(sessions[1]!.session)
    tellArrived(wanted, item, peers)

    assert.deepEqual(sessions.map(({ types }) => types), [[], [], ['have']])
  })
})
