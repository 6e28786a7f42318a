import assert from 'node:assert/strict'
import * as guard from '../../../../src/libp2p/patches/guard/window-updates.ts'
import { MAX_WITHHELD_BYTES, MAX_WITHHELD_MS } from '../../../../src/testing/simulator/transport/stream.ts'

describe('testing/simulator/transport/stream', () => {
  it('gives windows back as the guard of real muxers does', () => {
    assert.deepEqual([MAX_WITHHELD_BYTES, MAX_WITHHELD_MS], [guard.MAX_WITHHELD_BYTES, guard.MAX_WITHHELD_MS])
  })
})
