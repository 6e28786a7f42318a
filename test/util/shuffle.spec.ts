import assert from 'node:assert/strict'
import fc from 'fast-check'
import { shuffle } from '../../src/util/shuffle.ts'
import { Random } from '../fuzz/random.ts'

describe('util/shuffle', () => {
  it('keeps every item, in the same array', () => {
    fc.assert(fc.property(fc.array(fc.integer()), (given) => {
      const items = [...given]

      assert.equal(shuffle(items, Math.random), items)
      assert.deepEqual(items.toSorted((a, b) => a - b), given.toSorted((a, b) => a - b))
    }))
  })

  it('gives each order of three items about as often as any other', () => {
    const counts = new Map<string, number>()
    const random = new Random(1)

    for (let i = 0; i < 6000; i++) {
      const order = shuffle(['a', 'b', 'c'], () => random.fraction()).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }

    assert.equal(counts.size, 6)
    assert.ok([...counts.values()].every((count) => count > 800 && count < 1200), JSON.stringify([...counts]))
  })
})
