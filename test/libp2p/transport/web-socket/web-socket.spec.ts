import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { connect as connectTcp, createServer } from 'node:net'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { WebSocket, WebSocketServer } from 'ws'
import { watchSends } from '../../../support/watch-sends.ts'
import { eventually } from '../../../support/eventually.ts'
import { CLOSE_TIMEOUT_MS, MAX_BUFFERED_BYTES, MAX_MESSAGE_BYTES, MAX_SENT_BYTES, MAX_UPGRADES } from '../../../../src/libp2p/transport/web-socket/limits.ts'
import { createWebSockets, toUri } from '../../../../src/libp2p/transport/web-socket/web-socket.ts'
import type { Connection, Listener, MultiaddrConnection, Transport, Upgrader } from '@libp2p/interface'
import type { AddressInfo, Server, Socket } from 'node:net'

/** Takes connections as they are. */
class FakeUpgrader {
  readonly inbound: MultiaddrConnection[] = []
  readonly outbound: MultiaddrConnection[] = []
  error: Error | undefined

  async upgradeInbound (connection: MultiaddrConnection): Promise<void> {
    this.inbound.push(connection)
    await Promise.resolve()

    if (this.error != null) {
      throw this.error
    }
  }

  async upgradeOutbound (connection: MultiaddrConnection): Promise<Connection> {
    this.outbound.push(connection)
    await Promise.resolve()

    if (this.error != null) {
      throw this.error
    }

    return connection as unknown as Connection
  }
}

describe('libp2p/transport/web-socket/web-socket', () => {
  const signal = new AbortController().signal
  let upgrader: FakeUpgrader
  let transport: Transport
  let listener: Listener
  let sockets: Socket[]
  let ends: (() => void)[]

  beforeEach(async () => {
    upgrader = new FakeUpgrader()
    transport = createWebSockets()({ logger: defaultLogger(), events: new TypedEventEmitter() })
    listener = transport.createListener({ upgrader: upgrader as unknown as Upgrader })
    sockets = []
    ends = []
    serverOf(listener).on('connection', (socket: Socket) => { sockets.push(socket) })
    await listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0/ws'))
  })

  afterEach(async () => {
    ends.forEach((end) => { end() })
    await listener.close()
  })

  function serverOf (listener: Listener): Server {
    return (listener as unknown as { server: Server }).server
  }

  function port (): number {
    return (serverOf(listener).address() as AddressInfo).port
  }

  it('cuts a socket that sends text', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port()}`)
    let isClosed = false
    socket.on('close', () => { isClosed = true }).on('error', () => {})
    await eventually(() => upgrader.inbound.length === 1, 'the connection')
    await eventually(() => socket.readyState === WebSocket.OPEN, 'the socket')
    socket.send('text')
    await eventually(() => isClosed, 'the end')
  })

  async function dial (address = listener.getAddrs()[0]!): Promise<MultiaddrConnection> {
    return await transport.dial(address, { upgrader: upgrader as unknown as Upgrader, signal }) as unknown as MultiaddrConnection
  }

  async function connectionPair (): Promise<{ here: MultiaddrConnection, there: MultiaddrConnection }> {
    const here = await dial()

    return { here, there: await eventually(() => upgrader.inbound.at(-1), 'the other end') }
  }

  /** A client that is no libp2p. */
  async function openRaw (): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port()}/`)
    ends.push(() => { socket.terminate() })
    socket.on('error', () => {})
    await new Promise((resolve) => { socket.once('open', resolve) })

    return socket
  }

  /** A client that says no more after its handshake, and reads nothing. */
  async function openMute (): Promise<{ socket: Socket, connection: MultiaddrConnection }> {
    const socket = connectTcp(port(), '127.0.0.1')
    ends.push(() => { socket.destroy() })
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n')
    await new Promise((resolve) => { socket.once('data', resolve) })
    socket.pause()

    return { socket, connection: await eventually(() => upgrader.inbound[0], 'the connection') }
  }

  function collect (connection: MultiaddrConnection): { readonly bytes: number } {
    const received = { bytes: 0 }
    connection.addEventListener('message', ({ data }) => { received.bytes += data.byteLength })

    return received
  }

  it('names the place to connect to', () => {
    for (const [address, uri] of [
      ['/ip4/192.0.2.1/tcp/80/ws', 'ws://192.0.2.1:80/'],
      ['/ip6/2001:db8::1/tcp/80/ws', 'ws://[2001:db8::1]:80/'],
      ['/dns4/seed.example.org/tcp/443/tls/ws', 'wss://seed.example.org:443/'],
      ['/dns/seed.example.org/tcp/443/wss', 'wss://seed.example.org:443/'],
      ['/ip4/192.0.2.1/tcp/443/tls/sni/seed.example.org/ws', 'wss://seed.example.org:443/']
    ]) {
      assert.equal(toUri(multiaddr(address)), uri)
    }
  })

  it('dials and listens on addresses of WebSockets only', () => {
    const addresses = ['/ip4/192.0.2.1/tcp/80', '/ip4/192.0.2.1/tcp/80/ws', '/ip4/192.0.2.1/tcp/80/tls/ws'].map((text) => multiaddr(text))

    assert.deepEqual(transport.dialFilter(addresses).map(String), ['/ip4/192.0.2.1/tcp/80/ws', '/ip4/192.0.2.1/tcp/80/tls/ws'])
    assert.deepEqual(transport.listenFilter(addresses).map(String), ['/ip4/192.0.2.1/tcp/80/ws', '/ip4/192.0.2.1/tcp/80/tls/ws'])
  })

  it('carries bytes in both directions', async () => {
    const { here, there } = await connectionPair()
    const received = [collect(here), collect(there)]
    here.send(new Uint8Array(1000))
    there.send(new Uint8Array(3 * MAX_SENT_BYTES + 1))
    await eventually(() => received[0]!.bytes === 3 * MAX_SENT_BYTES + 1 && received[1]!.bytes === 1000, 'the bytes')
    assert.match(there.remoteAddr.toString(), /^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws$/)
  })

  it('loses nothing of what the other end says at once', async () => {
    const server = createHttpServer()
    const webSockets = new WebSocketServer({ noServer: true })
    ends.push(() => { server.close() })

    server.on('upgrade', (request, socket, head) => {
      // in one packet with the answer to the upgrade
      socket.cork()
      webSockets.handleUpgrade(request, socket, head, (webSocket) => { webSocket.send(Uint8Array.of(1, 2, 3)) })
      socket.uncork()
      ends.push(() => { socket.destroy() })
    })
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })

    const here = await dial(multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/ws`))
    const received = collect(here)
    await eventually(() => received.bytes === 3, 'the bytes')
  })

  it('says when to wait, and when to go on', async () => {
    const { here, there } = await connectionPair()
    const received = collect(there)
    there.pause()
    let sent = 0

    while (here.send(new Uint8Array(64 * 1024))) {
      sent += 64 * 1024
      await new Promise(setImmediate)
    }

    // what is on its way is in the hands of the system
    assert.ok(here.writeBufferLength <= 64 * 1024)
    const drained = new Promise((resolve) => { here.addEventListener('drain', resolve, { once: true }) })
    there.resume()
    await drained
    await eventually(() => received.bytes === sent + 64 * 1024, 'everything')
  })

  it('hands little to a socket whose other end reads nothing', async () => {
    const { connection } = await openMute()
    let rounds = 0
    let most = 0
    ends.push(watchSends(({ bufferedAmount }) => { most = Math.max(most, bufferedAmount) }))

    while (connection.send(new Uint8Array(MAX_SENT_BYTES)) && rounds++ < 1000) {
      await new Promise(setImmediate)
    }

    assert.ok(rounds < 1000)
    connection.send(new Uint8Array(10 * MAX_SENT_BYTES))
    assert.equal(connection.writeBufferLength, 10 * MAX_SENT_BYTES)
    assert.ok(most >= MAX_BUFFERED_BYTES && most <= MAX_BUFFERED_BYTES + MAX_SENT_BYTES + 64, `${most} bytes`)
  })

  it('cuts the TCP connection when it is aborted, at both ends', async () => {
    for (const side of ['here', 'there'] as const) {
      const pair = await connectionPair()
      const other = side === 'here' ? pair.there : pair.here
      pair[side].abort(new Error('enough'))
      await eventually(() => other.status !== 'open' && sockets.every(({ destroyed }) => destroyed), 'both ends to be closed')
    }
  })

  it('cuts the TCP connection when it is closed and the other end does not answer', async () => {
    const { connection } = await openMute()
    const start = performance.now()
    await connection.close()
    await eventually(() => sockets.every(({ destroyed }) => destroyed), 'the connection to end')
    assert.ok(performance.now() - start < 4 * CLOSE_TIMEOUT_MS, 'in time')
  })

  it('cuts what could not be upgraded', async () => {
    upgrader.error = new Error('no')
    await assert.rejects(dial(), { message: 'no' })
    await eventually(() => sockets.length > 0 && sockets.every(({ destroyed }) => destroyed), 'the connection to end')
  })

  it('takes a message of the largest size and cuts a peer that sends a larger one', async () => {
    const socket = await openRaw()
    const connection = await eventually(() => upgrader.inbound[0], 'the connection')
    const received = collect(connection)
    socket.send(new Uint8Array(MAX_MESSAGE_BYTES), { binary: true }, () => {})
    await eventually(() => received.bytes === MAX_MESSAGE_BYTES, 'the message')
    socket.send(new Uint8Array(MAX_MESSAGE_BYTES + 1), { binary: true }, () => {})
    await eventually(() => connection.status !== 'open' && sockets.every(({ destroyed }) => destroyed), 'the connection to end')
    assert.equal(received.bytes, MAX_MESSAGE_BYTES)
  })

  it('leaves nothing open when a dial is aborted', async () => {
    const accepted: Socket[] = []
    const server = createServer((socket) => { accepted.push(socket) }).listen(0, '127.0.0.1')
    ends.push(() => { server.close() })
    await new Promise((resolve) => { server.once('listening', resolve) })
    const controller = new AbortController()
    const address = multiaddr(`/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}/ws`)
    const dialled = transport.dial(address, { upgrader: upgrader as unknown as Upgrader, signal: controller.signal })
    const closed = eventually(() => accepted[0], 'the connection').then(async (socket) => new Promise((resolve) => {
      socket.resume()
      socket.once('close', resolve)
    }))
    await eventually(() => accepted[0], 'the connection')
    controller.abort(new Error('too late'))
    await assert.rejects(dialled, { message: 'too late' })
    await closed
  })

  it('says what went wrong with a dial', async () => {
    const address = listener.getAddrs()[0]!
    await listener.close()
    await assert.rejects(dial(address), { code: 'ECONNREFUSED' })
    await listener.listen(multiaddr('/ip4/127.0.0.1/tcp/0/ws'))
  })

  it('holds so many handshakes, and cuts the oldest for one more', async () => {
    const clients = Array.from({ length: MAX_UPGRADES + 1 }, () => {
      const client = connectTcp(port(), '127.0.0.1')
      client.on('error', () => {})
      ends.push(() => { client.destroy() })

      return client
    })
    await eventually(() => sockets.length === clients.length, 'all connections')
    await eventually(() => sockets.filter(({ destroyed }) => destroyed).length === 1, 'one to be cut')
    assert.equal(sockets[0]!.destroyed, true)
  })

  /** Has the next connection come from `address`, as `node:net` has it. */
  function comesFrom (address: string): void {
    serverOf(listener).once('connection', (socket: Socket) => { Object.defineProperty(socket, 'remoteAddress', { value: address }) })
  }

  it('takes a client of the local link, whose address names an interface', async () => {
    comesFrom('fe80::1%eth0')
    const socket = new WebSocket(`ws://127.0.0.1:${port()}`)
    ends.push(() => { socket.terminate() })
    await eventually(() => upgrader.inbound.length === 1, 'the connection')
    const { remotePort } = sockets[0]!
    assert.equal(upgrader.inbound[0]!.remoteAddr.toString(), `/ip6/fe80::1/tcp/${remotePort}/ws`)
  })

  it('cuts a client whose address cannot be named, and takes others', async () => {
    comesFrom('no address')
    const socket = new WebSocket(`ws://127.0.0.1:${port()}`)
    let isClosed = false
    socket.on('close', () => { isClosed = true }).on('error', () => {})
    await eventually(() => isClosed, 'the end')
    assert.deepEqual(upgrader.inbound, [])
    const { here, there } = await connectionPair()
    const received = collect(there)
    here.send(Uint8Array.of(1))
    await eventually(() => received.bytes === 1, 'the byte')
  })

  it('goes on where a connection could not be accepted', async () => {
    // as where there is no file descriptor left for it: without a listener the error would end the process
    serverOf(listener).emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
    const { here, there } = await connectionPair()
    const received = collect(there)
    here.send(Uint8Array.of(1))
    await eventually(() => received.bytes === 1, 'the byte')
  })

  it('is there for a good client after all that', async () => {
    const client = connectTcp(port(), '127.0.0.1')
    ends.push(() => { client.destroy() })
    client.write('no HTTP at all\r\n\r\n')
    client.resume()
    await new Promise((resolve) => { client.once('close', resolve) })
    const { here, there } = await connectionPair()
    const received = collect(there)
    here.send(Uint8Array.of(1))
    await eventually(() => received.bytes === 1, 'the byte')
  })
})
