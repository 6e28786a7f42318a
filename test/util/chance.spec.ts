import assert from 'node:assert/strict'
import { seededChance, systemChance } from '../../src/util/chance.ts'

describe('util/chance', () => {
  it('draws the same for the same seed, on every machine', () => {
    const chance = seededChance('seed')

    assert.deepEqual(Array.from({ length: 3 }, () => Math.floor(chance.random() * 2 ** 32)), [2209046215, 1644692437, 2592545882])
    assert.deepEqual([...seededChance(7).fill(new Uint8Array(8))], [...seededChance('7').fill(new Uint8Array(8))])
  })

  it('draws something else for seeds that differ in one character', () => {
    const first = Array.from({ length: 1000 }, (_, seed) => seededChance(`node ${seed}`).random())

    assert.equal(new Set(first).size, 1000)
    assert(Math.abs(first.reduce((sum, value) => sum + value, 0) / 1000 - 0.5) < 0.05)
  })

  for (const [name, chance] of [['the chance of a seed', seededChance(1)], ['the chance of the machine', systemChance]] as const) {
    it(`gives numbers from 0 to less than 1, each part as often as another: ${name}`, () => {
      const parts = new Uint32Array(16)

      for (let i = 0; i < 16_000; i++) {
        const value = chance.random()
        assert(value >= 0 && value < 1)
        parts[Math.floor(value * 16)]!++
      }

      assert(parts.every((count) => count > 800 && count < 1200), String(parts))
    })

    it(`fills all words that it is given, and returns them: ${name}`, () => {
      const words = new Uint32Array(1000)
      const bigs = new BigUint64Array(2)

      assert.equal(chance.fill(words), words)
      assert(new Set(words).size > 990)
      assert.equal(chance.fill(bigs), bigs)
      assert(bigs[0]! > 0xffff_ffffn && bigs[1] !== bigs[0])
    })
  }
})
