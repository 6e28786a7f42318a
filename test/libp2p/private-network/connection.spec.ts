import assert from 'node:assert/strict'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { eventually, turns } from '../../support/eventually.ts'
import { DirectionCipher, KEY_STREAM_BYTES } from '../../../src/libp2p/private-network/cipher.ts'
import { ProtectedConnection } from '../../../src/libp2p/private-network/connection.ts'
import type { MultiaddrConnection, StreamCloseEvent } from '@libp2p/interface'
import type { AbstractMultiaddrConnection } from '@libp2p/utils'

const KEY = new Uint8Array(32).fill(1)
const NONCES = [new Uint8Array(24).fill(2), new Uint8Array(24).fill(3)] as const

const CHUNK_BYTES = 1000

/** How much the connections below take before they are full: less than the ten chunks that are sent. */
const CAPACITY = 3

function protect (connection: MultiaddrConnection, [ours, theirs]: readonly [Uint8Array, Uint8Array], position = 0): ProtectedConnection {
  const [outbound, inbound] = [ours, theirs].map((nonce) => new DirectionCipher({ key: KEY, nonce, position }))

  return new ProtectedConnection({ connection, inbound: inbound!, outbound: outbound! })
}

/** Resolves with why a connection has ended. */
async function endOf (connection: MultiaddrConnection): Promise<StreamCloseEvent> {
  return new Promise((resolve) => { connection.addEventListener('close', resolve, { once: true }) })
}

function chunk (i: number): Uint8Array {
  return new Uint8Array(CHUNK_BYTES).fill(i)
}

describe('libp2p/private-network/connection', () => {
  let below: readonly [MultiaddrConnection, MultiaddrConnection]
  let near: ProtectedConnection
  let far: ProtectedConnection
  let received: Uint8Array[]

  function start ({ position = 0, capacity }: { position?: number, capacity?: number } = {}): void {
    below = multiaddrConnectionPair(capacity == null ? {} : { capacity })
    near = protect(below[0], NONCES, position)
    far = protect(below[1], [NONCES[1], NONCES[0]], position)
    received = []
  }

  function listen (connection: MultiaddrConnection): void {
    connection.addEventListener('message', ({ data }) => { received.push(data.slice()) })
  }

  beforeEach(() => { start() })

  it('has the address and the direction of that below', () => {
    assert.deepEqual([near.remoteAddr, near.direction], [below[0].remoteAddr, 'outbound'])
    assert.equal(far.direction, 'inbound')
  })

  it('carries bytes in both directions, and none of them is seen below', async () => {
    const seen: Uint8Array[] = []
    below[1].addEventListener('message', ({ data }) => { seen.push(data.slice()) })
    listen(far)
    near.send(chunk(5))
    await eventually(() => received.length === 1, 'a chunk')
    assert.deepEqual(received, [chunk(5)])
    assert.equal(seen[0]!.byteLength, CHUNK_BYTES)
    assert.notDeepEqual(seen[0], chunk(5))

    listen(near)
    far.send(chunk(6))
    await eventually(() => received.length === 2, 'a chunk back')
    assert.deepEqual(received[1], chunk(6))
  })

  it('goes on when that below is full and drains, and says so', async () => {
    start({ capacity: CAPACITY })
    listen(far)
    let drains = 0
    near.addEventListener('drain', () => { drains++ })
    const sent = Array.from({ length: 10 }, (_, i) => near.send(chunk(i)))
    assert.deepEqual([sent.at(0), sent.at(-1), near.writableNeedsDrain], [true, false, true])
    assert.ok(near.writeBufferLength > 0, 'what that below does not take waits here')
    await eventually(() => Buffer.concat(received).byteLength === 10 * CHUNK_BYTES, 'all chunks')
    assert.deepEqual(Buffer.concat(received), Buffer.concat(Array.from({ length: 10 }, (_, i) => chunk(i))))
    assert.ok(drains > 0 && near.writeBufferLength === 0)
    await eventually(() => !near.writableNeedsDrain, 'room')
  })

  it('is paused and resumed together with that below', async () => {
    listen(far)
    far.pause()
    assert.equal((below[1] as AbstractMultiaddrConnection).readStatus, 'paused')
    near.send(chunk(1))
    await turns(5)
    assert.deepEqual([received.length, far.readBufferLength], [0, 0])
    far.resume()
    await eventually(() => received.length === 1, 'the chunk')
    assert.equal((below[1] as AbstractMultiaddrConnection).readStatus, 'readable')
  })

  for (const [what, end] of [
    ['closed', (connection: AbstractMultiaddrConnection) => { connection.onTransportClosed() }],
    ['reset', (connection: AbstractMultiaddrConnection) => { connection.onRemoteReset() }]
  ] as const) {
    it(`has what came while it was paused when it is resumed after it was ${what}`, () => {
      listen(far)
      far.pause()
      // as a transport does: some of them have something left after they were paused
      const transport = below[1] as AbstractMultiaddrConnection
      const cipher = new DirectionCipher({ key: KEY, nonce: NONCES[0] })
      transport.onData(cipher.apply(chunk(1)))
      transport.onData(cipher.apply(chunk(2)))
      end(transport)
      assert.deepEqual([far.status, received.length], [what, 0])
      far.resume()
      assert.deepEqual(Buffer.concat(received), Buffer.concat([chunk(1), chunk(2)]))
      assert.equal(far.readStatus, 'closed')
    })
  }

  for (const [what, end, status] of [
    ['is closed by us', async () => { await near.close() }, ['closed', 'closed']],
    ['is closed by that below', async () => { await below[0].close() }, ['closed', 'closed']],
    ['is closed by the other end', async () => { await far.close() }, ['closed', 'closed']],
    ['is aborted by us', async () => { near.abort(new Error('enough')) }, ['aborted', 'reset']],
    ['is aborted by that below', async () => { below[0].abort(new Error('enough')) }, ['aborted', 'reset']],
    ['is aborted by the other end', async () => { far.abort(new Error('enough')) }, ['reset', 'aborted']]
  ] as const) {
    it(`ends at both ends when it ${what}`, async () => {
      const ends = [near, far, ...below].map(endOf)
      await end()
      const events = await Promise.all(ends)
      assert.deepEqual([near.status, far.status], status)
      assert.deepEqual(below.map((connection) => connection.status), status)
      assert.deepEqual(events.map(({ error }) => error != null), [...status, ...status].map((status) => status !== 'closed'))
      assert.throws(() => { near.send(chunk(1)) }, { name: 'StreamStateError' })
    })
  }

  it('sends what is written before it closes', async () => {
    start({ capacity: CAPACITY })
    listen(far)
    Array.from({ length: 10 }, (_, i) => near.send(chunk(i)))
    await near.close()
    await eventually(() => far.status === 'closed', 'the end')
    assert.equal(Buffer.concat(received).byteLength, 10 * CHUNK_BYTES)
  })

  it('is cut, and throws nothing at the reader, where a direction has no key stream left', async () => {
    start({ position: KEY_STREAM_BYTES - CHUNK_BYTES })
    listen(far)
    near.send(chunk(1))
    await eventually(() => received.length === 1, 'the last chunk')
    const ended = endOf(far)
    below[0].send(Uint8Array.of(1))
    assert.match((await ended).error!.message, /key stream/)

    start({ position: KEY_STREAM_BYTES - CHUNK_BYTES })
    near.send(chunk(1))
    assert.throws(() => { near.send(Uint8Array.of(1)) }, { name: 'RangeError' })
    assert.equal(near.status, 'aborted')
  })
})
