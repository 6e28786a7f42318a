import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { growChain, MemoryChain, received } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { killProcesses, NodeProcess } from './node-process.ts'
import { connect, freePorts, startNode, stopNodes } from './nodes.ts'
import { decodeBlock, encodeBlock } from '../../src/index.ts'
import { WINDOW_BLOCKS, WINDOW_BYTES } from '../../src/sync/download/window.ts'
import { RANGE_FRAME_BYTES } from '../../src/sync/serve/server.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { Block, ChainSource, Network, NetworkConfig, Peer, ReceivedBlock, SyncFault, SyncProgress } from '../../src/index.ts'
import type { TestNetwork, TestNode } from '../../src/testing/index.ts'

const chain = sampleChain(300)
const genesisHash = chain[0]!.hash

type Blocks = readonly Block[]

/** A server with `blocks`, and a client with `own` of its own, which has dialled it and synchronises when it is told to. */
async function startPair (
  blocks: Blocks, own: Blocks = chain.slice(0, 1), options: Partial<NetworkConfig> = {}
): Promise<TestNetwork<MemoryChain, readonly [TestNode, TestNode]>> {
  return createTestNetwork({
    nodes: 2,
    chain: (index) => new MemoryChain(index === 0 ? blocks : own),
    options: (index) => ({ autoSync: index === 0, ...options })
  })
}

describe('integration/sync', () => {
  afterEach(async () => {
    await killProcesses()
    await stopNodes()
  })

  describe('sync()', () => {
    it('brings a chain to the best height that peers have, and tells how far it is', async () => {
      await using network = await startPair(chain)
      const [, client] = network.nodes
      const progress: SyncProgress[] = []
      client.on('sync:progress', (detail) => { progress.push(detail) })
      const ended = client.once('sync:end')

      assert.deepEqual(await client.network.sync(), { from: 0, height: 299, reorganised: false })
      assert.deepEqual(client.chain.blocks, chain)
      assert.deepEqual(await ended, { from: 0, height: 299, reorganised: false, error: undefined })
      const [first, last] = [progress[0]!, progress.at(-1)!]
      assert.deepEqual([first.from, first.height, first.to], [0, 0, 299])
      assert.deepEqual([last.from, last.height, last.to, last.eta], [0, 299, 299, 0])
    })

    it('gives the memory of blocks back, of those that were sent and those that were appended, where a chain shares none', async () => {
      const large = growChain(chain.slice(0, 1), 100, 'large', 60_000)
      const [source, target] = [new MemoryChain(large), new MemoryChain(large.slice(0, 1))]
      const sent: Uint8Array[] = []
      const taken: Uint8Array[] = []

      const read = (height: number): Uint8Array => {
        sent.push(Uint8Array.from(encodeBlock(large[height]!)))

        return sent.at(-1)!
      }

      const chains: ChainSource[] = [{ sharesMemory: false, tip: () => source.tip(), get: read }, Object.assign(target, {
        sharesMemory: false,
        append: (blocks: readonly ReceivedBlock[]) => {
          taken.push(...blocks.map(({ bytes }) => bytes))
          target.push(blocks.map(({ bytes }) => received(decodeBlock(Uint8Array.from(bytes)))))
        }
      })]
      await using network = await createTestNetwork({ nodes: 2, chain: (index) => chains[index]!, options: { autoSync: false } })
      await network.nodes[1].network.sync()

      assert.deepEqual(target.blocks, large)
      assert.equal(taken.length, 100)
      // the last block stays until the next one, and with it those in the same frame: a server that reads slowly sends fewer in one
      const left = taken.filter(({ byteLength }) => byteLength > 0)
      assert.deepEqual(left, taken.slice(-left.length))
      assert.ok(left.length >= 1 && left.length <= RANGE_FRAME_BYTES / 60_000, `${left.length} blocks are left`)
      // small messages are encrypted by something else: the end of a block may happen to go in one
      await eventually(() => sent.filter(({ byteLength }) => byteLength > 0).length < 10, 'the memory of what was sent')
    })

    it('gets the largest blocks that there may be in one session', async function () {
      this.timeout(30_000)
      const large = growChain(chain.slice(0, 1), 12, 'largest', 4 * 1024 * 1024 - 4096)
      await using network = await startPair(large)
      const [server, client] = network.nodes
      const closures: unknown[] = []
      server.on('peer:closed', ({ reason, detail }) => { closures.push({ reason, detail }) })

      assert.deepEqual(await client.network.sync(), { from: 0, height: 12, reorganised: false })
      assert.deepEqual(closures, [])
    })

    it('ends at once where no peer is ahead', async () => {
      await using network = await startPair(chain.slice(0, 100), chain.slice(0, 100))
      const [, client] = network.nodes

      assert.deepEqual(await client.network.sync(), { from: 99, height: 99, reorganised: false })
      assert.deepEqual(client.chain.appended, [])
    })

    it('throws where there is nothing to append to, or nothing running', async () => {
      const source: ChainSource = { tip: () => chain[0]!, get: (height) => chain[height] }
      await using network = await createTestNetwork({ nodes: 1, chain: () => source })
      const { network: reader } = network.nodes[0]
      await assert.rejects(reader.sync(), { name: 'SyncError', code: 'NO_STORE' })
      const { network: alone } = await network.add({ chain: new MemoryChain(chain.slice(0, 1)) })
      await alone.stop()
      await assert.rejects(async () => alone.sync(), { name: 'NotRunningError' })
    })

    it('ends when it is told to, keeps what it has, and goes on from there', async () => {
      await using network = await startPair(chain)
      const [, client] = network.nodes
      const controller = new AbortController()
      client.chain.append = (blocks) => {
        client.chain.push(blocks)
        controller.abort(new Error('enough'))
      }

      await assert.rejects(client.network.sync({ signal: controller.signal }), { message: 'enough' })
      const { height } = client.chain.head
      assert.ok(height > 0)
      client.chain.append = (blocks) => { client.chain.push(blocks) }
      assert.deepEqual(await client.network.sync(), { from: height, height: 299, reorganised: false })
      assert.deepEqual(client.chain.appended.flat(), Array.from({ length: 299 }, (_, i) => i + 1))
    })

    it('gets the whole chain in one call from the only peer, whose connections are reset again and again', async () => {
      const large = growChain(chain.slice(0, 1), 400, 'large', 20_000)
      await using network = await startPair(large, undefined, { reconnectDelay: 10 })
      const [server, client] = network.nodes
      const closed: unknown[] = []
      client.on('peer:closed', ({ reason }) => { closed.push(reason) })
      const reset = new Set<Peer>()
      server.chain.get = (height) => {
        const session = server.network.peers.get(client.id)

        // in the middle of an answer, of which the first frames have come
        if (session != null && session.bytesOut > 800_000 && reset.size < 4 && !reset.has(session)) {
          reset.add(session)
          network.partition([[0]])
          network.heal()
        }

        return server.chain.read(height)
      }

      assert.deepEqual(await client.network.sync(), { from: 0, height: 400, reorganised: false })
      assert.deepEqual([reset.size, closed], [4, Array(4).fill(undefined)])
      assert.deepEqual(client.chain.blocks, large)
    })

    it('ends when the node stops', async () => {
      await using network = await startPair(chain)
      const [, client] = network.nodes
      const appending = Promise.withResolvers<void>()
      const held = Promise.withResolvers<void>()
      client.chain.append = async () => {
        appending.resolve()
        await held.promise
        throw new Error('closed meanwhile')
      }
      const sync = client.network.sync()
      sync.catch(() => {})
      await appending.promise
      const stopped = client.network.stop()
      held.resolve()
      await stopped
      await assert.rejects(sync)
    })

    it('names a peer whose blocks the chain refuses, ends its session, and goes on with another', async () => {
      const forged = chain.map((block) => block.height < 150 ? block : { ...block, timestamp: block.timestamp + 1 })
      await using network = await startPair(forged)
      const [liar, client] = network.nodes
      const faults: SyncFault[] = []
      client.on('sync:fault', (fault) => { faults.push(fault) })
      const closed = client.once('peer:closed')

      await assert.rejects(client.network.sync())
      assert.equal((await closed).reason, 'PROTOCOL_VIOLATION')
      assert.deepEqual(faults.map(({ peer, kind, height }) => [peer.id, kind, height]), [[liar.id, 'invalid', 150]])
      assert.equal(client.chain.head.height, 149)
      const { faults: told } = client.network.status().sync.lastEnd!
      assert.deepEqual(told.map(({ peer, kind, height }) => [peer, kind, height]), [[liar.id, 'invalid', 150]])
      await network.add({ to: [1], chain: new MemoryChain(chain) })
      await client.network.sync()
      assert.deepEqual(client.chain.blocks, chain)
    })
  })

  describe('up to date', () => {
    it('catches up with a peer that it meets, and keeps up with blocks that are made', async () => {
      const chains = [chain.slice(0, 200), chain.slice(0, 1)]
      await using network = await createTestNetwork({ nodes: 2, chain: (index) => new MemoryChain(chains[index]) })
      const [server, client] = network.nodes
      await network.untilInStep()

      for (const block of chain.slice(200)) {
        server.chain.push([received(block)])
        server.network.broadcast({ type: 'newBlock', block })
      }

      await network.untilInStep()
      assert.deepEqual(client.chain.blocks, chain)
    })

    it('fetches what is missing when a block comes whose parent it does not have, and tells peers that are behind', async () => {
      await using network = await createTestNetwork({ nodes: 3, topology: [[1, 0], [1, 2]], chain: chain.slice(0, 1) })
      const [server, middle, end] = network.nodes
      // 1 and 2 are never broadcast
      server.chain.blocks.push(...chain.slice(1, 4))
      server.network.broadcast({ type: 'newBlock', block: chain[3]! })
      await network.untilInStep()

      assert.deepEqual([middle, end].map(({ chain }) => chain.blocks), [chain.slice(0, 4), chain.slice(0, 4)])
    })

    it('does not fetch by itself where it is told so', async () => {
      await using network = await startPair(chain)
      const [, client] = network.nodes
      assert.equal((await client.network.requestBlock(299))?.height, 299)
      assert.equal(client.chain.head.height, 0)
    })

    it('changes over to a longer branch, and tells peers that follow it', async () => {
      const ours = growChain(chain.slice(0, 100), 5, 'ours')
      const theirs = growChain(chain.slice(0, 100), 30, 'theirs')
      await using network = await createTestNetwork({ nodes: 2, chain: ours })
      const [client, follower] = network.nodes
      await network.add({ chain: new MemoryChain(theirs) })
      await network.connect(0, 2)
      await network.untilInStep()

      assert.deepEqual([client, follower].map(({ chain }) => chain.blocks), [theirs, theirs])
      assert.deepEqual(client.chain.branches, [{ common: 99, height: 129, adopted: true }])
    })
  })

  it('does not start with a chain that begins with another block than peers are told of, and leaves nothing open', async () => {
    const [port] = await freePorts(1)
    const listen = [`/ip4/127.0.0.1/tcp/${port}`]
    await assert.rejects(startNode({ chain: new MemoryChain(chain), genesisHash: chain[1]!.hash, listen }), { name: 'ConfigError', message: /`genesisHash`/ })
    const network = await startNode({ chain: new MemoryChain(chain), genesisHash, listen })
    assert.equal(network.libp2p.getMultiaddrs().length, 1)
  })

  it('gets 50,000 blocks from three peers of which one is killed, one stalls and one lies', async function () {
    this.timeout(120_000)
    const length = 50_001
    const proofBytes = 2000
    const long = sampleChain(length, 'main', proofBytes)
    const [port] = await freePorts(1)
    const listen = [`/ip4/127.0.0.1/tcp/${port!}`]
    const startKilled = async (): Promise<NodeProcess> => NodeProcess.start({ listen }, { chain: { length, proofBytes } })
    const killed = await startKilled()
    const killAt = randomUpTo(length - 25_000)
    // where the other two are all that there is: what the one that is killed may have sent ahead, and some, is below that
    const wrongHeight = killAt + WINDOW_BLOCKS + 4000 + randomUpTo(4000)
    const liar = await startNode({ genesisHash: long[0]!.hash, chain: arrayChain(long.map((block) => {
      return block.height === wrongHeight ? { ...block, prevHash: new Uint8Array(32) } : block
    })) })
    let rangesLeft = randomUpTo(10)
    const staller = await startNode({
      genesisHash: long[0]!.hash,
      chain: arrayChain(long),
      handlers: {
        requestBlockRange: async function * ({ startHeight, endHeight }) {
          if (rangesLeft-- > 0 && endHeight < killAt) {
            yield * long.slice(startHeight, endHeight + 1)
          } else {
            await new Promise(() => {})
          }
        }
      }
    })
    const copy = new MemoryChain(long.slice(0, 1))
    const client = await startNode({ chain: copy, autoSync: false, requestTimeout: 3000, genesisHash: long[0]!.hash })
    const peers = new Set<Peer>()
    const faults = new Map<string, Set<string>>()
    let appendedBytes = 0
    let mostHeld = 0
    /** What was received and dropped, with a bad peer or at the end of a run. */
    let dropped = 0
    const held = (): number => [...peers].reduce((sum, { bytesIn }) => sum + bytesIn, 0) - appendedBytes - dropped
    client.addEventListener('sync:end', () => { dropped += held() })
    client.addEventListener('peer:ready', ({ detail }) => { peers.add(detail) })
    client.addEventListener('sync:fault', ({ detail: { peer, kind } }) => {
      faults.set(peer.id, (faults.get(peer.id) ?? new Set()).add(kind))
    })
    copy.append = (blocks: readonly ReceivedBlock[]) => {
      copy.push(blocks)
      appendedBytes += blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
      mostHeld = Math.max(mostHeld, held())
    }
    await connect(client, liar)
    await connect(client, staller)
    await client.connect(killed.address)

    const facts = `killed at ${killAt}, wrong link at ${wrongHeight}, ${rangesLeft} ranges before the stall`
    const sync = client.sync().then(() => undefined, (err: unknown) => err)
    await eventually(() => copy.head.height >= killAt, 'the first blocks', { timeout: 60_000 })
    await killed.kill()
    await sync
    const restarted = await startKilled()
    await client.connect(restarted.address)
    await client.sync()

    const named = (node: { libp2p: Network['libp2p'] }): string[] => [...faults.get(node.libp2p.peerId.toString()) ?? []]
    assert.equal(copy.head.height, length - 1, facts)
    assert.ok(copy.blocks.every(({ hash }, i) => Buffer.compare(hash, long[i]!.hash) === 0), facts)
    assert.deepEqual(copy.appended.flat(), Array.from({ length: length - 1 }, (_, i) => i + 1))
    assert.ok(['violation', 'unlinked'].some((kind) => named(liar).includes(kind)), `${facts}: the liar is ${named(liar).join(', ')}`)
    assert.ok(named(staller).includes('stalled'), `${facts}: the one that stalls is ${named(staller).join(', ')}`)
    assert.ok(!faults.has(killed.id) && !faults.has(restarted.id), `${facts}: ${JSON.stringify([...faults])}`)
    assert.ok(mostHeld < 2 * WINDOW_BYTES, `${mostHeld} bytes were received and not appended`)
  })
})

function arrayChain (blocks: readonly Block[]): ChainSource {
  return { tip: () => blocks.at(-1)!, get: (height) => blocks[height] }
}

function randomUpTo (max: number): number {
  return 1 + Math.floor(Math.random() * max)
}
