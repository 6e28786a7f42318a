import assert from 'node:assert/strict'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { Uint8ArrayList } from 'uint8arraylist'
import { FakeClock } from '../../../support/fake-clock.ts'
import { guardNoise } from '../../../../src/libp2p/patches/guard/noise-guard.ts'
import { MAX_SMALL_FRAMES, SESSION_FACTOR, SMALL_FRAMES_PER_SECOND } from '../../../../src/libp2p/patches/guard/muxer-limits.ts'
import type { MultiaddrConnection } from '@libp2p/interface'

interface Inside { onData: (bytes: Uint8Array | Uint8ArrayList) => void, readStatus: string, status: string }

function noiseMessage (bytes: number): Buffer {
  const message = Buffer.alloc(2 + bytes, 7)
  message.writeUInt16BE(bytes)

  return message
}

describe('libp2p/patches/guard/noise-guard', () => {
  let clock: FakeClock
  let connection: MultiaddrConnection
  let inside: Inside
  let pieces: Uint8Array[]

  beforeEach(() => {
    clock = new FakeClock();
    [connection] = multiaddrConnectionPair()
    inside = connection as unknown as Inside
    pieces = []
    connection.addEventListener('message', ({ data }) => { pieces.push(...data instanceof Uint8Array ? [data] : data) })
    guardNoise(connection, clock)
  })

  it('hands on messages as they come, and joins the crumbs of one', () => {
    inside.onData(noiseMessage(2000))
    inside.onData(noiseMessage(100))

    for (const byte of noiseMessage(500)) {
      inside.onData(Uint8Array.of(byte))
    }

    assert.deepEqual(pieces.map(({ byteLength }) => byteLength), [2002, 102, 502])
    assert.equal(Buffer.compare(pieces[2]!, noiseMessage(500)), 0)
  })

  it('aborts the connection for a message that is none, and hands nothing of it on', () => {
    inside.onData(new Uint8Array(2))
    assert.equal(connection.status, 'aborted')
    assert.deepEqual(pieces, [])
  })

  it('looks at what has come before', () => {
    const [other] = multiaddrConnectionPair()
    Object.assign(other, { readBuffer: new Uint8ArrayList(new Uint8Array(2)) })
    guardNoise(other, clock)
    assert.equal(other.status, 'aborted')
  })

  it('slows down a peer that sends many small pieces, and hands over what came meanwhile in one', async () => {
    const many = MAX_SMALL_FRAMES * SESSION_FACTOR
    const message = noiseMessage(16 + 1)
    const cost = 1 - message.byteLength / 1024
    const free = Math.floor(many / cost)

    for (let i = 0; i < free; i++) {
      inside.onData(message)
    }

    assert.equal(inside.readStatus, 'readable')
    const handedOver = pieces.length

    for (let i = 0; i < SMALL_FRAMES_PER_SECOND; i++) {
      inside.onData(message)
    }

    assert.equal(inside.readStatus, 'paused')
    // the first of them has gone before there was a reason to pause
    assert.equal(pieces.length, handedOver + 1)
    await clock.advance(1000)
    assert.equal(inside.readStatus, 'readable')
    assert.equal(pieces.length, handedOver + 2)
    assert.equal(pieces.at(-1)!.byteLength, (SMALL_FRAMES_PER_SECOND - 1) * message.byteLength)
  })
})
