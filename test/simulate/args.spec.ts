import assert from 'node:assert/strict'
import { HELP, readArgs } from './args.ts'
import { SCENARIOS } from './scenarios/index.ts'

describe('simulate/args', () => {
  it('names every scenario in the help', () => {
    assert.deepEqual(Object.keys(SCENARIOS).filter((name) => !HELP.includes(`  ${name} `)), [])
    assert.equal(readArgs(['fork', '--help']), undefined)
  })

  it('reads what is to be run', () => {
    assert.deepEqual(readArgs(['properties', '--seeds', '1000', '--seed', '7', '--path', '1:0', '--json']), {
      name: 'properties', seed: 7, nodes: undefined, runs: 1000, path: '1:0', svg: undefined, isJson: true
    })
  })

  for (const [args, message] of [
    [[], /^Expected one of withholding, .* got nothing/],
    [['chrun'], /got chrun/],
    [['fork', '--nodes', '0'], /^Expected --nodes to be a whole number from 1 on, got 0/],
    [['fork', '--sed', '1'], /--sed/]
  ] as const) {
    it(`refuses ${args.join(' ') || 'nothing'}`, () => {
      assert.throws(() => readArgs(args), { message })
    })
  }
})
