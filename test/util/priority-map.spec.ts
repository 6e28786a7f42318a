import assert from 'node:assert/strict'
import fc from 'fast-check'
import { PriorityMap } from '../../src/util/priority-map.ts'

describe('util/priority-map', () => {
  it('is empty at first', () => {
    const map = new PriorityMap<number>()

    assert.equal(map.size, 0)
    assert.equal(map.lowest, undefined)
    assert.equal(map.get('a'), undefined)
    assert.equal(map.delete('a'), false)
    assert.deepEqual(map.values(), [])
  })

  it('knows the lowest after an entry has been lowered, raised and taken out', () => {
    const map = new PriorityMap<string>()
    map.set('a', 'A', 1)
    map.set('b', 'B', 2)
    map.set('c', 'C', 3)
    assert.equal(map.lowest, 'a')

    map.set('c', 'C', 0)
    assert.equal(map.lowest, 'c')
    map.set('c', 'D', 9)
    assert.equal(map.lowest, 'a')
    assert.equal(map.get('c'), 'D')
    assert.equal(map.delete('a'), true)
    assert.equal(map.lowest, 'b')
    assert.equal(map.size, 2)
  })

  it('agrees with a map that is searched from end to end', () => {
    const operation = fc.record({
      key: fc.nat(15).map((n) => `k${n}`),
      // few of them, so that many are equal
      priority: fc.option(fc.nat(9), { nil: undefined })
    })

    fc.assert(fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const map = new PriorityMap<number>()
      const model = new Map<string, number>()

      operations.forEach(({ key, priority }, i) => {
        if (priority == null) {
          assert.equal(map.delete(key), model.delete(key))
        } else {
          map.set(key, i, priority)
          model.set(key, priority)
          assert.equal(map.get(key), i)
        }

        assert.equal(map.size, model.size)
        assert.equal(map.values().length, model.size)
        assert.equal(map.lowest == null ? undefined : model.get(map.lowest), model.size === 0 ? undefined : Math.min(...model.values()))
      })

      const drained: number[] = []

      for (let key = map.lowest; key != null; key = map.lowest) {
        drained.push(model.get(key)!)
        map.delete(key)
      }

      assert.deepEqual(drained, [...model.values()].sort((a, b) => a - b))
    }))
  })
})
