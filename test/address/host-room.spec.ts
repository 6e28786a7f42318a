import assert from 'node:assert/strict'
import { crowdOf, hasRoomForHost } from '../../src/address/host-room.ts'
import { NOWHERE } from '../../src/types/location.ts'
import type { Place } from '../../src/types/location.ts'

const PUBLIC: Place = { host: '8.1.0.1', group: '0801' }
const NEIGHBOUR: Place = { host: '8.1.0.2', group: '0801' }
const PRIVATE: Place = { host: '10.0.0.1', group: undefined }

describe('peer/crowd', () => {
  describe('hasRoomForHost', () => {
    it('lets a public host have as many sessions as it may, and not one more', () => {
      assert.equal(hasRoomForHost(PUBLIC, [PUBLIC, PUBLIC, NEIGHBOUR, PRIVATE], 3), true)
      assert.equal(hasRoomForHost(PUBLIC, [PUBLIC, PUBLIC, PUBLIC], 3), false)
    })

    it('counts each host for itself', () => {
      assert.equal(hasRoomForHost(NEIGHBOUR, Array.from({ length: 100 }, () => PUBLIC), 1), true)
    })

    it('counts none on this machine, behind a relay or at a private address', () => {
      for (const place of [NOWHERE, PRIVATE]) {
        assert.equal(hasRoomForHost(place, Array.from({ length: 100 }, () => place), 1), true)
      }
    })
  })

  describe('crowdOf', () => {
    it('is the network of a public host, and the host where it is not public', () => {
      assert.deepEqual([PUBLIC, NEIGHBOUR, PRIVATE].map(crowdOf), ['0801', '0801', '10.0.0.1'])
    })

    it('is one for all of whom nothing is known', () => {
      assert.equal(crowdOf(NOWHERE), crowdOf({ host: undefined, group: undefined }))
      assert.notEqual(crowdOf(NOWHERE), crowdOf(PRIVATE))
    })
  })
})
