import assert from 'node:assert/strict'
import { connect, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { readItem, writeItem } from '../../src/codec/items/items.ts'
import { ANNOUNCE_BYTES } from '../../src/gossip/send/distribution.ts'
import { MAX_ANSWER_MS } from '../../src/gossip/fetch/answer-time.ts'
import { digestOf, encodeBlock, encodeTransaction } from '../../src/index.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { Block, Message, Network, Verdict } from '../../src/index.ts'
import type { MemoryChain, NodesOf, TestNetwork, TestNode } from '../../src/testing/index.ts'

/** A block that is another one for each height. */
function blockAt (height: number): Block {
  return sampleBlock({ height, hash: sampleHash(height) })
}

/** Nodes without a chain, of which each has sessions with the ones before and after it. */
async function line<const Count extends number> (nodes: Count): Promise<TestNetwork<MemoryChain, NodesOf<TestNode, Count>>> {
  return createTestNetwork({ nodes, options: { chain: undefined } })
}

/** Collects the heights of the blocks that a node is asked about. */
function heightsAt (network: Network, judge: (height: number) => Verdict | Promise<Verdict> = () => 'accept'): number[] {
  const heights: number[] = []

  network.router.handle('newBlock', async ({ height }) => {
    heights.push(height)

    return judge(height)
  })

  return heights
}

describe('integration/relay', () => {
  it('hands a block on to those who are further away', async () => {
    await using network = await line(3)
    const [a, b, c] = network.nodes
    const atB = heightsAt(b.network)
    const received = c.once('block')
    assert.deepEqual(a.network.broadcast({ type: 'newBlock', block: blockAt(7) }), { queued: 1, skipped: 0 })

    const { block, peer } = await received
    assert.deepEqual(block, blockAt(7))
    assert.equal(peer.id, b.id)
    assert.deepEqual(atB, [7])
  })

  it('asks the handlers of the config from the first message on', async () => {
    const heights: number[] = []
    const handlers = { newBlock: ({ height }: Block) => { heights.push(height) } }
    await using network = await createTestNetwork({ nodes: 2, options: { chain: undefined, handlers } })
    const [node, other] = network.nodes
    other.network.broadcast({ type: 'newBlock', block: blockAt(3) })
    await network.until('the block', () => heights.length > 0)

    assert.deepEqual(heights, [3])
    assert.throws(() => node.network.router.handle('newBlock', () => {}), { name: 'VibeCoinError' })
  })

  it('hands a transaction on, through nodes that do not look at it too', async () => {
    await using network = await line(4)
    const { nodes } = network
    const received = nodes[3].once('transaction')
    nodes[0].send(sampleTransaction({ nonce: 99n }))
    assert.deepEqual((await received).transaction, sampleTransaction({ nonce: 99n }))
  })

  it('waits for the verdict of a handler that takes its time', async () => {
    await using network = await line(3)
    const [a, b, c] = network.nodes
    const verdict = Promise.withResolvers<Verdict>()
    const atB = heightsAt(b.network, (height) => height === 1 ? verdict.promise : 'accept')
    const atC = heightsAt(c.network)
    a.network.broadcast({ type: 'newBlock', block: blockAt(1) })
    a.network.broadcast({ type: 'newBlock', block: blockAt(2) })
    await eventually(() => atC.length === 1, 'the second block')
    assert.deepEqual([atB, atC], [[1, 2], [2]])

    verdict.resolve('accept')
    await eventually(() => atC.length === 2, 'the first block')
    assert.deepEqual(atC, [2, 1])
  })

  for (const verdict of ['ignore', 'reject'] as const) {
    it(`ends at a node that says ${verdict}`, async () => {
      await using network = await line(3)
      const [a, b, c] = network.nodes
      const atB = heightsAt(b.network, (height) => height === 2 ? 'accept' : verdict)
      const atC = heightsAt(c.network)
      const events: number[] = []
      b.network.addEventListener('block', ({ detail }) => { events.push(detail.block.height) })

      for (const height of [1, 3, 2]) {
        a.network.broadcast({ type: 'newBlock', block: blockAt(height) })
      }

      // blocks come in the order in which they were sent: the ones before would have been here
      await eventually(() => atC.includes(2), 'the block that is accepted')
      assert.deepEqual([atB, atC, events], [[1, 3, 2], [2], [2]])
      assert.equal((await b.peer(a)).state, 'ready')
    })
  }

  it('asks again about a block that was ignored, and not about one that was rejected', async () => {
    await using network = await createTestNetwork({ nodes: 3, topology: 'star', options: { chain: undefined } })
    const [b, a1, a2] = network.nodes
    const asked = heightsAt(b.network, (height) => height === 1 ? 'ignore' : height === 2 ? 'reject' : 'accept')

    for (const node of [a1, a2]) {
      for (const height of [1, 2, 3]) {
        node.network.broadcast({ type: 'newBlock', block: blockAt(height) })
      }

      await network.untilQuiet()
    }

    assert.deepEqual(asked.toSorted(), [1, 1, 2, 3])
  })

  it('asks each node of a ring once about each block, whichever way it comes', async () => {
    await using network = await createTestNetwork({ nodes: 4, topology: 'ring', options: { chain: undefined } })
    const { nodes } = network
    const asked = nodes.map(({ network }) => heightsAt(network))
    const BLOCKS = 50

    for (let height = 0; height < BLOCKS; height++) {
      nodes[height % 4]!.network.broadcast({ type: 'newBlock', block: blockAt(height) })
    }

    await network.untilQuiet()
    const itemBytes = encodeBlock(blockAt(1)).byteLength
    const sent = nodes.flatMap(({ network }) => [...network.peers].map(({ bytesOut }) => bytesOut)).reduce((a, b) => a + b)

    assert.ok(sent > BLOCKS * 3.5 * itemBytes, 'some have come twice')
    asked.forEach((heights, i) => {
      const others = Array.from({ length: BLOCKS }, (_, height) => height).filter((height) => height % 4 !== i)
      assert.deepEqual(heights.toSorted((a, b) => a - b), others)
    })
  })

  it('hands on the very bytes that came, what this version does not know included', async () => {
    await using network = await line(1)
    const { network: node } = network.nodes[0]
    const [from, to] = await Promise.all([network.rawPeer(), network.rawPeer()])
    const sender = await from.connect(node)
    const taker = await to.connect(node)
    const unknownField = [0x7a, 3, 1, 2, 3]
    const block = new Uint8Array([...encodeBlock(blockAt(1)), ...unknownField])
    const transaction = new Uint8Array([...unknownField, ...encodeTransaction(sampleTransaction())])

    sender.sendBody('newBlock', writeItem(block))
    assert.deepEqual(digestOf(readItem((await taker.next('newBlock')).body)!), digestOf(block))
    sender.sendBody('newTransaction', writeItem(transaction))
    assert.deepEqual(digestOf(readItem((await taker.next('newTransaction')).body)!), digestOf(transaction))
  })

  it('does not send a block back to those it came from', async () => {
    await using network = await line(1)
    const { network: node } = network.nodes[0]
    const [from, also, to] = await Promise.all([network.rawPeer(), network.rawPeer(), network.rawPeer()])
    const [sender, second, taker] = [await from.connect(node), await also.connect(node), await to.connect(node)]
    const verdict = Promise.withResolvers<Verdict>()
    node.router.handle('newBlock', () => verdict.promise)

    // the second one comes while the first one is judged
    sender.send({ type: 'newBlock', block: blockAt(1) })
    second.send({ type: 'newBlock', block: blockAt(1) })
    second.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
    await second.next('pong')
    verdict.resolve('accept')
    await taker.next('newBlock')

    for (const session of [sender, second]) {
      session.send({ type: 'ping', nonce: 2n, bestHeight: 0 })
      assert.equal((await session.next(['newBlock', 'pong'])).message.type, 'pong')
    }
  })

  for (const [how, fail] of [
    ['throws', (): never => { throw new Error('a bug of the application') }],
    ['rejects', async (): Promise<never> => Promise.reject(new Error('a bug of the application'))],
    ['returns nonsense', () => 'yes' as Verdict]
  ] as const) {
    it(`survives a handler that ${how}, and hands nothing on for it`, async () => {
      await using network = await line(3)
      const [a, b, c] = network.nodes
      const session = await b.peer(a)
      b.network.router.handle('newBlock', ({ height }) => height === 1 ? fail() : 'accept')
      b.network.router.handle('newTransaction', () => fail())
      b.network.router.handle('ping', () => fail() as never)
      const atC = heightsAt(c.network)
      let transactions = 0
      c.network.router.handle('newTransaction', () => { transactions++ })
      a.send(sampleTransaction())
      a.network.broadcast({ type: 'newBlock', block: blockAt(1) })
      a.network.broadcast({ type: 'newBlock', block: blockAt(2) })

      await eventually(() => atC.length > 0, 'the block that the handler takes')
      await network.untilQuiet()
      assert.deepEqual([atC, transactions], [[2], 0])
      assert.equal(session.state, 'ready')
    })
  }

  for (const when of ['when it is asked', 'later'] as const) {
    it(`goes on when the application gives the memory of what it gets away ${when}`, async () => {
      await using network = await line(3)
      const [a, b, c] = network.nodes
      const atC = heightsAt(c.network)
      let given = 0

      const giveAway = (block: Block): void => {
        for (const bytes of [block.hash, block.proof]) {
          try {
            structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })
          } catch (err) {
            assert.equal((err as Error).name, 'DataCloneError')
          }
        }

        given++
      }

      b.network.router.handle('newBlock', (block) => { if (when === 'when it is asked') { giveAway(block) } })
      b.network.addEventListener('block', ({ detail: { block } }) => { if (when === 'later') { setImmediate(giveAway, block) } })

      for (let height = 0; height < 20; height++) {
        const proof = new Uint8Array(height % 2 * ANNOUNCE_BYTES)
        a.network.broadcast({ type: 'newBlock', block: { ...blockAt(height), proof } })
        await eventually(() => given === height + 1, `block ${height}`)
      }

      // what is small, or was relayed before, cannot be given away
      const relayed = Array.from({ length: 20 }, (_, height) => height).filter((height) => when === 'later' || height % 2 === 0)
      await eventually(() => atC.length === relayed.length, 'the blocks')
      assert.deepEqual(atC, relayed)
      b.network.broadcast({ type: 'newBlock', block: blockAt(100) })
      await eventually(() => atC.at(-1) === 100, 'a block of its own')
      assert.deepEqual([(await b.peer(a)).state, (await b.peer(c)).state], ['ready', 'ready'])
    })
  }

  describe('of large items', () => {
    /** A block that is announced. */
    function largeBlockAt (height: number): Block {
      return { ...blockAt(height), proof: new Uint8Array(ANNOUNCE_BYTES) }
    }

    const large = largeBlockAt(1)
    const digest = Uint8Array.from(digestOf(encodeBlock(large)))

    it('asks a peer that has announced one, and hands on word of it', async () => {
      await using network = await line(1)
      const { network: node } = network.nodes[0]
      const heights = heightsAt(node)
      const [from, to] = await Promise.all([network.rawPeer(), network.rawPeer()])
      const [sender, taker] = [await from.connect(node), await to.connect(node)]
      sender.send({ type: 'have', digests: [digest] })
      assert.deepEqual((await sender.next('want')).message.digests, [digest])
      sender.send({ type: 'newBlock', block: large })
      assert.deepEqual((await taker.next(['newBlock', 'have'])).message, { type: 'have', digests: [digest] })
      assert.deepEqual(heights, [1])

      taker.send({ type: 'want', digests: [digest, digest] })
      assert.deepEqual((await taker.next('newBlock')).message.block, large)
      taker.send({ type: 'want', digests: [digest] })
      taker.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
      assert.equal((await taker.next(['newBlock', 'pong'])).message.type, 'pong', 'it is sent once')
    })

    it('is not held up by peers that announce what they do not send, when another one sends it', async () => {
      await using network = await line(1)
      const { network: node } = network.nodes[0]
      const heights = heightsAt(node)
      const raw = await Promise.all(Array.from({ length: 9 }, async () => network.rawPeer()))
      const [honest, ...liars] = await Promise.all(raw.map(async (peer) => peer.connect(node)))
      liars.forEach((liar) => { liar.send({ type: 'have', digests: [digest] }) })
      await Promise.any(liars.map(async (liar) => liar.next('want')))
      honest!.send({ type: 'newBlock', block: large })
      await eventually(() => heights.length > 0, 'the block')

      assert.deepEqual(heights, [1])
    })

    it('asks another announcer at once when the one that was asked has gone', async () => {
      await using network = await line(1)
      const { network: node } = network.nodes[0]
      const peers = await Promise.all([network.rawPeer(), network.rawPeer()])
      const [a, b] = [await peers[0].connect(node), await peers[1].connect(node)]
      a.send({ type: 'have', digests: [digest] })
      await a.next('want')
      b.send({ type: 'have', digests: [digest] })
      b.send({ type: 'ping', nonce: 1n, bestHeight: 0 })
      await b.next('pong')
      const asked = performance.now()
      a.stream.abort(new Error('gone'))
      await b.next('want')
      assert.ok(performance.now() - asked < MAX_ANSWER_MS)
    })

    it('serves honest peers while others flood it with announcements and questions', async () => {
      await using network = await line(1)
      const { network: node } = network.nodes[0]
      const heights = heightsAt(node)
      const raw = await Promise.all(Array.from({ length: 4 }, async () => network.rawPeer()))
      const [honest, ...hostile] = await Promise.all(raw.map(async (peer) => peer.connect(node)))

      hostile.forEach((session, which) => {
        for (let i = 0; i < 50; i++) {
          const digests = Array.from({ length: 512 }, (_, j) => sampleHash(`${which} ${i} ${j}`))
          session.send({ type: 'have', digests })
          session.send({ type: 'want', digests })
        }
      })
      honest!.send({ type: 'have', digests: [digest] })
      await honest!.next('want')
      honest!.send({ type: 'newBlock', block: large })
      await eventually(() => heights.length > 0, 'the block')
      assert.equal([...node.peers].length, 4)
    })

    it('ends the session with a peer that announces or asks for what is no digest', async () => {
      await using network = await line(1)
      const { network: node } = network.nodes[0]

      for (const type of ['have', 'want'] as const) {
        const session = await (await network.rawPeer()).connect(node)
        // one digest of 31 bytes
        session.sendBody(type, Uint8Array.of(0x0a, 31, ...new Uint8Array(31)))
        assert.equal((await session.next('disconnect')).message.reason, 'PROTOCOL_VIOLATION')
      }
    })
  })

  describe('where no peer is there', () => {
    it('sends what was broadcast to peers that come, and to none before its handshake is done', async () => {
      await using network = await line(1)
      const { network: node } = network.nodes[0]
      assert.deepEqual(node.broadcast({ type: 'newBlock', block: blockAt(1) }), { queued: 0, skipped: 0 })
      const raw = await network.rawPeer()
      const silent = await raw.open(node)
      assert.deepEqual(node.broadcast({ type: 'newBlock', block: blockAt(2) }), { queued: 0, skipped: 0 })
      assert.equal((await silent.next(['handshake', 'newBlock'])).message.type, 'handshake')
      const other = await (await network.rawPeer()).connect(node)

      for (const height of [1, 2]) {
        assert.equal((await other.next('newBlock')).message.block.height, height)
      }
    })

    it('sends it through a peer that connects to those behind it', async () => {
      await using network = await createTestNetwork({ nodes: 3, topology: [[1, 2]], options: { chain: undefined } })
      const [node, , c] = network.nodes
      node.send(sampleTransaction())
      const received = c.once('transaction')
      await network.connect(0, 1)
      assert.deepEqual((await received).transaction, sampleTransaction())
    })
  })

  describe('of outgoing messages', () => {
    afterEach(stopNodes)

    /** Resolves when a node that is to be started has a peer. */
    function gate (): { opened: Promise<void>, open: () => void } {
      const { promise, resolve } = Promise.withResolvers<void>()

      return { opened: promise, open: resolve }
    }

    it('broadcasts what they yield', async () => {
      const { opened, open } = gate()

      const a = await startNode({}, (async function * (): AsyncGenerator<Message> {
        await opened
        yield { type: 'newBlock', block: blockAt(1) }
        yield { type: 'ping', nonce: 1n, bestHeight: 1 }
        yield { type: 'newTransaction', transaction: sampleTransaction() }
        yield { type: 'newBlock', block: blockAt(2) }
      })())
      await using network = await line(2)
      const [b, c] = network.nodes
      await a.connect(b.address)
      const atC = heightsAt(c.network)
      const transaction = c.once('transaction')
      open()
      await eventually(() => atC.length === 2, 'two blocks')
      assert.deepEqual(atC, [1, 2])
      assert.deepEqual((await transaction).transaction, sampleTransaction())
    })

    it('survives their error', async () => {
      const { opened, open } = gate()

      const a = await startNode({}, (async function * (): AsyncGenerator<Message> {
        await opened
        yield { type: 'newBlock', block: blockAt(1) }
        throw new Error('a bug of the application')
      })())
      const b = await startNode()
      const { there } = await connect(a, b)
      const atB = heightsAt(b)
      open()
      await eventually(() => atB.length === 1, 'the block before the error')
      a.broadcast({ type: 'newBlock', block: blockAt(2) })
      await eventually(() => atB.length === 2, 'a block after it')
      assert.equal(there.state, 'ready')
    })

    it('lets go of them when it stops', async () => {
      const { opened, open } = gate()
      let returned = false

      const outgoing: AsyncIterable<Message> = {
        [Symbol.asyncIterator]: () => ({
          next: async () => opened.then(() => ({ done: true, value: undefined })),
          return: async () => {
            returned = true

            return { done: true, value: undefined }
          }
        })
      }
      const a = await startNode({}, outgoing)
      await a.stop()
      await eventually(() => returned, 'its end')
      open()
    })
  })
})
