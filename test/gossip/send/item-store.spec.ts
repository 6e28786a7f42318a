import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  FramedItem, ItemStore, MAX_RECIPIENTS, MAX_STORED_BYTES, MAX_STORED_ITEMS, STORED_TTL_MS, takeUnconfirmed
} from '../../../src/gossip/send/item-store.ts'
import { digestToKey } from '../../../src/gossip/digest-key.ts'
import { SeenCache } from '../../../src/gossip/seen-cache.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { sampleHash } from '../../support/sample.ts'

function framed (key: string, bytes = 10, type: 'newBlock' | 'newTransaction' = 'newBlock'): FramedItem {
  return new FramedItem({ type, key, frame: new Uint8Array(bytes), isLarge: false })
}

describe('gossip/send/item-store', () => {
  let clock: FakeClock
  let store: ItemStore

  beforeEach(() => {
    clock = new FakeClock()
    store = new ItemStore(clock)
  })

  function keys (): string[] {
    return [...store].map(({ key }) => key)
  }

  it('gives what it was given', () => {
    const item = framed('a', 7)
    assert.equal(store.add(item), true)

    assert.equal(store.get('a'), item)
    assert.equal(store.get('b'), undefined)
    assert.deepEqual([store.size, store.bytes], [1, 7])
  })

  it('keeps one item of a key, the latest, as the latest of all', () => {
    const [first, again] = [framed('a', 5), framed('a', 6)]
    store.add(first)
    store.add(framed('b'))
    store.add(again)

    assert.equal(store.get('a'), again)
    assert.deepEqual(keys(), ['b', 'a'])
    assert.equal(store.bytes, 16)
  })

  it(`keeps ${MAX_STORED_ITEMS} items, the oldest makes room for one more`, () => {
    for (let i = 0; i < MAX_STORED_ITEMS; i++) {
      store.add(framed(String(i)))
    }

    assert.equal(store.size, MAX_STORED_ITEMS)
    assert.equal(keys()[0], '0')
    store.add(framed('more'))
    assert.equal(store.size, MAX_STORED_ITEMS)
    assert.deepEqual([keys()[0], keys().at(-1)], ['1', 'more'])
  })

  it('keeps blocks in place of transactions, however many of these come', () => {
    store.add(framed('block'))
    store.add(framed('large block', 1000))

    for (let i = 0; i < 2 * MAX_STORED_ITEMS; i++) {
      store.add(framed(String(i), MAX_STORED_BYTES / 32, 'newTransaction'))
    }

    assert.deepEqual([keys()[0], keys()[1], store.size], ['block', 'large block', 2 + 31])
    assert.equal(keys()[2], String(2 * MAX_STORED_ITEMS - 31))
    Array.from({ length: MAX_STORED_ITEMS }, (_, i) => { store.add(framed(`block ${i}`)) })
    assert.deepEqual([store.size, keys()[0]], [MAX_STORED_ITEMS, 'block 0'])
  })

  it(`keeps ${MAX_STORED_BYTES} bytes, the oldest make room for one byte more`, () => {
    store.add(framed('a', 100))
    store.add(framed('b', 100))
    store.add(framed('c', MAX_STORED_BYTES - 200))
    assert.deepEqual([keys(), store.bytes], [['a', 'b', 'c'], MAX_STORED_BYTES])
    store.add(framed('d', 101))
    assert.deepEqual([keys(), store.bytes], [['c', 'd'], MAX_STORED_BYTES - 99])
  })

  it('takes an item that just fits, for all others, and none that is larger, which puts nothing out', () => {
    store.add(framed('a'))
    assert.equal(store.add(framed('b', MAX_STORED_BYTES + 1)), false)
    assert.deepEqual(keys(), ['a'])
    assert.equal(store.add(framed('c', MAX_STORED_BYTES)), true)
    assert.deepEqual(keys(), ['c'])
  })

  it(`keeps each for ${STORED_TTL_MS} ms from when it was added last`, async () => {
    store.add(framed('a'))
    store.add(framed('b'))
    await clock.advance(1000)
    store.add(framed('c'))
    store.add(framed('b'))
    await clock.advance(STORED_TTL_MS - 1001)
    assert.deepEqual(keys(), ['a', 'c', 'b'])
    await clock.advance(1)
    assert.deepEqual(keys(), ['c', 'b'])
    await clock.advance(999)
    assert.deepEqual(keys(), ['c', 'b'])
    await clock.advance(1)
    assert.deepEqual([keys(), store.bytes], [[], 0])
    assert.equal(clock.pending, 0)
  })

  it('lets go of everything, its timer too, and can be used again', async () => {
    store.add(framed('a'))
    assert.equal(clock.pending, 1)
    store.clear()
    assert.deepEqual([store.size, store.bytes, clock.pending], [0, 0, 0])
    store.add(framed('b'))
    await clock.advance(STORED_TTL_MS)
    assert.deepEqual([store.size, clock.pending], [0, 0])
  })

  it('may be changed while it is walked', () => {
    ['a', 'b', 'c'].forEach((key) => store.add(framed(key)))
    const met: string[] = []

    for (const item of store) {
      met.push(item.key)
      store.add(item)
    }

    assert.deepEqual(met, ['a', 'b', 'c'])
  })

  it('keeps what a plain list would, whatever is added when', async () => {
    const limits = { items: 4, bytes: 100, ttl: 50 }
    const add = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), bytes: fc.integer({ min: 0, max: 110 }) })
    const wait = fc.record({ ms: fc.integer({ min: 1, max: 60 }) })

    await fc.assert(fc.asyncProperty(fc.array(fc.oneof(add, wait), { maxLength: 40 }), async (steps) => {
      const clock = new FakeClock()
      const store = new ItemStore(clock, limits)
      let list: { key: string, bytes: number, until: number }[] = []

      for (const step of steps) {
        if ('ms' in step) {
          await clock.advance(step.ms)
        } else {
          const fits = step.bytes <= limits.bytes
          const added = fits ? [{ ...step, until: clock.now() + limits.ttl }] : []
          list = [...list.filter(({ key }) => key !== step.key), ...added]

          while (list.length > limits.items || list.reduce((sum, { bytes }) => sum + bytes, 0) > limits.bytes) {
            list.shift()
          }

          assert.equal(store.add(framed(step.key, step.bytes)), fits)
        }

        list = list.filter(({ until }) => until > clock.now())
        assert.deepEqual([...store].map(({ key, frame }) => [key, frame.byteLength]), list.map(({ key, bytes }) => [key, bytes]))
        assert.equal(store.bytes, list.reduce((sum, { bytes }) => sum + bytes, 0))
        assert.ok(list.length === 0 ? clock.pending <= 1 : clock.pending === 1)
      }
    }), { numRuns: 100 })
  })

  describe('of an item', () => {
    it('may go to each peer once', () => {
      const item = framed('a')
      assert.equal(item.mayGoTo('alice'), true)
      item.noteSent('alice')
      assert.deepEqual([item.mayGoTo('alice'), item.mayGoTo('bob'), item.sent], [false, true, 1])
    })

    it('may go whole, once, to a peer that was sent another form of it', () => {
      const item = framed('a')
      const other = Uint8Array.of(1)
      item.noteSent('alice', other)
      assert.deepEqual([item.wasSentTo('alice'), item.mayGoTo('alice', other), item.mayGoTo('alice')], [true, false, true])
      item.noteSent('alice')
      assert.deepEqual([item.mayGoTo('alice'), item.noteArrived('alice')], [false, item.frame])
    })

    it('may wait for a peer from when it is sent until it has arrived', () => {
      const item = framed('a')
      assert.equal(item.noteArrived('alice'), undefined)
      item.noteSent('alice')
      assert.deepEqual([item.noteArrived('alice'), item.noteArrived('alice'), item.mayGoTo('alice')], [item.frame, undefined, false])
    })

    it('is on its way to a peer from when it is sent until it has arrived, or the peer has gone', () => {
      const item = framed('a')
      assert.equal(item.isOnItsWay('alice'), false)
      item.noteSent('alice')
      item.noteSent('bob')
      assert.deepEqual([item.isOnItsWay('alice'), item.isOnItsWay('bob')], [true, true])
      item.noteArrived('alice')
      item.forgetPeer('bob')
      assert.deepEqual([item.isOnItsWay('alice'), item.isOnItsWay('bob')], [false, false])
    })

    it('may go to a peer once more that has gone since', () => {
      const item = framed('a')
      item.noteSent('alice')
      item.forgetPeer('alice')
      assert.deepEqual([item.mayGoTo('alice'), item.sent], [true, 0])
    })

    it(`goes to ${MAX_RECIPIENTS} peers, and not to one more`, () => {
      const item = framed('a')

      for (let i = 0; i < MAX_RECIPIENTS - 1; i++) {
        item.noteSent(String(i))
      }

      assert.equal(item.mayGoTo('one'), true)
      item.noteSent('one')
      assert.equal(item.mayGoTo('one more'), false)
    })
  })

  it('gives a peer that is back what it is not known to have, and what it was sent and may have lost, which it may be sent again', () => {
    const seen = new SeenCache({ clock, chance: systemChance }, 40)
    const peer = { id: 'alice', number: 3, session: new FakeSession('alice').session, usesShortDigests: false, isBlockOnly: false }
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

    assert.deepEqual(takeUnconfirmed(peer, store, seen), [announced.key, sent.key])
    assert.deepEqual([sent.mayGoTo('alice'), arrived.mayGoTo('alice')], [true, false])
    assert.equal(seen.isHolder(seen.enter(sent.key), 3), false)
    store.clear()
  })
})
import { systemChance } from '../../../src/util/chance.ts'
