import assert from 'node:assert/strict'
import { readArgs } from './args.ts'

const TARGETS = ['frames', 'messages']

describe('fuzz/args', () => {
  it('have defaults: a million inputs of all targets, and another seed each time', () => {
    const [first, second] = [readArgs([], TARGETS)!, readArgs([], TARGETS)!]

    assert.deepEqual({ ...first, seed: 0 }, {
      inputs: 1_000_000, minutes: Infinity, seed: 0, target: undefined, replay: undefined, saveCorpus: false
    })
    assert.notEqual(first.seed, second.seed)
  })

  it('are read', () => {
    const args = ['--inputs', '5', '--minutes', '0.5', '--seed', '4294967295', '--target', 'frames', '--replay', '00ff', '--save-corpus']

    assert.deepEqual(readArgs(args, TARGETS), {
      inputs: 5, minutes: 0.5, seed: 4294967295, target: 'frames', replay: Uint8Array.of(0, 255), saveCorpus: true
    })
  })

  it('may ask for help', () => {
    assert.equal(readArgs(['--help'], TARGETS), undefined)
  })

  for (const [args, expected] of [
    [['--inputs', '0'], 'Expected --inputs to be a whole number from 1 to 9007199254740991, got 0'],
    [['--inputs', '1.5'], 'Expected --inputs to be a whole number from 1 to 9007199254740991, got 1.5'],
    [['--seed', '-1'], /--seed/],
    [['--seed', '4294967296'], 'Expected --seed to be a whole number from 0 to 4294967295, got 4294967296'],
    [['--minutes', '0'], 'Expected --minutes to be a number above 0, got 0'],
    [['--target', 'nobody'], 'Expected --target to be one of frames, messages, got nobody'],
    [['--replay', '00'], 'Expected --replay to be bytes in hex, and --target to be named'],
    [['--target', 'frames', '--replay', '0'], 'Expected --replay to be bytes in hex, and --target to be named'],
    [['--nothing'], /--nothing/]
  ] as const) {
    it(`are refused where they are ${args.join(' ')}`, () => {
      assert.throws(() => readArgs([...args], TARGETS), { message: expected })
    })
  }
})
