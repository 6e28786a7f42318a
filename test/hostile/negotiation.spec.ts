import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectTcp, createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { eventually } from '../support/eventually.ts'
import { addressOf, DEADLINE_MS, LIBP2P_PARTS } from '../integration/nodes.ts'
import { plainProtector } from '../support/plain-protector.ts'
import { HONEST_MS, Scene } from './scene.ts'
import { dhtProtocol } from '../../src/libp2p/discovery/dht.ts'
import { MAX_NEGOTIATION_LINES, MAX_STREAM_MESSAGES } from '../../src/libp2p/patches/guard/framing-guard.ts'
import type { Connection, ConnectionEncrypter, Libp2p, Stream, StreamMuxer } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'
import type { AddressInfo, Server, Socket } from 'node:net'

/** How long the process may stand still, in ms, which everybody in a scene shares. libp2p alone takes 550 ms for the smallest attack. */
const MAX_STANDSTILL_MS = 300

const SIZES = [64 * 1024, 1024 * 1024]

/** TCP connections that send a length without end, and from how many hosts. */
const SOCKETS = 200
const SOCKET_HOSTS = 5

const IDENTIFY = '/ipfs/id/1.0.0'
const DHT = dhtProtocol('vibecoin-test')

const KEY = `/key/swarm/psk/1.0.0/\n/base16/\n${'a1'.repeat(32)}\n`

const MULTISTREAM = line('/multistream/1.0.0')

function line (text: string): Buffer {
  return Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`)
}

/** A length whose every byte says that another one follows. */
function lengthOf (bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(0xff)
}

/** A pause of the event loop, in ms, that is longer than any while `run` did its work. */
async function longestStandstill (run: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()

  try {
    await run()
  } finally {
    delay.disable()
  }

  return delay.max / 1e6
}

describe('hostile/negotiation', function () {
  this.timeout(60_000)

  let scene: Scene
  let sockets: Socket[]
  let servers: Server[]
  let nodes: Libp2p[]

  before(async () => { scene = await Scene.start({ discovery: { dht: 'server' }, dialTimeout: 5000 }) })

  beforeEach(() => {
    sockets = []
    servers = []
    nodes = []
  })

  afterEach(async () => {
    sockets.forEach((socket) => { socket.destroy() })
    await Promise.all(servers.map(async (server) => new Promise((resolve) => { server.close(resolve) })))
    await Promise.all(nodes.map(async (node) => { await node.stop() }))
    await scene.expectHonestServed()
    await scene.expectNobodyElse()
  })

  after(async () => { await scene.stop() })

  /** An attack that is answered by cutting it, while others are served and nothing stands still. */
  async function expectHarmless (attack: () => Promise<unknown>, where: Scene = scene): Promise<void> {
    const ms = await longestStandstill(async () => where.expectHonestServedDuring(attack()))
    assert.ok(ms < MAX_STANDSTILL_MS, `the event loop stood still for ${ms} ms`)
  }

  function openSocket (localAddress: string, ...words: Uint8Array[]): Socket {
    const socket = connectTcp({ host: '127.0.0.1', port: Number(addressOf(scene.victim).split('/')[4]), localAddress })
    socket.on('error', () => {})
    socket.resume()
    sockets.push(socket)
    words.forEach((word) => { socket.write(word) })

    return socket
  }

  async function untilCut (socket: Socket): Promise<void> {
    await eventually(() => socket.destroyed, 'the end of the connection', { timeout: DEADLINE_MS })
  }

  /** A libp2p node of which one part is its own. */
  async function startNode (parts: Partial<Libp2pOptions>): Promise<Libp2p> {
    const node = await createLibp2p({ ...LIBP2P_PARTS, addresses: { listen: ['/ip4/127.99.0.1/tcp/0'] }, ...parts })
    nodes.push(node)

    return node
  }

  /** A stream on which nothing is agreed on yet. */
  async function bareStream (connection: Connection): Promise<Stream> {
    return (connection as Connection & { muxer: StreamMuxer }).muxer.createStream()
  }

  async function untilClosed (stream: Stream): Promise<void> {
    await eventually(() => stream.status !== 'open', 'the end of the stream', { timeout: DEADLINE_MS })
  }

  for (const size of SIZES) {
    it(`of ${size} bytes of length is cut on a connection that is not encrypted yet`, async () => {
      await expectHarmless(async () => { await untilCut(openSocket('127.90.0.1', lengthOf(size))) })
      await expectHarmless(async () => { await untilCut(openSocket('127.90.0.1', MULTISTREAM, lengthOf(size))) })
    })

    it(`of ${size} bytes of length is cut on a connection without a muxer`, async () => {
      const node = await startNode({
        connectionEncrypters: [(components) => {
          // says that it knows no muxer, and sends this where one is to be agreed on
          const extensions: object = { streamMuxers: [] }
          const encrypter: ConnectionEncrypter = noise({ extensions })(components)
          const secureOutbound = encrypter.secureOutbound.bind(encrypter)

          encrypter.secureOutbound = async (connection, options) => {
            const secured = await secureOutbound(connection, options)
            secured.connection.send(lengthOf(size))

            return { ...secured, streamMuxer: undefined }
          }

          return encrypter
        }]
      })

      await expectHarmless(async () => { await assert.rejects(node.dial(multiaddr(addressOf(scene.victim)))) })
    })

    it(`of ${size} bytes of length is cut on a stream, and not the connection`, async () => {
      const attacker = await scene.attacker()
      const connection = await attacker.dial()

      await expectHarmless(async () => {
        for (const words of [[lengthOf(size)], [MULTISTREAM, lengthOf(size)], [MULTISTREAM, line(IDENTIFY), lengthOf(size)]]) {
          const stream = await bareStream(connection)
          words.forEach((word) => { stream.send(word) })
          await untilClosed(stream)
        }
      })

      assert.equal(connection.status, 'open')
      await connection.close()
    })

    it(`of ${size} bytes of length is cut in what a peer says of itself`, async () => {
      const attacker = await scene.attacker()
      const asked = Promise.withResolvers<Stream>()

      await attacker.libp2p.handle(IDENTIFY, (stream) => {
        stream.send(lengthOf(size))
        asked.resolve(stream)
      })

      await expectHarmless(async () => {
        const connection = await attacker.dial()
        await untilClosed(await asked.promise)
        await connection.close()
      })
    })

    it(`of ${size} bytes of length is cut in the DHT`, async () => {
      const attacker = await scene.attacker()
      const connection = await attacker.dial()

      await expectHarmless(async () => {
        const stream = await connection.newStream(DHT)
        stream.send(lengthOf(size))
        await untilClosed(stream)
      })

      await connection.close()
    })

    it(`of ${size} bytes of length is cut where it is the answer to a dial`, async () => {
      for (const words of [[lengthOf(size)], [MULTISTREAM, lengthOf(size)]]) {
        const server = createServer((socket) => {
          socket.on('error', () => {})
          socket.resume()
          sockets.push(socket)
          words.forEach((word) => { socket.write(word) })
        }).listen(0, '127.98.0.1')

        servers.push(server)
        await once(server, 'listening')
        const address = `/ip4/127.98.0.1/tcp/${(server.address() as AddressInfo).port}`
        await expectHarmless(async () => { await assert.rejects(scene.victim.connect(address)) })
      }
    })

    it(`of ${size} bytes of length is cut where it is the answer on a stream of ours`, async () => {
      const node = await startNode({
        streamMuxers: [() => {
          const factory = yamux()()
          const createStreamMuxer = factory.createStreamMuxer.bind(factory)

          factory.createStreamMuxer = (connection) => {
            const muxer = createStreamMuxer(connection)
            const inside: { onRemoteStream: (stream: never) => void } = muxer
            inside.onRemoteStream = (stream: Stream) => {
              stream.addEventListener('message', () => {})
              stream.send(MULTISTREAM)
              stream.send(lengthOf(size))
            }

            return muxer
          }

          return factory
        }]
      })

      await expectHarmless(async () => { await assert.rejects(scene.victim.connect(node.getMultiaddrs()[0]!.toString())) })
    })
  }

  it('is no longer in a private network, for those who have the key', async () => {
    const closed = await Scene.start({ privateNetworkKey: KEY })

    try {
      const node = await startNode({
        connectionProtector: () => {
          const protector = plainProtector(KEY)()
          const protect = protector.protect.bind(protector)

          protector.protect = async (connection, options) => {
            const box = await protect(connection, options)
            box.send(Buffer.concat([MULTISTREAM, lengthOf(SIZES[0]!)]))

            return box
          }

          return protector
        }
      })

      await expectHarmless(async () => { await assert.rejects(node.dial(multiaddr(addressOf(closed.victim)))) }, closed)
    } finally {
      await closed.stop()
    }
  })

  it(`leaves room for others where ${SOCKETS} of them come from ${SOCKET_HOSTS} hosts`, async () => {
    const newcomer = await scene.attacker()
    let ms = Infinity

    await expectHarmless(async () => {
      Array.from({ length: SOCKETS }, (_, i) => openSocket(`127.${91 + i % SOCKET_HOSTS}.0.1`, lengthOf(SIZES[0]!)))
      const since = performance.now()
      const session = await newcomer.connect()
      ms = performance.now() - since
      await session.stream.close()
      await scene.endOf(newcomer)
      await eventually(() => sockets.every(({ destroyed }) => destroyed), 'the end of all of them', { timeout: DEADLINE_MS })
    })

    assert.ok(ms < HONEST_MS, `${ms} ms`)
  })

  it(`has ${MAX_NEGOTIATION_LINES} lines and no more`, async () => {
    const attacker = await scene.attacker()
    const connection = await attacker.dial()
    const questions = Array.from({ length: MAX_NEGOTIATION_LINES - 2 }, () => line('ls'))
    const good = await bareStream(connection)
    let answered = 0
    good.addEventListener('message', ({ data }) => { answered += data.byteLength })
    good.send(Buffer.concat([MULTISTREAM, ...questions, line(IDENTIFY)]))
    await eventually(() => good.remoteWriteStatus === 'closed', 'what the victim says of itself', { timeout: DEADLINE_MS })
    assert.ok(answered > questions.length * IDENTIFY.length, `${answered} bytes`)

    await expectHarmless(async () => {
      const stream = await bareStream(connection)
      stream.send(Buffer.concat([MULTISTREAM, ...Array.from({ length: 16_000 }, () => line('ls'))]))
      await untilClosed(stream)
    })

    await connection.close()
  })

  it(`is followed by ${MAX_STREAM_MESSAGES} messages to the DHT on a stream and no more`, async () => {
    const attacker = await scene.attacker()
    const connection = await attacker.dial()
    /** A ping of kad-dht, with its length. */
    const ping = Uint8Array.of(2, 8, 5)
    const good = await connection.newStream(DHT)
    let answered = 0
    good.addEventListener('message', ({ data }) => { answered += data.byteLength })
    good.send(Buffer.concat(Array.from({ length: MAX_STREAM_MESSAGES }, () => ping)))
    await eventually(() => answered === MAX_STREAM_MESSAGES * ping.byteLength, 'all answers', { timeout: DEADLINE_MS })
    good.send(ping)
    await untilClosed(good)

    await expectHarmless(async () => {
      const stream = await connection.newStream(DHT)
      stream.send(Buffer.concat(Array.from({ length: 40_000 }, () => ping)))
      await untilClosed(stream)
    })

    await connection.close()
  })
})
