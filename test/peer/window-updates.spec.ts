import assert from 'node:assert/strict'
import { delayWindowUpdates, WINDOW_MARK } from '../../src/peer/window-updates.ts'
import { eventually } from '../eventually.ts'
import { openBareYamux } from './bare-yamux.ts'
import type { Stream } from '@libp2p/interface'

const ESTABLISHED = 3
const WINDOW = 1024 * 1024

interface Inside { state: number, recvWindow: number, recvWindowCapacity: number, sendWindowUpdate: () => void }

describe('delayWindowUpdates', () => {
  let updates: number

  /** A stream with so much of its window left. */
  function streamWith (recvWindowCapacity: number, state = ESTABLISHED): Inside {
    updates = 0
    const inside: Inside = { state, recvWindow: WINDOW, recvWindowCapacity, sendWindowUpdate: () => { updates++ } }
    delayWindowUpdates(inside as unknown as Stream)

    return inside
  }

  it('gives nothing back while the sender has more than the mark left', () => {
    streamWith(WINDOW * WINDOW_MARK + 1).sendWindowUpdate()

    assert.equal(updates, 0)
  })

  it('gives back what was read when the sender is at the mark', () => {
    streamWith(WINDOW * WINDOW_MARK).sendWindowUpdate()

    assert.equal(updates, 1)
  })

  for (const state of [0, 1, 2, 4, 5]) {
    it(`leaves a stream in state ${state} alone: what it sends then says more than that`, () => {
      streamWith(WINDOW, state).sendWindowUpdate()

      assert.equal(updates, 1)
    })
  }

  it('does nothing to a stream that works in another way', () => {
    const other = { send: () => {} }
    delayWindowUpdates(other as unknown as Stream)

    assert.deepEqual(Object.keys(other), ['send'])
  })

  it('finds what it needs in a stream of the real muxer, which goes on taking more than one window', async () => {
    const { stream, sendByteByByte } = await openBareYamux()
    const before = (stream as unknown as Inside).sendWindowUpdate
    delayWindowUpdates(stream)
    assert.notEqual((stream as unknown as Inside).sendWindowUpdate, before)
    let received = 0
    stream.addEventListener('message', ({ data }) => { received += data.byteLength })

    for (let round = 1; round <= 2; round++) {
      const sent = await sendByteByByte({ isRead: true })
      await eventually(() => received === round * sent, 'all of it')
    }

    assert.equal(stream.status, 'open')
    stream.abort(new Error('the end'))
  })
})
