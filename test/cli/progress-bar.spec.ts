import assert from 'node:assert/strict'
import { BarWriter, progressRatio, renderBar, renderProgress } from '../../src/cli/progress-bar.ts'
import { TestTerminal } from './test-terminal.ts'

describe('cli/progress-bar', () => {
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

  it('fits into the terminal', () => {
    assert.equal(renderProgress({ from: 0, at: 5, to: 10 }, 80), 'catching up [############------------] 50 %, block 5 of 10')
    assert.equal(renderProgress({ from: 0, at: 5, to: 10 }, 20), 'catching up [######…')
  })

  describe('on a terminal', () => {
    const line = 'catching up [############------------] 50 %, block 5 of 10'
    const progress = { from: 0, at: 5, to: 10 }

    it('is drawn over in place, and not where nothing has changed', () => {
      const terminal = new TestTerminal(60)
      const bar = new BarWriter(terminal)
      bar.show(progress)
      assert.equal(terminal.take(), `\r\x1b[K${line}`)
      bar.show({ ...progress })
      assert.equal(terminal.take(), '')
    })

    it('stays below other lines', () => {
      const terminal = new TestTerminal(60)
      const bar = new BarWriter(terminal)
      bar.write('before\n')
      assert.equal(terminal.take(), 'before\n')
      bar.show(progress)
      terminal.take()
      bar.write('in between\n')
      assert.equal(terminal.take(), `\r\x1b[Kin between\n${line}`)
    })

    it('leaves nothing behind', () => {
      const terminal = new TestTerminal(60)
      const bar = new BarWriter(terminal)
      bar.show(progress)
      terminal.take()
      bar.show(undefined)
      assert.equal(terminal.take(), '\r\x1b[K')
      bar.write('after\n')
      assert.equal(terminal.take(), 'after\n')
    })
  })
})
