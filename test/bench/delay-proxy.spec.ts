import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { startDelayProxy } from '../../bench/delay-proxy.ts'
import type { DelayProxy } from '../../bench/delay-proxy.ts'
import type { AddressInfo, Server, Socket } from 'node:net'

const ROUND_TRIP_MS = 40

describe('bench/delay-proxy', () => {
  let server: Server
  let proxy: DelayProxy

  async function start (onConnection: (socket: Socket) => void): Promise<Socket> {
    server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1')
    await once(server, 'listening')
    proxy = await startDelayProxy({ port: (server.address() as AddressInfo).port, roundTripMs: ROUND_TRIP_MS })
    const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
    await once(socket, 'connect')

    return socket
  }

  afterEach(async () => {
    await proxy.close()
    server.close()
  })

  it('hands on bytes in both directions, in order, to the end', async () => {
    const socket = await start((socket) => { socket.pipe(socket) })
    const bytes = Buffer.from(Uint32Array.from({ length: 1_000_000 }, (_, index) => index).buffer)
    socket.end(bytes)

    assert.ok((await buffer(socket)).equals(bytes))
  })

  it('takes half of the round trip in each direction', async () => {
    const arrived = Promise.withResolvers<number>()
    const socket = await start((socket) => {
      socket.once('data', () => { arrived.resolve(performance.now()) })
      socket.pipe(socket)
    })
    const sent = performance.now()
    socket.write('ping')
    const there = await arrived.promise - sent
    await once(socket, 'data')
    const back = performance.now() - sent
    socket.destroy()

    // timers may be early by less than a millisecond, and a busy machine is late
    assert.ok(there >= ROUND_TRIP_MS / 2 - 2, `there after ${there} ms`)
    assert.ok(back >= ROUND_TRIP_MS - 4, `back after ${back} ms`)
  })

  it('ends the other side where one breaks off', async () => {
    const accepted = Promise.withResolvers<Socket>()
    const socket = await start(accepted.resolve)
    const broken = once((await accepted.promise).resume(), 'close')
    socket.resetAndDestroy()

    await assert.rejects(broken, { code: 'ECONNRESET' })
  })
})
