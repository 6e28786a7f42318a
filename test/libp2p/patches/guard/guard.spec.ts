import assert from 'node:assert/strict'
import { yamux } from '@chainsafe/libp2p-yamux'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddrConnectionPair, streamPair } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { eventually, turns } from '../../../support/eventually.ts'
import { guardEncrypter, guardFraming, guardMuxer, guardProtector, guardTransport } from '../../../../src/libp2p/patches/guard/guard.ts'
import type {
  ConnectionEncrypter, MessageStream, MultiaddrConnection, Stream, StreamMuxer, Transport, Upgrader
} from '@libp2p/interface'

const HEADER = '/multistream/1.0.0'
const NOISE = '/noise'
const YAMUX = '/yamux/1.0.0'
const ECHO = '/echo/1.0.0'
const IDENTIFY = '/ipfs/id/1.0.0'

const WITHOUT_END = new Uint8Array(100).fill(0xff)

function lines (...texts: string[]): Uint8Array {
  return Buffer.concat(texts.map((text) => Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`)))
}

/** What a stream hands on, as bytes. */
function received (stream: MessageStream): number[] {
  const bytes: number[] = []
  stream.addEventListener('message', ({ data }) => { bytes.push(...data.subarray()) })

  return bytes
}

/** The error that a stream is aborted with. */
async function abortOf (stream: MessageStream): Promise<Error> {
  return new Promise((resolve, reject) => {
    stream.addEventListener('close', ({ error }) => {
      if (error == null) {
        reject(new Error('It was closed in peace'))
      } else {
        resolve(error)
      }
    }, { once: true })
  })
}

const insideOf = (stream: MessageStream): { onData: (bytes: Uint8Array) => void } => stream as never

/** As the class has it. */
const plainOnData = (stream: MessageStream): unknown => (Object.getPrototypeOf(stream) as { onData: unknown }).onData

const PEER = peerIdFromString('12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5')

describe('libp2p/patches/guard/guard', () => {
  describe('a guarded stream', () => {
    let theirs: Stream
    let ours: Stream

    beforeEach(async () => { [theirs, ours] = await streamPair({ delay: 0 }) })

    it('hands on all there is, and is as it was when a protocol is agreed on', async () => {
      const bytes = received(ours)
      let done = 0
      guardFraming(ours, (protocol) => protocol === ECHO, () => { done++ })
      const sent = Buffer.concat([lines(HEADER), lines(ECHO), WITHOUT_END, WITHOUT_END])
      theirs.send(lines(HEADER))
      await eventually(() => bytes.length === 20, 'the header')
      assert.notEqual(insideOf(ours).onData, plainOnData(ours))
      theirs.send(Buffer.concat([lines(ECHO), WITHOUT_END]))
      await eventually(() => bytes.length === 33 + 100 && done === 1, 'what is agreed on')
      assert.equal(insideOf(ours).onData, plainOnData(ours))
      theirs.send(WITHOUT_END)
      await eventually(() => bytes.length === sent.byteLength, 'the rest')
      assert.deepEqual(Buffer.from(bytes), sent)
    })

    it('is aborted by a length without end, and hands nothing of that on', async () => {
      const bytes = received(ours)
      guardFraming(ours, (protocol) => protocol === ECHO)
      const aborted = abortOf(ours)
      theirs.send(lines(HEADER))
      await eventually(() => bytes.length === 20, 'the header')
      theirs.send(Buffer.concat([lines('na'), WITHOUT_END]))
      assert.equal((await aborted).name, 'ProtocolViolationError')
      insideOf(ours).onData(lines(ECHO))
      await turns(2)
      assert.equal(bytes.length, 20)
    })

    it('counts what has come before it was guarded', async () => {
      theirs.send(lines(HEADER, ECHO).subarray(0, 25))
      await eventually(() => ours.readBufferLength === 25, 'the beginning')
      guardFraming(ours, (protocol) => protocol === ECHO)
      theirs.send(Buffer.concat([lines(HEADER, ECHO).subarray(25), WITHOUT_END]))
      await eventually(() => insideOf(ours).onData === plainOnData(ours), 'the end of the guard')
      assert.equal(ours.status, 'open')

      const [late, guarded] = await streamPair({ delay: 0 })
      late.send(WITHOUT_END)
      await eventually(() => guarded.readBufferLength > 0, 'bytes')
      const aborted = abortOf(guarded)
      guardFraming(guarded, () => false)
      assert.equal((await aborted).name, 'ProtocolViolationError')
      assert.equal(guarded.readBufferLength, 0)
    })

    it('is left alone where its inside is another', () => {
      const other = { abort: () => assert.fail() }
      guardFraming(other as never, () => false)
      assert.deepEqual(Object.keys(other), ['abort'])
    })
  })

  describe('a guarded transport', () => {
    let upgrader: Upgrader
    let upgraded: string[]
    let connections: [MultiaddrConnection, MultiaddrConnection]

    beforeEach(() => {
      upgraded = []
      connections = multiaddrConnectionPair()
      upgrader = {
        getConnectionEncrypters: () => new Map([[NOISE, {}]]),
        getStreamMuxers: () => new Map([[YAMUX, {}]]),
        upgradeInbound: async () => { upgraded.push('in') },
        upgradeOutbound: async () => { upgraded.push('out') }
      } as unknown as Upgrader
    })

    /** A transport whose connections are one end of a pair. */
    function create (components: { upgrader: Upgrader }): { transport: Transport, own: () => Upgrader } {
      let inner: { upgrader: Upgrader } | undefined
      const transport = guardTransport((given: { upgrader: Upgrader }) => {
        inner = given

        return {
          dial: async (_address: unknown, options: { upgrader: Upgrader }) => {
            return options.upgrader.upgradeOutbound(connections[1], options as never)
          },
          createListener: (options: { upgrader: Upgrader }) => ({
            listen: async () => { await options.upgrader.upgradeInbound(connections[1], options as never) }
          })
        } as unknown as Transport
      })(components)

      return { transport, own: () => inner!.upgrader }
    }

    async function expectGuarded (isGuarded: boolean): Promise<void> {
      const [theirs, ours] = connections
      assert.equal(insideOf(ours).onData !== plainOnData(ours), isGuarded)

      if (isGuarded) {
        const aborted = abortOf(ours)
        theirs.send(WITHOUT_END)
        assert.equal((await aborted).name, 'ProtocolViolationError')
      }
    }

    it('guards what it dials until it is encrypted', async () => {
      const { transport } = create({ upgrader })
      await transport.dial(multiaddr('/ip4/127.0.0.1/tcp/1'), { upgrader } as never)
      assert.deepEqual(upgraded, ['out'])
      await expectGuarded(true)
    })

    it('guards what its listeners accept', async () => {
      const { transport } = create({ upgrader })
      await transport.createListener({ upgrader }).listen(multiaddr('/ip4/127.0.0.1/tcp/1'))
      assert.deepEqual(upgraded, ['in'])
      await expectGuarded(true)
    })

    it('guards what it has upgraded by the upgrader of its own, and changes no other', async () => {
      const components = { upgrader }
      const { own } = create(components)
      await own().upgradeInbound(connections[1], {} as never)
      assert.equal(components.upgrader, upgrader)
      await expectGuarded(true)
    })

    it('does not guard what needs no encryption', async () => {
      const { own } = create({ upgrader })
      await own().upgradeInbound(connections[1], { skipEncryption: true } as never)
      await expectGuarded(false)
    })

    it('takes the name of an encrypter for the end', async () => {
      const { own } = create({ upgrader })
      const [theirs, ours] = connections
      await own().upgradeOutbound(ours, {} as never)
      theirs.send(lines(HEADER, YAMUX))
      await turns(5)
      assert.notEqual(insideOf(ours).onData, plainOnData(ours))
      theirs.send(lines(NOISE))
      await eventually(() => insideOf(ours).onData === plainOnData(ours), 'the end of the guard')
    })

    it('of a private network guards what is behind the protection', async () => {
      const box = connections[1]
      const protector = guardProtector(() => ({ protect: async () => box }))({ upgrader })
      assert.equal(await protector.protect(connections[0]), box)
      await expectGuarded(true)
    })

    /** What becomes of a connection that an encrypter has encrypted. */
    async function secure (direction: 'secureInbound' | 'secureOutbound', result: object, options: object): Promise<void> {
      const secured = async (): Promise<object> => ({ connection: connections[1], remotePeer: PEER, ...result })
      const plain = { secureInbound: secured, secureOutbound: secured } as unknown as ConnectionEncrypter
      const encrypter = guardEncrypter(() => plain)({ upgrader })
      await encrypter[direction](connections[0], options)
    }

    it('guards what is encrypted until there is a muxer', async () => {
      await secure('secureInbound', {}, {})
      await expectGuarded(true)
      connections = multiaddrConnectionPair()
      await secure('secureOutbound', {}, {})
      const [theirs, ours] = connections
      theirs.send(lines(HEADER, YAMUX))
      await eventually(() => insideOf(ours).onData === plainOnData(ours), 'the end of the guard')
    })

    it('does not guard what is encrypted where there is a muxer, or is to be none', async () => {
      await secure('secureInbound', { streamMuxer: {} }, {})
      await expectGuarded(false)
      await secure('secureOutbound', {}, { skipStreamMuxerNegotiation: true })
      await expectGuarded(false)
      await secure('secureOutbound', {}, { muxerFactory: {} })
      await expectGuarded(false)
    })
  })

  describe('what is guarded', () => {
    for (const [name, guard] of [['guardMuxer', guardMuxer], ['guardEncrypter', guardEncrypter]] as const) {
      it(`is a function that makes it, or ${name} throws at once`, () => {
        assert.throws(() => guard({} as never), { name: 'ConfigError', message: 'Expected `create` to be a function, got an object' })
        assert.throws(() => guard(undefined as never), { name: 'ConfigError', message: 'Expected `create` to be a function, got undefined' })
      })
    }

    for (const [limits, message] of [
      [{ refusedStream: { perSecond: 1, burst: 1 } }, 'Unknown option `limits.refusedStream`, did you mean `limits.refusedStreams`?'],
      [{ refusedStreams: 3 }, 'Expected `limits.refusedStreams` to be an object, got 3'],
      [{ smallFrames: { perSecond: 1, burst: 0 } }, 'Expected `limits.smallFrames.burst` to be a number from 1, or Infinity, got 0'],
      [{ controlFrames: { burst: 1 } }, 'Expected `limits.controlFrames.perSecond` to be a number above 0, or Infinity, got undefined']
    ] as const) {
      it(`has limits, or guardMuxer throws at once: ${message}`, () => {
        assert.throws(() => guardMuxer(yamux(), limits as never), { name: 'ConfigError', message })
      })
    }

    it('may have limits of its own, and undefined for the default', () => {
      guardMuxer(yamux(), { refusedStreams: undefined as never, smallFrames: { perSecond: Infinity, burst: 1 } })
    })
  })

  describe('a guarded muxer', () => {
    let protocols: string[]
    let theirs: StreamMuxer
    let ours: StreamMuxer

    beforeEach(() => {
      protocols = []
      const [outer, inner] = multiaddrConnectionPair()
      theirs = yamux()().createStreamMuxer(outer)
      ours = guardMuxer(yamux())({ registrar: { getProtocols: () => protocols } }).createStreamMuxer(inner)
    })

    afterEach(() => {
      [theirs, ours].forEach((muxer) => { muxer.abort(new Error('The test is over')) })
    })

    async function nextStream (muxer: StreamMuxer): Promise<Stream> {
      return new Promise((resolve) => { muxer.addEventListener('stream', ({ detail }) => { resolve(detail) }, { once: true }) })
    }

    async function openBoth (): Promise<{ remote: Stream, stream: Stream }> {
      const opened = nextStream(theirs)
      const stream = await ours.createStream()

      return { stream, remote: await opened }
    }

    it('aborts an inbound stream whose negotiation has a length without end, and no other', async () => {
      const [first, other] = await Promise.all([theirs.createStream(), theirs.createStream()])
      const streams: Stream[] = []
      ours.addEventListener('stream', ({ detail }) => { streams.push(detail) })
      first.send(WITHOUT_END)
      other.send(lines(HEADER))
      await eventually(() => streams.length === 2, 'both streams')
      await eventually(() => streams[0]!.status === 'aborted', 'the end of one')
      await eventually(() => streams[1]!.readBufferLength === 20, 'the header on the other')
      assert.equal(streams[1]!.status, 'open')
    })

    it('keeps streams that come before libp2p listens', async () => {
      const remote = await theirs.createStream()
      remote.send(lines(HEADER))
      await eventually(() => ours.streams.length === 1, 'a stream')
      await turns(5)
      const stream = await nextStream(ours)
      assert.equal(stream, ours.streams[0])
    })

    it('knows a protocol that is spoken only when it is asked for', async () => {
      const opened = nextStream(ours)
      const remote = await theirs.createStream()
      remote.send(lines(HEADER))
      const stream = await opened
      protocols = [ECHO]
      remote.send(Buffer.concat([lines(ECHO), WITHOUT_END]))
      await eventually(() => insideOf(stream).onData === plainOnData(stream), 'the end of the guard')
      assert.equal(stream.status, 'open')
    })

    it('looks at the messages of a protocol of libp2p, in both directions', async () => {
      protocols = [IDENTIFY]
      const opened = nextStream(ours)
      const inbound = await theirs.createStream()
      inbound.send(Buffer.concat([lines(HEADER, IDENTIFY), Uint8Array.of(1, 2)]))
      const aborted = abortOf(await opened)
      inbound.send(WITHOUT_END)
      assert.equal((await aborted).name, 'ProtocolViolationError')

      const { stream, remote } = await openBoth()
      stream.send(lines(HEADER, IDENTIFY))
      remote.send(Buffer.concat([lines(HEADER, IDENTIFY), Uint8Array.of(1, 2)]))
      const second = abortOf(stream)
      remote.send(WITHOUT_END)
      assert.equal((await second).name, 'ProtocolViolationError')
    })

    it('takes no answer for the end but one of those that were proposed, and has nothing in the way then', async () => {
      const { stream, remote } = await openBoth()
      const plainSend = (Object.getPrototypeOf(stream) as { send: unknown }).send
      const current = (): unknown => (stream as { send: unknown }).send
      stream.send(lines(HEADER, '/one/1.0.0'))
      remote.send(lines(HEADER, 'na'))
      stream.send(lines(ECHO))
      remote.send(lines('/two/1.0.0'))
      await eventually(() => stream.readBufferLength === lines(HEADER, 'na', '/two/1.0.0').byteLength, 'the answers')
      assert.notEqual(insideOf(stream).onData, plainOnData(stream))
      assert.notEqual(current(), plainSend)
      remote.send(Buffer.concat([lines(ECHO), WITHOUT_END]))
      await eventually(() => insideOf(stream).onData === plainOnData(stream), 'the end of the guard')
      assert.equal(current(), plainSend)

      const other = await openBoth()
      other.stream.send(lines(HEADER, ECHO))
      const aborted = abortOf(other.stream)
      other.remote.send(Buffer.concat([lines(HEADER, '/two/1.0.0'), WITHOUT_END]))
      assert.equal((await aborted).name, 'ProtocolViolationError')
    })
  })
})
