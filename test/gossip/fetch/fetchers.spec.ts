import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeSession } from '../../support/fake-session.ts'
import { MAX_DIGESTS } from '../../../src/codec/limits.ts'
import { WANT_DELAY_MS, WANT_SLACK_MS } from '../../../src/gossip/fetch/fetcher.ts'
import {
  Fetchers, MAX_WANTED_TRANSACTIONS, MAX_WANTED_TRANSACTIONS_PER_PEER, TRANSACTION_WANT_DELAY_MS
} from '../../../src/gossip/fetch/fetchers.ts'
import { shortKeyOf } from '../../../src/gossip/digest-key.ts'
import { ReadyPeers } from '../../../src/gossip/peers.ts'

/** A key of 32 characters. */
const keyOf = (number: number): string => `${number}`.padStart(16, '0').padEnd(32, '.')

describe('gossip/fetch/fetchers', () => {
  let clock: FakeClock
  let peers: ReadyPeers
  let fetchers: Fetchers

  beforeEach(() => {
    clock = new FakeClock()
    peers = new ReadyPeers(64)
    fetchers = new Fetchers({ clock, peers })
  })

  afterEach(() => {
    fetchers.stop()
    assert.equal(clock.pending, 0)
  })

  function meet (id: string): FakeSession {
    const session = new FakeSession(id)
    peers.add(session.session)

    return session
  }

  const wanted = (): number => fetchers.usage.wantedTransactions.items!

  it(`waits for ${MAX_WANTED_TRANSACTIONS_PER_PEER} transactions of a peer, and for no more`, () => {
    const alice = meet('alice')
    const announce = (number: number): void => { fetchers.announcedShort(shortKeyOf(keyOf(number)), alice.session) }
    Array.from({ length: MAX_WANTED_TRANSACTIONS_PER_PEER - 1 }, (_, number) => { announce(number) })
    assert.equal(wanted(), MAX_WANTED_TRANSACTIONS_PER_PEER - 1)
    announce(100_000)
    announce(100_001)
    assert.equal(wanted(), MAX_WANTED_TRANSACTIONS_PER_PEER)
  })

  it(`waits for ${MAX_WANTED_TRANSACTIONS} in all, and leaves room for one that has announced less`, () => {
    const many = Array.from({ length: MAX_WANTED_TRANSACTIONS / MAX_WANTED_TRANSACTIONS_PER_PEER }, (_, who) => meet(`peer ${who}`))

    many.forEach((session, who) => {
      for (let number = 0; number < MAX_WANTED_TRANSACTIONS_PER_PEER; number++) {
        fetchers.announcedShort(shortKeyOf(keyOf(10_000 * who + number)), session.session)
      }
    })

    assert.equal(wanted(), MAX_WANTED_TRANSACTIONS)
    fetchers.announcedShort(shortKeyOf(keyOf(100_000)), meet('late').session)
    assert.equal(wanted(), MAX_WANTED_TRANSACTIONS)
    assert.ok(fetchers.arrived(keyOf(100_000)) != null)
  })

  it(`asks by short digests after ${TRANSACTION_WANT_DELAY_MS} ms, and by whole ones after ${WANT_DELAY_MS} ms, each as it was announced`, async () => {
    const alice = meet('alice')
    fetchers.announcedShort(shortKeyOf(keyOf(1)), alice.session)
    fetchers.announced(keyOf(2), alice.session)
    await clock.advance(TRANSACTION_WANT_DELAY_MS - WANT_SLACK_MS - 1)
    assert.deepEqual(alice.queue, [])
    await clock.advance(WANT_SLACK_MS + 1)
    const hex = (key: string): string => Buffer.from(key, 'latin1').toString('hex')
    assert.deepEqual(alice.queue.map(({ digests, shortDigests }) => [digests, shortDigests]), [[[], [hex(shortKeyOf(keyOf(1)))]]])
    await clock.advance(WANT_DELAY_MS - TRANSACTION_WANT_DELAY_MS)
    assert.deepEqual(alice.queue.map(({ digests, shortDigests }) => [digests, shortDigests])[1], [[hex(keyOf(2))], []])
    assert.deepEqual([fetchers.arrived(keyOf(1), 'alice') != null, fetchers.arrived(keyOf(2), 'alice') != null], [true, true])
    assert.equal(fetchers.arrived(keyOf(2), 'alice'), undefined)
  })

  it(`asks for ${MAX_DIGESTS} in one message`, async () => {
    const alice = meet('alice')
    Array.from({ length: MAX_DIGESTS + 1 }, (_, number) => { fetchers.announcedShort(shortKeyOf(keyOf(number)), alice.session) })
    await clock.advance(TRANSACTION_WANT_DELAY_MS)
    assert.deepEqual(alice.queue.map(({ shortDigests }) => shortDigests!.length), [MAX_DIGESTS, 1])
  })

  it('asks an announcer at once that has withheld nothing, where those that were asked have', async () => {
    const [liar, honest] = [meet('liar'), meet('honest')]
    fetchers.announcedShort(shortKeyOf(keyOf(1)), liar.session)
    // nothing comes: it has withheld this one
    await clock.advance(3000)
    liar.queue.length = 0
    fetchers.announcedShort(shortKeyOf(keyOf(2)), liar.session)
    await clock.advance(TRANSACTION_WANT_DELAY_MS)
    assert.deepEqual(liar.types, ['want'])
    fetchers.announcedShort(shortKeyOf(keyOf(2)), honest.session)
    await clock.advance(TRANSACTION_WANT_DELAY_MS)
    assert.deepEqual(honest.types, ['want'])
  })
})
