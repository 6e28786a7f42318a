import assert from 'node:assert/strict'
import { endAddressTimer } from '../../../src/libp2p/patches/address-timer.ts'
import type { AddressManager } from '@libp2p/interface-internal'

describe('libp2p/patches/address-timer', () => {
  it('ends the timer of the address manager', () => {
    let stops = 0
    endAddressTimer({ _updatePeerStoreAddresses: { stop: () => { stops++ } } } as unknown as AddressManager)

    assert.equal(stops, 1)
  })

  it('does nothing where another version of libp2p has no such timer', () => {
    for (const other of [{}, { _updatePeerStoreAddresses: undefined }, { _updatePeerStoreAddresses: () => {} }]) {
      assert.doesNotThrow(() => { endAddressTimer(other as unknown as AddressManager) })
    }
  })
})
