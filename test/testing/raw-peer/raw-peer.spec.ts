import assert from 'node:assert/strict'
import protobuf from 'protobufjs/minimal.js'
import { addressOf, startNode, stopNodes } from '../../integration/nodes.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleHash, sampleTransaction } from '../../support/sample.ts'
import { keyFromSeed, RawPeer, UnexpectedEndError } from '../../../src/testing/index.ts'
import { Link } from '../../../src/testing/network/link.ts'
import { compareBytes } from '../../../src/util/bytes.ts'
import type { RawPeerInit } from '../../../src/testing/index.ts'
import type { Network } from '../../../src/index.ts'
import type { Connection } from '@libp2p/interface'

const PING = { type: 'ping', nonce: 5n, bestHeight: 0 } as const

describe('testing/raw-peer', () => {
  let node: Network
  const peers: RawPeer[] = []

  beforeEach(async () => {
    node = await startNode()
  })

  afterEach(async () => {
    await Promise.all(peers.splice(0).map(async (peer) => { await peer.stop() }))
    await stopNodes()
  })

  async function start (init?: RawPeerInit): Promise<RawPeer> {
    const peer = await RawPeer.start(init)
    peers.push(peer)

    return peer
  }

  it('makes a session that is ready, as a peer of whatever network the node has', async () => {
    const peer = await start()
    const session = await peer.connect(node, { bestHeight: 7 })
    const { network, bestHeight, userAgent } = node.peers.get(peer.id)!.info!
    assert.deepEqual([network, bestHeight], ['vibecoin-test', 7])
    assert.match(userAgent, / raw$/)
    session.send(PING)
    assert.equal((await session.next('pong')).message.nonce, 5n)
  })

  it('makes a session with an address, and many over one connection', async () => {
    const peer = await start({ node: { nodeId: 'mine' } })
    const address = node.libp2p.getMultiaddrs()[0]!
    const first = await peer.open(String(address))
    const second = await peer.open(address, { over: first })
    assert.equal(first.connection, second.connection)
    assert.equal((await second.handshake()).network, 'vibecoin-test')
    await eventually(() => node.peers.get(peer.id)?.nodeId === 'mine', 'a session')
    assert.equal(node.libp2p.getConnections().length, 1)
    await peer.open([address])
    assert.equal(node.libp2p.getConnections().length, 2)
  })

  it('is dialled, and tells who has opened what', async () => {
    const peer = await start()
    const dialled = node.connect(peer.address)
    const session = await peer.opened()
    assert.deepEqual([session.direction, session.remoteId], ['inbound', node.libp2p.peerId.toString()])
    await session.handshake({ nodeId: 'dialled' })
    assert.equal((await dialled).nodeId, 'dialled')
    assert.deepEqual(peer.accepted, [session])
  })

  it('tells how a node refuses a wrong handshake', async () => {
    const peer = await start()
    await assert.rejects(peer.connect(node, { network: 'other' }), (err: Error) => {
      assert.ok(err instanceof UnexpectedEndError)
      assert.deepEqual([err.name, err.closure.reason], ['UnexpectedEndError', 'WRONG_NETWORK'])
      assert.match(err.message, /ended by the remote, with WRONG_NETWORK/)

      return true
    })
  })

  it('says anything: bytes, pieces, frames of any length, bodies, kinds that are not known', async () => {
    const peer = await start()
    const session = await peer.connect(node)
    const ping = Uint8Array.of(6, 0x4a, 4, 8, 9, 0x10, 1)
    assert.equal(await session.sendChunks(ping), ping.byteLength)
    assert.equal((await session.next('pong')).message.nonce, 9n)
    session.sendFrame(protobuf.Writer.create().uint32(100 << 3 | 2).bytes(new Uint8Array(1000)).finish())
    session.sendBody('ping', Uint8Array.of(8, 10))
    assert.equal((await session.next('pong')).message.nonce, 10n)
    // a length over the limit, and nothing behind it
    session.sendBytes(Uint8Array.of(0x81, 0x80, 0x80, 0x02))
    const { by, how, reason } = await session.closed()
    assert.deepEqual({ by, how, reason }, { by: 'remote', how: 'ended', reason: 'PROTOCOL_VIOLATION' })
  })

  it('tells of each way to end who has begun, and how', async () => {
    const outcomes: unknown[] = []

    for (const end of ['end', 'disconnect', 'reset', 'cut'] as const) {
      const peer = await start()
      const session = await peer.connect(node)
      await session[end]('SHUTDOWN')
      const { by, how, reason } = await session.closed()
      outcomes.push([end, by, how, reason])
      await eventually(() => node.peers.get(peer.id) == null, 'the end there')
    }

    for (const [end, act] of [
      ['stream', async (connection: Connection) => { connection.streams[0]!.abort(new Error('reset')) }],
      ['close', async (connection: Connection) => connection.close()]
    ] as const) {
      const peer = await start()
      const session = await peer.connect(node)
      await act(node.libp2p.getConnections(peer.libp2p.peerId)[0]!)
      const { by, how, reason } = await session.closed()
      outcomes.push([end, by, how, reason])
    }

    const link = await Link.start({ host: '127.0.0.1', port: Number(addressOf(node).split('/')[4]) })
    const session = await (await start()).connect(`/ip4/127.0.0.1/tcp/${link.port}`)
    await session.next('ping')
    link.break('cut')
    const { by, how, reason } = await session.closed()
    outcomes.push(['line', by, how, reason])
    await link.close()

    assert.deepEqual(outcomes, [
      ['end', 'local', 'ended', undefined], ['disconnect', 'local', 'ended', undefined],
      ['reset', 'local', 'reset', undefined], ['cut', 'local', 'lost', undefined], ['stream', 'remote', 'reset', undefined], ['close', 'remote', 'ended', undefined], ['line', 'remote', 'lost', undefined]
    ])
  })

  it('reads nothing while it holds back, and all of it afterwards', async () => {
    const peer = await start()
    const session = await peer.connect(node)
    await session.next('ping')
    session.hold()
    session.send(PING)
    const data = new Uint8Array(1000)

    for (let i = 0; i < 500; i++) {
      node.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: sampleHash(i), data }) })
    }

    // what it may send without being read fills the window, and the rest stays there
    await eventually(() => node.peers.get(peer.id)!.bytesOut > 200_000, 'a full window')
    assert.deepEqual(session.unread, [])
    let count = 0
    session.handle('newTransaction', () => { count++ })
    session.release()
    await session.until('all transactions', () => count === 500 || undefined)
  })

  it('answers what it is told to answer, and nothing by itself', async () => {
    const peer = await start()
    const session = await peer.connect(node)
    await session.next('ping')
    const heights: number[] = []
    session.handle('requestBlock', ({ message, requestId }) => {
      heights.push(message.height)
      session.send({ type: 'responseBlock' }, requestId)
    })
    session.answerPings()
    assert.equal(await node.requestBlock(3), undefined)
    assert.deepEqual(heights, [3])
  })

  it('has the identity that it is given', async () => {
    const id = node.libp2p.peerId
    const [below, above] = [await start({ order: { below: String(id) } }), await start({ order: { above: String(id) } })]
    assert.ok(compareBytes(below.libp2p.peerId.toMultihash().bytes, id.toMultihash().bytes) < 0)
    assert.ok(compareBytes(above.libp2p.peerId.toMultihash().bytes, id.toMultihash().bytes) > 0)
    const seeded = [await start({ privateKey: await keyFromSeed(7) }), await start({ privateKey: await keyFromSeed(8) })]
    assert.deepEqual(seeded.map((peer) => peer.id), [
      '12D3KooWFuAs3ZeAVzDZtQNCZAMktJZPTRrYngNUHSpLdSKcWvgy', '12D3KooWDX42jLSXopkNGx1QTFz49dEVZbkYt5PuaeWiYHac3DqY'
    ])
  })

  it('comes from the host that it is given', async () => {
    const peer = await start({ host: '127.9.8.7' })
    await peer.connect(node)
    assert.match(node.peers.get(peer.id)!.address, /^\/ip4\/127\.9\.8\.7\/tcp\//)
    assert.match(peer.address, /^\/ip4\/127\.9\.8\.7\/tcp\//)
  })

  describe('waits', () => {
    it('for the next message of a kind, and tell what came in its place', async () => {
      const peer = await start({ within: 300 })
      const session = await peer.connect(node)
      await assert.rejects(session.next('have'), {
        name: 'WaitTimeoutError', waitedFor: 'have', message: /^Waited 300 ms in vain for have from 12D3\w+: there came ping \(nonce \d+\)$/
      })
      await assert.rejects(session.next(['have', 'want'], { within: 50 }), { name: 'WaitTimeoutError', came: [], message: /have or want.*nothing came$/ })
    })

    it('for the end of the session, and tell what came in its place', async () => {
      const session = await (await start()).connect(node)
      await eventually(() => session.unread.length > 0, 'a ping')
      await assert.rejects(session.closed({ within: 50 }), { name: 'WaitTimeoutError', message: /the end of the session.*there came ping/ })
    })

    it('for nothing, and tell what came', async () => {
      const session = await (await start()).connect(node)
      await session.next('ping')
      await session.nothing({ for: 50 })
      session.send(PING)
      await eventually(() => session.unread.length > 0, 'a pong')
      await session.nothing({ for: 50, except: ['pong'] })
      await assert.rejects(session.nothing({ for: 5000 }), { name: 'UnexpectedMessageError', came: ['pong (nonce 5)'] })
      await session.next('pong')
      const nothing = session.nothing({ for: 5000 })
      session.send(PING)
      await assert.rejects(nothing, { name: 'UnexpectedMessageError', message: /Expected nothing for 5000 ms from 12D3\w+, but there came: pong/ })
      await session.next('pong')
      const quiet = session.nothing({ for: 5000 })
      await session.end()
      await assert.rejects(quiet, { name: 'UnexpectedEndError' })
    })

    it('end with the session, and tell how it has ended', async () => {
      const session = await (await start()).connect(node)
      const next = session.next('have')
      session.sendBytes(Uint8Array.of(0))
      await assert.rejects(next, { name: 'UnexpectedEndError', message: /waited for have .*ended by the remote, with PROTOCOL_VIOLATION/i })
      await assert.rejects(session.take(), { name: 'UnexpectedEndError' })
    })

    it('for a session that no node opens have a deadline', async () => {
      const peer = await start()
      await assert.rejects(peer.opened({ within: 50 }), { name: 'WaitTimeoutError', message: /no connection came/ })
      await node.libp2p.dial(peer.libp2p.getMultiaddrs())
      await assert.rejects(peer.opened({ within: 50 }), { name: 'WaitTimeoutError', message: /there are a connection with 12D3/ })
    })

    it('have the deadline that they say', async () => {
      const clock = new FakeClock()
      const session = await (await start({ clock })).connect(node)
      await session.next('ping')
      const settled: string[] = []
      const wait = session.next('pong', { within: 1000 }).finally(() => settled.push('late'))
      const nothing = session.nothing({ for: 500 }).then(() => settled.push('nothing'))
      await clock.advance(499)
      assert.deepEqual(settled, [])
      await clock.advance(1)
      await nothing
      await clock.advance(499)
      assert.deepEqual(settled, ['nothing'])
      await Promise.all([assert.rejects(wait, { name: 'WaitTimeoutError' }), clock.advance(1)])
    })
  })
})
