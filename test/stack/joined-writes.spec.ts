import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { joinWrites, withJoinedWrites } from '../../src/stack/joined-writes.ts'
import type { MessageStream } from '@libp2p/interface'
import type { AddressInfo } from 'node:net'

describe('joinWrites', () => {
  it('holds back each piece until all of what is sent in one go is there', () => {
    const calls: string[] = []
    const connection = {
      socket: { cork: () => { calls.push('cork') }, uncork: () => { calls.push('uncork') } },
      sendData: (data: string) => {
        calls.push(data)

        return { sentBytes: data.length, canSendMore: true }
      }
    }
    joinWrites(connection as unknown as MessageStream)

    assert.deepEqual(connection.sendData('abc'), { sentBytes: 3, canSendMore: true })
    assert.deepEqual(calls, ['cork', 'abc', 'uncork'])
  })

  it('lets go of what there is where sending fails', () => {
    let corks = 0
    const socket = { cork: () => { corks++ }, uncork: () => { corks-- } }
    const connection = { socket, sendData: () => { throw new Error('broken') } }
    joinWrites(connection as unknown as MessageStream)

    assert.throws(() => { connection.sendData() }, /broken/)
    assert.equal(corks, 0)
  })

  it('leaves connections of other kinds alone', () => {
    const sendData = (): void => {}
    const others = [{ sendData }, { socket: {}, sendData }, { socket: { cork: () => {} } }]
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
