import assert from 'node:assert/strict'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { turns } from '../../../support/eventually.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { ReadPacer } from '../../../../src/libp2p/patches/guard/read-pacer.ts'
import type { MultiaddrConnection } from '@libp2p/interface'

const statusOf = (stream: unknown): unknown => (stream as { readStatus: unknown }).readStatus

describe('libp2p/patches/guard/read-pacer', () => {
  let clock: FakeClock
  let here: MultiaddrConnection
  let there: MultiaddrConnection
  let pacer: ReadPacer
  let resumed: number

  beforeEach(() => {
    clock = new FakeClock()
    resumed = 0;
    [here, there] = multiaddrConnectionPair()
    pacer = new ReadPacer(here, clock, () => { resumed++ })
  })

  it('reads no more for a while, and then goes on', async () => {
    pacer.pauseFor(0)
    assert.equal(statusOf(here), 'readable')
    pacer.pauseFor(100)
    await clock.advance(99)
    assert.equal(statusOf(here), 'paused')
    await clock.advance(1)
    assert.equal(statusOf(here), 'readable')
    assert.equal(resumed, 1)
  })

  it('aborts a stream that cannot go on, and ends no process', async () => {
    const closing = new Error('Cannot write to a stream that is closing')
    pacer.pauseFor(100)
    Object.assign(here, { sendResume: () => { throw closing } })
    await clock.advance(100)
    assert.equal(here.status, 'aborted')
  })

  it('counts from the last time that it was told', async () => {
    pacer.pauseFor(100)
    await clock.advance(50)
    pacer.pauseFor(100)
    await clock.advance(99)
    assert.equal(statusOf(here), 'paused')
    await clock.advance(1)
    assert.equal(statusOf(here), 'readable')
  })

  it('goes on when others who have paused it agree', async () => {
    here.pause()
    pacer.pauseFor(100)
    await clock.advance(100)
    assert.equal(statusOf(here), 'paused')
    here.resume()
    assert.equal(statusOf(here), 'readable')
    pacer.pauseFor(100)
    here.pause()
    here.resume()
    assert.equal(statusOf(here), 'paused')
    await clock.advance(100)
    assert.equal(statusOf(here), 'readable')
  })

  it('pauses again where it is told so by what a paused stream hands over', async () => {
    const got: number[] = []
    here.addEventListener('message', ({ data }) => {
      got.push(...data.subarray())
      pacer.pauseFor(100)
    })
    pacer.pauseFor(100)
    there.send(Uint8Array.of(1))
    await turns(5)
    assert.deepEqual(got, [])
    await clock.advance(100)
    assert.deepEqual(got, [1])
    assert.equal(statusOf(here), 'paused')
    there.send(Uint8Array.of(2))
    await turns(5)
    assert.deepEqual(got, [1])
    await clock.advance(100)
    assert.deepEqual(got, [1, 2])
  })

  it('leaves no timer behind when the stream ends, and does nothing then', () => {
    pacer.pauseFor(100)
    here.abort(new Error('over'))
    assert.equal(clock.pending, 0)
    pacer.pauseFor(100)
    assert.equal(clock.pending, 0)
  })
})
