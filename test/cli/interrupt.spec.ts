import assert from 'node:assert/strict'
import { listenForInterrupt } from '../../src/cli/interrupt.ts'

describe('cli/interrupt', () => {
  const listeners = (): number[] => [...['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name)), process.stdout.listenerCount('error')]

  it('leaves no listener behind', () => {
    const before = listeners()
    const interrupt = listenForInterrupt()
    assert.deepEqual(listeners(), before.map((count) => count + 1))
    interrupt.dispose()
    assert.deepEqual(listeners(), before)
  })

  it('asks to end when the output is closed', () => {
    const interrupt = listenForInterrupt()
    process.stdout.emit('error', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }))
    assert.equal(interrupt.signal.reason, 'the output was closed')
    interrupt.dispose()
  })

  for (const outlivesOutput of [true, false]) {
    it(`${outlivesOutput ? 'goes on' : 'asks to end'} when the disk of the output is full, as it was told`, () => {
      const interrupt = listenForInterrupt(() => {}, { outlivesOutput })
      process.stdout.emit('error', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }))
      assert.equal(interrupt.signal.aborted, !outlivesOutput || process.stdout.isTTY === true)
      interrupt.dispose()
    })
  }
})
