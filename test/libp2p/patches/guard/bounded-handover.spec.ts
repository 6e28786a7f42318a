import assert from 'node:assert/strict'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { FakeClock } from '../../../support/fake-clock.ts'
import { boundHandover, MAX_HANDOVER_BYTES } from '../../../../src/libp2p/patches/guard/bounded-handover.ts'
import type { MultiaddrConnection } from '@libp2p/interface'

interface Inside { onData: (bytes: Uint8Array) => void, sendPause: () => void, sendResume: () => void }

describe('libp2p/patches/guard/bounded-handover', () => {
  let clock: FakeClock
  let connection: MultiaddrConnection
  let inside: Inside
  let got: number[]
  /** What was said to what is below the connection. */
  let said: string[]
  /** What it hands over when it goes on. */
  let below: Uint8Array[]
  /** Why it cannot go on. */
  let broken: Error | undefined

  beforeEach(() => {
    clock = new FakeClock();
    [connection] = multiaddrConnectionPair()
    inside = connection as unknown as Inside
    got = []
    said = []
    below = []
    broken = undefined
    inside.sendPause = () => { said.push('pause') }
    inside.sendResume = () => {
      said.push('resume')

      if (broken != null) {
        throw broken
      }

      inside.onData(below.splice(0, 1)[0] ?? new Uint8Array(0))
      said.push('resumed')
    }
    connection.addEventListener('message', ({ data }) => { got.push(data.byteLength) })
    boundHandover(connection, clock)
  })

  it(`hands over ${MAX_HANDOVER_BYTES} bytes at once, and not one more`, async () => {
    inside.onData(new Uint8Array(MAX_HANDOVER_BYTES))
    assert.deepEqual([got, said], [[MAX_HANDOVER_BYTES], []])
    inside.onData(new Uint8Array(MAX_HANDOVER_BYTES + 1))
    assert.deepEqual([got, said], [[MAX_HANDOVER_BYTES, MAX_HANDOVER_BYTES], ['pause']])
    await clock.advance(1)
    assert.deepEqual([got, said], [[MAX_HANDOVER_BYTES, MAX_HANDOVER_BYTES, 1], ['pause', 'resume', 'resumed']])
    assert.equal(clock.pending, 0)
  })

  it('aborts a connection that cannot go on, and ends no process', async () => {
    inside.onData(new Uint8Array(MAX_HANDOVER_BYTES + 1))
    broken = new Error('Cannot write to a stream that is closing')
    await clock.advance(1)
    assert.deepEqual([connection.status, said.at(-1), clock.pending], ['aborted', 'resume', 0])
  })

  it('keeps the order of what comes meanwhile', async () => {
    const bytes: number[] = []
    connection.addEventListener('message', ({ data }) => { bytes.push(data.subarray()[0]!, data.subarray().at(-1)!) })
    inside.onData(new Uint8Array(MAX_HANDOVER_BYTES + 1).fill(1))
    inside.onData(Uint8Array.of(2))
    assert.deepEqual(bytes, [1, 1])
    await clock.advance(1)
    assert.deepEqual(bytes, [1, 1, 1, 2])
  })

  it('hands over a part of what it has kept while it was paused, and no more while it is paused again', async () => {
    connection.pause()
    inside.onData(new Uint8Array(10 * MAX_HANDOVER_BYTES))
    assert.deepEqual(got, [])
    connection.resume()
    connection.pause()
    await clock.advance(1000)
    assert.deepEqual(got, [MAX_HANDOVER_BYTES])
    assert.ok(!said.includes('resume'), 'more is asked for before all was handed over')
    connection.resume()

    for (let turn = 0; turn < 9; turn++) {
      await clock.advance(1)
    }

    assert.deepEqual(got, Array<number>(10).fill(MAX_HANDOVER_BYTES))
    assert.equal(said.at(-1), 'resumed')
    assert.equal(clock.pending, 0)
  })

  it('pauses what is below when that has gone on, and not in between', async () => {
    connection.pause()
    below.push(new Uint8Array(2 * MAX_HANDOVER_BYTES))
    said.length = 0
    connection.resume()
    assert.deepEqual([got, said], [[MAX_HANDOVER_BYTES], ['resume', 'resumed', 'pause']])
    connection.pause()
    await clock.advance(1000)
    assert.deepEqual(got, [MAX_HANDOVER_BYTES])
    connection.resume()
    assert.deepEqual([got, said.at(-1)], [[MAX_HANDOVER_BYTES, MAX_HANDOVER_BYTES], 'resumed'])
  })
})
