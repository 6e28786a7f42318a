import assert from 'node:assert/strict'
import { FakeClock } from '../../../support/fake-clock.ts'
import { Allowance } from '../../../../src/libp2p/patches/guard/allowance.ts'
import { SESSION_FACTOR } from '../../../../src/libp2p/patches/guard/muxer-limits.ts'

const RATE = { perSecond: 10, burst: 20 }

describe('libp2p/patches/guard/allowance', () => {
  it('is a burst, and then a rate', async () => {
    const clock = new FakeClock()
    const allowance = new Allowance(RATE, { clock, hasSession: () => false })
    assert.equal(allowance.take(20), 0)
    assert.equal(allowance.take(1), 100)
    await clock.advance(200)
    assert.equal(allowance.take(1), 0)
  })

  it('is larger from the first session on, less what was taken, also when that has ended', () => {
    const clock = new FakeClock()
    let hasSession = false
    const allowance = new Allowance(RATE, { clock, hasSession: () => hasSession })
    assert.ok(allowance.take(21) > 0)
    hasSession = true
    assert.equal(allowance.take(SESSION_FACTOR * RATE.burst - 21), 0)
    hasSession = false
    assert.equal(allowance.take(1), 1000 / (RATE.perSecond * SESSION_FACTOR))
  })

  it('asks for a session only when it is used up', () => {
    let asked = 0
    const allowance = new Allowance(RATE, { clock: new FakeClock(), hasSession: () => { asked++; return false } })
    allowance.take(20)
    assert.equal(asked, 0)
    allowance.take(1)
    assert.equal(asked, 1)
  })
})
