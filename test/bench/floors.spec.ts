import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { judge } from '../../bench/floors.ts'
import { WORKS } from '../../bench/works.ts'
import type { Bound, Floors } from '../../bench/floors.ts'
import type { WorkResult } from '../../bench/results.ts'

const RESULT: WorkResult = {
  name: 'sync',
  about: 'a chain',
  figures: { rate: 'bytes/s' },
  sides: [
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
  it('names works, figures and sides of a quick run', async () => {
    const floors = JSON.parse(await readFile(new URL('../../bench/floors.json', import.meta.url), 'utf8')) as Floors

    for (const [name, figures] of Object.entries(floors)) {
      const work = WORKS.find((work) => work.name === name)
      assert.ok(work != null && work.isQuick !== false, name)

      for (const [figure, sides] of Object.entries(figures)) {
        assert.ok(Object.hasOwn(work.figures, figure), `${figure} of ${name}`)

        for (const label of Object.keys(sides)) {
          const side = work.sides.slice(1).find((side) => side.label === label)
          assert.ok(side != null && side.isQuick !== false, `${label} of ${name}`)
        }
      }
    }
  })
})
