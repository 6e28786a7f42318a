import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { JOINED_READ_BYTES, joinWrites, withJoinedWrites } from '../../src/stack/joined-writes.ts'
import type { MessageStream } from '@libp2p/interface'
import type { AddressInfo } from 'node:net'

/** A connection whose socket writes what it has when nothing holds it back, and that answers all it reads. */
class ScriptedConnection {
  /** What was written together. */
  readonly written: string[][] = []
  #waiting: string[] = []
  #corks = 0
  readonly socket = {
    cork: (): void => { this.#corks++ },
    uncork: (): void => {
      this.#corks--
      this.#write()
    }
  }

  get asStream (): MessageStream {
    return this as unknown as MessageStream
  }

  sendData (data: string): { sentBytes: number, canSendMore: boolean } {
    if (data === '') {
      throw new Error('broken')
    }

    this.#waiting.push(...data.split(''))
    this.#write()

    return { sentBytes: data.length, canSendMore: true }
  }

  onData ({ byteLength }: Uint8Array): void {
    if (byteLength === 0) {
      throw new Error('bad')
    }

    this.sendData('r')
  }

  #write (): void {
    if (this.#corks === 0 && this.#waiting.length > 0) {
      this.written.push(this.#waiting)
      this.#waiting = []
    }
  }
}

describe('joinWrites', () => {
  let connection: ScriptedConnection

  beforeEach(() => {
    connection = new ScriptedConnection()
    joinWrites(connection.asStream)
  })

  it('holds back each piece until all of what is sent in one go is there', () => {
    assert.deepEqual(connection.sendData('abc'), { sentBytes: 3, canSendMore: true })
    assert.deepEqual(connection.written, [['a', 'b', 'c']])
  })

  it('lets go of what there is where sending fails', () => {
    assert.throws(() => { connection.sendData('') }, /broken/)
    connection.sendData('a')
    assert.deepEqual(connection.written, [['a']])
  })

  it('holds back what is answered to what is read until no more is there to be read', async () => {
    connection.onData(new Uint8Array(1))
    connection.onData(new Uint8Array(1))
    assert.deepEqual(connection.written, [])
    await setImmediate()
    assert.deepEqual(connection.written, [['r', 'r']])
    connection.sendData('a')
    assert.deepEqual(connection.written.slice(1), [['a']])
  })

  it(`holds it back while less than ${JOINED_READ_BYTES} bytes are read, and no longer`, async () => {
    connection.onData(new Uint8Array(JOINED_READ_BYTES - 1))
    assert.deepEqual(connection.written, [])
    connection.onData(new Uint8Array(1))
    assert.deepEqual(connection.written, [['r', 'r']])
    connection.onData(new Uint8Array(1))
    assert.deepEqual(connection.written.slice(1), [])
    await setImmediate()
    assert.deepEqual(connection.written.slice(1), [['r']])
  })

  it('sends at once what is no answer, also after a piece that cannot be read', () => {
    assert.throws(() => { connection.onData(new Uint8Array(0)) }, /bad/)
    connection.sendData('a')
    assert.deepEqual(connection.written, [['a']])
  })

  it('leaves connections of other kinds alone', () => {
    const [sendData, onData, cork] = [(): void => {}, (): void => {}, (): void => {}]
    const others = [{ sendData, onData }, { socket: {}, sendData, onData }, { socket: { cork }, onData }, { socket: { cork }, sendData }]
    others.forEach((other) => { joinWrites(other as unknown as MessageStream) })

    assert.ok(others.every((other) => !('sendData' in other) || other.sendData === sendData))
  })
})

describe('withJoinedWrites', () => {
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
