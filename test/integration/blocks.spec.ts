import assert from 'node:assert/strict'
import { connect, nextEvent, nextOf, startNode, startRawPeer, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleBlockHash, sampleChain } from '../support/sample.ts'
import { readItem, readRange } from '../../src/codec/items/items.ts'
import { encodeBlock } from '../../src/index.ts'
import { MAX_RANGE_BLOCKS, RANGE_FRAME_BYTES } from '../../src/sync/serve/server.ts'
import type { Block, ChainSource, Network, StoredBlock } from '../../src/index.ts'
import type { RawPeer, RawSession } from '../../src/testing/index.ts'

/** A chain in memory, and what was asked of it. */
class ArrayChain implements ChainSource {
  readonly ranges: [number, number][] = []
  /** Resolves before the block at this height is given out, and everything above it. */
  gate: { height: number, opened: Promise<void> } | undefined
  served = 0
  readonly #blocks: readonly StoredBlock[]
  readonly #tip: { height: number, hash: Uint8Array }

  constructor (blocks: readonly StoredBlock[], tip: { height: number, hash: Uint8Array }) {
    this.#blocks = blocks
    this.#tip = tip
  }

  tip (): { height: number, hash: Uint8Array } {
    return this.#tip
  }

  get (height: number): StoredBlock | undefined {
    return this.#blocks[height]
  }

  async * range (startHeight: number, endHeight: number): AsyncGenerator<StoredBlock> {
    this.ranges.push([startHeight, endHeight])

    for (let height = startHeight; height <= endHeight && height < this.#blocks.length; height++) {
      if (this.gate != null && height >= this.gate.height) {
        await this.gate.opened
      }

      this.served++
      yield this.#blocks[height]!
    }
  }
}

function chainOf (blocks: Block[]): ArrayChain {
  return new ArrayChain(blocks, blocks.at(-1)!)
}

/** Linked blocks of `bytes` bytes and a few more, above the genesis block. */
function bigChain (length: number, bytes: number): Block[] {
  const [genesis] = sampleChain(1) as [Block]
  let prevHash = genesis.hash

  return [genesis, ...Array.from({ length: length - 1 }, (_, i) => {
    const block = sampleBlock({ height: i + 1, prevHash, proof: new Uint8Array(bytes).fill(i + 1) })
    block.hash = sampleBlockHash({ ...block, hash: new Uint8Array(32) })
    prevHash = block.hash

    return block
  })]
}

/** Everything that is given out, and the error that ends it. */
async function collect (range: AsyncIterable<Block>): Promise<{ heights: number[], error: unknown }> {
  const heights: number[] = []

  try {
    for await (const { height } of range) {
      heights.push(height)
    }
  } catch (error) {
    return { heights, error }
  }

  return { heights, error: undefined }
}

function heightsFrom (first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

describe('integration/blocks', () => {
  let chain: Block[]
  let longChain: Block[]

  before(() => {
    chain = sampleChain(300)
    longChain = sampleChain(3000)
  })

  afterEach(stopNodes)

  describe('one by one', () => {
    it('are found, from a chain that answers at once', async () => {
      const node = await startNode()
      await connect(node, await startNode({ chain: chainOf(chain) }))
      assert.deepEqual(await node.requestBlock(0), chain[0])
      assert.deepEqual(await node.requestBlock(299), chain[299])
    })

    it('are found, from a chain that takes its time', async () => {
      const node = await startNode()
      const tip = async (): Promise<Block> => chain.at(-1)!
      const get = async (height: number): Promise<Block | undefined> => chain[height]
      await connect(node, await startNode({ chain: { tip, get } }))
      assert.deepEqual(await node.requestBlock(42), chain[42])
      assert.deepEqual((await collect(node.requestBlockRange(0, 50))).heights, heightsFrom(0, 50))
    })

    it('are not found above the end of a chain, and without one', async () => {
      const node = await startNode()
      await connect(node, await startNode({ chain: chainOf(chain) }))
      assert.equal(await node.requestBlock(300), undefined)

      const other = await startNode()
      await connect(node, other)
      assert.equal(await node.requestBlock(1, { peer: other.libp2p.peerId.toString() }), undefined)
      assert.deepEqual(await node.requestBlock(1), chain[1])
    })

    it('are asked of no peer where there is none', async () => {
      const node = await startNode()
      await assert.rejects(node.requestBlock(1), { name: 'RequestError', code: 'NO_PEERS' })
      await assert.rejects(node.requestBlockRange(1, 2).next(), { name: 'RequestError', code: 'NO_PEERS' })
    })

    it('come from the handler of the application instead of the chain', async () => {
      const node = await startNode()
      const server = await startNode({ chain: chainOf(chain) })
      await connect(node, server)
      server.router.handle('requestBlock', ({ height }) => sampleBlock({ height, timestamp: 5 }))
      assert.equal((await node.requestBlock(7))?.timestamp, 5)
    })

    it('are not found where the chain throws, and the session goes on', async () => {
      const node = await startNode()
      const get = (height: number): Block => {
        if (height > 0) {
          throw new Error(`cannot read ${height}`)
        }

        return chain[0]!
      }
      const { there } = await connect(node, await startNode({ chain: { tip: () => chain[9]!, get } }))
      assert.equal(await node.requestBlock(7), undefined)
      assert.equal(there.state, 'ready')
    })
  })

  describe('as a range', () => {
    it('of three thousand come in order, in several requests', async () => {
      const source = chainOf(longChain)
      const node = await startNode()
      await connect(node, await startNode({ chain: source }))
      let previous: Block | undefined
      let next = 0

      for await (const block of node.requestBlockRange(0, 2999)) {
        assert.equal(block.height, next++)
        assert.ok(previous == null || Buffer.from(block.prevHash).equals(previous.hash))
        previous = block
      }

      assert.equal(next, 3000)
      assert.deepEqual(previous, longChain[2999])
      assert.ok(source.ranges.every(([first, last]) => last - first < MAX_RANGE_BLOCKS))
      // each block is asked for once
      assert.deepEqual(source.ranges.flatMap(([first, last]) => heightsFrom(first, last)).sort((a, b) => a - b), heightsFrom(0, 2999))
    })

    it('may begin and end anywhere', async () => {
      const node = await startNode()
      await connect(node, await startNode({ chain: chainOf(chain) }))

      for (const [first, last] of [[0, 0], [299, 299], [17, 205]] as const) {
        assert.deepEqual(await collect(node.requestBlockRange(first, last)), { heights: heightsFrom(first, last), error: undefined })
      }
    })

    it('of large blocks come in many frames, and in more requests where it is too much for one', async () => {
      const source = chainOf(bigChain(30, 500_000))
      const node = await startNode()
      await connect(node, await startNode({ chain: source }))

      assert.deepEqual(await collect(node.requestBlockRange(0, 29)), { heights: heightsFrom(0, 29), error: undefined })
      assert.ok(source.ranges.length >= 2, 'at most 8 MiB a request')
    })

    it('leave room for pings between the frames', async () => {
      const source = chainOf(bigChain(60, 100_000))
      const pinged = Promise.withResolvers<void>()
      const server = await startNode({ chain: source })
      const raw = await startRawPeer()
      const remote = await raw.connect(server)
      source.gate = { height: 30, opened: pinged.promise }
      server.router.handle('ping', () => { pinged.resolve() })
      remote.send({ type: 'requestBlockRange', startHeight: 0, endHeight: 59 }, 1n)
      await eventually(() => source.served === 30, 'half of it served')
      remote.send({ type: 'ping', nonce: 9n, bestHeight: 0 })

      const types: string[] = []
      const heights: number[] = []

      for (let last = false; !last;) {
        const { message, body, frameBytes } = await remote.next(['pong', 'responseBlockRange'])
        types.push(message.type)

        if (message.type === 'responseBlockRange') {
          const sizes = readRange(body).items.map(({ byteLength }) => byteLength)
          assert.ok(sizes.length <= 1 || sizes.reduce((a, b) => a + b) <= RANGE_FRAME_BYTES, `${frameBytes} bytes in a frame`)
          heights.push(...message.blocks.map(({ height }) => height))
          last = message.last
        }
      }

      assert.deepEqual(heights, heightsFrom(0, 59))
      assert.equal(types.filter((type) => type === 'pong').length, 1)
      assert.ok(types.indexOf('pong') < types.length - 10, `the pong was number ${types.indexOf('pong')} of ${types.length}`)
    })

    it('are measured by pings while they come', async () => {
      const source = chainOf(chain)
      const server = await startNode({ chain: source })
      const node = await startNode({ pingInterval: 20 })
      const twoPongs = Promise.withResolvers<void>()
      let pongs = 0
      const { there } = await connect(node, server)
      source.gate = { height: 150, opened: twoPongs.promise }
      node.router.handle('pong', () => {
        pongs++

        if (source.served === 150 && pongs >= 2) {
          twoPongs.resolve()
        }
      })

      assert.deepEqual((await collect(node.requestBlockRange(0, 299))).heights, heightsFrom(0, 299))
      assert.ok(pongs >= 2 && there.rtt != null)
    })

    it('end with UNAVAILABLE after what there was', async () => {
      const node = await startNode()
      const { there } = await connect(node, await startNode({ chain: chainOf(chain) }))
      const { heights, error } = await collect(node.requestBlockRange(250, 320))

      assert.deepEqual(heights, heightsFrom(250, 299))
      assert.deepEqual([(error as Error).name, (error as { code: string }).code], ['RequestError', 'UNAVAILABLE'])
      assert.equal(there.state, 'ready')
    })

    it('go on with a second peer when the first one stops in the middle, without a gap or a repetition', async () => {
      const blocks = bigChain(60, 50_000)
      const sources = [chainOf(blocks), chainOf(blocks)]
      const servers = await Promise.all(sources.map(async (source) => startNode({ chain: source })))
      const node = await startNode()
      await Promise.all(servers.map(async (server) => connect(node, server)))
      const gates = sources.map(() => Promise.withResolvers<void>())
      sources.forEach((source, i) => { source.gate = { height: 15, opened: gates[i]!.promise } })

      const heights: number[] = []
      const taken = (async () => {
        for await (const { height } of node.requestBlockRange(0, 59)) {
          heights.push(height)
        }
      })()

      // one of them has the lower half to send, and the other the rest
      const first = await eventually(() => sources.find(({ ranges, served }) => ranges[0]?.[0] === 0 && served === 15), 'a quarter')
      const second = sources.find((source) => source !== first)!
      gates[sources.indexOf(second)]!.resolve()
      await servers[sources.indexOf(first)]!.stop()
      await taken

      assert.deepEqual(heights, heightsFrom(0, 59))
      assert.ok(second.served >= 45 && second.served <= 60, `the second one has sent ${second.served} blocks`)
      gates.forEach(({ resolve }) => { resolve() })
    })

    it('end with what the session ended with when no other peer can go on', async () => {
      const never = Promise.withResolvers<void>()
      const source = chainOf(chain)
      source.gate = { height: 100, opened: never.promise }
      const server = await startNode({ chain: source })
      const node = await startNode()
      await connect(node, server)
      const result = collect(node.requestBlockRange(0, 299))
      await eventually(() => source.served === 100, 'a part of it')
      await server.stop()

      const { error } = await result
      assert.deepEqual([(error as Error).name, (error as { code: string }).code], ['RequestError', 'DISCONNECTED'])
      never.resolve()
    })

    it('end where the taker stops taking, and the session goes on', async () => {
      const node = await startNode()
      const { there } = await connect(node, await startNode({ chain: chainOf(longChain) }))

      for await (const { height } of node.requestBlockRange(0, 2999)) {
        if (height === 10) {
          break
        }
      }

      assert.deepEqual(await node.requestBlock(2999), longChain[2999])
      assert.equal(there.state, 'ready')
    })
  })

  describe('with a signal', () => {
    async function startPair (): Promise<{ node: Network, source: ArrayChain, open: () => void }> {
      const { promise, resolve } = Promise.withResolvers<void>()
      const source = chainOf(chain)
      source.gate = { height: 100, opened: promise }
      const node = await startNode()
      const server = await startNode({ chain: source })
      server.router.handle('requestBlock', async ({ height }) => {
        await source.gate?.opened

        return chain[height]
      })
      await connect(node, server)

      return { node, source, open: resolve }
    }

    it('are not asked for after it was aborted', async () => {
      const { node, source } = await startPair()
      const signal = AbortSignal.abort()
      await assert.rejects(node.requestBlock(1, { signal }), { name: 'AbortError' })
      await assert.rejects(node.requestBlockRange(1, 2, { signal }).next(), { name: 'AbortError' })
      assert.deepEqual(source.ranges, [])
    })

    it('end with its reason, and the session goes on', async () => {
      const { node, source, open } = await startPair()
      const controller = new AbortController()
      const reason = new Error('enough')
      const block = node.requestBlock(1, { signal: controller.signal })
      const blocks = collect(node.requestBlockRange(0, 299, { signal: controller.signal }))
      await eventually(() => source.served === 100, 'a part of the range')
      controller.abort(reason)

      await assert.rejects(block, reason)
      assert.equal((await blocks).error, reason)
      open()
      assert.deepEqual(await node.requestBlock(2), chain[2])
      assert.deepEqual((await collect(node.requestBlockRange(0, 299))).heights, heightsFrom(0, 299))
    })
  })

  describe('of a peer that answers something else', () => {
    /** A node with a raw peer that is asked first, for it claims to have everything, and a good peer that claims nothing. */
    async function startThree (): Promise<{ node: Network, raw: RawPeer, remote: Awaited<ReturnType<RawPeer['connect']>> }> {
      const node = await startNode()
      const good = await startNode({ chain: new ArrayChain(chain, chain[0]!) })
      await connect(node, good)
      const raw = await startRawPeer()

      return { node, raw, remote: await raw.connect(node, { bestHeight: 1000 }) }
    }

    it('are asked of another, and it is told PROTOCOL_VIOLATION: the wrong height', async () => {
      const { node, raw, remote } = await startThree()
      const closed = nextOf(node, 'peer:closed', raw)
      const block = node.requestBlock(5)
      const { requestId } = await remote.next('requestBlock')
      remote.send({ type: 'responseBlock', block: chain[6]! }, requestId)

      assert.deepEqual(await block, chain[5])
      assert.deepEqual((await closed).reason, 'PROTOCOL_VIOLATION')
      assert.equal((await remote.next('disconnect')).message.reason, 'PROTOCOL_VIOLATION')
    })

    /** Answers, and says of no block that it is the last. */
    function answer (remote: RawSession, blocks: readonly Block[], requestId: bigint | undefined): void {
      if (blocks.length > 0) {
        remote.send({ type: 'responseBlockRange', blocks: [...blocks], last: false }, requestId)
      } else {
        // which no encoder writes
        remote.sendBody('responseBlockRange', new Uint8Array(0), requestId)
      }
    }

    for (const [what, blocks] of [
      ['a gap', () => [chain[5]!, chain[6]!, chain[8]!]],
      ['a repetition', () => [chain[5]!, chain[6]!, chain[6]!]],
      ['a block that is not linked', () => [chain[5]!, chain[6]!, { ...chain[7]!, prevHash: new Uint8Array(32).fill(7) }]],
      ['more than was asked for', () => [5, 6, 7, 8, 9, 10].map((height) => chain[height]!)],
      ['nothing and no end', () => []]
    ] as const) {
      it(`are asked of another, and it is told PROTOCOL_VIOLATION: ${what}`, async () => {
        const { node, raw, remote } = await startThree()
        const closed = nextOf(node, 'peer:closed', raw)
        const result = collect(node.requestBlockRange(5, 9))
        const { requestId, message } = await remote.next('requestBlockRange')
        assert.deepEqual([message.startHeight, message.endHeight], [5, 9])
        answer(remote, blocks(), requestId)

        assert.deepEqual(await result, { heights: heightsFrom(5, 9), error: undefined })
        assert.deepEqual((await closed).reason, 'PROTOCOL_VIOLATION')
        assert.equal((await remote.next('disconnect')).message.reason, 'PROTOCOL_VIOLATION')
      })
    }

    it('are asked of another, and it stays: a branch of its own', async () => {
      const { node, raw, remote } = await startThree()
      const fork = sampleChain(10, 'fork')
      const result = collect(node.requestBlockRange(1, 9))
      const first = await remote.next('requestBlockRange')
      remote.send({ type: 'responseBlockRange', blocks: chain.slice(1, 4), last: true }, first.requestId)
      const second = await remote.next('requestBlockRange')
      assert.equal(second.message.startHeight, 4)
      remote.send({ type: 'responseBlockRange', blocks: fork.slice(4), last: true }, second.requestId)

      assert.deepEqual(await result, { heights: heightsFrom(1, 9), error: undefined })
      assert.equal(node.peers.get(raw.id)?.state, 'ready')
    })

    it('are asked of another, and it stays: no answer in time', async () => {
      const node = await startNode({ requestTimeout: 300 })
      await connect(node, await startNode({ chain: new ArrayChain(chain, chain[0]!) }))
      const raw = await startRawPeer()
      const remote = await raw.connect(node, { bestHeight: 1000 })
      const result = collect(node.requestBlockRange(5, 9))
      const { requestId } = await remote.next('requestBlockRange')

      assert.deepEqual(await result, { heights: heightsFrom(5, 9), error: undefined })

      // too late is no offence
      remote.send({ type: 'responseBlockRange', blocks: chain.slice(5, 10), last: true }, requestId)
      remote.send({ type: 'ping', nonce: 3n, bestHeight: 0 })
      assert.equal((await remote.next('pong')).message.nonce, 3n)
    })

    it('are not waited for: an answer to no request ends the session', async () => {
      const node = await startNode()
      const raw = await startRawPeer()
      const remote = await raw.connect(node)
      const closed = nextEvent(node, 'peer:closed')
      remote.send({ type: 'responseBlock', block: chain[5]! }, 77n)
      assert.equal((await closed).reason, 'PROTOCOL_VIOLATION')
    })
  })

  it('go out as the bytes that the chain has, what this version does not know included', async () => {
    // field 15, which nobody knows, with three bytes
    const stored = chain.slice(0, 3).map((block) => new Uint8Array([...encodeBlock(block), 0x7a, 3, 1, 2, 3]))
    const server = await startNode({ chain: new ArrayChain(stored, chain[2]!) })
    const raw = await startRawPeer()
    const remote = await raw.connect(server)

    remote.send({ type: 'requestBlock', height: 1 }, 5n)
    const one = await remote.next('responseBlock')
    assert.equal(one.requestId, 5n)
    assert.deepEqual(Buffer.from(readItem(one.body)!), Buffer.from(stored[1]!))

    remote.send({ type: 'requestBlockRange', startHeight: 0, endHeight: 9 }, 6n)
    const range = await remote.next('responseBlockRange')
    assert.deepEqual([range.requestId, range.message.last], [6n, true])
    assert.deepEqual(readRange(range.body).items.map((item) => Buffer.from(item)), stored.map((item) => Buffer.from(item)))

    // and what is not a block at all does not go out
    const junk = new Uint8Array([1, 2, 3])
    const careless = await startNode({ chain: new ArrayChain([stored[0]!, junk], chain[1]!) })
    const other = await raw.connect(careless)
    other.send({ type: 'requestBlock', height: 1 }, 7n)
    assert.equal(((await other.next('responseBlock')).body).byteLength, 0)
  })
})
