import assert from 'node:assert/strict'
import { BLOCK_ONLY_PATIENCE_MS, giveUpBlockOnly } from '../../../src/connect/dial/block-only.ts'

describe('connect/dial/block-only', () => {
  interface Fake { asksBlockOnly: boolean, readyFor: number, close: () => void }

  let ended: Fake[]

  beforeEach(() => { ended = [] })

  function session (asksBlockOnly: boolean, readyFor: number): Fake {
    const fake: Fake = { asksBlockOnly, readyFor, close: () => { ended.push(fake) } }

    return fake
  }

  it('ends one session where the node is short, one that has had its time', () => {
    const sessions = [session(false, 2 * BLOCK_ONLY_PATIENCE_MS), session(true, BLOCK_ONLY_PATIENCE_MS - 1)]
    giveUpBlockOnly(sessions, { isShort: true })
    assert.deepEqual(ended, [])
    const [first, second] = [session(true, BLOCK_ONLY_PATIENCE_MS), session(true, BLOCK_ONLY_PATIENCE_MS)]
    giveUpBlockOnly([...sessions, first, second], { isShort: true })
    assert.deepEqual(ended, [first])
  })

  it('ends none where the node is not short', () => {
    giveUpBlockOnly([session(true, BLOCK_ONLY_PATIENCE_MS)], { isShort: false })
    assert.deepEqual(ended, [])
  })
})
