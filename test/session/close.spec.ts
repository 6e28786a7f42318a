import assert from 'node:assert/strict'
import { CLOSE_TIMEOUT_MS, closeGracefully } from '../../src/session/close.ts'
import { Outbox } from '../../src/session/send/outbox.ts'
import { isPending, turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { frameOf, ScriptedStream } from '../support/stream-pair.ts'
import type { DisconnectMessage } from '../../src/types/message.ts'

const FAREWELL: DisconnectMessage = { type: 'disconnect', reason: 'SHUTDOWN', detail: 'bye' }
const FRAME = frameOf(FAREWELL)

describe('session/close', () => {
  let clock: FakeClock
  let stream: ScriptedStream
  let outbox: Outbox

  beforeEach(() => {
    clock = new FakeClock()
    stream = new ScriptedStream()
    outbox = new Outbox({ stream, clock, sendTimeout: 30_000, onTooSlow: () => assert.fail('too slow') })
  })

  afterEach(() => {
    assert.equal(clock.pending, 0)
    assert.notEqual(stream.status, 'open')
    assert.equal(outbox.push('control', FRAME), false)
  })

  async function end (farewell: DisconnectMessage | undefined, keep = false): Promise<void> {
    await closeGracefully({ stream, clock, outbox, farewell, keep })
  }

  function types (): string[] {
    return stream.signals.map(({ type }) => type)
  }

  it('sends the last message, ends our side, and is done when the remote has ended its own', async () => {
    const done = end(FAREWELL)
    assert.equal(await isPending(done), true)
    assert.deepEqual(stream.sent, FRAME)
    stream.onRemoteCloseWrite()
    await done

    assert.deepEqual(types(), ['data', 'end'])
    assert.equal(stream.status, 'closed')
  })

  it('sends nothing where there is no last message', async () => {
    const done = end(undefined)
    stream.onRemoteCloseWrite()
    await done

    assert.deepEqual(types(), ['end'])
  })

  for (const keep of [false, true]) {
    it(`sends the last message ${keep ? 'after' : 'in place of'} what waits where that is ${keep ? '' : 'not '}to be kept`, async () => {
      stream.room = 0
      outbox.push('control', Uint8Array.of(9))
      await turns(1)
      outbox.push('response', Uint8Array.of(7))
      outbox.push('control', Uint8Array.of(8))
      const done = end(FAREWELL, keep)
      stream.allow(1000)
      await turns(2)
      stream.onRemoteCloseWrite()
      await done

      assert.deepEqual(stream.sent, Uint8Array.of(9, ...(keep ? [8, 7] : []), ...FRAME))
    })
  }

  it('is done at once with a remote that had ended before', async () => {
    stream.onRemoteCloseWrite()
    await end(FAREWELL)

    assert.deepEqual(types(), ['data', 'end'])
    assert.equal(stream.status, 'closed')
  })

  it('aborts the stream of a remote that never ends its side after half a second, and not a moment before', async () => {
    const done = end(FAREWELL)
    await clock.advance(CLOSE_TIMEOUT_MS - 1)
    assert.equal(await isPending(done), true)
    assert.deepEqual(types(), ['data', 'end'])
    await clock.advance(1)
    await done

    assert.equal(CLOSE_TIMEOUT_MS, 500)
    assert.deepEqual(types(), ['data', 'end', 'reset'])
    assert.equal(stream.status, 'aborted')
  })

  for (const keep of [false, true]) {
    it(`aborts the stream of a remote that takes nothing after half a second${keep ? ', also where what waits is to be kept' : ''}`, async () => {
      stream.room = 0
      outbox.push('block', new Uint8Array(100_000))
      await turns(1)
      outbox.push('block', new Uint8Array(100_000))
      const done = end(FAREWELL, keep)
      await clock.advance(CLOSE_TIMEOUT_MS - 1)
      assert.equal(await isPending(done), true)
      await clock.advance(1)
      await done

      assert.deepEqual(types(), ['reset'])
    })
  }

  it('aborts the stream of a remote that takes only a part of the last message', async () => {
    stream.room = 2
    const done = end(FAREWELL)
    await clock.advance(CLOSE_TIMEOUT_MS)
    await done

    assert.deepEqual(types(), ['data', 'reset'])
    assert.deepEqual(stream.sent, FRAME.subarray(0, 2))
  })

  it('is done as soon as the remote resets the stream', async () => {
    stream.room = 0
    const done = end(FAREWELL)
    await turns(1)
    stream.onRemoteReset()
    await done

    assert.equal(stream.status, 'reset')
  })

  it('is done at once with a stream that is gone', async () => {
    stream.onTransportClosed(new Error('broken'))
    await end(FAREWELL)

    assert.deepEqual(stream.sends, [])
  })

  it('does not mind a stream that cannot send any more', async () => {
    stream.error = new Error('the connection is closed')
    await end(FAREWELL)

    assert.equal(stream.status, 'aborted')
  })

  it('does not mind a last message that cannot be sent', async () => {
    await end({ ...FAREWELL, detail: 'x'.repeat(257) })

    assert.deepEqual(types(), ['reset'])
  })
})
