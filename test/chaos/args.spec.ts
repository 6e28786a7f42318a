import assert from 'node:assert/strict'
import { readArgs } from './args.ts'

describe('chaos/args', () => {
  it('have defaults: 12 nodes, 120 s, and another seed each time', () => {
    const [first, second] = [readArgs([])!, readArgs([])!]

    assert.deepEqual({ ...first, seed: 0 }, { seconds: 120, nodes: 12, older: 0, seed: 0 })
    assert.notEqual(first.seed, second.seed)
  })

  it('are read', () => {
    assert.deepEqual(
      readArgs(['--seconds', '5', '--nodes', '3', '--older', '3', '--seed', '4294967295']),
      { seconds: 5, nodes: 3, older: 3, seed: 4294967295 }
    )
  })

  it('may ask for help', () => {
    assert.equal(readArgs(['--help']), undefined)
  })

  for (const [args, expected] of [
    [['--seconds', '4'], 'Expected --seconds to be a whole number from 5 to 86400, got 4'],
    [['--seconds', ''], /--seconds/],
    [['--nodes', '2'], 'Expected --nodes to be a whole number from 3 to 32, got 2'],
    [['--nodes', '33'], 'Expected --nodes to be a whole number from 3 to 32, got 33'],
    [['--nodes', '4', '--older', '5'], 'Expected --older to be a whole number from 0 to 4, got 5'],
    [['--seed', '0.5'], /--seed/],
    [['--nothing'], /--nothing/]
  ] as const) {
    it(`are refused where they are ${args.join(' ')}`, () => {
      assert.throws(() => readArgs([...args]), { message: expected })
    })
  }
})
