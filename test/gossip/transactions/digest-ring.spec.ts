import assert from 'node:assert/strict'
import { DigestRing } from '../../../src/gossip/transactions/digest-ring.ts'
import { seededChance } from '../../../src/util/chance.ts'

const SLOTS = 5

/** A key of 32 characters. All begin alike but for one character in the second word. */
function keyOf (number: number): string {
  return `same${String.fromCharCode(number % 256, number >>> 8)}`.padEnd(32, '.')
}

describe('gossip/transactions/digest-ring', () => {
  let ring: DigestRing

  beforeEach(() => {
    ring = new DigestRing(SLOTS, seededChance(7))
  })

  it('finds a digest by its key and by that of its short form, and no other', () => {
    const slot = ring.add(keyOf(1))
    assert.deepEqual([ring.find(keyOf(1)), ring.find(keyOf(1).slice(0, 16)), ring.find(keyOf(2))], [slot, slot, undefined])
    assert.equal(ring.keyOf(slot), keyOf(1))
  })

  it('tells apart digests that differ behind their short form', () => {
    ring.add(keyOf(1))
    assert.equal(ring.find(`${keyOf(1).slice(0, 31)}!`), undefined)
  })

  it('takes the oldest out, over and over, and knows the others still', () => {
    for (let number = 0; number < 1000; number++) {
      if (ring.size === SLOTS) {
        assert.equal(ring.find(keyOf(number - SLOTS)), ring.shift())
        assert.equal(ring.find(keyOf(number - SLOTS)), undefined)
      }

      ring.add(keyOf(number))

      for (let age = 0; age < ring.size; age++) {
        assert.equal(ring.find(keyOf(number - age)), ring.slotAt(age))
        assert.equal(ring.keyOf(ring.slotAt(age)), keyOf(number - age))
      }
    }

    assert.equal(ring.oldest, ring.find(keyOf(995)))
  })

  // the last table that is numbered in 16 bits, and the first that is not
  for (const slots of [32_768, 32_769]) {
    it(`knows each of ${slots} digests, and takes the oldest out`, () => {
      ring = new DigestRing(slots, seededChance(7))

      for (let number = 0; number < slots; number++) {
        assert.equal(ring.add(keyOf(number)), number)
      }

      for (let number = 0; number < slots; number++) {
        assert.equal(ring.find(keyOf(number)), number)
      }

      assert.equal(ring.shift(), 0)
      assert.deepEqual([ring.find(keyOf(0)), ring.find(keyOf(slots - 1))], [undefined, slots - 1])
    })
  }
})
