import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import protobuf from 'protobufjs/minimal.js'
import { eventually, turns } from '../support/eventually.ts'
import { addressOf, GENESIS_HASH, rawNodeInfo } from '../integration/nodes.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { HONEST_MS, Scene, trickle, WIRE_TYPES } from './scene.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import {
  MAX_HANDSHAKE_FRAME_BYTES, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS, MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES, MAX_USER_AGENT_BYTES
} from '../../src/codec/limits.ts'
import { encodeMessage } from '../../src/index.ts'
import type { Attacker } from './scene.ts'
import type { DisconnectReason, NodeInfo, WireMessage } from '../../src/index.ts'
import type { Socket } from 'node:net'
import type { RawSession } from '../../src/testing/index.ts'

/** Long enough for those who do say who they are, on a machine that is busy with other things. */
const HANDSHAKE_TIMEOUT_MS = 2000

const MAX_PENDING = 8
/** Sessions of which nobody ever says who it is, and from how many hosts. */
const SILENT_SESSIONS = 100
const SILENT_HOSTS = 5
/** TCP connections that never become encrypted ones. */
const HALF_OPEN = 200
/** Sessions of one identity. */
const REPETITIONS = 30

const HASH = sampleHash('a hash')

/** Each kind of message but those that may come first. */
const TOO_EARLY: WireMessage[] = [
  { type: 'newBlock', block: sampleBlock() },
  { type: 'newTransaction', transaction: sampleTransaction() },
  { type: 'requestBlock', height: 0 },
  { type: 'responseBlock' },
  { type: 'requestBlockRange', startHeight: 0, endHeight: 10 },
  { type: 'responseBlockRange', blocks: [], last: true },
  { type: 'ping', nonce: 1n, bestHeight: 0 },
  { type: 'pong', nonce: 1n, bestHeight: 0 },
  { type: 'have', digests: [HASH] },
  { type: 'want', digests: [HASH] }
]

/** A handshake that belongs elsewhere, and what is said to it. */
const STRANGERS: [what: string, node: Partial<NodeInfo>, reason: DisconnectReason][] = [
  ['version 0', { protocolVersion: 0 }, 'INCOMPATIBLE_VERSION'],
  ['version 2', { protocolVersion: 2 }, 'INCOMPATIBLE_VERSION'],
  ['version 2^32 - 1', { protocolVersion: 0xffffffff }, 'INCOMPATIBLE_VERSION'],
  ['another network', { network: 'vibecoin-main' }, 'WRONG_NETWORK'],
  ['no network', { network: '' }, 'WRONG_NETWORK'],
  ['a network whose name is longer by a NUL', { network: 'vibecoin-test\0' }, 'WRONG_NETWORK'],
  ['another genesis block', { genesisHash: HASH }, 'WRONG_NETWORK']
]

/** The fields of a NodeInfo as they are written, each with what may be wrong with it. */
interface NodeFields {
  network: Uint8Array
  genesisHash: Uint8Array
  nodeId: Uint8Array
  userAgent: Uint8Array
  listenAddrs: Uint8Array[]
  bestHeight: bigint
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const letters = (count: number): Uint8Array => new Uint8Array(count).fill(0x61)

/** What no encoder writes. */
const MALFORMED: [what: string, fields: Partial<NodeFields>][] = [
  ['a network of one byte too many', { network: letters(MAX_NETWORK_BYTES + 1) }],
  ['a name of one byte too many', { nodeId: letters(MAX_NODE_ID_BYTES + 1) }],
  ['a name that is no UTF-8', { nodeId: Uint8Array.of(0xc3, 0x28) }],
  ['a name of half a surrogate pair', { nodeId: Uint8Array.of(0xed, 0xa0, 0x80) }],
  ['software of one byte too many', { userAgent: letters(MAX_USER_AGENT_BYTES + 1) }],
  ['software of 2 KiB', { userAgent: letters(2048) }],
  ['a genesis hash of 31 bytes', { genesisHash: GENESIS_HASH.subarray(1) }],
  ['a genesis hash of 64 bytes', { genesisHash: new Uint8Array(64).fill(1) }],
  ['no genesis hash', { genesisHash: new Uint8Array(0) }],
  ['one address too many', { listenAddrs: Array(MAX_LISTEN_ADDRS + 1).fill(HASH) as Uint8Array[] }],
  ['an address of one byte too many', { listenAddrs: [letters(MAX_LISTEN_ADDR_BYTES + 1)] }],
  ['a thousand empty addresses', { listenAddrs: Array(1000).fill(new Uint8Array(0)) as Uint8Array[] }],
  ['a height of 2^53', { bestHeight: 2n ** 53n }],
  ['a height of 2^64 - 1', { bestHeight: 2n ** 64n - 1n }]
]

/** A handshake of the network, but for what is given. */
function writeHandshake (fields: Partial<NodeFields>): Uint8Array {
  const network = text('vibecoin-test')
  const node = { network, genesisHash: GENESIS_HASH, nodeId: text(''), userAgent: text(''), listenAddrs: [], bestHeight: 0n, ...fields }
  const writer = protobuf.Writer.create().uint32(2 << 3 | 2).fork().uint32(1 << 3 | 2).fork()
  writer.uint32(1 << 3).uint32(1)
  writer.uint32(2 << 3 | 2).bytes(node.network)
  writer.uint32(3 << 3 | 2).bytes(node.genesisHash)
  writer.uint32(4 << 3 | 2).bytes(node.nodeId)
  writer.uint32(5 << 3 | 2).bytes(node.userAgent)
  node.listenAddrs.forEach((address) => { writer.uint32(6 << 3 | 2).bytes(address) })
  writer.uint32(7 << 3).uint64({ low: Number(node.bestHeight & 0xffffffffn) | 0, high: Number(node.bestHeight >> 32n) | 0, unsigned: true })
  writer.uint32(8 << 3 | 2).bytes(HASH)

  return writer.ldelim().ldelim().finish()
}

/** A good handshake in a frame whose body is so long: the rest is a field that nobody knows. */
function paddedHandshake (bytes: number): Uint8Array {
  const message = encodeMessage({ type: 'handshake', node: rawNodeInfo() })
  // its tag and length take two bytes each
  const padding = protobuf.Writer.create().uint32(100 << 3 | 2).bytes(letters(bytes - message.byteLength - 4)).finish()

  return encodeFrame(Uint8Array.of(...message, ...padding))
}

/** The kinds of all messages up to the `disconnect`, and its reason. */
async function untilDisconnect (session: RawSession): Promise<{ types: string[], reason: DisconnectReason }> {
  const types: string[] = []

  for (;;) {
    const { message } = await session.next(WIRE_TYPES)
    types.push(message.type)

    if (message.type === 'disconnect') {
      return { types, reason: message.reason }
    }
  }
}

describe('hostile/handshake', function () {
  this.timeout(30_000)

  let scene: Scene
  let sockets: Socket[]

  before(async () => {
    sockets = []
    scene = await Scene.start({ handshakeTimeout: HANDSHAKE_TIMEOUT_MS, maxPendingHandshakes: MAX_PENDING, dialTimeout: 5000 })
  })

  afterEach(async () => {
    sockets.splice(0).forEach((socket) => { socket.destroy() })
    await scene.expectHonestServed()
    await scene.expectNobodyElse()
  })

  after(async () => { await scene.stop() })

  it('that never comes ends with TIMEOUT, however its bytes trickle in', async () => {
    const began = performance.now()
    const [silent, half, trickling] = [await scene.attacker(), await scene.attacker(), await scene.attacker()]
    const handshake = encodeFrame(encodeMessage({ type: 'handshake', node: rawNodeInfo() }))
    await silent.open()
    const halfway = await half.open()
    halfway.stream.send(handshake.subarray(0, 20))
    const { stream } = await trickling.open()
    const stop = trickle(stream, handshake)

    const attack = Promise.all([silent, half, trickling].map(async (attacker) => {
      return scene.expectFate(attacker, { reason: 'TIMEOUT', isBanned: false })
    }))
    await scene.expectHonestServedDuring(attack)
    const sent = stop()
    assert.ok(sent > 10 && sent < handshake.byteLength, `${sent} bytes`)
    assert.ok(performance.now() - began >= HANDSHAKE_TIMEOUT_MS)
  })

  it('leaves room for others where 100 sessions never say who they are', async () => {
    const attackers = await Promise.all(Array.from({ length: SILENT_HOSTS }, async () => scene.attacker()))

    const attack = Promise.all(attackers.map(async (attacker) => {
      for (let i = 0; i < SILENT_SESSIONS / SILENT_HOSTS; i++) {
        // the victim may end the connection for the room that it needs
        await attacker.open().catch(() => {})
      }
    }))

    await scene.expectHonestServedDuring(attack)
    await eventually(() => scene.victim.peers.counts.pending === MAX_PENDING, 'no more room')

    const newcomer = await scene.attacker()
    const since = performance.now()
    const session = await newcomer.connect()
    const ms = performance.now() - since
    assert.ok(ms < HONEST_MS, `${ms} ms`)
    await session.stream.close()
    await scene.endOf(newcomer)
  })

  it('is not needed by what comes first: any other message ends the session, and is told to no peer', async () => {
    const told: string[] = []
    const handlers = (['newBlock', 'newTransaction', 'ping', 'pong'] as const).map((type) => {
      return scene.victim.router.handle(type, (_item: unknown, { id }: { id: string }) => {
        if (id === attacker.id) { told.push(type) }

        return undefined
      })
    })
    const attacker = await scene.attacker()

    for (const message of TOO_EARLY) {
      const session = await attacker.open()
      session.send(message, 1n)
      const { detail } = await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
      assert.equal(detail, 'expected a handshake as the first message', message.type)
      assert.deepEqual(await untilDisconnect(session), { types: ['handshake', 'disconnect'], reason: 'PROTOCOL_VIOLATION' })
      scene.forgive(attacker)
    }

    const unknown = await attacker.open()
    unknown.stream.send(encodeFrame(protobuf.Writer.create().uint32(100 << 3 | 2).bytes(HASH).finish()))
    await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    handlers.forEach((remove) => { remove() })
    assert.deepEqual(told, [])
  })

  it('may be a goodbye, which is nothing bad', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.open()
    session.send({ type: 'disconnect', reason: 'BANNED', detail: 'no, you are' })
    const { reason, byRemote } = await scene.endOf(attacker)
    assert.deepEqual([reason, byRemote], ['BANNED', true])
    assert.equal(scene.victim.peers.isBanned(attacker.id), false)
  })

  it('of another version, network or chain is told so, and is no reason for a ban', async () => {
    const attacker = await scene.attacker()

    for (const [what, node, reason] of STRANGERS) {
      const session = await attacker.open()
      session.send({ type: 'handshake', node: rawNodeInfo(node) })
      await scene.expectFate(attacker, { reason, isBanned: false })
      assert.deepEqual(await untilDisconnect(session), { types: ['handshake', 'disconnect'], reason }, what)
    }
  })

  it('with a field that cannot be ends the session', async () => {
    const attacker = await scene.attacker()

    for (const [what, fields] of MALFORMED) {
      const session = await attacker.open()
      session.stream.send(encodeFrame(writeHandshake(fields)))
      const { peer } = await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
      assert.equal(peer.info, undefined, what)
      assert.deepEqual((await untilDisconnect(session)).types, ['handshake', 'disconnect'], what)
      scene.forgive(attacker)
    }

    // what it is like without a fault
    const session = await attacker.open()
    session.stream.send(encodeFrame(writeHandshake({})))
    await eventually(() => scene.victim.peers.get(attacker.id), 'a session')
    await session.stream.close()
    await scene.endOf(attacker)
  })

  it('may be MAX_HANDSHAKE_FRAME_BYTES long; one byte more is refused on its declared length', async () => {
    const attacker = await scene.attacker()
    const largest = await attacker.open()
    largest.stream.send(paddedHandshake(MAX_HANDSHAKE_FRAME_BYTES))
    await eventually(() => scene.victim.peers.get(attacker.id), 'a session')
    await largest.stream.close()
    await scene.endOf(attacker)

    const larger = await attacker.open()
    larger.stream.send(paddedHandshake(MAX_HANDSHAKE_FRAME_BYTES + 1).subarray(0, 2))
    const { peer } = await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    assert.equal(peer.bytesIn, 2)
  })

  it('that comes a second time ends the session, and nothing of it counts', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.connect({ nodeId: 'first', bestHeight: 7 })
    session.send({ type: 'handshake', node: rawNodeInfo({ nodeId: 'second', bestHeight: 1_000_000, userAgent: 'another' }) })
    const { peer } = await scene.expectFate(attacker, { reason: 'PROTOCOL_VIOLATION', isBanned: true })
    assert.deepEqual([peer.nodeId, peer.bestHeight, peer.userAgent], ['first', 7, rawNodeInfo().userAgent])
  })

  it('has to be done before anything of the chain is told', async () => {
    const attacker = await scene.attacker()
    const session = await attacker.open()
    await scene.expectHonestServed()
    scene.honest.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: sampleHash('before') }) })
    await scene.expectHonestServed()

    session.send({ type: 'handshake', node: rawNodeInfo() })
    await eventually(() => scene.victim.peers.get(attacker.id), 'a session')
    const transaction = sampleTransaction({ id: sampleHash('after') })
    scene.victim.broadcast({ type: 'newTransaction', transaction })
    const told: unknown[] = []

    for (let isLast = false; !isLast;) {
      const { message } = await session.next(WIRE_TYPES)
      isLast = message.type === 'newTransaction'
      told.push(message.type === 'newTransaction' ? message.transaction.id : message.type)
    }

    assert.deepEqual(told, ['handshake', 'ping', transaction.id])
    await session.stream.close()
    await scene.endOf(attacker)
  })

  it('of ourselves is refused, and takes no room', async () => {
    await assert.rejects(scene.victim.connect(addressOf(scene.victim)))
    assert.deepEqual(scene.victim.peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  })

  it('of the same identity again and again leaves it one session', async () => {
    const attacker = await scene.attacker()
    const { id } = attacker
    const sessions: RawSession[] = []
    let most = 0

    for (let i = 0; i < REPETITIONS; i++) {
      const session = await attacker.open()
      session.send({ type: 'handshake', node: rawNodeInfo({ nodeId: String(i) }) })
      await eventually(() => scene.victim.peers.get(id)?.nodeId === String(i), 'the latest session')
      most = Math.max(most, scene.victim.peers.counts.inbound)
      assert.equal([...scene.victim.peers].filter((peer) => peer.id === id).length, 1)
      sessions.push(session)
    }

    assert.equal(most, 2)
    const replaced = await Promise.all(sessions.slice(0, -1).map(async (session) => untilDisconnect(session)))
    assert.deepEqual(new Set(replaced.map(({ reason }) => reason)), new Set(['DUPLICATE_CONNECTION']))
    await sessions.at(-1)!.stream.close()
    await eventually(() => scene.victim.peers.get(id) == null, 'the end of the last session')
  })

  it('never comes to be where encryption is not begun, and others get in', async () => {
    const port = Number(addressOf(scene.victim).split('/')[4])
    const openings = [undefined, Uint8Array.of(0), letters(200), new Uint8Array(65_536).fill(0xff)]

    for (let i = 0; i < HALF_OPEN; i++) {
      const socket = connectTcp({ host: '127.0.0.1', port, localAddress: `127.${1 + i % 5}.1.1` })
      const opening = openings[i % openings.length]
      socket.on('error', () => {})
      socket.resume()
      sockets.push(socket)

      if (opening != null) {
        socket.write(opening)
      }
    }

    await scene.expectHonestServed()
    const attacker = await scene.attacker()
    const since = performance.now()
    const session = await attacker.connect()
    const ms = performance.now() - since
    assert.ok(ms < HONEST_MS, `${ms} ms`)
    await scene.expectHonestServed()
    await session.stream.close()
    await scene.endOf(attacker)
  })

  it('of another than was dialled is none', async () => {
    const [answering, expected] = [await scene.attacker(), await scene.attacker()]
    const address = multiaddr(answering.address.replace(answering.id, expected.id)).toString()
    await assert.rejects(scene.victim.connect(address))
    await turns(2)
    assert.deepEqual(answering.accepted, [])
    assert.equal(scene.victim.peers.get(answering.id), undefined)
  })

  it('of one that we dial ends the same ways', async () => {
    const [silent, mad, stranger] = [await scene.attacker(), await scene.attacker(), await scene.attacker()]

    const dial = async (attacker: Attacker, answer?: Uint8Array): Promise<void> => {
      const dialled = scene.victim.connect(attacker.address)
      dialled.catch(() => {})
      const session = await eventually(() => attacker.accepted[0], 'a stream')

      if (answer != null) {
        session.stream.send(answer)
      }

      await dialled
    }

    await Promise.all([
      assert.rejects(dial(silent), { name: 'DisconnectedError', reason: 'TIMEOUT', byRemote: false }),
      assert.rejects(dial(mad, Uint8Array.of(0)), { name: 'DisconnectedError', reason: 'PROTOCOL_VIOLATION', byRemote: false }),
      assert.rejects(dial(stranger, encodeFrame(encodeMessage({ type: 'handshake', node: rawNodeInfo({ network: 'other' }) }))), {
        name: 'DisconnectedError', reason: 'WRONG_NETWORK', byRemote: false
      })
    ])

    assert.deepEqual([silent, mad, stranger].map(({ id }) => scene.victim.peers.isBanned(id)), [false, true, false])
  })
})
