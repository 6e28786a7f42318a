import assert from 'node:assert/strict'
import { HELP, readArgs } from './args.ts'
import { BOUNDS } from './verdict.ts'

describe('soak/args', () => {
  it('have defaults: 30 minutes, nothing leaked, and another seed each time', () => {
    const [first, second] = [readArgs([])!, readArgs([])!]

    assert.deepEqual({ ...first, seed: 0 }, { minutes: 30, seed: 0, leakBytes: 0 })
    assert.notEqual(first.seed, second.seed)
  })

  it('are read', () => {
    assert.deepEqual(readArgs(['--minutes', '0.5', '--seed', '7', '--leak', '1048576']), { minutes: 0.5, seed: 7, leakBytes: 1_048_576 })
  })

  it('may ask for help, which names every bound', () => {
    assert.equal(readArgs(['--help']), undefined)
    assert.deepEqual(BOUNDS.filter(({ label, perHour }) => !HELP.includes(`${label}: ${perHour} `)), [])
  })

  for (const [args, expected] of [
    [['--minutes', '0.1'], 'Expected --minutes to be a number from 0.2 to 10080, got 0.1'],
    [['--minutes', '10081'], /--minutes/],
    [['--seed', '1.5'], 'Expected --seed to be a whole number from 0 to 4294967295, got 1.5'],
    [['--leak', '1.5'], 'Expected --leak to be a whole number from 0 to 1048576, got 1.5'],
    [['--nothing'], /--nothing/]
  ] as const) {
    it(`are refused where they are ${args.join(' ')}`, () => {
      assert.throws(() => readArgs([...args]), { message: expected })
    })
  }
})
