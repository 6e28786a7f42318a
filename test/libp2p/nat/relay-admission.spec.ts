import assert from 'node:assert/strict'
import { admit } from '../../../src/libp2p/nat/relay-admission.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import type { Occupant } from '../../../src/libp2p/nat/relay-admission.ts'
import type { Location } from '../../../src/address/location.ts'

const LIMITS = { max: 6, maxPerHost: 2 }

function at (netgroup: number, host: number, isBusy = false): Occupant {
  return { location: { host: `${netgroup}.${host}`, netgroup: `${netgroup}` }, isBusy }
}

function judge (newcomer: Location, members: Occupant[]): Occupant | 'in' | 'out' {
  const { isRefused, surplus } = admit({ location: newcomer }, members, LIMITS)

  return isRefused ? 'out' : surplus ?? 'in'
}

describe('libp2p/nat/relay-admission', () => {
  it('lets every client in while there is room', () => {
    assert.equal(judge(at(1, 1).location, []), 'in')
    assert.equal(judge(at(1, 9).location, [at(1, 1), at(1, 2), at(1, 3), at(1, 4), at(1, 5)]), 'in')
  })

  it('gives a public host its share and no more', () => {
    assert.equal(judge(at(1, 1).location, [at(1, 1)]), 'in')
    assert.equal(judge(at(1, 1).location, [at(1, 1), at(1, 1)]), 'out')

    for (const location of [{ host: '10.0.0.1', netgroup: undefined }, UNKNOWN_LOCATION]) {
      assert.equal(judge(location, Array.from({ length: 5 }, () => ({ location, isBusy: true }))), 'in')
    }
  })

  it('has the oldest of the most crowded netgroup make room for a newcomer of another, idle ones first', () => {
    const crowd = [at(2, 1), at(1, 1, true), at(1, 2, true), at(1, 3), at(1, 4), at(3, 1)]
    assert.equal(judge(at(4, 1).location, crowd), crowd[3])

    const busy = crowd.map(({ location }) => ({ location, isBusy: true }))
    assert.equal(judge(at(4, 1).location, busy), busy[1])
  })

  it('has the host go that has the most in the network that has the most', () => {
    const crowd = [at(1, 1), at(1, 2), at(1, 2), at(1, 3), at(2, 1), at(3, 1)]
    assert.equal(judge(at(4, 1).location, crowd), crowd[1])
  })

  it('has no member make room for a newcomer whose netgroup has as many', () => {
    const crowd = [at(1, 1), at(2, 1), at(3, 1), at(4, 1), at(5, 1), at(6, 1)]
    assert.equal(judge(at(7, 1).location, crowd), 'out')
    assert.equal(judge(at(1, 2).location, crowd), 'out')
    assert.equal(judge(at(1, 9).location, [at(1, 1), at(1, 2), at(1, 3), at(2, 1), at(2, 2), at(2, 3)]), 'out')
  })
})
