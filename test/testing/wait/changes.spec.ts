import assert from 'node:assert/strict'
import { FakeClock } from '../../support/fake-clock.ts'
import { Changes } from '../../../src/testing/wait/changes.ts'

const onLate = (): Error => new Error('late')

describe('testing/wait/changes', () => {
  let clock: FakeClock
  let changes: Changes

  beforeEach(() => {
    clock = new FakeClock()
    changes = new Changes(clock)
  })

  it('give what is there at once', async () => {
    assert.equal(await changes.until({ probe: () => 7, within: 0, onLate }), 7)
    assert.equal(clock.next, undefined)
  })

  it('ask a wait no more once it has what it waits for, however many changes come in the same turn', async () => {
    const items: number[] = []
    const first = changes.until({ probe: () => items.shift(), within: 1000, onLate })
    items.push(1)
    changes.notify()
    items.push(2)
    changes.notify()
    assert.equal(await first, 1)
    assert.deepEqual(items, [2])
  })

  it('ask a wait no more once it has failed', async () => {
    let asked = 0
    const wait = changes.until({
      probe: () => {
        if (asked++ > 0) {
          throw new Error('no')
        }

        return undefined
      },
      within: 1000,
      onLate
    })
    changes.notify()
    changes.notify()
    await assert.rejects(wait, { message: 'no' })
    assert.equal(asked, 2)
    await clock.advance(0)
    assert.equal(clock.next, undefined)
  })

  it('end a wait at its deadline and not before, and leave no timer', async () => {
    const outcomes: string[] = []
    const wait = changes.until({ probe: () => undefined, within: 1000, onLate }).catch((err: unknown) => {
      outcomes.push((err as Error).message)
    })
    await clock.advance(999)
    assert.deepEqual(outcomes, [])
    await clock.advance(1)
    await wait
    assert.deepEqual(outcomes, ['late'])
    assert.equal(clock.next, undefined)
  })

  it('look on for a while, and end as soon as something is wrong', async () => {
    const state = { isWrong: false }
    const look = (): void => {
      if (state.isWrong) {
        throw new Error('wrong')
      }
    }
    const outcomes: string[] = []
    const first = changes.during(500, look).then(() => { outcomes.push('nothing') })
    await clock.advance(499)
    assert.deepEqual(outcomes, [])
    await clock.advance(1)
    await first
    const second = changes.during(500, look)
    state.isWrong = true
    changes.notify()
    await assert.rejects(second, { message: 'wrong' })
    assert.equal(clock.next, undefined)
  })
})
