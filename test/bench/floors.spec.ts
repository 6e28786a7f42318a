import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { BENCHMARKS } from '../../bench/benchmarks.ts'
import { judge } from '../../bench/report/floors.ts'
import type { Bound, Floors } from '../../bench/report/floors.ts'
import type { BenchmarkResult } from '../../bench/report/results.ts'

const RESULT: BenchmarkResult = {
  name: 'sync',
  about: 'a chain',
  figures: { rate: 'bytes/s' },
  contenders: [
    { label: 'ours', isLimit: false, aims: {}, rounds: [{ rate: 30 }] },
    { label: 'raw', isLimit: true, aims: {}, rounds: [{ rate: 60 }] }
  ]
}

describe('bench/floors: judge', () => {
  it('lets a ratio pass that is just within its bound, and none beyond', () => {
    const isMet = (bound: Bound): boolean[] => judge(RESULT, { sync: { rate: { raw: bound } } }).map(({ isMet }) => isMet)

    assert.deepEqual(isMet({ atLeast: 0.5 }), [true])
    assert.deepEqual(isMet({ atLeast: 0.51 }), [false])
    assert.deepEqual(isMet({ atMost: 0.5 }), [true])
    assert.deepEqual(isMet({ atMost: 0.49 }), [false])
  })

  it('refuses a floor for what was not measured', () => {
    assert.throws(() => judge(RESULT, { sync: { rate: { streams: { atLeast: 1 } } } }), /streams, which was not measured/)
    assert.throws(() => judge(RESULT, { sync: { cpu: { raw: { atLeast: 1 } } } }), /cpu of sync/)
  })
})

describe('bench/floors: floors.json', () => {
  it('names benchmarks, figures and contenders of a quick run', async () => {
    const floors = JSON.parse(await readFile(new URL('../../bench/floors.json', import.meta.url), 'utf8')) as Floors

    for (const [name, figures] of Object.entries(floors)) {
      const benchmark = BENCHMARKS.find((benchmark) => benchmark.name === name)
      assert.ok(benchmark != null && benchmark.isQuick !== false, name)

      for (const [figure, contenders] of Object.entries(figures)) {
        assert.ok(Object.hasOwn(benchmark.figures, figure), `${figure} of ${name}`)

        for (const label of Object.keys(contenders)) {
          const contender = benchmark.contenders.slice(1).find((contender) => contender.label === label)
          assert.ok(contender != null && contender.isQuick !== false, `${label} of ${name}`)
        }
      }
    }
  })
})
