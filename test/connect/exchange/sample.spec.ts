import assert from 'node:assert/strict'
import { DailySample, MIN_SAMPLE, SAMPLE_MS } from '../../../src/connect/exchange/sample.ts'
import { seededChance } from '../../../src/util/chance.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const ids = (count: number, name = 'peer'): string[] => Array.from({ length: count }, (_, index) => `${name} ${index}`)

describe('connect/exchange/sample', () => {
  let clock: FakeClock
  let sample: DailySample

  beforeEach(() => {
    clock = new FakeClock()
    sample = new DailySample({ clock, chance: seededChance('sample') })
  })

  it('has a quarter of many, and the same ones for all who ask', () => {
    const all = ids(400)
    const first = sample.pick(all)

    assert.equal(first.length, 100)

    for (let question = 0; question < 100; question++) {
      assert.deepEqual(sample.pick(all), first)
    }
  })

  it(`has all of ${MIN_SAMPLE}, and ${MIN_SAMPLE} of a few more`, () => {
    assert.equal(sample.pick(ids(MIN_SAMPLE)).length, MIN_SAMPLE)
    assert.equal(sample.pick(ids(MIN_SAMPLE + 1)).length, MIN_SAMPLE)
    assert.equal(sample.pick(ids(4 * MIN_SAMPLE)).length, MIN_SAMPLE)
    assert.equal(sample.pick(ids(4 * MIN_SAMPLE + 4)).length, MIN_SAMPLE + 1)
  })

  it('grows with the number of peers, and never tells of more than a quarter in a day', () => {
    const told = new Set<string>()

    for (let count = 1; count <= 400; count++) {
      sample.pick(ids(count)).forEach((id) => told.add(id))
    }

    assert.equal(told.size, 100)
  })

  it('replaces none that is gone: who comes and goes is not told of one after the other', () => {
    const told = new Set<string>()

    for (let round = 0; round < 50; round++) {
      sample.pick(ids(40, `round ${round}`)).forEach((id) => told.add(id))
    }

    assert.equal(told.size, 10)
  })

  it('is drawn anew after a day or a quarter more, and not before a day is over', async () => {
    const all = ids(400)
    const first = sample.pick(all)
    await clock.advance(SAMPLE_MS - 1)
    assert.deepEqual(sample.pick(all), first)
    await clock.advance(SAMPLE_MS / 4 + 1)
    const second = sample.pick(all)

    assert.equal(second.length, 100)
    assert(first.filter((id) => second.includes(id)).length < 50)
  })
})
