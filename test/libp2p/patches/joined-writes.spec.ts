import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { nextTick } from 'node:process'
import { setImmediate } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { JOINED_READ_BYTES, JOINED_WRITE_BYTES, joinWrites, withJoinedWrites } from '../../../src/libp2p/patches/joined-writes.ts'
import type { MessageStream } from '@libp2p/interface'
import type { AddressInfo } from 'node:net'

/** A connection whose socket writes what it has when nothing holds it back, and that answers all it reads. */
class ScriptedConnection {
  /** What was written together: how many bytes each has, and what else was done. */
  readonly calls: (number[] | 'reset')[] = []
  #waiting: number[] = []
  #corks = 0
  readonly socket = {
    cork: (): void => { this.#corks++ },
    uncork: (): void => {
      this.#corks--
      this.#write()
    }
  }

  constructor () {
    joinWrites(this as unknown as MessageStream)
  }

  sendData ({ byteLength }: { readonly byteLength: number }): { sentBytes: number, canSendMore: boolean } {
    if (byteLength === 0) {
      throw new Error('broken')
    }

    this.#waiting.push(byteLength)
    this.#write()

    return { sentBytes: byteLength, canSendMore: true }
  }

  onData ({ byteLength }: { readonly byteLength: number }): void {
    if (byteLength === 0) {
      throw new Error('bad')
    }

    this.sendData({ byteLength: 7 })
  }

  sendReset (): void {
    this.calls.push('reset')
  }

  #write (): void {
    if (this.#corks === 0 && this.#waiting.length > 0) {
      this.calls.push(this.#waiting)
      this.#waiting = []
    }
  }
}

describe('libp2p/patches/joined-writes: joinWrites', () => {
  let connection: ScriptedConnection

  beforeEach(() => {
    connection = new ScriptedConnection()
  })

  /** Sends so many bytes at a time. */
  function send (...sizes: number[]): void {
    sizes.forEach((byteLength) => { connection.sendData({ byteLength }) })
  }

  it('holds back what is sent until the turn is over, with all that follows from it', async () => {
    assert.deepEqual(connection.sendData({ byteLength: 3 }), { sentBytes: 3, canSendMore: true })
    await Promise.resolve()
    send(4)
    assert.deepEqual(connection.calls, [])
    await setImmediate()
    assert.deepEqual(connection.calls, [[3, 4]])
    send(5)
    await setImmediate()
    assert.deepEqual(connection.calls, [[3, 4], [5]])
  })

  it('holds back nothing that is large, nor what was sent before it', async () => {
    send(3, JOINED_WRITE_BYTES, JOINED_WRITE_BYTES + 1, 4)
    assert.deepEqual(connection.calls, [[3, JOINED_WRITE_BYTES, JOINED_WRITE_BYTES + 1]])
    await setImmediate()
    assert.deepEqual(connection.calls.slice(1), [[4]])
  })

  it('lets go of what was sent before the connection is reset', async () => {
    send(3)
    connection.sendReset()
    await setImmediate()
    assert.deepEqual(connection.calls, [[3], 'reset'])
  })

  it('lets go of what there is where sending fails', async () => {
    send(3)
    assert.throws(() => { send(0) }, /broken/)
    await setImmediate()
    assert.deepEqual(connection.calls, [[3]])
  })

  it('holds back what is answered to what is read until no more is there to be read', async () => {
    connection.onData({ byteLength: 1 })
    await Promise.resolve()
    await new Promise<void>((resolve) => { nextTick(resolve) })
    connection.onData({ byteLength: 1 })
    assert.deepEqual(connection.calls, [])
    await setImmediate()
    assert.deepEqual(connection.calls, [[7, 7]])
  })

  it(`holds it back while less than ${JOINED_READ_BYTES} bytes are read, and no longer`, async () => {
    connection.onData({ byteLength: JOINED_READ_BYTES - 1 })
    assert.deepEqual(connection.calls, [])
    connection.onData({ byteLength: 1 })
    assert.deepEqual(connection.calls, [[7, 7]])
    connection.onData({ byteLength: 1 })
    assert.deepEqual(connection.calls.slice(1), [])
    await setImmediate()
    assert.deepEqual(connection.calls.slice(1), [[7]])
  })

  it('goes on after a piece that cannot be read', async () => {
    assert.throws(() => { connection.onData({ byteLength: 0 }) }, /bad/)
    send(3)
    await new Promise<void>((resolve) => { queueMicrotask(() => { nextTick(resolve) }) })
    assert.deepEqual(connection.calls, [[3]])
  })

  it('leaves connections of other kinds alone', () => {
    const [sendData, onData, cork] = [(): void => {}, (): void => {}, (): void => {}]
    const others = [{ sendData, onData }, { socket: {}, sendData, onData }, { socket: { cork }, onData }, { socket: { cork }, sendData }]
    others.forEach((other) => { joinWrites(other as unknown as MessageStream) })

    assert.ok(others.every((other) => !('sendData' in other) || other.sendData === sendData))
  })
})

describe('libp2p/patches/joined-writes: withJoinedWrites', () => {
  it('finds what it needs in connections of the real transport: what comes arrives in few pieces', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { prototype } = Socket as unknown as { prototype: { cork: () => void } }
    const { cork } = prototype
    let corks = 0

    prototype.cork = function (this: Socket) {
      corks++
      cork.call(this)
    }

    const node = await createLibp2p({
      addresses: { listen: [] }, transports: [withJoinedWrites(tcp())], connectionEncrypters: [noise()], streamMuxers: [yamux()]
    })

    try {
      const accepted = once(server, 'connection') as Promise<[Socket]>
      const dialled = node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`))
      dialled.catch(() => {})
      const [socket] = await accepted
      await once(socket, 'data')
      assert.ok(corks > 0)
      socket.destroy()
      await assert.rejects(dialled)
    } finally {
      prototype.cork = cork
      await node.stop()
      server.close()
    }
  })
})
