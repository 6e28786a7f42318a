import assert from 'node:assert/strict'
import { Waits } from '../../src/service/waits.ts'
import { isPending, turns } from '../support/eventually.ts'

describe('service/waits', () => {
  it('resolves at once with what is there, and otherwise when a look finds it', async () => {
    const waits = new Waits()
    let value: number | undefined = 1
    assert.equal(await waits.until(() => value), 1)
    value = undefined
    const waiting = waits.until(() => value)
    waits.check()
    assert(await isPending(waiting))
    value = 0
    assert(await isPending(waiting), 'no look')
    waits.check()
    assert.equal(await waiting, 0)
  })

  it('ends with the reason of whichever signal is aborted, before or later, and looks no more', async () => {
    const waits = new Waits()
    const [first, second] = [new AbortController(), new AbortController()]
    let looks = 0
    const look = (): undefined => { looks++ }
    const waiting = waits.until(look, undefined, first.signal, second.signal)
    second.abort(new Error('enough'))
    await assert.rejects(waiting, { message: 'enough' })
    await assert.rejects(waits.until(() => 1, second.signal), { message: 'enough' })
    const before = looks
    waits.check()
    await turns(1)
    assert.equal(looks, before)
  })
})
