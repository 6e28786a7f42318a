import assert from 'node:assert/strict'
import { BlockLog, MAX_LOGGED_BLOCKS } from '../../src/admin/block-log.ts'
import { IsolatedEventEmitter } from '../../src/service/isolate/events.ts'
import type { BlockTimeline, VibeCoinEvents } from '../../src/index.ts'

describe('admin/block-log', () => {
  let events: IsolatedEventEmitter<VibeCoinEvents>
  let log: BlockLog

  beforeEach(() => {
    events = new IsolatedEventEmitter(() => assert.fail())
    log = new BlockLog(events)
  })

  function note (height: number): void {
    const at = height
    const detail: BlockTimeline = {
      ...{ height, hash: '', transactions: 0, bytes: 0, from: 'alice', received: { at, peer: 'alice' }, judged: at, relayed: { at, peers: 0 } }
    }
    events.safeDispatchEvent('block:timeline', { detail })
  }

  it(`has the last ${MAX_LOGGED_BLOCKS} blocks, the newest first`, () => {
    for (let height = 1; height <= MAX_LOGGED_BLOCKS; height++) {
      note(height)
    }

    const heights = Array.from({ length: MAX_LOGGED_BLOCKS }, (_, i) => MAX_LOGGED_BLOCKS - i)
    assert.deepEqual(log.list.map(({ height }) => height), heights)
    note(MAX_LOGGED_BLOCKS + 1)
    assert.deepEqual(log.list.map(({ height }) => height), heights.map((height) => height + 1))
  })

  it('listens no more when it is stopped', () => {
    note(1)
    log.stop()
    note(2)
    assert.deepEqual([log.list.length, events.listenerCount('block:timeline')], [1, 0])
  })
})
