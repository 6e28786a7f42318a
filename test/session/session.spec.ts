import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { defaultLogger } from '@libp2p/logger'
import { writeEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { MAX_HANDSHAKE_FRAME_BYTES } from '../../src/codec/limits.ts'
import { decodeBody, encodeMessage } from '../../src/codec/message.ts'
import { Session } from '../../src/session/session.ts'
import { CLOSE_TIMEOUT_MS, RETIRE_TIMEOUT_MS } from '../../src/session/close.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { STALL_GRACE_MS } from '../../src/util/deadline.ts'
import { HARD_BYTES, JOIN_BYTES } from '../../src/session/send/outbox.ts'
import { MAX_IN_FLIGHT_MESSAGES } from '../../src/session/limits/in-flight.ts'
import { eventually, isPending, turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleBlock, sampleHash, sampleNodeInfo, sampleTransaction } from '../support/sample.ts'
import { frameOf, messagesIn, openPair, ScriptedStream } from '../support/stream-pair.ts'
import type { Envelope } from '../../src/codec/envelope.ts'
import { NO_RATES, sessionParts } from '../support/session-parts.ts'
import type { Closure, SessionConfig, SessionHooks } from '../../src/session/types.ts'
import type { DisconnectReason, NodeInfo, WireMessage } from '../../src/types/message.ts'
import type { RawRemote } from '../support/stream-pair.ts'
import type { Stream } from '@libp2p/interface'

const CONFIG: SessionConfig = {
  ...NO_RATES,
  maxFrameBytes: 64 * 1024,
  handshakeTimeout: 10_000,
  frameTimeout: 40_000,
  pingInterval: 60_000,
  pingTimeout: 30_000,
  requestTimeout: 10_000,
  sendTimeout: 20_000
}

const LOCAL = sampleNodeInfo({ nodeId: 'local', bestHeight: 7 })
const REMOTE = sampleNodeInfo({ nodeId: 'remote', userAgent: 'remote/2', bestHeight: 42 })
const TRANSACTION: WireMessage = { type: 'newTransaction', transaction: sampleTransaction() }

/** A message of so many bytes that holds nothing known. */
function unknownMessage (bytes: number): Uint8Array {
  // field 100 as bytes of a length that is written in two bytes, or in three
  const lengthBytes = bytes - 4 < 2 ** 14 ? 2 : 3
  const length = bytes - 2 - lengthBytes
  const message = new Uint8Array(bytes)
  message.set([0xa2, 0x06, ...Array.from({ length: lengthBytes }, (_, i) => length >> 7 * i & 0x7f | (i < lengthBytes - 1 ? 0x80 : 0))])

  return message
}

/** A good handshake of so many bytes: the rest is a field that nobody knows. */
function handshakeOf (bytes: number): Uint8Array {
  const handshake = encodeMessage({ type: 'handshake', node: REMOTE })

  return Uint8Array.from([...handshake, ...unknownMessage(bytes - handshake.byteLength)])
}

describe('session/session', () => {
  let clock: FakeClock
  let session: Session
  let stream: Stream
  let remote: RawRemote
  let closures: Closure[]
  let envelopes: Envelope[]
  let readies: number

  /** A session over a stream, not started. */
  function create (over: Stream, { hooks, config }: { hooks?: Partial<SessionHooks>, config?: Partial<SessionConfig> } = {}): Session {
    stream = over
    session = new Session({
      stream,
      id: 'remote-id',
      address: '/ip4/127.0.0.1/tcp/8765',
      ...sessionParts(clock),
      direction: 'inbound',
      config: { ...CONFIG, ...config },
      clock,
      log: defaultLogger().forComponent('test:session'),
      hooks: {
        localNode: async () => LOCAL,
        bestHeight: () => 7,
        admit: () => 'ready',
        onReady: () => { readies++ },
        onViolation: () => {},
        onMessage: (envelope) => {
          envelopes.push(envelope)

          return undefined
        },
        onClosed: (closure) => { closures.push(closure) },
        ...hooks
      }
    })

    return session
  }

  /** A session with a scripted remote, which has seen our handshake and said nothing. */
  async function open (init?: Parameters<typeof create>[1]): Promise<void> {
    const pair = await openPair()
    remote = pair.remote
    void create(pair.stream, init).start()
    await remote.expect('handshake')
  }

  /** A session that is ready, and the nonce of its first ping. */
  async function openReady (init?: Parameters<typeof create>[1]): Promise<bigint> {
    await open(init)
    remote.send({ type: 'handshake', node: REMOTE })
    await session.ready

    return (await remote.expect('ping')).nonce
  }

  /** A ready session over a stream whose remote is not there. */
  async function scriptReady (init?: Parameters<typeof create>[1]): Promise<ScriptedStream> {
    const scripted = new ScriptedStream()
    void create(scripted, init).start()
    scripted.onData(frameOf({ type: 'handshake', node: REMOTE }))
    await session.ready
    await turns(2)

    return scripted
  }

  /** Waits for the end of the session, and for what the remote is told. */
  async function expectEnd (reason: DisconnectReason): Promise<void> {
    const { reason: told } = await remote.expect('disconnect')
    assert.equal(told, reason)
    assert.equal(await remote.ended(), undefined)
    assert.deepEqual(closures.map(({ reason, byRemote }) => ({ reason, byRemote })), [{ reason, byRemote: false }])
  }

  /** Waits for a session that ends without having said so. */
  async function expectLost (): Promise<void> {
    await eventually(() => closures.length > 0, 'the end of the session')
    assert.deepEqual(closures.map(({ reason, byRemote }) => ({ reason, byRemote })), [{ reason: undefined, byRemote: true }])
  }

  beforeEach(() => {
    clock = new FakeClock()
    closures = []
    envelopes = []
    readies = 0
  })

  // whatever a test was about: a session ends once, in half a second, and leaves nothing behind
  afterEach(async () => {
    session.close('SHUTDOWN')
    await clock.advance(CLOSE_TIMEOUT_MS)
    await session.finished
    const { bytesOut } = session

    assert.equal(session.state, 'closed')
    assert.equal(closures.length, 1)
    assert.equal(clock.pending, 0)
    assert.notEqual(stream.status, 'open')
    assert.equal(session.send('control', { type: 'ping', nonce: 1n, bestHeight: 0 }), false)
    assert.deepEqual(session.bufferedBytes, { in: 0, out: 0 })
    assert.equal(await isPending(session.ready), false)
    await turns(2)
    assert.equal(session.bytesOut, bytesOut)
  })

  describe('handshake', () => {
    it('is sent at once, without waiting for that of the remote, and nothing else is', async () => {
      const pair = await openPair()
      remote = pair.remote
      create(pair.stream)
      assert.equal(session.state, 'connecting')
      void session.start()

      assert.deepEqual((await remote.expect('handshake')).node, LOCAL)
      assert.equal(session.state, 'handshaking')
      assert.equal(await isPending(session.ready), true)
      await clock.advance(CONFIG.handshakeTimeout - 1)
      assert.deepEqual(remote.unread, [])
    })

    it('makes the session ready when it is found good', async () => {
      await openReady()

      assert.equal(session.state, 'ready')
      assert.deepEqual(session.info, REMOTE)
      assert.deepEqual([session.id, session.direction, session.address], ['remote-id', 'inbound', '/ip4/127.0.0.1/tcp/8765'])
      assert.deepEqual([session.nodeId, session.userAgent, session.bestHeight], ['remote', 'remote/2', 42])
      assert.equal(session.readyAt, clock.date())
      assert.equal(readies, 1)
      assert.deepEqual(closures, [])
      await clock.advance(100)
      assert.equal(session.readyFor, 100)
    })

    it('tells nothing of the remote before it comes', async () => {
      await open()

      assert.deepEqual([session.info, session.nodeId, session.userAgent, session.bestHeight], [undefined, '', '', 0])
      assert.deepEqual([session.readyAt, session.readyFor, session.rtt], [undefined, 0, undefined])
    })

    it('may come before ours is sent', async () => {
      const { promise, resolve } = Promise.withResolvers<NodeInfo>()
      const pair = await openPair()
      remote = pair.remote
      void create(pair.stream, { hooks: { localNode: () => promise } }).start()
      remote.send({ type: 'handshake', node: REMOTE })
      await eventually(() => session.bufferedBytes.in > 0, 'the handshake of the remote')
      assert.equal(session.state, 'connecting')
      resolve(LOCAL)
      await session.ready
    })

    it('may come byte by byte', async () => {
      await open()

      for (const byte of frameOf({ type: 'handshake', node: REMOTE })) {
        remote.sendBytes(Uint8Array.of(byte))
      }

      await session.ready
      assert.deepEqual(session.info, REMOTE)
    })

    it('may come with the first messages in one piece', async () => {
      await open()
      remote.sendBytes(Buffer.concat([frameOf({ type: 'handshake', node: REMOTE }), frameOf(TRANSACTION), frameOf({ type: 'have', digests: [] })]))
      await eventually(() => envelopes.length === 2, 'both messages')

      assert.deepEqual(envelopes.map(({ type }) => type), ['newTransaction', 'have'])
    })

    const ASKED: WireMessage = { type: 'requestTransactions', digest: sampleHash(1), indexes: [0] }
    const COMPACT = { protocolVersion: 1, features: 0b10n }

    for (const [title, local, remoteSays, type] of [
      ['a feature of both sides', COMPACT, COMPACT, 'requestTransactions'],
      ['a feature of this side alone', COMPACT, {}, undefined],
      ['a feature of the other side alone', {}, COMPACT, undefined]
    ] as const) {
      it(`decides what is known: a message of ${title} is ${type ?? 'of an unknown kind'}`, async () => {
        await open({ hooks: { localNode: async () => ({ ...LOCAL, ...local }) } })
        remote.send({ type: 'handshake', node: { ...REMOTE, ...remoteSays } })
        await session.ready
        remote.send(ASKED, 1n)
        await eventually(() => envelopes.length === 1, 'the message')
        assert.deepEqual([envelopes[0]!.type, session.state], [type, 'ready'])
      })
    }

    const BEFORE: [title: string, frame: Uint8Array][] = [
      ['a ping', frameOf({ type: 'ping', nonce: 1n, bestHeight: 0 })],
      ['a transaction', frameOf(TRANSACTION)],
      ['a request', frameOf({ type: 'requestBlock', height: 1 }, 1n)],
      ['a response', frameOf({ type: 'responseBlock' }, 1n)],
      ['a kind that is not known', encodeFrame(unknownMessage(200))]
    ]

    for (const [title, frame] of BEFORE) {
      it(`has to come first: ${title} before it is a violation`, async () => {
        await open()
        remote.sendBytes(frame)
        await expectEnd('PROTOCOL_VIOLATION')

        assert.deepEqual(envelopes, [])
        assert.equal(readies, 0)
        await assert.rejects(session.ready, { name: 'DisconnectedError', reason: 'PROTOCOL_VIOLATION', byRemote: false })
      })
    }

    it('comes once: a second one is a violation, and changes nothing', async () => {
      await openReady()
      remote.send({ type: 'handshake', node: sampleNodeInfo({ nodeId: 'other', bestHeight: 1000 }) })
      await expectEnd('PROTOCOL_VIOLATION')

      assert.deepEqual(session.info, REMOTE)
      assert.equal(session.bestHeight, 42)
      assert.deepEqual(envelopes, [])
    })

    it('has to come within handshakeTimeout', async () => {
      await open()
      await clock.advance(CONFIG.handshakeTimeout - 1)
      assert.equal(session.state, 'handshaking')
      await clock.advance(1)
      assert.equal(session.state, 'closed')
      await expectEnd('TIMEOUT')
      await assert.rejects(session.ready, { name: 'DisconnectedError', reason: 'TIMEOUT' })
    })

    it('is waited for a moment more where we stood still when its time was over', async () => {
      await open()
      await clock.advance(CONFIG.handshakeTimeout - 1)
      clock.stall(5000)
      await clock.advance(STALL_GRACE_MS - 1)
      assert.equal(session.state, 'handshaking')
      await clock.advance(1)
      assert.equal(session.state, 'closed')
      await expectEnd('TIMEOUT')
    })

    it('is not waited for any longer where its bytes trickle in', async () => {
      await open()

      for (const byte of frameOf({ type: 'handshake', node: REMOTE }).subarray(0, 10)) {
        assert.equal(session.state, 'handshaking')
        const { bytesIn } = session
        remote.sendBytes(Uint8Array.of(byte))
        await eventually(() => session.bytesIn > bytesIn, 'a byte')
        await clock.advance(CONFIG.handshakeTimeout / 10)
      }

      assert.equal(session.state, 'closed')
      await expectEnd('TIMEOUT')
    })

    it('is still good a moment before the timeout, and the session stays', async () => {
      const nonce = await open().then(async () => {
        await clock.advance(CONFIG.handshakeTimeout - 1)
        remote.send({ type: 'handshake', node: REMOTE })
        await session.ready

        return (await remote.expect('ping')).nonce
      })
      remote.send({ type: 'pong', nonce, bestHeight: 42 })
      await eventually(() => session.rtt != null, 'the pong')
      await clock.advance(CONFIG.handshakeTimeout)
      assert.equal(session.state, 'ready')
    })

    it('is waited for from the beginning on, also where ours takes its time', async () => {
      const pair = await openPair()
      remote = pair.remote
      void create(pair.stream, { hooks: { localNode: () => new Promise(() => {}) } }).start()
      await clock.advance(CONFIG.handshakeTimeout - 1)
      assert.equal(session.state, 'connecting')
      await clock.advance(1)
      await expectEnd('TIMEOUT')
    })

    const REFUSED: [title: string, node: NodeInfo, reason: DisconnectReason][] = [
      ['another version', sampleNodeInfo({ protocolVersion: 2 }), 'INCOMPATIBLE_VERSION'],
      ['another network', sampleNodeInfo({ network: 'vibecoin-other' }), 'WRONG_NETWORK'],
      ['another genesis block', sampleNodeInfo({ genesisHash: sampleHash('other') }), 'WRONG_NETWORK']
    ]

    for (const [title, node, reason] of REFUSED) {
      it(`of ${title} is refused with ${reason}`, async () => {
        await open({ hooks: { admit: () => assert.fail('nobody is to be asked') } })
        remote.send({ type: 'handshake', node })
        await expectEnd(reason)

        assert.equal(readies, 0)
        await assert.rejects(session.ready, { name: 'DisconnectedError', reason, byRemote: false })
      })
    }

    it('is refused where the owner says so, for the reason that it gives', async () => {
      await open({ hooks: { admit: () => ({ reason: 'TOO_MANY_CONNECTIONS', detail: 'full' }) } })
      remote.send({ type: 'handshake', node: REMOTE })
      await expectEnd('TOO_MANY_CONNECTIONS')

      assert.deepEqual(closures, [{ reason: 'TOO_MANY_CONNECTIONS', detail: 'full', byRemote: false }])
      assert.equal(readies, 0)
    })

    it('that is refused ends all that came with it', async () => {
      await open()
      remote.sendBytes(Buffer.concat([
        frameOf({ type: 'handshake', node: sampleNodeInfo({ network: 'vibecoin-other' }) }),
        frameOf(TRANSACTION),
        frameOf({ type: 'ping', nonce: 1n, bestHeight: 0 })
      ]))
      await expectEnd('WRONG_NETWORK')

      assert.deepEqual(envelopes, [])
    })

    it('may be MAX_HANDSHAKE_FRAME_BYTES long', async () => {
      await open()
      remote.sendBytes(encodeFrame(handshakeOf(MAX_HANDSHAKE_FRAME_BYTES)))
      await session.ready

      assert.deepEqual(session.info, REMOTE)
      assert.equal(MAX_HANDSHAKE_FRAME_BYTES, 4096)
    })

    it('is refused for one byte more, on its declared length', async () => {
      await open()
      remote.sendBytes(encodeFrame(handshakeOf(MAX_HANDSHAKE_FRAME_BYTES + 1)).subarray(0, 2))
      await expectEnd('PROTOCOL_VIOLATION')
    })

    it('may be a goodbye instead, whose reason is reported', async () => {
      await open()
      remote.send({ type: 'disconnect', reason: 'TOO_MANY_CONNECTIONS', detail: 'no room' })
      await eventually(() => closures.length > 0, 'the end of the session')

      assert.deepEqual(closures, [{ reason: 'TOO_MANY_CONNECTIONS', detail: 'no room', byRemote: true }])
      await assert.rejects(session.ready, { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS', byRemote: true })
      assert.equal(await remote.ended(), undefined)
      assert.deepEqual(remote.unread, [])
    })

    it('that we cannot make ends the session', async () => {
      const pair = await openPair()
      remote = pair.remote
      void create(pair.stream, { hooks: { localNode: async () => { throw new TypeError('no tip') } } }).start()
      await eventually(() => closures.length > 0, 'the end of the session')

      assert.equal(closures[0]?.reason, undefined)
      assert.equal(closures[0]?.detail, 'no tip')
      await remote.ended()
      assert.deepEqual(remote.unread, [])
    })
  })

  describe('a message', () => {
    it('goes to the owner, in order and undecoded', async () => {
      await openReady()
      remote.send({ type: 'newBlock', block: sampleBlock() })
      remote.send({ type: 'requestBlock', height: 5 }, 77n)
      remote.send(TRANSACTION)
      await eventually(() => envelopes.length === 3, 'three messages')

      assert.deepEqual(envelopes.map(({ type, requestId }) => [type, requestId]), [
        ['newBlock', undefined], ['requestBlock', 77n], ['newTransaction', undefined]
      ])
      assert.deepEqual(decodeBody('newBlock', envelopes[0]!.body).block, sampleBlock())
    })

    it('of a kind that is not known is no violation', async () => {
      await openReady()
      remote.sendBytes(encodeFrame(unknownMessage(300)))
      remote.send(TRANSACTION)
      await eventually(() => envelopes.length === 2, 'both messages')

      assert.deepEqual(envelopes.map(({ type }) => type), [undefined, 'newTransaction'])
      assert.equal(session.state, 'ready')
    })

    it('may be maxFrameBytes long', async () => {
      await openReady()
      remote.sendBytes(encodeFrame(unknownMessage(CONFIG.maxFrameBytes)))
      await eventually(() => envelopes.length === 1, 'the message')
    })

    it('is refused for one byte more, on its declared length', async () => {
      await openReady()
      remote.sendBytes(encodeFrame(unknownMessage(CONFIG.maxFrameBytes + 1)).subarray(0, 3))
      await expectEnd('PROTOCOL_VIOLATION')

      assert.deepEqual(envelopes, [])
    })

    const INVALID: [title: string, bytes: Uint8Array][] = [
      ['an empty frame', Uint8Array.of(0)],
      ['a length without end', new Uint8Array(10).fill(0xff)],
      ['bytes that are no message', encodeFrame(Uint8Array.of(0xff, 0xff))],
      ['two messages in one frame', encodeFrame(Buffer.concat([encodeMessage(TRANSACTION), encodeMessage(TRANSACTION)]))],
      ['a ping that is none', encodeFrame(writeEnvelope('ping', Uint8Array.of(0xff)))],
      ['a pong that is none', encodeFrame(writeEnvelope('pong', Uint8Array.of(0xff)))],
      ['a goodbye that is none', encodeFrame(writeEnvelope('disconnect', Uint8Array.of(0xff)))],
      ['a response that nobody asked for', frameOf({ type: 'responseBlock' }, 1n)],
      ['a range that nobody asked for', frameOf({ type: 'responseBlockRange', blocks: [], last: true }, 1n)],
      ['a response without a request id', frameOf({ type: 'responseBlock' })]
    ]

    for (const [title, bytes] of INVALID) {
      it(`is a violation where it is ${title}`, async () => {
        await openReady()
        remote.sendBytes(bytes)
        await expectEnd('PROTOCOL_VIOLATION')

        assert.deepEqual(envelopes, [])
      })
    }

    it('is a violation where the owner cannot decode it', async () => {
      await openReady({ hooks: { onMessage: ({ body }) => { decodeBody('requestBlock', body) } } })
      remote.sendBytes(encodeFrame(writeEnvelope('requestBlock', Uint8Array.of(0xff))))
      await expectEnd('PROTOCOL_VIOLATION')
    })

    it('is not handed over once the session has ended, also where it came before', async () => {
      await openReady({
        hooks: {
          onMessage: (envelope) => {
            envelopes.push(envelope)
            session.close('SHUTDOWN')

            return undefined
          }
        }
      })
      remote.sendBytes(Buffer.concat(Array.from({ length: 5 }, () => frameOf(TRANSACTION))))
      await expectEnd('SHUTDOWN')

      assert.equal(envelopes.length, 1)
    })

    it('is handed over before the session ends or not at all, however close the two are', async () => {
      for (let i = 0; i < 24; i++) {
        const frame = i % 2 === 0 ? frameOf(TRANSACTION) : frameOf({ type: 'handshake', node: sampleNodeInfo({ nodeId: 'other' }) })
        const microtasks = i >> 1
        closures = []
        const scripted = await scriptReady({
          hooks: { onMessage: () => closures.length > 0 ? assert.fail('the session has ended') : undefined }
        })
        scripted.onData(frame)

        for (let i = 0; i < microtasks; i++) {
          await Promise.resolve()
        }

        session.close('SHUTDOWN')
        await turns(2)
        await clock.advance(CLOSE_TIMEOUT_MS)
        await session.finished
        assert.deepEqual(session.info, REMOTE)
        assert.equal(closures.length, 1)
      }
    })

    it('has to be complete within frameTimeout, from its first byte on', async () => {
      const nonce = await openReady()
      remote.send({ type: 'pong', nonce, bestHeight: 0 })
      await eventually(() => session.rtt != null, 'the pong')
      const [first, ...rest] = encodeFrame(unknownMessage(20))
      await clock.advance(1000)
      remote.sendBytes(Uint8Array.of(first!))
      await eventually(() => session.bufferedBytes.in === 0 && clock.pending === 2, 'the first byte')

      for (const byte of rest.slice(0, 3)) {
        await clock.advance(CONFIG.frameTimeout / 4)
        remote.sendBytes(Uint8Array.of(byte))
      }

      await clock.advance(CONFIG.frameTimeout / 4 - 1)
      assert.equal(session.state, 'ready')
      await clock.advance(1)
      assert.equal(session.state, 'closed')
      await expectEnd('TIMEOUT')
    })
  })

  it('gives each message the whole frameTimeout, also one that begins in the piece that ends the one before', async () => {
    const scripted = await scriptReady({ config: { pingTimeout: 1_000_000 } })
    const message = encodeFrame(unknownMessage(20))
    scripted.onData(message.subarray(0, 10))
    await clock.advance(CONFIG.frameTimeout - 1)
    scripted.onData(Buffer.concat([message.subarray(10), message.subarray(0, 10)]))
    await clock.advance(CONFIG.frameTimeout - 1)
    assert.equal(session.state, 'ready')
    assert.equal(envelopes.length, 1)
    await clock.advance(1)
    assert.deepEqual(closures.map(({ reason }) => reason), ['TIMEOUT'])
  })

  describe('ping', () => {
    it('is answered with a pong of the same nonce, and our height', async () => {
      await openReady()

      for (const nonce of [5n, 0n, 2n ** 64n - 1n]) {
        remote.send({ type: 'ping', nonce, bestHeight: 1 })
        assert.deepEqual(await remote.expect('pong'), { type: 'pong', nonce, bestHeight: 7 })
      }
    })

    it('is sent at once when the session is ready, with our height', async () => {
      await open()
      remote.send({ type: 'handshake', node: REMOTE })

      assert.equal((await remote.expect('ping')).bestHeight, 7)
    })

    it('has to be answered within pingTimeout', async () => {
      await openReady()
      await clock.advance(CONFIG.pingTimeout - 1)
      assert.equal(session.state, 'ready')
      await clock.advance(1)
      assert.equal(session.state, 'closed')
      await expectEnd('TIMEOUT')
    })

    it('is not answered by anything else', async () => {
      const nonce = await openReady()

      for (let i = 0; i < 10; i++) {
        await clock.advance(CONFIG.pingTimeout / 10 - 1)
        remote.send({ type: 'ping', nonce: 3n, bestHeight: 1 })
        remote.send({ type: 'pong', nonce: nonce ^ 1n, bestHeight: 1 })
        remote.send(TRANSACTION)
        assert.equal((await remote.expect('pong')).nonce, 3n)
        await eventually(() => envelopes.filter(({ type }) => type === 'newTransaction').length === i + 1, 'the transaction')
      }

      assert.equal(session.rtt, undefined)
      await clock.advance(10)
      await expectEnd('TIMEOUT')
    })

    it('measures the round trip, and is sent again later', async () => {
      const nonce = await openReady()
      await clock.advance(250)
      remote.send({ type: 'pong', nonce, bestHeight: 50 })
      await eventually(() => session.rtt != null, 'the pong')
      assert.equal(session.rtt, 250)
      await clock.advance(1.1 * CONFIG.pingInterval)
      assert.notEqual((await remote.expect('ping')).nonce, nonce)
    })

    it('and pong tell the height of the peer, which never sinks by them', async () => {
      const nonce = await openReady()
      remote.send({ type: 'ping', nonce: 1n, bestHeight: 100 })
      await eventually(() => session.bestHeight === 100, 'the height')
      remote.send({ type: 'ping', nonce: 1n, bestHeight: 3 })
      remote.send({ type: 'pong', nonce, bestHeight: 101 })
      await eventually(() => session.bestHeight === 101, 'the height')
      session.noteHeight(99)
      assert.equal(session.bestHeight, 101)
      session.noteHeight(102)
      assert.equal(session.bestHeight, 102)
    })

    it('is forgiven while our own handlers keep us from reading', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const nonce = await openReady({ hooks: { onMessage: ({ type }) => type === 'newTransaction' ? promise : undefined } })
      remote.sendBytes(Buffer.concat(Array.from({ length: MAX_IN_FLIGHT_MESSAGES }, () => frameOf(TRANSACTION))))
      remote.send({ type: 'pong', nonce, bestHeight: 1 })
      await eventually(() => session.bytesIn > MAX_IN_FLIGHT_MESSAGES * frameOf(TRANSACTION).byteLength, 'all messages')
      await clock.advance(5 * CONFIG.pingTimeout)
      assert.equal(session.state, 'ready')
      assert.equal(session.rtt, undefined)
      resolve()
      await eventually(() => session.rtt != null, 'the pong')
    })

    it('is not forgiven any more when they have ended', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      await openReady({ hooks: { onMessage: () => promise } })
      remote.sendBytes(Buffer.concat(Array.from({ length: MAX_IN_FLIGHT_MESSAGES }, () => frameOf(TRANSACTION))))
      await eventually(() => session.bytesIn > MAX_IN_FLIGHT_MESSAGES * frameOf(TRANSACTION).byteLength, 'all messages')
      await clock.advance(1.5 * CONFIG.pingTimeout)
      resolve()
      await clock.advance(CONFIG.pingTimeout / 2 - 1)
      assert.equal(session.state, 'ready')
      await clock.advance(1)
      await expectEnd('TIMEOUT')
    })
  })

  describe('a slow handler', () => {
    it('has MAX_IN_FLIGHT_MESSAGES at most, and holds the peer back', async () => {
      const waiting: (() => void)[] = []
      const total = 2000
      let handled = 0
      const frame = frameOf({ type: 'newTransaction', transaction: sampleTransaction({ data: new Uint8Array(1000) }) })
      await openReady({
        hooks: {
          onMessage: () => {
            handled++

            return new Promise((resolve) => { waiting.push(resolve) })
          }
        }
      })

      for (let i = 0; i < total; i += 50) {
        remote.sendBytes(Buffer.concat(Array.from({ length: 50 }, () => frame)))
        // the muxer of this pair would put everything that it had to hold back into one piece
        await eventually(() => remote.stream.writeBufferLength === 0, 'the transactions to be on their way')
      }

      await eventually(() => stream.readStatus === 'paused', 'the stream to be paused')
      await eventually(() => session.bytesIn + stream.readBufferLength > total * frame.byteLength, 'everything to come')
      assert.equal(handled, MAX_IN_FLIGHT_MESSAGES)
      assert(session.bufferedBytes.in >= INBOX_BYTES - 64 * 1024)
      assert(session.bufferedBytes.in <= INBOX_BYTES + 64 * 1024)

      await eventually(() => {
        assert(waiting.length <= MAX_IN_FLIGHT_MESSAGES)
        waiting.splice(0, 10).forEach((resolve) => { resolve() })

        return handled === total && waiting.length === 0
      }, 'all transactions to be handled')
      await eventually(() => stream.readStatus === 'readable', 'the stream to flow')
      assert.equal(session.bufferedBytes.in, 0)
      assert.equal(session.state, 'ready')
    })
  })

  describe('a peer that stops reading', () => {
    it('is too slow when too much waits for it, and no more than that ever waits', async () => {
      const scripted = await scriptReady()
      const frame = frameOf({ type: 'newBlock', block: sampleBlock({ proof: new Uint8Array(50_000) }) })
      scripted.room = 0

      for (let i = 0; i < 1000 && session.state === 'ready'; i++) {
        session.sendFrame('block', frame)
        await turns(1)
        assert(session.bufferedBytes.out <= HARD_BYTES)
        assert(stream.writeBufferLength <= frame.byteLength)
      }

      assert.deepEqual(closures.map(({ reason, byRemote }) => ({ reason, byRemote })), [{ reason: 'TOO_SLOW', byRemote: false }])
      assert(session.bytesOut < 100_000)
    })

    it('is too slow when it takes nothing for sendTimeout', async () => {
      const scripted = await scriptReady()
      scripted.room = 0
      session.send('block', { type: 'newBlock', block: sampleBlock() })
      await turns(2)
      await clock.advance(CONFIG.sendTimeout - 1)
      assert.equal(session.state, 'ready')
      await clock.advance(1)
      assert.deepEqual(closures.map(({ reason }) => reason), ['TOO_SLOW'])
    })

    it('is told so, where it takes it after all', async () => {
      const scripted = await scriptReady()
      const before = scripted.sent.byteLength
      scripted.room = 0
      session.send('block', { type: 'newBlock', block: sampleBlock() })
      session.sendFrame('block', frameOf({ type: 'newBlock', block: sampleBlock({ proof: new Uint8Array(JOIN_BYTES) }) }))
      await clock.advance(CONFIG.sendTimeout)
      scripted.allow(1_000_000)
      await turns(2)

      assert.deepEqual(messagesIn(scripted.sent.subarray(before)).map(({ message }) => message?.type), ['newBlock', 'disconnect'])
    })

    it('costs transactions only', async () => {
      const scripted = await scriptReady()
      const block = frameOf({ type: 'newBlock', block: sampleBlock({ proof: new Uint8Array(50_000) }) })
      scripted.room = 0

      while (session.outbox.belowMark) {
        assert.equal(session.sendFrame('block', block), true)
        await turns(1)
      }

      assert.equal(session.send('transaction', TRANSACTION), false)
      assert.equal(session.sendFrame('block', block), true)
      assert.equal(session.state, 'ready')
      const below = session.outbox.whenBelowMark()
      assert.equal(await isPending(below), true)
      scripted.allow(Infinity)
      await below
      assert.equal(session.send('transaction', TRANSACTION), true)
    })
  })

  describe('a request', () => {
    it('is done with the response that has its id', async () => {
      await openReady()
      const bodies: Uint8Array[] = []
      const done = session.request({
        expects: 'responseBlock',
        send: (id) => session.send('control', { type: 'requestBlock', height: 9 }, id),
        onResponse: (body) => bodies.push(body) === 1
      })
      const { message, requestId } = await remote.next()
      assert.deepEqual(message, { type: 'requestBlock', height: 9 })
      remote.send({ type: 'responseBlock', block: sampleBlock() }, requestId)
      await done

      assert.deepEqual(decodeBody('responseBlock', bodies[0]!).block, sampleBlock())
      assert.deepEqual(envelopes, [])
    })

    it('fails with the session, and says how that ended', async () => {
      await openReady()
      const done = session.request({ expects: 'responseBlock', send: () => true, onResponse: () => true })
      remote.send({ type: 'disconnect', reason: 'SHUTDOWN', detail: 'bye' })

      await assert.rejects(done, { name: 'DisconnectedError', reason: 'SHUTDOWN', byRemote: true })
    })

    it('fails at once where the session has ended', async () => {
      await openReady()
      session.close('BANNED')

      await assert.rejects(session.request({ expects: 'responseBlock', send: () => assert.fail('nothing is sent'), onResponse: () => true }), {
        name: 'DisconnectedError', reason: 'BANNED', byRemote: false
      })
    })

    it('holds reading up while its response is taken', async () => {
      await openReady()
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const done = session.request({
        expects: 'responseBlock',
        send: (id) => session.send('control', { type: 'requestBlock', height: 9 }, id),
        onResponse: () => promise
      })
      const { requestId } = await remote.next()
      remote.send({ type: 'responseBlock' }, requestId)
      remote.send(TRANSACTION)
      const { bytesIn } = session
      await eventually(() => session.bytesIn >= bytesIn + frameOf(TRANSACTION).byteLength, 'both messages')
      await clock.advance(CONFIG.pingTimeout)
      assert.deepEqual(envelopes, [])
      assert.equal(session.state, 'ready')
      resolve(true)
      await done
      await eventually(() => envelopes.length === 1, 'the transaction')
    })
  })

  describe('close', () => {
    it('says why, ends our side, and is finished when the remote has ended its own', async () => {
      await openReady()
      session.close('SHUTDOWN', 'see you')
      assert.equal(session.state, 'closed')
      assert.deepEqual(closures, [{ reason: 'SHUTDOWN', detail: 'see you', byRemote: false }])
      assert.deepEqual(await remote.expect('disconnect'), { type: 'disconnect', reason: 'SHUTDOWN', detail: 'see you' })
      assert.equal(await remote.ended(), undefined)
      assert.equal(await isPending(session.finished), true)
      await remote.stream.close()
      await session.finished

      assert.equal(stream.status, 'closed')
      assert.equal(clock.pending, 0)
    })

    it('is finished after half a second with a remote that does not end its side, and not before', async () => {
      await openReady()
      session.close('SHUTDOWN')
      await remote.ended()
      await clock.advance(CLOSE_TIMEOUT_MS - 1)
      assert.equal(await isPending(session.finished), true)
      await clock.advance(1)
      await session.finished
      assert.equal(stream.status, 'aborted')
    })

    it('sends nothing that waits, nor anything afterwards', async () => {
      await openReady()
      session.send('block', { type: 'newBlock', block: sampleBlock() })
      session.close('SHUTDOWN')
      assert.equal(session.send('block', { type: 'newBlock', block: sampleBlock() }), false)
      await remote.expect('disconnect')
      await remote.ended()
      assert.deepEqual(remote.unread, [])
    })

    it('of a session that was not started sends its reason in place of the handshake', async () => {
      const pair = await openPair()
      remote = pair.remote
      create(pair.stream)
      session.close('TOO_MANY_CONNECTIONS')
      await expectEnd('TOO_MANY_CONNECTIONS')
      await assert.rejects(session.ready, { name: 'DisconnectedError' })
    })

    it('while our handshake is made sends its reason in place of it', async () => {
      const { promise, resolve } = Promise.withResolvers<NodeInfo>()
      const pair = await openPair()
      remote = pair.remote
      void create(pair.stream, { hooks: { localNode: () => promise } }).start()
      session.close('SHUTDOWN')
      resolve(LOCAL)
      await expectEnd('SHUTDOWN')
      assert.deepEqual(remote.unread, [])
    })

    it('during the handshake ends the session', async () => {
      await open()
      session.close('BANNED')
      await expectEnd('BANNED')
    })

    it('of a closed session changes nothing', async () => {
      await openReady()
      session.close('SHUTDOWN')
      session.close('BANNED')
      await expectEnd('SHUTDOWN')
    })

    it('leaves a session that was ready with a `ready` that was resolved', async () => {
      await openReady()
      session.close('SHUTDOWN')

      await session.ready
    })

    it('does not fail for a detail that is too long to be sent', async () => {
      await openReady()
      session.close('SHUTDOWN', 'x'.repeat(300))
      await remote.ended()

      assert.equal(closures.length, 1)
    })

    it('does not fail where the connection is gone while the peer was held back', async () => {
      const scripted = await scriptReady({ hooks: { onMessage: () => new Promise(() => {}) } })
      scripted.onData(Buffer.concat(Array.from({ length: MAX_IN_FLIGHT_MESSAGES }, () => frameOf(TRANSACTION))))
      await turns(2)
      scripted.onData(new Uint8Array(INBOX_BYTES))
      scripted.onData(new Uint8Array(1000))
      assert.equal(scripted.readStatus, 'paused')
      scripted.onTransportClosed()
      scripted.error = new Error('the connection is closed')
      session.close('SHUTDOWN')

      assert.equal(closures.length, 1)
      await session.finished
    })
  })

  describe('the end', () => {
    it('that the remote announces is reported with its reason', async () => {
      await openReady()
      remote.send({ type: 'disconnect', reason: 'RATE_LIMITED', detail: 'slow down' })
      await eventually(() => closures.length > 0, 'the end of the session')

      assert.deepEqual(closures, [{ reason: 'RATE_LIMITED', detail: 'slow down', byRemote: true }])
      assert.equal(await remote.ended(), undefined)
      assert.deepEqual(remote.unread, [])
    })

    it('of the stream without a word is no violation', async () => {
      await openReady()
      await remote.stream.close()
      await expectLost()
    })

    it('of the stream inside a frame is no violation', async () => {
      await openReady()
      remote.sendBytes(frameOf(TRANSACTION).subarray(0, 50))
      await remote.stream.close()
      await expectLost()

      assert.deepEqual(envelopes, [])
    })

    it('of the stream inside a length is no violation', async () => {
      await openReady()
      remote.sendBytes(Uint8Array.of(0x80))
      await remote.stream.close()
      await expectLost()
    })

    it('of the stream by a reset inside a frame is no violation', async () => {
      await openReady()
      const { bytesIn } = session
      remote.sendBytes(frameOf(TRANSACTION).subarray(0, 50))
      await eventually(() => session.bytesIn > bytesIn, 'half a frame')
      remote.stream.abort(new Error('gone'))
      await expectLost()

      assert.deepEqual(envelopes, [])
    })

    it('of the stream during the handshake is no violation', async () => {
      await open()
      remote.stream.abort(new Error('gone'))
      await expectLost()
      await assert.rejects(session.ready, { name: 'DisconnectedError', reason: undefined, byRemote: true })
    })

    it('of the stream comes after the messages that were sent before', async () => {
      await openReady()
      remote.send(TRANSACTION)
      remote.send(TRANSACTION)
      await remote.stream.close()
      await expectLost()

      assert.equal(envelopes.length, 2)
    })
  })

  describe('retire', () => {
    const REPLACED = { reason: 'DUPLICATE_CONNECTION' as const, detail: '', byRemote: false }

    it('says why after what waits, and sends nothing new', async () => {
      await openReady()
      session.send('response', { type: 'responseBlock', block: sampleBlock() }, 5n)
      session.retire()
      assert.equal(session.send('control', { type: 'ping', nonce: 1n, bestHeight: 0 }), false)
      await remote.expect('responseBlock')
      assert.equal((await remote.expect('disconnect')).reason, 'DUPLICATE_CONNECTION')
    })

    it('goes on handing over what comes, until the peer has ended its side', async () => {
      await openReady()
      session.retire()
      await remote.expect('disconnect')
      remote.send(TRANSACTION)
      await eventually(() => envelopes.length === 1, 'the transaction')
      assert.deepEqual(closures, [])
      remote.send(TRANSACTION)
      await remote.stream.close()
      await eventually(() => closures.length === 1, 'the end of the session')

      assert.equal(envelopes.length, 2)
      assert.deepEqual(closures, [REPLACED])
    })

    it('is over when the peer says goodbye too', async () => {
      await openReady()
      session.retire()
      remote.send({ type: 'disconnect', reason: 'DUPLICATE_CONNECTION', detail: 'mine' })
      await eventually(() => closures.length === 1, 'the end of the session')

      assert.deepEqual(closures, [REPLACED])
    })

    it('takes RETIRE_TIMEOUT_MS at most', async () => {
      await openReady()
      session.retire()
      await clock.advance(RETIRE_TIMEOUT_MS - 1)
      assert.equal(session.state, 'ready')
      await clock.advance(1)
      assert.equal(session.state, 'closed')
      assert.deepEqual(closures, [REPLACED])
    })

    it('expects no pong any more', async () => {
      await openReady({ config: { pingTimeout: 100 } })
      session.retire()
      await clock.advance(1000)

      assert.equal(session.state, 'ready')
    })

    it('happens once', async () => {
      await openReady()
      session.retire()
      await clock.advance(RETIRE_TIMEOUT_MS - 1)
      session.retire()
      await clock.advance(1)

      assert.equal(session.state, 'closed')
      await remote.expect('disconnect')
      await remote.ended()
      assert.deepEqual(remote.unread, [])
    })

    it('is no way to end a session that is not ready', async () => {
      await open()
      session.retire()

      assert.equal(session.state, 'handshaking')
      assert.equal(clock.pending, 1)
    })

    it('is what a session begins with that another one has replaced before it was ready', async () => {
      await open({ hooks: { admit: () => 'replaced' } })
      remote.send({ type: 'handshake', node: REMOTE })
      remote.send(TRANSACTION)
      assert.equal((await remote.expect('disconnect')).reason, 'DUPLICATE_CONNECTION')
      await assert.rejects(session.ready, { name: 'DisconnectedError', reason: 'DUPLICATE_CONNECTION', byRemote: false })
      await eventually(() => envelopes.length === 1, 'the transaction')

      assert.equal(readies, 0)
      assert.equal(session.readyAt, undefined)
      await remote.stream.close()
      await eventually(() => closures.length === 1, 'the end of the session')
      assert.deepEqual(closures, [REPLACED])
    })
  })

  describe('its status', () => {
    it('counts the messages of each type, in both directions, and the last of a session', async () => {
      const nonce = await openReady()
      remote.send({ type: 'pong', nonce, bestHeight: 42 })
      remote.send(TRANSACTION)
      remote.send(TRANSACTION)
      await eventually(() => envelopes.length === 3, 'the messages')
      session.send('transaction', TRANSACTION)
      await remote.expect('newTransaction')
      const bytes = frameOf(TRANSACTION).byteLength
      const pong = frameOf({ type: 'pong', nonce, bestHeight: 42 }).byteLength
      const { messages: { in: received, out: sent }, bytes: total } = session.toJSON()

      assert.deepEqual(received, {
        handshake: { messages: 1, bytes: frameOf({ type: 'handshake', node: REMOTE }).byteLength },
        newTransaction: { messages: 2, bytes: 2 * bytes },
        pong: { messages: 1, bytes: pong }
      })
      assert.deepEqual(sent.newTransaction, { messages: 1, bytes })
      assert.deepEqual(Object.values(received).reduce((sum, { bytes }) => sum + bytes, 0), total.in)
      assert.deepEqual(Object.values(sent).reduce((sum, { bytes }) => sum + bytes, 0), total.out)
      session.close('SHUTDOWN')
      await remote.expect('disconnect')
      assert.equal(session.toJSON().messages.out.disconnect?.messages, 1)
    })

    it('counts no frame that was dropped or taken back before it was sent', async () => {
      const scripted = await scriptReady()
      scripted.room = 0
      session.send('control', { type: 'ping', nonce: 1n, bestHeight: 7 })
      await turns(2)
      const frame = encodeFrame(encodeMessage(TRANSACTION))
      session.sendFrame('transaction', frame)
      assert(session.toJSON().waiting.out > frame.byteLength)
      assert.equal(session.outbox.cancel('transaction', frame), true)
      assert.equal(session.toJSON().messages.out.newTransaction, undefined)
      assert.equal(session.toJSON().waiting.out, 0)
    })

    it('has what it was of use for, how it was handled, what it did wrong, and how much of the rates it uses', async () => {
      const rateLimits = { ...CONFIG.rateLimits, transactions: { perSecond: 1, burst: 4 } }
      await openReady({ config: { rateLimits }, hooks: { standing: () => ({ isReserved: true, score: 12 }) } })
      remote.send(TRANSACTION)
      await eventually(() => envelopes.length === 1, 'the transaction')
      session.noteUseful('newTransaction')
      session.record.noteOffence('stalled')
      session.record.noteHandled(3)
      session.record.noteHandled(4)
      await clock.advance(250)
      const { useful, score, handlers, rates, isReserved, rtt, leastRtt, requests, handling } = session.toJSON()

      assert.deepEqual(useful, { blocks: 0, transactions: 1, lastBlockAgo: null, lastTransactionAgo: 250 })
      assert.deepEqual([score, handlers, isReserved], [{ value: 12, offences: { stalled: 1 } }, { calls: 2, ms: 7 }, true])
      assert.deepEqual([rates.in.transactions, rates.in.blocks, rates.slowedMs], [0.1875, 0, 0])
      assert.deepEqual([rtt, leastRtt, requests, handling], [null, null, 0, { messages: 0, bytes: 0 }])
    })

    it('is all that JSON has of it, and console.log shows a peer and no inside', async () => {
      await openReady()
      const status = session.toJSON()
      assert.deepEqual(JSON.parse(JSON.stringify(session)), status)
      assert.deepEqual([status.id, status.nodeId, status.direction, status.state], ['remote-id', 'remote', 'inbound', 'ready'])
      const text = inspect(session)
      assert.match(text, /^Peer \{\s+id: 'remote-id'/)
      assert.doesNotMatch(text, /budget|Session|record/)
    })
  })
})
