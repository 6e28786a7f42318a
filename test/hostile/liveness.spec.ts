import assert from 'node:assert/strict'
import { eventually, turns } from '../support/eventually.ts'
import { rawNodeInfo } from '../integration/nodes.ts'
import { sampleBlock, sampleHash } from '../support/sample.ts'
import { Scene, usedBytes } from './scene.ts'
import { encodeFrame, FrameReader } from '../../src/codec/frame.ts'
import { decodeMessage, encodeMessage, PROTOCOL_ID } from '../../src/index.ts'
import { CLOSE_TIMEOUT_MS } from '../../src/session/close.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { HARD_BYTES } from '../../src/session/send/outbox.ts'
import { MAX_SESSIONLESS_PER_HOST } from '../../src/libp2p/gate/gate-limits.ts'
import { STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import type { Attacker } from './scene.ts'
import type { RateLimits, WireMessage } from '../../src/index.ts'
import type { Stream } from '@libp2p/interface'
import type { RawSession } from '../../src/testing/index.ts'

const MIB = 1024 * 1024

/** Long enough for an answer on a machine that is busy with other things. */
const TIMEOUT_MS = 2000
const PING_INTERVAL_MS = 200

/** For attacks that the limit on pings would end before they show anything. */
const UNLIMITED: Pick<RateLimits, 'pings'> = { pings: { perSecond: 1_000_000, burst: 1_000_000 } }

const PINGS = 100_000
/** Pings that go out in one piece. */
const PINGS_PER_SEND = 1000
/** What memory may be in use after an attack that was not before, in bytes. */
const SLACK_BYTES = 24 * MIB

/** What is broadcast while somebody does not read: 100 MB. */
const BLOCKS = 100

const RESETS = 50
const STREAMS = 40
const CONNECTIONS = 40

/** Of our protocol on one connection. */
const MAX_STREAMS = 4

const encode = (message: WireMessage): Uint8Array => encodeFrame(encodeMessage(message))

/** Answers what a victim says, in the words of a test. */
function speak (stream: Stream, answer: (message: WireMessage) => WireMessage | undefined): void {
  const read = async (): Promise<void> => {
    for await (const frame of new FrameReader({ maxBytes: () => 16 * MIB }).read(stream)) {
      const { message } = decodeMessage(frame)
      const reply = message == null ? undefined : answer(message)

      if (reply != null && stream.writeStatus === 'writable') {
        stream.send(encode(reply))
      }
    }

    await stream.close()
  }

  void read().catch(() => {})
}

/** What a healthy peer answers. */
const pong = (message: WireMessage): WireMessage | undefined => message.type === 'ping' ? { ...message, type: 'pong' } : undefined

/** Pings with the nonces from `first` on. */
function pings (first: number): Uint8Array {
  return Buffer.concat(Array.from({ length: PINGS_PER_SEND }, (_, i) => encode({ type: 'ping', nonce: BigInt(first + i), bestHeight: 0 })))
}

/** Sends, as fast as the stream takes it. */
async function pour (stream: Stream, bytes: Uint8Array): Promise<void> {
  if (!stream.send(bytes)) {
    await new Promise((resolve) => {
      stream.addEventListener('drain', resolve, { once: true })
      stream.addEventListener('close', resolve, { once: true })
    })
  }
}

describe('hostile/liveness', function () {
  this.timeout(60_000)

  let scene: Scene

  before(async () => {
    scene = await Scene.start({
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: TIMEOUT_MS,
      sendTimeout: TIMEOUT_MS,
      handshakeTimeout: TIMEOUT_MS,
      rateLimits: { ...UNLIMITED, others: { perSecond: 100, burst: 100 } }
    })
  })

  afterEach(async () => {
    await scene.expectHonestServed()
    await scene.expectNobodyElse()
  })

  after(async () => { await scene.stop() })

  /** Opens a session that answers in the words of a test; resolves when it is ready at the victim. */
  async function meet (attacker: Attacker, answer: Parameters<typeof speak>[1]): Promise<Stream> {
    const connection = await attacker.dial()
    const stream = await connection.newStream(PROTOCOL_ID)
    speak(stream, answer)
    stream.send(encode({ type: 'handshake', node: rawNodeInfo() }))
    await eventually(() => scene.victim.peers.get(attacker.id), 'a session')

    return stream
  }

  async function leave (attacker: Attacker, stream: Stream): Promise<void> {
    await stream.close()
    const { reason } = await scene.endOf(attacker)
    assert.equal(reason, undefined)
  }

  it('that answer no ping, or another one, are gone in time, whatever else they say', async () => {
    const attackers = await Promise.all(Array.from({ length: 5 }, async () => scene.attacker()))
    const began = performance.now()
    const [, , chatty] = await Promise.all([
      meet(attackers[0]!, () => undefined),
      meet(attackers[1]!, (message) => message.type === 'ping' ? { type: 'pong', nonce: message.nonce ^ 1n, bestHeight: 0 } : undefined),
      meet(attackers[2]!, () => undefined),
      meet(attackers[3]!, (message) => message.type === 'ping' ? { type: 'pong', nonce: 0n, bestHeight: 0 } : undefined),
      attackers[4]!.connect().then(({ stream }) => { stream.pause() })
    ])
    let nonce = 0n
    const chat = setInterval(() => {
      if (chatty.writeStatus === 'writable') { chatty.send(encode({ type: 'ping', nonce: nonce++, bestHeight: 0 })) }
    }, 20)

    try {
      const ends = await scene.expectHonestServedDuring(Promise.all(attackers.map(async (attacker) => {
        return scene.expectFate(attacker, { reason: 'TIMEOUT', isBanned: false })
      })))
      assert.deepEqual(ends.map(({ peer }) => peer.rtt), attackers.map(() => undefined))
    } finally {
      clearInterval(chat)
    }

    assert.ok(performance.now() - began >= TIMEOUT_MS)
    assert.ok(nonce > 10n)
  })

  it('that send pongs to no ping are slowed down, and stay', async () => {
    const attacker = await scene.attacker()
    const stream = await meet(attacker, pong)
    const session = scene.sessionWith(attacker)
    await eventually(() => session.rtt, 'a round trip')

    for (let i = 0; i < 200; i++) {
      stream.send(encode({ type: 'pong', nonce: BigInt(i), bestHeight: 0 }))
    }

    await eventually(() => session.rates.slowedMs > 0, 'a limit')
    const { bytesIn } = session
    await scene.expectHonestServedDuring(eventually(() => session.bytesIn > bytesIn + 40, 'more pongs'))
    assert.equal(session.state, 'ready')
    await leave(attacker, stream)
  })

  it('that ping without end are answered once for each, and cost no memory', async () => {
    const attacker = await scene.attacker()
    let pongs = 0
    const stream = await meet(attacker, (message) => {
      pongs += message.type === 'pong' ? 1 : 0

      return pong(message)
    })
    const session = scene.sessionWith(attacker)
    const before = usedBytes()
    let most = 0

    await scene.expectHonestServedDuring((async () => {
      for (let i = 0; i < PINGS; i += PINGS_PER_SEND) {
        await pour(stream, pings(i))
        await turns(1)
        most = Math.max(most, session.bufferedBytes.in + session.bufferedBytes.out)
      }

      await eventually(() => pongs >= PINGS, 'all pongs', { timeout: 30_000 })
    })())

    assert.equal(pongs, PINGS)
    assert.ok(most < HARD_BYTES, `${most} bytes`)
    await eventually(() => usedBytes() - before < SLACK_BYTES, 'memory to be as before')
    await leave(attacker, stream)
  })

  it('that ping without end and read nothing are told TOO_SLOW', async () => {
    // of its own: here the pong that does not come is not to be what ends it
    const patient = await Scene.start({ rateLimits: UNLIMITED })

    try {
      const attacker = await patient.attacker()
      const { stream } = await attacker.connect()
      const session = patient.sessionWith(attacker)
      stream.pause()
      let most = 0

      await patient.expectHonestServedDuring((async () => {
        for (let i = 0; session.state === 'ready' && i < 3 * PINGS; i += PINGS_PER_SEND) {
          await pour(stream, pings(i)).catch(() => {})
          await turns(1)
          most = Math.max(most, session.bufferedBytes.out)
        }

        await patient.expectFate(attacker, { reason: 'TOO_SLOW', isBanned: false })
      })())

      assert.ok(most > 0 && most <= HARD_BYTES + MIB, `${most} bytes`)
      stream.abort(new Error('done'))
      await patient.expectNobodyElse()
    } finally {
      await patient.stop()
    }
  })

  it('that stop reading cost no more than their bound while 100 MB are broadcast, and others get all of it', async () => {
    const attackers = [await scene.attacker(), await scene.attacker()]
    const sessions = await Promise.all(attackers.map(async (attacker) => attacker.connect()))
    const here = attackers.map((attacker) => scene.sessionWith(attacker))
    sessions.forEach(({ stream }) => { stream.pause() })
    const before = usedBytes()
    const heights: number[] = []
    const remove = scene.honest.router.handle('newBlock', ({ height }) => { heights.push(height) })
    let most = 0

    for (let height = 1; height <= BLOCKS; height++) {
      const proof = new Uint8Array(MIB)
      proof.set(sampleHash(height))
      scene.victim.broadcast({ type: 'newBlock', block: sampleBlock({ height, hash: sampleHash(`slow ${height}`), transactions: [], proof }) })
      await eventually(() => heights.length === height, 'the block at the honest peer')
      most = Math.max(most, ...here.map(({ bufferedBytes }) => bufferedBytes.out))
    }

    remove()
    assert.deepEqual(heights, Array.from({ length: BLOCKS }, (_, i) => i + 1))
    await Promise.all(attackers.map(async (attacker) => scene.expectFate(attacker, { reason: 'TOO_SLOW', isBanned: false })))
    assert.ok(most > MIB && most <= HARD_BYTES + 2 * MIB, `${most} bytes`)
    sessions.forEach(({ stream }) => { stream.abort(new Error('done')) })
    // what was broadcast last is kept for whoever asks for it
    await eventually(() => usedBytes() - before < 2 * SLACK_BYTES, 'memory to be as before')
  })

  it('that end one side of a stream end the session', async () => {
    const attacker = await scene.attacker()

    for (const begin of [async () => attacker.open(), async () => attacker.connect()]) {
      const session = await begin()
      await session.stream.close()
      await scene.expectFate(attacker, { reason: undefined, isBanned: false })
    }
  })

  it('that do not end their side of a stream are cut', async () => {
    const attacker = await scene.attacker()
    const connection = await attacker.dial()
    const stream = await connection.newStream(PROTOCOL_ID)
    const listener = (): void => {}
    stream.addEventListener('message', listener)
    stream.send(encode({ type: 'handshake', node: rawNodeInfo() }))
    await eventually(() => scene.victim.peers.get(attacker.id), 'a session')
    const since = performance.now()
    stream.send(Uint8Array.of(0))
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    await eventually(() => connection.status === 'closed', 'the end of the connection')
    assert.ok(performance.now() - since < CLOSE_TIMEOUT_MS + TIMEOUT_MS)
  })

  it('that reset their streams again and again leave nothing behind', async () => {
    const attacker = await scene.attacker()
    const before = usedBytes()

    await scene.expectHonestServedDuring((async () => {
      for (let i = 0; i < RESETS; i++) {
        const { stream } = await attacker.open()
        stream.send(encode({ type: 'handshake', node: rawNodeInfo() }).subarray(0, i % 3 === 0 ? undefined : i))
        await turns(i % 5)
        stream.abort(new Error('a reset'))
        await eventually(() => scene.victim.peers.counts.pending === 0 && scene.victim.peers.get(attacker.id) == null, 'its end')
      }
    })())

    assert.ok(usedBytes() - before < SLACK_BYTES)
    assert.equal(scene.victim.peers.isBanned(attacker.id), false)
    scene.forgive(attacker)
  })

  it('that open many streams on one connection get a few, and one session', async () => {
    const attacker = await scene.attacker()
    const connection = await attacker.dial()
    let opened = 0
    let most = 0

    await scene.expectHonestServedDuring((async () => {
      for (let i = 0; i < STREAMS; i++) {
        const stream = await connection.newStream(PROTOCOL_ID, { maxOutboundStreams: STREAMS }).catch(() => undefined)

        if (stream?.writeStatus === 'writable') {
          stream.send(encode({ type: 'handshake', node: rawNodeInfo() }))
          opened++
        }

        const { pending, inbound } = scene.victim.peers.counts
        most = Math.max(most, pending + inbound)
      }
    })())

    assert.ok(opened > 0 && most <= 1 + MAX_STREAMS, `${most} of ${opened}`)
    assert.ok([...scene.victim.peers].length <= 2)
    await connection.close()
    scene.forgive(attacker)
  })

  it('that open connections without streams get a few, and others are served', async () => {
    const attacker = await scene.attacker()

    await scene.expectHonestServedDuring((async () => {
      for (let i = 0; i < CONNECTIONS; i++) {
        await attacker.dial().catch(() => {})
      }
    })())

    const held = (): number => scene.victim.libp2p.getConnections(attacker.libp2p.peerId).length
    await eventually(() => held() <= MAX_SESSIONLESS_PER_HOST, 'the cut')
    assert.ok(held() > 0)
    await Promise.all(attacker.libp2p.getConnections().map(async (connection) => connection.close()))
  })

  it('that keep us from reading fast are read no faster, and nothing is queued', async () => {
    const slow = await Scene.start({ rateLimits: { pings: { perSecond: 1, burst: 5 }, blocks: { perSecond: 100, burst: 1000 } } })

    try {
      const attacker = await slow.attacker()
      const raw: RawSession = await attacker.connect()
      const session = slow.sessionWith(attacker)
      const before = usedBytes()

      for (let i = 0; i < PINGS; i += PINGS_PER_SEND) {
        raw.stream.send(pings(i))
      }

      await eventually(() => session.rates.slowedMs > 0, 'a limit')
      await slow.expectHonestServed()
      assert.ok(session.bufferedBytes.in <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${session.bufferedBytes.in} bytes`)
      assert.ok(usedBytes() - before < SLACK_BYTES)
      raw.stream.abort(new Error('done'))
    } finally {
      await slow.stop()
    }
  })
})
