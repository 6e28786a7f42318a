import assert from 'node:assert/strict'
import { chartSvg } from '../../bench/report/chart-svg.ts'
import { withResults } from '../../bench/report/document.ts'
import { formatValue } from '../../bench/report/table.ts'
import type { Results } from '../../bench/report/results.ts'

const RESULTS: Results = {
  date: '2026-01-02T03:04:05.000Z',
  node: 'v24.0.0',
  cpu: 'A <fast> & small one',
  cores: 2,
  isQuick: false,
  benchmarks: [{
    name: 'sync',
    about: 'a chain',
    figures: { rate: 'bytes/s' },
    contenders: [
      { label: 'ours', isLimit: false, aims: {}, rounds: [{ rate: 50e6 }] },
      { label: 'raw', isLimit: true, aims: { rate: { atLeast: 0.4 } }, rounds: [{ rate: 100e6 }] }
    ]
  }]
}

describe('bench/chart: chartSvg', () => {
  it('draws bars as long as what they stand for', () => {
    const widths = [...chartSvg(RESULTS).matchAll(/<rect x="250".* width="(\d+)"/g)].map(([, width]) => Number(width))

    assert.deepEqual(widths, [240, 480])
  })

  it('escapes what is text', () => {
    const svg = chartSvg(RESULTS)

    assert.match(svg, /A &lt;fast&gt; &amp; small one/)
    assert.doesNotMatch(svg, /<fast>/)
  })

  it('draws a line where there is nothing but zeros', () => {
    const benchmarks = RESULTS.benchmarks.map((benchmark) => {
      return { ...benchmark, contenders: benchmark.contenders.map((contender) => ({ ...contender, rounds: [{ rate: 0 }] })) }
    })
    const widths = [...chartSvg({ ...RESULTS, benchmarks }).matchAll(/<rect x="250".* width="([^"]+)"/g)].map(([, width]) => width)

    assert.deepEqual(widths, ['1', '1'])
  })
})

describe('bench/chart: withResults', () => {
  const marks = ['<!-- results: written by npm run bench:chart, not by hand -->', '<!-- /results -->']

  it('replaces what is between the marks, and nothing else', () => {
    const document = withResults(`before\n${marks[0]}\nold\n${marks[1]}\nafter\n`, RESULTS)

    assert.match(document, /^before\n/)
    assert.match(document, /\nafter\n$/)
    assert.doesNotMatch(document, /old/)
    assert.match(document, /\| sync \| rate \| raw \(limit\) \| 100 MB\/s \| 0\.5 \(0\.5 to 0\.5\) \| ≥ 0\.4 \| met \|/)
    assert.equal(withResults(document, RESULTS), document)
  })

  it('refuses a document without them', () => {
    assert.throws(() => withResults('nothing', RESULTS), /Expected a document/)
  })
})

describe('bench/chart: formatValue', () => {
  it('has three digits that count, in a unit that fits', () => {
    assert.equal(formatValue(123_456_789, 'bytes/s'), '123 MB/s')
    assert.equal(formatValue(12_345.6, 'transactions/s'), '12,346 transactions/s')
    assert.equal(formatValue(0.01234, 'ms'), '12.3 µs')
    assert.equal(formatValue(1234.5, 'ms'), '1,235 ms')
    assert.equal(formatValue(40 * 1024, 'bytes'), '40 KiB')
    assert.equal(formatValue(2_000_000, 'bytes'), '2 MB')
    assert.equal(formatValue(1.234, 'times'), '1.23 ×')
  })
})
