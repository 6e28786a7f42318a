import assert from 'node:assert/strict'
import { DIAL_GROUP, DialPace, MAX_DIAL_BURST, MAX_DIAL_RATE } from '../../../src/connect/dial/dial-pace.ts'

const GROUP_MS = 1000 * DIAL_GROUP / MAX_DIAL_RATE

describe('connect/dial/dial-pace', () => {
  let pace: DialPace

  beforeEach(() => {
    pace = new DialPace()
  })

  /** Begins the dials that may begin now, and says how many they are. */
  function begin (now: number): number {
    let dials = 0

    for (; pace.wait(now) === 0; dials++) {
      pace.note(now)
    }

    return dials
  }

  it(`begins ${MAX_DIAL_BURST} dials at once, and then none before there is time for ${DIAL_GROUP}`, () => {
    assert.equal(begin(0), MAX_DIAL_BURST)
    assert.equal(pace.wait(0), GROUP_MS)
    assert.equal(pace.wait(GROUP_MS - 1), 1)
    assert.equal(begin(GROUP_MS - 1), 0)
    assert.equal(begin(GROUP_MS), DIAL_GROUP)
    assert.equal(pace.wait(GROUP_MS), GROUP_MS)
  })

  it(`begins ${MAX_DIAL_RATE} dials a second for as long as there are targets`, () => {
    begin(0)
    let dials = 0

    for (let now = 1; now <= 10_000; now++) {
      dials += begin(now)
    }

    assert.equal(dials, 10 * MAX_DIAL_RATE)
  })

  it('begins one dial at once where the burst is not used up, and the whole burst after a pause', () => {
    for (let i = 0; i < MAX_DIAL_BURST; i++) {
      assert.equal(pace.wait(0), 0)
      pace.note(0)
    }

    const full = 1000 * MAX_DIAL_BURST / MAX_DIAL_RATE
    assert.equal(pace.wait(full), 0)
    assert.equal(begin(full), MAX_DIAL_BURST)
  })
})
