import assert from 'node:assert/strict'
import { FakeClock } from '../../../support/fake-clock.ts'
import { isPending } from '../../../support/eventually.ts'
import { ReadGate } from '../../../../src/libp2p/patches/quic/read-gate.ts'

describe('libp2p/patches/quic/read-gate', () => {
  let clock: FakeClock
  let gate: ReadGate

  beforeEach(() => {
    clock = new FakeClock()
    gate = new ReadGate(clock)
  })

  it('lets reads through until it is paused, and from then on when it is resumed', async () => {
    await gate.opened()
    gate.pause()
    const read = gate.opened()
    assert.equal(await isPending(read), true)
    gate.resume()
    await read
  })

  it('closes for so long, from the last time on', async () => {
    gate.closeFor(0)
    await gate.opened()
    gate.closeFor(100)
    await clock.advance(60)
    gate.closeFor(100)
    const read = gate.opened()
    await clock.advance(99)
    assert.equal(await isPending(read), true)
    await clock.advance(1)
    await read
  })

  it('opens where both the pause and the time are over', async () => {
    gate.pause()
    gate.closeFor(100)
    const read = gate.opened()
    gate.resume()
    assert.equal(await isPending(read), true)
    gate.pause()
    await clock.advance(100)
    assert.equal(await isPending(read), true)
    gate.resume()
    await read
  })

  it('opens for good at its end, without a timer', async () => {
    gate.pause()
    gate.closeFor(100)
    const read = gate.opened()
    gate.end()
    await read
    assert.equal(clock.pending, 0)
    gate.closeFor(100)
    assert.equal(clock.pending, 0)
    await gate.opened()
  })
})
