import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import { encodeBlock, encodeMessage, encodeTransaction } from '../../../src/index.ts'
import { MAX_SIGHTINGS, Sightings } from '../../../src/check/peer/sightings.ts'
import type { WireMessage } from '../../../src/index.ts'

function digestOf (item: Uint8Array): Uint8Array {
  return createHash('sha256').update(item).digest()
}

/** As many digests as are asked for, from a number on. */
function digests (from: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => digestOf(Buffer.from(String(from + i))))
}

describe('check/peer/sightings', () => {
  let sightings: Sightings

  beforeEach(() => {
    sightings = new Sightings()
  })

  function note (message: WireMessage): void {
    sightings.note({ message, bytes: encodeMessage(message) })
  }

  it('has what was announced, and the blocks and transactions that came, by their digest', () => {
    const [block, transaction] = [sampleBlock(), sampleTransaction()]
    const announced = digests(0, 2)
    note({ type: 'have', digests: announced })
    note({ type: 'newBlock', block })
    note({ type: 'newTransaction', transaction })
    const seen = [...announced, digestOf(encodeBlock(block)), digestOf(encodeTransaction(transaction))]

    assert.deepEqual(seen.map((digest) => sightings.has(digest)), [true, true, true, true])
    assert.equal(sightings.has(digests(2, 1)[0]!), false)
  })

  it('notes nothing of other messages, nor of what cannot be read', () => {
    const [digest] = digests(0, 1)
    note({ type: 'want', digests: [digest!] })
    sightings.note({ message: undefined, bytes: digest! })

    assert.equal(sightings.has(digest!), false)
  })

  it(`keeps ${MAX_SIGHTINGS} digests, and forgets the oldest for one more`, () => {
    const all = digests(0, MAX_SIGHTINGS + 1)
    const [first, second] = all

    for (let i = 0; i < MAX_SIGHTINGS; i += 500) {
      note({ type: 'have', digests: all.slice(i, Math.min(i + 500, MAX_SIGHTINGS)) })
    }

    assert.equal(all.slice(0, MAX_SIGHTINGS).every((digest) => sightings.has(digest)), true)
    // what is there already needs no room
    note({ type: 'have', digests: [all[MAX_SIGHTINGS - 1]!] })
    assert.equal(sightings.has(first!), true)
    note({ type: 'have', digests: [all[MAX_SIGHTINGS]!] })
    assert.deepEqual([first, second, all[MAX_SIGHTINGS]].map((digest) => sightings.has(digest!)), [false, true, true])
  })
})
