import assert from 'node:assert/strict'
import { connect, nextEvent, sessionOf, startNode, startRawPeer, stopNodes, untilQuiet } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { readItem, writeItem } from '../../src/codec/items/items.ts'
import { ANNOUNCE_BYTES } from '../../src/gossip/send/distribution.ts'
import { MAX_ANSWER_MS } from '../../src/gossip/fetch/answer-time.ts'
import { digestOf, encodeBlock, encodeTransaction } from '../../src/index.ts'
import type { Block, Message, Network, Verdict } from '../../src/index.ts'

/** A block that is another one for each height. */
function blockAt (height: number): Block {
  return sampleBlock({ height, hash: sampleHash(height) })
}

/** Nodes of which each has sessions with the ones before and after it. */
async function startLine (length: number): Promise<Network[]> {
  const nodes = await Promise.all(Array.from({ length }, async () => startNode()))

  for (let i = 1; i < length; i++) {
    await connect(nodes[i - 1]!, nodes[i]!)
  }

  return nodes
}

/** Collects the heights of the blocks that a node is asked about. */
function heightsAt (node: Network, judge: (height: number) => Verdict | Promise<Verdict> = () => 'accept'): number[] {
  const heights: number[] = []

  node.router.handle('newBlock', async ({ height }) => {
    heights.push(height)

    return judge(height)
  })

  return heights
}

describe('integration/relay', () => {
  afterEach(stopNodes)

  it('hands a block on to those who are further away', async () => {
    const [a, b, c] = await startLine(3) as [Network, Network, Network]
    const atB = heightsAt(b)
    const received = nextEvent(c, 'block')
    assert.deepEqual(a.broadcast({ type: 'newBlock', block: blockAt(7) }), { queued: 1, skipped: 0 })

    const { block, peer } = await received
    assert.deepEqual(block, blockAt(7))
    assert.equal(peer.id, b.libp2p.peerId.toString())
    assert.deepEqual(atB, [7])
  })

  it('asks the handlers of the config from the first message on', async () => {
    const heights: number[] = []
    const handlers = { newBlock: ({ height }: Block) => { heights.push(height) } }
    const node = await startNode({ handlers })
    const other = await startNode()
    await connect(other, node)
    other.broadcast({ type: 'newBlock', block: blockAt(3) })
    await eventually(() => heights.length > 0, 'the block')

    assert.deepEqual(heights, [3])
    assert.throws(() => node.router.handle('newBlock', () => {}), { name: 'VibeCoinError' })
  })

  it('hands a transaction on, through nodes that do not look at it too', async () => {
    const nodes = await startLine(4)
    const received = nextEvent(nodes[3]!, 'transaction')
    nodes[0]!.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: 99n }) })
    assert.deepEqual((await received).transaction, sampleTransaction({ nonce: 99n }))
  })

  it('waits for the verdict of a handler that takes its time', async () => {
    const [a, b, c] = await startLine(3) as [Network, Network, Network]
    const verdict = Promise.withResolvers<Verdict>()
    const atB = heightsAt(b, (height) => height === 1 ? verdict.promise : 'accept')
    const atC = heightsAt(c)
    a.broadcast({ type: 'newBlock', block: blockAt(1) })
    a.broadcast({ type: 'newBlock', block: blockAt(2) })
    await eventually(() => atC.length === 1, 'the second block')
    assert.deepEqual([atB, atC], [[1, 2], [2]])

    verdict.resolve('accept')
    await eventually(() => atC.length === 2, 'the first block')
    assert.deepEqual(atC, [2, 1])
  })

  for (const verdict of ['ignore', 'reject'] as const) {
    it(`ends at a node that says ${verdict}`, async () => {
      const [a, b, c] = await startLine(3) as [Network, Network, Network]
      const atB = heightsAt(b, (height) => height === 2 ? 'accept' : verdict)
      const atC = heightsAt(c)
      const events: number[] = []
      b.addEventListener('block', ({ detail }) => { events.push(detail.block.height) })

      for (const height of [1, 3, 2]) {
        a.broadcast({ type: 'newBlock', block: blockAt(height) })
      }

      // blocks come in the order in which they were sent: the ones before would have been here
      await eventually(() => atC.includes(2), 'the block that is accepted')
      assert.deepEqual([atB, atC, events], [[1, 3, 2], [2], [2]])
      assert.equal(sessionOf(b, a).state, 'ready')
    })
  }

  it('asks again about a block that was ignored, and not about one that was rejected', async () => {
    const [b, a1, a2] = await Promise.all([startNode(), startNode(), startNode()])
    await Promise.all([connect(a1, b), connect(a2, b)])
    const asked = heightsAt(b, (height) => height === 1 ? 'ignore' : height === 2 ? 'reject' : 'accept')

    for (const node of [a1, a2]) {
      for (const height of [1, 2, 3]) {
        node.broadcast({ type: 'newBlock', block: blockAt(height) })
      }

      await untilQuiet([b, a1, a2])
    }

    assert.deepEqual(asked.toSorted(), [1, 1, 2, 3])
  })

  it('asks each node of a ring once about each block, whichever way it comes', async () => {
    const nodes = await startLine(4)
    await connect(nodes[3]!, nodes[0]!)
    const asked = nodes.map((node) => heightsAt(node))
    const BLOCKS = 50

    for (let height = 0; height < BLOCKS; height++) {
      nodes[height % 4]!.broadcast({ type: 'newBlock', block: blockAt(height) })
    }

    await untilQuiet(nodes)
    const itemBytes = encodeBlock(blockAt(1)).byteLength
    const sent = nodes.flatMap((node) => [...node.peers].map(({ bytesOut }) => bytesOut)).reduce((a, b) => a + b)

    assert.ok(sent > BLOCKS * 3.5 * itemBytes, 'some have come twice')
    asked.forEach((heights, i) => {
      const others = Array.from({ length: BLOCKS }, (_, height) => height).filter((height) => height % 4 !== i)
      assert.deepEqual(heights.toSorted((a, b) => a - b), others)
    })
  })

  it('hands on the very bytes that came, what this version does not know included', async () => {
    const node = await startNode()
    const [from, to] = await Promise.all([startRawPeer(), startRawPeer()])
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
    const node = await startNode()
    const [from, also, to] = await Promise.all([startRawPeer(), startRawPeer(), startRawPeer()])
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
      const [a, b, c] = await startLine(3) as [Network, Network, Network]
      const session = sessionOf(b, a)
      b.router.handle('newBlock', ({ height }) => height === 1 ? fail() : 'accept')
      b.router.handle('newTransaction', () => fail())
      b.router.handle('ping', () => fail() as never)
      const atC = heightsAt(c)
      let transactions = 0
      c.router.handle('newTransaction', () => { transactions++ })
      a.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
      a.broadcast({ type: 'newBlock', block: blockAt(1) })
      a.broadcast({ type: 'newBlock', block: blockAt(2) })

      await eventually(() => atC.length > 0, 'the block that the handler takes')
      await untilQuiet([a, b, c])
      assert.deepEqual([atC, transactions], [[2], 0])
      assert.equal(session.state, 'ready')
    })
  }

  for (const when of ['when it is asked', 'later'] as const) {
    it(`goes on when the application gives the memory of what it gets away ${when}`, async () => {
      const [a, b, c] = await startLine(3) as [Network, Network, Network]
      const atC = heightsAt(c)
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

      b.router.handle('newBlock', (block) => { if (when === 'when it is asked') { giveAway(block) } })
      b.addEventListener('block', ({ detail: { block } }) => { if (when === 'later') { setImmediate(giveAway, block) } })

      for (let height = 0; height < 20; height++) {
        const proof = new Uint8Array(height % 2 * ANNOUNCE_BYTES)
        a.broadcast({ type: 'newBlock', block: { ...blockAt(height), proof } })
        await eventually(() => given === height + 1, `block ${height}`)
      }

      // what is small, or was relayed before, cannot be given away
      const relayed = Array.from({ length: 20 }, (_, height) => height).filter((height) => when === 'later' || height % 2 === 0)
      await eventually(() => atC.length === relayed.length, 'the blocks')
      assert.deepEqual(atC, relayed)
      b.broadcast({ type: 'newBlock', block: blockAt(100) })
      await eventually(() => atC.at(-1) === 100, 'a block of its own')
      assert.deepEqual([sessionOf(b, a).state, sessionOf(b, c).state], ['ready', 'ready'])
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
      const node = await startNode()
      const heights = heightsAt(node)
      const [from, to] = await Promise.all([startRawPeer(), startRawPeer()])
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
      const node = await startNode()
      const heights = heightsAt(node)
      const raw = await Promise.all(Array.from({ length: 9 }, async () => startRawPeer()))
      const [honest, ...liars] = await Promise.all(raw.map(async (peer) => peer.connect(node)))
      liars.forEach((liar) => { liar.send({ type: 'have', digests: [digest] }) })
      await Promise.any(liars.map(async (liar) => liar.next('want')))
      honest!.send({ type: 'newBlock', block: large })
      await eventually(() => heights.length > 0, 'the block')

      assert.deepEqual(heights, [1])
    })

    it('asks another announcer at once when the one that was asked has gone', async () => {
      const node = await startNode()
      const peers = await Promise.all([startRawPeer(), startRawPeer()])
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
      const node = await startNode()
      const heights = heightsAt(node)
      const raw = await Promise.all(Array.from({ length: 4 }, async () => startRawPeer()))
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
      const node = await startNode()

      for (const type of ['have', 'want'] as const) {
        const session = await (await startRawPeer()).connect(node)
        // one digest of 31 bytes
        session.sendBody(type, Uint8Array.of(0x0a, 31, ...new Uint8Array(31)))
        assert.equal((await session.next('disconnect')).message.reason, 'PROTOCOL_VIOLATION')
      }
    })
  })

  describe('where no peer is there', () => {
    it('sends what was broadcast to peers that come, and to none before its handshake is done', async () => {
      const node = await startNode()
      assert.deepEqual(node.broadcast({ type: 'newBlock', block: blockAt(1) }), { queued: 0, skipped: 0 })
      const raw = await startRawPeer()
      const silent = await raw.open(node)
      assert.deepEqual(node.broadcast({ type: 'newBlock', block: blockAt(2) }), { queued: 0, skipped: 0 })
      assert.equal((await silent.next(['handshake', 'newBlock'])).message.type, 'handshake')
      const other = await (await startRawPeer()).connect(node)

      for (const height of [1, 2]) {
        assert.equal((await other.next('newBlock')).message.block.height, height)
      }
    })

    it('sends it through a peer that connects to those behind it', async () => {
      const node = await startNode()
      node.broadcast({ type: 'newTransaction', transaction: sampleTransaction() })
      const [b, c] = await startLine(2) as [Network, Network]
      const received = nextEvent(c, 'transaction')
      await connect(node, b)
      assert.deepEqual((await received).transaction, sampleTransaction())
    })
  })

  describe('of outgoing messages', () => {
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
      const [b, c] = await startLine(2) as [Network, Network]
      await connect(a, b)
      const atC = heightsAt(c)
      const transaction = nextEvent(c, 'transaction')
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
      await connect(a, b)
      const atB = heightsAt(b)
      open()
      await eventually(() => atB.length === 1, 'the block before the error')
      a.broadcast({ type: 'newBlock', block: blockAt(2) })
      await eventually(() => atB.length === 2, 'a block after it')
      assert.equal(sessionOf(a, b).state, 'ready')
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
