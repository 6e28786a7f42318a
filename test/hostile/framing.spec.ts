import assert from 'node:assert/strict'
import protobuf from 'protobufjs/minimal.js'
import { eventually, turns } from '../support/eventually.ts'
import { rawNodeInfo } from '../integration/nodes.ts'
import { sampleHash, sampleTransaction } from '../support/sample.ts'
import { Scene, trickle, usedBytes } from './scene.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { MAX_FRAME_BYTES, MAX_HANDSHAKE_FRAME_BYTES } from '../../src/codec/limits.ts'
import { encodeMessage } from '../../src/index.ts'
import type { Attacker } from './scene.ts'
import type { RawSession } from '../../src/testing/index.ts'

/** Long enough for whole frames on a machine that is busy with other things. */
const FRAME_TIMEOUT_MS = 2000

/** Those who declare a large frame and send none of it, and what that may cost in all. */
const DECLARERS = 20
const MAX_COST_BYTES = 8 * 1024 * 1024

/** The length of a frame as no encoder writes it. */
const LENGTHS: [what: string, bytes: number[]][] = [
  ['zero', [0]],
  ['zero in two bytes', [0x80, 0]],
  ['1 in two bytes', [0x81, 0]],
  ['one byte over 4 MiB', [0x81, 0x80, 0x80, 0x02]],
  ['2^31 - 1', [0xff, 0xff, 0xff, 0xff, 0x07]],
  ['2^31', [0x80, 0x80, 0x80, 0x80, 0x08]],
  ['4 GiB', [0x80, 0x80, 0x80, 0x80, 0x10]],
  ['2^35 - 1', [0xff, 0xff, 0xff, 0xff, 0x7f]],
  ['six bytes', [0x89, 0x80, 0x80, 0x80, 0x80, 0]],
  ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ['2^64 - 1', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ['bytes without an end', Array(4096).fill(0xff) as number[]]
]

/** How a stream may end inside a frame. */
const ENDS: [how: string, end: (session: RawSession, attacker: Attacker) => unknown][] = [
  ['is closed', async ({ stream }) => stream.close()],
  ['is reset', ({ stream }) => { stream.abort(new Error('a reset')) }],
  ['breaks with its connection', (_session, { libp2p }) => { libp2p.getConnections().forEach((connection) => { connection.abort(new Error('cut')) }) }]
]

/** A message of a kind that nobody knows, in a frame whose body is so long. */
function unknownFrame (bytes: number): Uint8Array {
  const overhead = protobuf.Writer.create().uint32(100 << 3 | 2).uint32(bytes).finish().byteLength
  const body = protobuf.Writer.create().uint32(100 << 3 | 2).bytes(new Uint8Array(bytes - overhead)).finish()
  assert.equal(body.byteLength, bytes)

  return encodeFrame(body, bytes)
}

describe('hostile/framing', function () {
  this.timeout(30_000)

  let scene: Scene

  before(async () => {
    scene = await Scene.start({ frameTimeout: FRAME_TIMEOUT_MS })
  })

  afterEach(async () => {
    await scene.expectHonestServed()
    await scene.expectNobodyElse()
  })

  after(async () => { await scene.stop() })

  async function leave (session: RawSession, attacker: Attacker): Promise<void> {
    await session.stream.close()
    const { reason, byRemote } = await scene.endOf(attacker)
    assert.deepEqual([reason, byRemote], [undefined, true])
  }

  it('are taken cut anywhere, from the first byte of a session to the last', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.open()

    for (const byte of encodeFrame(encodeMessage({ type: 'handshake', node: rawNodeInfo() }))) {
      session.stream.send(Uint8Array.of(byte))
      await turns(1)
    }

    await eventually(() => scene.victim.peers.get(attacker.id), 'a session')
    const transaction = encodeFrame(encodeMessage({ type: 'newTransaction', transaction: sampleTransaction() }))
    const want = encodeFrame(encodeMessage({ type: 'want', digests: [sampleHash('nobody has it')] }))
    const frames = (nonce: bigint): Uint8Array => {
      return Uint8Array.of(...transaction, ...want, ...encodeFrame(encodeMessage({ type: 'ping', nonce, bestHeight: 0 })))
    }

    for (let at = 1; at < frames(0n).byteLength; at++) {
      const bytes = frames(BigInt(at))
      session.stream.send(bytes.subarray(0, at))
      await turns(1)
      session.stream.send(bytes.subarray(at))
      assert.equal((await session.next('pong')).message.nonce, BigInt(at))
    }

    await leave(session, attacker)
  })

  for (const [phase, begin] of [
    ['before the handshake', async (attacker: Attacker) => attacker.open()],
    ['in a session', async (attacker: Attacker) => attacker.connect()]
  ] as const) {
    it(`of a length that cannot be end it ${phase}, on the length alone`, async () => {
      const attacker = await scene.attacker()

      for (const [what, bytes] of LENGTHS) {
        const session = await begin(attacker)
        session.stream.send(Uint8Array.from(bytes))
        const { detail } = await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
        assert.match(detail, /frame|length/, what)
        scene.forgive(attacker)
      }
    })

    for (const [how, end] of ENDS) {
      it(`are nothing where the stream ${how} inside of them ${phase}, and count as no fault`, async () => {
        const frame = encodeFrame(encodeMessage({ type: 'newTransaction', transaction: sampleTransaction({ id: sampleHash(`${how} ${phase}`) }) }))
        const received: string[] = []
        const attacker = await scene.attacker()
        const remove = scene.victim.router.handle('newTransaction', (_transaction, { id }) => { received.push(id) })

        for (const cut of [1, 2, 3, Math.floor(frame.byteLength / 2), frame.byteLength - 1]) {
          const session = await begin(attacker)
          const bytesIn = scene.victim.peers.get(attacker.id)?.bytesIn ?? 0
          session.stream.send(frame.subarray(0, cut))
          await eventually(() => bytesIn === 0 || scene.victim.peers.get(attacker.id)!.bytesIn === bytesIn + cut, 'the bytes')
          await turns(2)
          await end(session, attacker)
          await scene.expectFate(attacker, { reason: undefined, isBanned: false })
        }

        remove()
        assert.deepEqual(received, [])
      })
    }
  }

  it('may be maxFrameBytes long; one byte more ends the session', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.connect()
    session.stream.send(unknownFrame(MAX_FRAME_BYTES))
    session.send({ type: 'ping', nonce: 5n, bestHeight: 0 })
    assert.equal((await session.next('pong')).message.nonce, 5n)
    session.stream.send(unknownFrame(MAX_FRAME_BYTES + 1).subarray(0, 4))
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
  })

  it('that are declared large and do not come cost nothing', async () => {
    const attackers = await Promise.all(Array.from({ length: DECLARERS }, async () => scene.attacker()))
    const sessions = await Promise.all(attackers.map(async (attacker) => attacker.connect()))
    const before = usedBytes()
    sessions.forEach(({ stream }) => { stream.send(unknownFrame(MAX_FRAME_BYTES).subarray(0, 100)) })
    await scene.expectHonestServed()
    const cost = usedBytes() - before
    assert.ok(cost < MAX_COST_BYTES && MAX_COST_BYTES < DECLARERS * MAX_FRAME_BYTES / 4, `${cost} bytes`)

    await scene.expectHonestServedDuring(Promise.all(attackers.map(async (attacker) => {
      return scene.expectFate(attacker, { reason: 'TIMEOUT', isBanned: false })
    })))
  })

  it('have to be complete in time, however their bytes trickle in', async () => {
    const [attacker, early] = [await scene.attacker(), await scene.attacker()]
    const session = await attacker.connect()
    const began = performance.now()
    const opened = await early.open()
    const stops = [trickle(session.stream, unknownFrame(1000)), trickle(opened.stream, unknownFrame(1000))]

    await scene.expectHonestServedDuring(Promise.all([attacker, early].map(async (attacker) => {
      return scene.expectFate(attacker, { reason: 'TIMEOUT', isBanned: false })
    })))
    assert.ok(performance.now() - began >= FRAME_TIMEOUT_MS)
    stops.forEach((stop) => { assert.ok(stop() > 10) })
  })

  it('of up to MAX_HANDSHAKE_FRAME_BYTES only are read until it is known who sends them', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.open()
    session.stream.send(unknownFrame(MAX_FRAME_BYTES))
    const { peer, detail } = await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    assert.match(detail, new RegExp(`at most ${MAX_HANDSHAKE_FRAME_BYTES} bytes`))
    assert.equal(peer.info, undefined)
  })
})
