import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HELP, readArgs } from './args.ts'
import { SCENARIOS } from './scenarios/index.ts'

describe('simulate/args', () => {
  it('names every scenario in the help', () => {
    assert.deepEqual(Object.keys(SCENARIOS).filter((name) => !HELP.includes(`  ${name} `)), [])
    assert.equal(readArgs(['--help']), HELP)
  })

  it('names every scenario in the guide', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/guide/simulating.md'), 'utf8')

    assert.deepEqual(Object.keys(SCENARIOS).filter((name) => !guide.includes(`\n| \`${name}\` |`)), [])
  })

  it('explains each scenario', () => {
    for (const [name, { about, details, nodes }] of Object.entries(SCENARIOS)) {
      const help = readArgs([name, '--help']) as string

      assert(help.startsWith(`${name}: ${about}\n`) && help.includes(`\n${nodes} nodes, unless`), help)
      assert.equal(help.split('\n\n')[1]!.replaceAll('\n', ' '), details)
      assert.deepEqual(help.split('\n').filter((line) => line.length > 100), [])
    }
  })

  it('reads what is to be run', () => {
    assert.deepEqual(readArgs(['properties', '--seeds', '1000', '--seed', '7', '--path', '1:0', '--json']), {
      names: ['properties'], seed: 7, nodes: undefined, runs: 1000, path: '1:0', svg: undefined, isJson: true
    })
    assert.deepEqual(readArgs(['fork', '--only', 'churn', '--only', 'eclipse', '--nodes', '20']), {
      names: ['fork', 'churn', 'eclipse'], seed: 1, nodes: 20, runs: 100, path: undefined, svg: undefined, isJson: false
    })
  })

  for (const [args, message] of [
    [[], /^Expected one of propagation, .* got nothing/],
    [['chrun'], /got chrun/],
    [['fork', '--only', 'chrun'], /got chrun/],
    [['churn', '--nodes', '0'], /^Expected --nodes to be a whole number from 1 on, got 0/],
    [['churn', 'fork', '--svg', 'x.svg'], /^Expected one scenario with --svg, got churn, fork/],
    [['churn', '--sed', '1'], /--sed/]
  ] as const) {
    it(`refuses ${args.join(' ') || 'nothing'}`, () => {
      assert.throws(() => readArgs(args), { message })
    })
  }
})
