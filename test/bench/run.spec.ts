import assert from 'node:assert/strict'
import { QUICK, runAll } from '../../bench/run.ts'
import type { Benchmark } from '../../bench/benchmark.ts'

function benchmark (name: string, lacks?: Benchmark['lacks']): Benchmark {
  const measure = async (): Promise<{ time: number }> => Promise.resolve({ time: 1 })

  return { name, about: 'a test', figures: { time: 'ms' }, contenders: [{ label: 'ours', measure }], ...(lacks != null && { lacks }) }
}

describe('bench/run', () => {
  it('leaves out what the machine lacks something for, and says so', async () => {
    const lines: string[] = []
    const all = [benchmark('a', async () => Promise.resolve('root')), benchmark('b', async () => Promise.resolve(undefined)), benchmark('c')]
    const { benchmarks } = await runAll(all, { scale: QUICK, rounds: 1, onProgress: (line) => { lines.push(line) } })

    assert.deepEqual(benchmarks.map(({ name }) => name), ['b', 'c'])
    assert.deepEqual(lines.filter((line) => line.includes('left out')), ['a: left out, no root'])
  })
})
