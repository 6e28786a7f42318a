import assert from 'node:assert/strict'
import { resultSvg, resultText } from './result.ts'
import { SCENARIOS } from './scenarios/index.ts'

describe('simulate/scenarios', function () {
  this.timeout(240_000)

  for (const [name, nodes] of [['fork', 12], ['compact', 5], ['withholding', 12], ['churn', 10], ['propagation', 8], ['one-seed', 24], ['steady', 6], ['poisoned-table', 10]] as const) {
    it(`come to a table and a chart: ${name}`, async () => {
      const result = await SCENARIOS[name]!.run({ seed: 1, nodes })

      assert(result.rows.length > 1)
      assert(result.rows.every((row) => row.length === result.columns.length && Number(row[result.chart.value]) >= 0))
      assert.deepEqual(result.aims?.filter(({ isMet }) => !isMet) ?? [], [])
      assert(resultText(result).includes(result.title))
      assert.equal(resultSvg(result).match(/<rect /g)?.length, 1 + result.rows.length)
    })
  }

  it('say which aim is not met', () => {
    const result = {
      title: 'T', columns: ['a', 'b'], rows: [['x', 1]], chart: { label: 0, value: 1, unit: 's' }, aims: [{ what: 'one', isMet: true }, { what: 'two', isMet: false }]
    } as const

    assert.match(resultText(result), /\nholds: one\nFAILS: two\n$/)
  })
})
