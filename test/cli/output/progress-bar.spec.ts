import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { BarWriter, progressRatio, renderBar, renderProgress } from '../../../src/cli/output/progress-bar.ts'
import { TestTerminal } from '../../support/test-terminal.ts'

describe('cli/output/progress-bar', () => {
  it('is as full as the catch-up is done', () => {
    assert.equal(renderBar({ from: 0, at: 0, to: 10 }, 10), '[----------] 0 %')
    assert.equal(renderBar({ from: 0, at: 5, to: 10 }, 10), '[#####-----] 50 %')
    assert.equal(renderBar({ from: 0, at: 10, to: 10 }, 10), '[##########] 100 %')
  })

  it('counts from where the catch-up began', () => {
    assert.equal(progressRatio({ from: 100, at: 150, to: 200 }), 0.5)
  })

  it('is full only when nothing is left', () => {
    assert.equal(renderBar({ from: 0, at: 9999, to: 10_000 }, 10), '[#########-] 99 %')
  })

  it('stays between empty and full whatever the heights are', () => {
    assert.equal(progressRatio({ from: 5, at: 4, to: 10 }), 0)
    assert.equal(progressRatio({ from: 5, at: 11, to: 10 }), 1)
    assert.equal(progressRatio({ from: 5, at: 5, to: 5 }), 1)
  })

  describe('in a line', () => {
    const progress = { from: 0, at: 5, to: 10, blocksPerSecond: 12_345.6, bytesPerSecond: 2_345_678, peers: 3, eta: 12_340 }
    const large = { ...progress, from: 123_456, at: 234_567, to: 345_678 }

    it('has the heights and how fast it goes', () => {
      assert.equal(renderProgress(progress), 'catching up [############------------] 50 %, block 5 of 10, 12.3s left, 12346 blocks/s, 2.3 MB/s, 3 peers')
    })

    it('says nothing of the time that is left where that cannot be told', () => {
      assert.equal(renderProgress({ ...progress, eta: undefined, peers: 1 }, 120),
        'catching up [############------------] 50 %, block 5 of 10, 12346 blocks/s, 2.3 MB/s, 1 peer')
    })

    it('becomes shorter where the terminal is narrow, then leaves out what matters least', () => {
      assert.equal(renderProgress(large, 105), 'catching up [#######-------] 50 %, block 234567 of 345678, 12.3s left, 12346 blocks/s, 2.3 MB/s, 3 peers')
      assert.equal(renderProgress(large, 95), 'catching up [######-------] 50 %, block 234567 of 345678, 12.3s left, 12346 blocks/s, 2.3 MB/s')
      assert.equal(renderProgress(large, 78), 'catching up [###########-----------] 50 %, block 234567 of 345678, 12.3s left')
      assert.equal(renderProgress(large, 70), 'catching up [#######-------] 50 %, block 234567 of 345678, 12.3s left')
      assert.equal(renderProgress(large, 50), 'catching up [####----] 50 %, block 234567 of 3456…')
    })

    it('fits into any terminal, and stands still while it fills', () => {
      for (let columns = 0; columns < 150; columns++) {
        const lines = [123_456, 150_000, 345_678].map((at) => renderProgress({ ...large, at }, columns))
        const locations = lines.map((line) => line.indexOf(']'))
        assert(lines.every((line) => line.length <= columns), `${columns} columns`)
        assert.equal(new Set(locations).size, 1, lines.join('\n'))
      }
    })
  })

  describe('on a terminal', () => {
    const line = 'catching up [######-------] 50 %, block 5 of 10, 1 block/s, 1 B/s, 1 peer'
    const progress = { from: 0, at: 5, to: 10, blocksPerSecond: 1, bytesPerSecond: 1, peers: 1 }

    it('is drawn over in place, and not where nothing has changed', () => {
      const terminal = new TestTerminal(75)
      const bar = new BarWriter(terminal)
      bar.show(progress)
      assert.equal(stripVTControlCharacters(terminal.take()), `${line}\n`)
      bar.show({ ...progress })
      assert.equal(terminal.take(), '')
      bar.show({ ...progress, at: 6 })
      assert.match(terminal.take(), /^(\x1b\[[\dA-Z]+)+catching up .* block 6 of 10/)
    })

    it('stays below other lines', () => {
      const terminal = new TestTerminal(75)
      const bar = new BarWriter(terminal)
      bar.write('before\n')
      assert.equal(terminal.take(), 'before\n')
      bar.show(progress)
      terminal.take()
      bar.write('in between\n')
      assert.equal(stripVTControlCharacters(terminal.take()), `in between\n${line}\n`)
    })

    it('leaves nothing behind', () => {
      const terminal = new TestTerminal(75)
      const bar = new BarWriter(terminal)
      bar.show(progress)
      terminal.take()
      bar.show(undefined)
      assert.equal(stripVTControlCharacters(terminal.take()), '')
      bar.write('after\n')
      assert.equal(terminal.take(), 'after\n')
    })
  })
})
