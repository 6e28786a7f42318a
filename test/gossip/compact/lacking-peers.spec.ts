import assert from 'node:assert/strict'
import { FEWEST_WHOLE_BLOCKS, LackingPeers, MOST_WHOLE_BLOCKS } from '../../../src/gossip/compact/lacking-peers.ts'
import { FakeSession } from '../../support/fake-session.ts'

describe('gossip/compact/lacking-peers', () => {
  const { session } = new FakeSession('alice')

  /** How many blocks in a row are whole from a number on. */
  const wholeFrom = (lacking: LackingPeers, number: number): number => {
    let count = 0

    while (lacking.has(session, number + count)) {
      count++
    }

    return count
  }

  it(`gets ${FEWEST_WHOLE_BLOCKS} whole blocks after one of which it has asked for most, and no other peer does`, () => {
    const lacking = new LackingPeers()
    assert.equal(lacking.has(session, 0), false)
    lacking.note(session, 7)
    assert.equal(wholeFrom(lacking, 8), FEWEST_WHOLE_BLOCKS)
    assert.equal(lacking.has(new FakeSession('bob').session, 8), false)
  })

  it(`gets twice as many each time, up to ${MOST_WHOLE_BLOCKS}`, () => {
    const lacking = new LackingPeers()
    const counts: number[] = []

    for (let number = 0; counts.length < 7;) {
      lacking.note(session, number)
      counts.push(wholeFrom(lacking, number + 1))
      number += 1 + counts.at(-1)!
    }

    assert.deepEqual(counts, [4, 8, 16, 32, 64, 64, 64])
  })

  it(`gets few again where ${FEWEST_WHOLE_BLOCKS} compact ones were put together, and not one before`, () => {
    const few = FEWEST_WHOLE_BLOCKS

    for (const [taken, whole] of [[few - 1, 2 * few], [few, few]] as const) {
      const lacking = new LackingPeers()
      lacking.note(session, 0)
      const next = 1 + FEWEST_WHOLE_BLOCKS + taken
      lacking.note(session, next)
      assert.equal(wholeFrom(lacking, next + 1), whole)
    }
  })

  it('counts a block once, however often it is asked for', () => {
    const lacking = new LackingPeers()
    lacking.note(session, 0)
    lacking.note(session, 0)
    assert.equal(wholeFrom(lacking, 1), FEWEST_WHOLE_BLOCKS)
  })
})
