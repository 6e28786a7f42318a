import assert from 'node:assert/strict'
import { createPrivateNetworkKey, swarmKey } from '../../src/config/swarm-key.ts'

describe('config/swarm-key', () => {
  it('makes a key that `privateNetworkKey` takes, another one each time', () => {
    const keys = Array.from({ length: 10 }, createPrivateNetworkKey)

    assert.equal(new Set(keys).size, 10)
    keys.forEach((key) => { assert.equal(swarmKey(key, 'privateNetworkKey'), key) })
  })
})
