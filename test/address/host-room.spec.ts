import assert from 'node:assert/strict'
import { netgroupKeyOf, hasRoomForHost } from '../../src/address/host-room.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import type { Location } from '../../src/address/location.ts'

const PUBLIC: Location = { host: '8.1.0.1', netgroup: '0801' }
const NEIGHBOUR: Location = { host: '8.1.0.2', netgroup: '0801' }
const PRIVATE: Location = { host: '10.0.0.1', netgroup: undefined }

describe('address/host-room', () => {
  describe('hasRoomForHost', () => {
    it('lets a public host have as many sessions as it may, and not one more', () => {
      assert.equal(hasRoomForHost(PUBLIC, [PUBLIC, PUBLIC, NEIGHBOUR, PRIVATE], 3), true)
      assert.equal(hasRoomForHost(PUBLIC, [PUBLIC, PUBLIC, PUBLIC], 3), false)
    })

    it('counts each host for itself', () => {
      assert.equal(hasRoomForHost(NEIGHBOUR, Array.from({ length: 100 }, () => PUBLIC), 1), true)
    })

    it('counts none on this machine, behind a relay or at a private address', () => {
      for (const location of [UNKNOWN_LOCATION, PRIVATE]) {
        assert.equal(hasRoomForHost(location, Array.from({ length: 100 }, () => location), 1), true)
      }
    })
  })

  describe('crowdOf', () => {
    it('is the network of a public host, and the host where it is not public', () => {
      assert.deepEqual([PUBLIC, NEIGHBOUR, PRIVATE].map(netgroupKeyOf), ['0801', '0801', '10.0.0.1'])
    })

    it('is one for all of whom nothing is known', () => {
      assert.equal(netgroupKeyOf(UNKNOWN_LOCATION), netgroupKeyOf({ host: undefined, netgroup: undefined }))
      assert.notEqual(netgroupKeyOf(UNKNOWN_LOCATION), netgroupKeyOf(PRIVATE))
    })
  })
})
