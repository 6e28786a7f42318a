import assert from 'node:assert/strict'
import { FakeSession } from '../../support/fake-session.ts'
import { FramedItem, ItemStore } from '../../../src/gossip/send/item-store.ts'
import { SeenCache } from '../../../src/gossip/seen-cache.ts'
import { takeUntold } from '../../../src/gossip/send/untold.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash } from '../../support/sample.ts'
import { digestToKey } from '../../../src/gossip/digest-key.ts'

describe('gossip/send/untold', () => {
  it('is what the peer is not known to have, and what it was sent and has not shown to have, which it may be sent again', () => {
    const clock = new FakeClock()
    const [store, seen] = [new ItemStore(clock), new SeenCache(clock, 40)]
    const peer = { id: 'alice', number: 3, session: new FakeSession('alice').session }
    const [announced, sent, arrived, known] = ['announced', 'sent', 'arrived', 'known'].map((name) => {
      const item = new FramedItem({ type: 'newBlock', key: digestToKey(sampleHash(name)), frame: new Uint8Array(10), isLarge: true })
      store.add(item)

      return item
    }) as [FramedItem, FramedItem, FramedItem, FramedItem]

    for (const item of [sent, arrived]) {
      item.noteSent('alice')
      seen.addHolder(seen.enter(item.key), 3)
    }

    arrived.noteArrived('alice')
    seen.addHolder(seen.enter(known.key), 3)

    assert.deepEqual(takeUntold(peer, store, seen), [announced.key, sent.key])
    assert.deepEqual([sent.mayGoTo('alice'), arrived.mayGoTo('alice')], [true, false])
    assert.equal(seen.isHolder(seen.enter(sent.key), 3), false)
    store.clear()
  })
})
