import assert from 'node:assert/strict'
import { differences } from './vectors.ts'

const binary = process.env.VIBECOIN_RUST_PEER ?? ''

describe('interop/rust', () => {
  before(function () {
    if (binary === '') {
      console.log('    skipped: VIBECOIN_RUST_PEER does not name a peer that was built')
      this.skip()
    }
  })

  it('decodes every fixture as it says', async () => {
    assert.deepEqual(await differences(binary), [])
  })
})
