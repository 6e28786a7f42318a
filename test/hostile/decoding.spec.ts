import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import protobuf from 'protobufjs/minimal.js'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { Scene, usedBytes, WIRE_TYPES } from './scene.ts'
import { writeEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { MAX_DIGESTS, MAX_FRAME_BYTES } from '../../src/codec/limits.ts'
import { encodeBlock, encodeMessage, encodeTransaction } from '../../src/index.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { DISCONNECT_SCORE } from '../../src/peers/penalties/scores.ts'
import { STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import type { MessageType } from '../../src/index.ts'
import type { Attacker } from './scene.ts'
import type { RawSession } from '../../src/testing/index.ts'

/** How often each kind of message is sent with a body of random bytes. */
const GARBAGE = 10

/** Junk of the largest size, and how often the honest peer is to be answered meanwhile. */
const JUNK = 80
const HONEST_PINGS = 20

/** More messages of kinds that nobody knows than a peer may send at once. */
const UNKNOWN = 150
const OTHERS_BURST = 100

const DEPTH = 1_000_000

interface Fixture { name: string, phase: string, effect: string, type: MessageType | null, frame: string }

function fixtures (file: string): Fixture[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/${file}.json`, import.meta.url), 'utf8')) as Fixture[]
}

/** A generator of numbers below 2^32 that is the same each time. */
function numbers (seed: number): () => number {
  let state = seed

  return () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0

    return state
  }
}

/** A field of bytes, again and again. */
function repeat (tag: number, bytes: Uint8Array, count: number): Uint8Array {
  const one = protobuf.Writer.create().uint32(tag).bytes(bytes).finish()
  const all = new Uint8Array(one.byteLength * count)

  for (let i = 0; i < count; i++) {
    all.set(one, i * one.byteLength)
  }

  return all
}

function field (number: number, bytes: Uint8Array): Uint8Array {
  return protobuf.Writer.create().uint32(number << 3 | 2).bytes(bytes).finish()
}

/** A varint field. */
function varint (number: number, value: bigint): Uint8Array {
  const halves = { low: Number(value & 0xffffffffn) | 0, high: Number(value >> 32n) | 0, unsigned: true }

  return protobuf.Writer.create().uint32(number << 3).uint64(halves).finish()
}

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(7)
const block = (...fields: Uint8Array[]): Uint8Array => field(1, join(encodeBlock(sampleBlock({ transactions: [] })), ...fields))
const transaction = (...fields: Uint8Array[]): Uint8Array => field(1, join(encodeTransaction(sampleTransaction()), ...fields))

/** What is well formed and cannot be. A field that comes a second time takes the place of the first. */
const IMPOSSIBLE: [what: string, type: MessageType, body: Uint8Array][] = [
  ['one digest too many', 'have', repeat(1 << 3 | 2, bytes(32), MAX_DIGESTS + 1)],
  ['one digest too many that is wanted', 'want', repeat(1 << 3 | 2, bytes(32), MAX_DIGESTS + 1)],
  ['two million empty digests', 'have', repeat(1 << 3 | 2, bytes(0), 2_000_000)],
  ['a digest of 31 bytes', 'have', field(1, bytes(31))],
  ['a digest of 33 bytes', 'want', field(1, bytes(33))],
  ['two million empty transactions', 'newBlock', block(repeat(6 << 3 | 2, bytes(0), 2_000_000))],
  ['a block in which half of the transactions have no hash', 'newBlock', block(repeat(6 << 3 | 2, bytes(102), 40_000))],
  ['a block hash of 31 bytes', 'newBlock', block(field(2, bytes(31)))],
  ['a previous hash of 33 bytes', 'newBlock', block(field(3, bytes(33)))],
  ['an empty state root', 'newBlock', block(field(5, bytes(0)))],
  ['a block of height 2^53', 'newBlock', block(varint(1, 2n ** 53n))],
  ['a block of height 2^64 - 1', 'newBlock', block(varint(1, 2n ** 64n - 1n))],
  ['a time of 2^53', 'newBlock', block(varint(4, 2n ** 53n))],
  ['a time of -1', 'newBlock', block(varint(4, 2n ** 64n - 1n))],
  ['a time of -2^63', 'newBlock', block(varint(4, 2n ** 63n))],
  ['two blocks', 'newBlock', join(block(), block())],
  ['a transaction id of 31 bytes', 'newTransaction', transaction(field(1, bytes(31)))],
  ['a sender of 64 bytes', 'newTransaction', transaction(field(2, bytes(64)))],
  ['no recipient', 'newTransaction', transaction(field(3, bytes(0)))],
  ['a ping of height 2^53', 'ping', varint(2, 2n ** 53n)],
  ['a pong of height 2^64 - 1', 'pong', varint(2, 2n ** 64n - 1n)],
  ['a request for height 2^53', 'requestBlock', varint(1, 2n ** 53n)],
  ['a request for a range to 2^64 - 1', 'requestBlockRange', varint(2, 2n ** 64n - 1n)],
  ['a request for a range backwards', 'requestBlockRange', join(varint(1, 10n), varint(2, 9n))],
  ['a million groups in each other', 'ping', new Uint8Array(DEPTH).fill(14 << 3 | 3)],
  ['a million groups in each other in a block', 'newBlock', block(new Uint8Array(DEPTH).fill(14 << 3 | 3))],
  ['a million groups in each other, all of them closed', 'newTransaction', transaction(
    new Uint8Array(DEPTH).fill(14 << 3 | 3), new Uint8Array(DEPTH).fill(14 << 3 | 4)
  )],
  ['a goodbye that is no UTF-8', 'disconnect', field(2, Uint8Array.of(0xc3, 0x28))]
]

function isItem (type: MessageType): boolean {
  return type === 'newBlock' || type === 'newTransaction'
}

/** Names that mean something in JavaScript. */
const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '\0', '\u202e', '<script>', '%s%d%j', '../../..']

/** A message of a kind that nobody knows. */
function unknownFrame (length: number): Uint8Array {
  return encodeFrame(field(100, bytes(length - 8)))
}

describe('hostile/decoding', function () {
  this.timeout(60_000)

  let scene: Scene
  let attacker: Attacker

  before(async () => {
    scene = await Scene.start({ rateLimits: { others: { perSecond: 100, burst: OTHERS_BURST } } })
    attacker = await scene.attacker()
  })

  afterEach(async () => {
    scene.victim.peers.disconnect(attacker.id)
    await scene.expectNobodyElse()
    scene.forgive(attacker)
    await scene.expectHonestServed()
  })

  after(async () => { await scene.stop() })

  async function expectAnswer (session: RawSession, nonce: bigint): Promise<void> {
    session.send({ type: 'ping', nonce, bestHeight: 0 })

    for (let answer: unknown; answer !== nonce;) {
      const { message } = await session.next(['pong', 'disconnect'])
      assert.equal(message.type, 'pong', message.type === 'disconnect' ? message.detail : '')
      answer = message.type === 'pong' ? message.nonce : undefined
    }
  }

  async function expectViolation (frame: Uint8Array, what: string): Promise<void> {
    const session = await attacker.connect()
    session.stream.send(frame)
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    assert.equal((await session.next('disconnect')).message.reason, 'PROTOCOL_VIOLATION', what)
    scene.forgive(attacker)
  }

  async function expectRefusal (frame: Uint8Array, what: string): Promise<void> {
    const session = await attacker.connect()
    session.stream.send(frame)
    await expectAnswer(session, 1n)
    assert.equal(scene.sessionWith(attacker).state, 'ready', what)
    scene.victim.peers.disconnect(attacker.id)
    await scene.endOf(attacker)
    scene.forgive(attacker)
  }

  it('that no peer may send ends the session, every bit of it', async () => {
    const frames = fixtures('invalid').filter(({ effect, phase }) => effect === 'violation' && phase !== 'before')
    assert.ok(frames.length > 50)

    await scene.expectHonestServedDuring((async () => {
      for (const { name, frame } of frames) {
        await expectViolation(Buffer.from(frame, 'hex'), name)
      }
    })())
  })

  it('that no node may accept is refused inside of an item, and handed on to no peer, and its sender stays', async () => {
    const frames = fixtures('invalid').filter(({ effect }) => effect === 'item refused')
    assert.ok(frames.length > 50)

    for (let at = 0; at < frames.length; at += DISCONNECT_SCORE - 1) {
      const session = await attacker.connect()
      frames.slice(at, at + DISCONNECT_SCORE - 1).forEach(({ frame }) => { session.stream.send(Buffer.from(frame, 'hex')) })
      await expectAnswer(session, 1n)
      assert.equal(scene.sessionWith(attacker).state, 'ready')
      scene.victim.peers.disconnect(attacker.id)
      await scene.endOf(attacker)
      scene.forgive(attacker)
    }
  })

  it('that is refused often ends the session like what is rejected, without a ban', async () => {
    const [{ frame }] = fixtures('invalid').filter(({ effect }) => effect === 'item refused') as [Fixture]
    const session = await attacker.connect()
    session.stream.send(join(...Array<Uint8Array>(DISCONNECT_SCORE - 1).fill(Buffer.from(frame, 'hex'))))
    await expectAnswer(session, 1n)
    // a little of the score is gone meanwhile
    session.stream.send(join(...Array<Uint8Array>(2).fill(Buffer.from(frame, 'hex'))))
    await scene.expectFate(attacker, { reason: 'UNSPECIFIED', isBanned: false })
  })

  it('that is odd and no fault changes nothing', async () => {
    const ends = new Set<MessageType | null>(['handshake', 'disconnect', 'responseBlock', 'responseBlockRange', 'responseTransactions', 'responsePeers'])
    const frames = fixtures('tolerated').filter(({ type }) => !ends.has(type))
    assert.ok(frames.length > 15)
    const session = await attacker.connect()

    for (const { frame } of frames) {
      session.stream.send(Buffer.from(frame, 'hex'))
    }

    await expectAnswer(session, 12345n)
    assert.equal(scene.sessionWith(attacker).state, 'ready')
  })

  it('that is random, of every kind, is either ignored or ends the session with PROTOCOL_VIOLATION', async () => {
    const next = numbers(1)
    let session = await attacker.connect()
    let violations = 0

    await scene.expectHonestServedDuring((async () => {
      for (const type of WIRE_TYPES.filter((type) => type !== 'disconnect')) {
        for (let i = 0; i < GARBAGE; i++) {
          session.sendBody(type, Uint8Array.from({ length: 1 + next() % 200 }, () => next() >>> 24))
          session.send({ type: 'ping', nonce: BigInt(i), bestHeight: 0 })
          const { message } = await session.next(['pong', 'disconnect'])

          if (message.type === 'disconnect') {
            await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
            scene.forgive(attacker)
            session = await attacker.connect()
            violations++
          }
        }
      }
    })())

    assert.ok(violations > GARBAGE, `${violations}`)
  })

  it('that cannot be ends the session, or is refused, however much or deep it is', async () => {
    await scene.expectHonestServedDuring((async () => {
      for (const [what, type, body] of IMPOSSIBLE) {
        const frame = encodeFrame(writeEnvelope(type, body))
        await (isItem(type) && what !== 'two blocks' ? expectRefusal(frame, what) : expectViolation(frame, what))
      }
    })())
  })

  it('at its limits is taken', async () => {
    const most = Number.MAX_SAFE_INTEGER
    const session = await attacker.connect()
    const digests = Array<Uint8Array>(MAX_DIGESTS).fill(sampleHash('nobody has it'))
    session.send({ type: 'have', digests })
    session.send({ type: 'want', digests })
    session.send({ type: 'newBlock', block: sampleBlock({ height: most, timestamp: most }) })
    session.send({ type: 'newTransaction', transaction: sampleTransaction({ value: 2n ** 64n - 1n, nonce: 2n ** 64n - 1n }) })
    await expectAnswer(session, 2n ** 64n - 1n)
    assert.equal(scene.sessionWith(attacker).bestHeight, most)
    await expectAnswer(session, 0n)
  })

  it('of an unknown kind is ignored, and of no more than may be sent', async () => {
    const session = await attacker.connect()
    session.stream.send(join(...Array<Uint8Array>(OTHERS_BURST).fill(unknownFrame(100))))
    await expectAnswer(session, 1n)
    assert.equal(scene.sessionWith(attacker).rates.slowedMs, 0)
    session.stream.send(join(...Array<Uint8Array>(UNKNOWN).fill(unknownFrame(100))))
    await scene.expectHonestServedDuring(expectAnswer(session, 2n))
    const { slowedMs } = scene.sessionWith(attacker).rates
    assert.ok(slowedMs > 0, `${slowedMs} ms`)
  })

  it('of names that mean something elsewhere means nothing', async () => {
    for (const name of NAMES) {
      const session = await attacker.connect({ nodeId: name, userAgent: name })
      const { nodeId, userAgent, info } = scene.sessionWith(attacker)
      assert.deepEqual([nodeId, userAgent, info?.nodeId], [name, name, name])
      assert.equal(scene.victim.peers.get(name), undefined)
      assert.equal(scene.victim.peers.isBanned(name), false)
      session.send({ type: 'disconnect', reason: 'UNSPECIFIED', detail: name })
      const { detail, byRemote } = await scene.endOf(attacker)
      assert.deepEqual([detail, byRemote], [name, true])
    }

    assert.deepEqual(Object.keys(Object.prototype), [])
  })

  it(`of the largest size, ${JUNK} times, keeps no other peer waiting`, async () => {
    const session = await attacker.connect()
    const junk = unknownFrame(MAX_FRAME_BYTES)
    const before = usedBytes()
    const { stream } = session
    let most = 0

    const attack = (async () => {
      for (let i = 0; i < JUNK; i++) {
        if (!stream.send(junk)) {
          await new Promise((resolve) => { stream.addEventListener('drain', resolve, { once: true }) })
        }

        most = Math.max(most, scene.sessionWith(attacker).bufferedBytes.in)
      }

      session.send({ type: 'ping', nonce: 7n, bestHeight: 0 })
      await eventually(() => scene.sessionWith(attacker).bytesIn > JUNK * (MAX_FRAME_BYTES - 8), 'the junk', { timeout: 40_000 })
      await session.next('pong')
    })()

    await scene.expectHonestServedDuring(attack, { least: HONEST_PINGS })
    assert.ok(most <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${most} bytes`)
    await eventually(() => usedBytes() - before < 2 * MAX_FRAME_BYTES + STREAM_WINDOW_BYTES, 'memory to be as before')
  })

  it('that was refused is not held against a peer that sends what is good', async () => {
    const good = sampleBlock({ hash: sampleHash('good'), transactions: [] })
    await expectViolation(encodeFrame(writeEnvelope('newBlock', join(field(1, encodeBlock(good)), field(1, encodeBlock(good))))), 'twice in one message')
    const received: number[] = []
    const remove = scene.victim.router.handle('newBlock', ({ hash }) => { received.push(Buffer.compare(hash, good.hash)) })
    const session = await attacker.connect()
    session.stream.send(encodeFrame(encodeMessage({ type: 'newBlock', block: good })))
    await expectAnswer(session, 1n)
    remove()
    assert.deepEqual(received, [0])
  })
})
