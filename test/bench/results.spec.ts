import assert from 'node:assert/strict'
import { rowsOf } from '../../bench/report/results.ts'
import type { Aim } from '../../bench/benchmark.ts'
import type { BenchmarkResult, ContenderResult } from '../../bench/report/results.ts'

function contender (label: string, values: number[], aim?: Aim): ContenderResult {
  return { label, isLimit: false, aims: aim == null ? {} : { rate: aim }, rounds: values.map((rate) => ({ rate })) }
}

function benchmark (...contenders: ContenderResult[]): BenchmarkResult {
  return { name: 'benchmark', about: 'a benchmark', figures: { rate: 'bytes/s' }, contenders }
}

describe('bench/results', () => {
  it('compares ours with each of the others, round by round', () => {
    const [ours, other] = rowsOf(benchmark(contender('ours', [10, 40, 30]), contender('other', [10, 10, 10])))

    assert.equal(ours?.ratio, undefined)
    assert.equal(ours?.median, 30)
    assert.deepEqual(other?.ratio, { min: 1, median: 3, max: 4 })
    assert.equal(other.median, 10)
  })

  it('says whether the median of the ratios meets the aim', () => {
    const isMet = (aim: Aim): boolean | undefined => rowsOf(benchmark(contender('ours', [20, 20, 90]), contender('other', [10, 10, 10], aim)))[1]?.isMet

    assert.equal(isMet({ atLeast: 2 }), true)
    assert.equal(isMet({ atLeast: 2.01 }), false)
    assert.equal(isMet({ atMost: 2 }), true)
    assert.equal(isMet({ atMost: 1.99 }), false)
    assert.equal(isMet({ atMostMore: 10 }), true)
    assert.equal(isMet({ atMostMore: 9 }), false)
  })

  it('takes an aim of the first contender as one for the figure itself', () => {
    const isMet = (atMost: number): boolean | undefined => rowsOf(benchmark(contender('ours', [5], { atMost }), contender('other', [1])))[0]?.isMet

    assert.equal(isMet(5), true)
    assert.equal(isMet(4), false)
  })

  it('refuses a round in which a figure is missing or no number', () => {
    assert.throws(() => rowsOf({ ...benchmark(contender('ours', [1])), figures: { cpu: 'ms' } }), /ours has no cpu/)
    assert.throws(() => rowsOf(benchmark(contender('ours', [NaN]))), /ours has no rate/)
  })
})
