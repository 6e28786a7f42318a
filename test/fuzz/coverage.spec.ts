import assert from 'node:assert/strict'
import { Coverage } from './coverage.ts'
import { withCounters } from './instrument.ts'

describe('fuzz/coverage', () => {
  let coverage: Coverage

  beforeEach(() => {
    coverage = new Coverage()
  })

  /** Loads a function and says which of its branches each call takes, as a number for each that it made so far. */
  async function watch (source: string): Promise<(argument: unknown) => string> {
    const text = withCounters(`export const f = ${source}`, { fileName: 'test.ts', coverage })
    const { f } = await import(`data:text/javascript,${encodeURIComponent(text)}`) as { f: (argument: unknown) => unknown }

    return (argument) => {
      coverage.reset()

      try {
        f(argument)
      } catch {
        // the way out is a branch too
      }

      return coverage.passed.join()
    }
  }

  for (const [what, source] of Object.entries({
    'an if without an else': '(x: unknown) => { if (x === 1) { String(x) } }',
    'an if without a block': '(x: unknown) => { if (x === 1) String(x) }',
    'an else': '(x: unknown) => { if (x === 1) { String(x) } else { Number(x) } }',
    'a case': '(x: unknown) => { switch (x) { case 1: break; default: } }',
    'a condition': '(x: unknown) => x === 1 ? 2 : 3',
    'the right of an and': '(x: unknown) => x === 1 && String(x)',
    'the right of an or': '(x: unknown) => x === 1 || String(x)',
    'the right of a ??': '(x: unknown) => (x === 1 ? null : 0) ?? 1',
    'a loop': '(x: unknown) => { for (let i = 0; i < Number(x); i++) { String(i) } }',
    'a callback': '(x: unknown) => { [1].filter((y) => y === x).map((y) => y) }',
    'a catch': '(x: unknown) => { try { if (x === 1) { throw new Error() } } catch { String(x) } }'
  })) {
    it(`tells whether ${what} is taken`, async () => {
      const passed = await watch(source)

      assert.notEqual(passed(1), passed(-2))
      assert.equal(passed(1), passed(1))
    })
  }

  it('takes what happens as often, up to doubling, for the same', async () => {
    const call = await watch('(x: unknown) => { for (let i = 0; i < Number(x); i++) { String(i) } }')
    const isNew = [0, 0, 1, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 127, 128, 1000].map((times) => {
      call(times)

      return coverage.takeNew()
    })

    assert.deepEqual(isNew.map(Number), [1, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0])
  })

  it('counts the branches that there are, and those that were taken', async () => {
    const call = await watch('(x: unknown) => { if (x === 1) { String(x) } }')
    assert.equal(coverage.locations, 3)
    call(1)
    coverage.takeNew()
    assert.equal(coverage.seenPlaces, 2)
    call(2)
    coverage.takeNew()
    assert.equal(coverage.seenPlaces, 3)
  })
})
