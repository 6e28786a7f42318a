import assert from 'node:assert/strict'
import { resultSvg, resultText } from './result.ts'
import { SCENARIOS } from './scenarios/index.ts'

describe('simulate/scenarios', function () {
  this.timeout(240_000)

  for (const [name, nodes] of [['fork', 12], ['withholding', 12]] as const) {
    it(`come to a table and a chart: ${name}`, async () => {
      const result = await SCENARIOS[name]!.run({ seed: 1, nodes })

      assert(result.rows.length > 1)
      assert(result.rows.every((row) => row.length === result.columns.length && Number(row[result.chart.value]) >= 0))
      assert(resultText(result).includes(result.title))
      assert.equal(resultSvg(result).match(/<rect /g)?.length, 1 + result.rows.length)
    })
  }
})
