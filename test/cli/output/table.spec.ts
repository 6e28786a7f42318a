import assert from 'node:assert/strict'
import { renderTable } from '../../../src/cli/output/table.ts'
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

  it('leaves columns out by their rank before it cuts', () => {
    const columns: Column[] = [{ title: 'NAME', align: 'left' }, { title: 'IN', align: 'right', rank: 1 }, { title: 'RTT', align: 'right', rank: 2 }]
    const rows = [['node-1', '3', '1ms']]

    assert.deepEqual(renderTable(columns, rows, 15), ['NAME    IN  RTT', 'node-1   3  1ms'])
    assert.deepEqual(renderTable(columns, rows, 14), ['NAME    IN', 'node-1   3'])
    assert.deepEqual(renderTable(columns, rows, 9), ['NAME', 'node-1'])
    assert.deepEqual(renderTable(columns, rows, 5), ['NAME', 'node…'])
  })

  it('cuts a cell that is wider than its column may be', () => {
    assert.deepEqual(renderTable([{ title: 'A', align: 'left', maxWidth: 4 }, { title: 'B', align: 'left' }], [['abcdef', 'b']], 80), ['A     B', 'abc…  b'])
  })

  it('aligns by columns of the terminal, of which some characters take two', () => {
    assert.deepEqual(renderTable(COLUMNS.slice(0, 2), [['🚀', '1'], ['节点', '2'], ['ab', '3']], 80), ['NAME  IN', '🚀     1', '节点   2', 'ab     3'])
  })
})
