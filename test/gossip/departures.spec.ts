import assert from 'node:assert/strict'
import { bitOf, Departures, WORD_PEERS, wordOf } from '../../src/gossip/departures.ts'

describe('gossip/departures', () => {
  it('knows which peers have gone since so many had, word by word', () => {
    const departures = new Departures(2)
    departures.note(3)
    departures.note(40)
    departures.note(31)

    assert.equal(departures.count, 3)
    assert.equal(departures.goneSince(0, 0) >>> 0, (bitOf(3) | bitOf(31)) >>> 0)
    assert.equal(departures.goneSince(0, 1), bitOf(40))
    assert.equal(departures.goneSince(1, 0) >>> 0, bitOf(31) >>> 0)
    assert.equal(departures.goneSince(2, 1), 0)
    assert.equal(departures.goneSince(3, 0), 0)
  })

  it('counts a number that was used again as gone when the last peer with it went', () => {
    const departures = new Departures(1)
    departures.note(5)
    departures.note(6)
    departures.note(5)

    assert.equal(departures.goneSince(1, 0), bitOf(5) | bitOf(6))
    assert.equal(departures.goneSince(2, 0), bitOf(5))
  })

  it('has a bit for each of 32 peers in a word, and the next word for one more', () => {
    assert.equal(WORD_PEERS, 32)
    assert.deepEqual([0, 31, 32, 63, 64].map(wordOf), [0, 0, 1, 1, 2])
    assert.equal(new Set(Array.from({ length: WORD_PEERS }, (_, peer) => bitOf(peer))).size, WORD_PEERS)
  })
})
