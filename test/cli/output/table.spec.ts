import assert from 'node:assert/strict'
import { fitLines, renderTable } from '../../../src/cli/output/table.ts'
import type { Column } from '../../../src/cli/output/table.ts'

const COLUMNS: Column[] = [{ title: 'NAME', align: 'left' }, { title: 'IN', align: 'right' }, { title: 'STATE', align: 'left' }]

describe('cli/output/table', () => {
  it('makes each column as wide as its widest cell', () => {
    assert.deepEqual(renderTable(COLUMNS, [['node-1', '3', 'running'], ['n', '1234', '']], 80), [
      'NAME      IN  STATE',
      'node-1     3  running',
      'n       1234'
    ])
  })

  it('makes no column narrower than asked', () => {
    const columns: Column[] = [{ title: 'A', align: 'right', minWidth: 4 }, { title: 'B', align: 'left' }]
    assert.deepEqual(renderTable(columns, [['1', 'b'], ['12345', 'b']], 80), ['    A  B', '    1  b', '12345  b'])
    assert.deepEqual(renderTable(columns, [['1', 'b']], 80), ['   A  B', '   1  b'])
  })

  it('has its titles where there are no rows', () => {
    assert.deepEqual(renderTable(COLUMNS, [], 80), ['NAME  IN  STATE'])
  })

  it('fits into any width', () => {
    for (let width = 0; width < 24; width++) {
      for (const line of renderTable(COLUMNS, [['node-1', '3', 'running']], width)) {
        assert(Array.from(line).length <= width, `${line} in ${width}`)
      }
    }
  })

  it('shows where something was cut off', () => {
    assert.deepEqual(renderTable(COLUMNS, [['node-1', '3', 'running']], 13), ['NAME   IN ST…', 'node-1  3 ru…'])
  })

  it('moves its columns together before it cuts', () => {
    assert.deepEqual(renderTable(COLUMNS, [['node-1', '3', 'running']], 19), ['NAME    IN  STATE', 'node-1   3  running'])
    assert.deepEqual(renderTable(COLUMNS, [['node-1', '3', 'running']], 18), ['NAME   IN STATE', 'node-1  3 running'])
  })

  it('aligns by characters, not by their code units', () => {
    assert.deepEqual(renderTable(COLUMNS.slice(0, 2), [['🚀', '1'], ['ab', '2']], 80), ['NAME  IN', '🚀      1', 'ab     2'])
  })

  it('leaves lines out that do not fit and says how many', () => {
    const lines = ['a', 'b', 'c', 'd']
    assert.deepEqual(fitLines(lines, 4), lines)
    assert.deepEqual(fitLines(lines, 3), ['a', 'b', '… and 2 more'])
    assert.deepEqual(fitLines(lines, 1), ['… and 4 more'])
    assert.deepEqual(fitLines(lines, 0), [])
  })
})
