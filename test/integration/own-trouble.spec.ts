import assert from 'node:assert/strict'
import { connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleChain } from '../support/sample.ts'
import { encodeBlock } from '../../src/index.ts'
import { MemoryChain } from '../../src/testing/index.ts'
import { seededChance } from '../../src/util/chance.ts'
import type { Block, ChainStore, Handlers, Network, NetworkConfig, StorageFault, StoredBlock, Tip } from '../../src/index.ts'

const CHAIN = sampleChain(40)

/** What a chain or a handler may give in place of block 20. */
const GARBAGE: Record<string, (height: number) => StoredBlock> = {
  'bytes that are no block': () => new Uint8Array(300),
  'a block that is cut off': (height) => encodeBlock(CHAIN[height]!).subarray(0, -1),
  'a block with bytes changed at random': (height) => encodeBlock(CHAIN[height]!).map((byte, i) => i % 7 === 3 ? byte ^ 0x5a : byte),
  'the block above': (height) => encodeBlock(CHAIN[height + 1]!),
  'the genesis block': () => CHAIN[0]!,
  'a block that does not fit the wire': (height) => ({ ...CHAIN[height]!, hash: new Uint8Array(31) }),
  'a block that does not fit into a frame': (height) => ({ ...CHAIN[height]!, proof: new Uint8Array(5 * 1024 * 1024) })
}

const BAD = 20

describe('integration/own-trouble', () => {
  afterEach(stopNodes)

  interface Pair { node: Network, server: Network, faults: StorageFault[], isUnharmed: () => void }

  /** A node, and another one with trouble that it is connected to. */
  async function startPair (config: Partial<NetworkConfig>): Promise<Pair> {
    const node = await startNode()
    const server = await startNode(config)
    const faults: StorageFault[] = []
    const bans: unknown[] = []
    const closed: unknown[] = []
    const { there } = await connect(node, server)
    server.addEventListener('storage:fault', ({ detail }) => { faults.push(detail) })
    node.addEventListener('peer:banned', ({ detail }) => { bans.push(detail) })
    node.addEventListener('peer:closed', ({ detail }) => { closed.push(detail) })

    return {
      node,
      server,
      faults,
      isUnharmed: () => {
        assert.deepEqual([bans, closed, there.state], [[], [], 'ready'])
      }
    }
  }

  async function taken (node: Network, first: number, last: number): Promise<{ heights: number[], code: string | undefined }> {
    const heights: number[] = []

    try {
      for await (const { height } of node.requestBlockRange(first, last)) {
        heights.push(height)
      }
    } catch (err) {
      return { heights, code: (err as { code: string }).code }
    }

    return { heights, code: undefined }
  }

  const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1)
  const tip = (): Block => CHAIN.at(-1)!

  for (const [what, give] of Object.entries(GARBAGE)) {
    const get = (height: number): StoredBlock | undefined => height === BAD ? give(height) : CHAIN[height]
    const range = function * (first: number, last: number): Generator<StoredBlock> {
      for (let height = first; height <= last; height++) {
        yield get(height)!
      }
    }
    const handlers: Partial<Handlers> = {
      requestBlock: ({ height }) => get(height),
      requestBlockRange: ({ startHeight, endHeight }) => range(startHeight, endHeight)
    }

    for (const [where, config] of Object.entries<Partial<NetworkConfig>>({
      'a chain': { chain: { tip, get } },
      'a chain with ranges': { chain: { tip, get, range } },
      'a handler': { handlers }
    })) {
      it(`sends nothing of ${what} that ${where} gives, says so, and is not banned`, async () => {
        const { node, faults, isUnharmed } = await startPair(config)
        assert.deepEqual(await taken(node, 1, 39), { heights: upTo(BAD - 1), code: 'UNAVAILABLE' })
        assert.equal(await node.requestBlock(BAD), undefined)
        assert.deepEqual(await node.requestBlock(BAD + 1), CHAIN[BAD + 1])
        const [fault] = await eventually(() => faults.length > 0 && faults, 'a fault')
        assert.equal(fault?.store, 'chain')
        assert.ok(['StorageError', 'EncodeError'].includes(fault.error.name))
        isUnharmed()
      })
    }
  }

  /** Throws for one call in 20, drawn by chance. */
  function busyNowAndThen (): () => void {
    const { random } = seededChance(5)

    return () => {
      if (random() < 0.05) {
        throw new Error('database is locked')
      }
    }
  }

  for (const [what, read] of Object.entries<(chain: MemoryChain, busy: () => void) => Partial<ChainStore>>({
    'whose `get` throws': (chain, busy) => ({
      get: (height) => {
        busy()

        return chain.get(height)
      }
    }),
    'whose `get` rejects': (chain, busy) => ({
      get: async (height) => {
        busy()

        return chain.get(height)
      }
    }),
    'whose `range` throws midway': (chain, busy) => ({
      range: function * (first, last) {
        for (let height = first; height <= last; height++) {
          busy()
          yield chain.blocks[height]!
        }
      }
    })
  })) {
    it(`serves 2000 blocks of a chain ${what} in one call of 20, and no peer doubts it`, async () => {
      const blocks = sampleChain(2001)
      const chain = new MemoryChain(blocks)
      const busy = busyNowAndThen()
      let isOn = false
      const server = await startNode({
        autoSync: false,
        chain: { tip: () => chain.tip(), get: (height) => chain.get(height), ...read(chain, () => { if (isOn) { busy() } }) }
      })
      const own = new MemoryChain(blocks.slice(0, 1))
      const node = await startNode({ chain: own, autoSync: false })
      const doubts: unknown[] = []
      node.addEventListener('sync:fault', ({ detail }) => { doubts.push(detail) })
      await connect(node, server)
      isOn = true
      assert.deepEqual(await node.sync(), { from: 0, height: 2000, reorganised: false })
      assert.deepEqual([doubts, node.status().sync.doubted], [[], []])
    })
  }

  it('refuses to broadcast a block above its chain, which tells its tip at once', async () => {
    const { node, server, faults, isUnharmed } = await startPair({ chain: { tip: () => CHAIN[10]!, get: (height) => CHAIN[height] } })
    assert.throws(() => server.broadcast({ type: 'newBlock', block: CHAIN[11]! }), {
      name: 'StorageError',
      message: 'Block 11 is above the chain, which ends at block 10: peers would ask for it in vain. Append a block before you broadcast it'
    })
    assert.deepEqual(server.broadcast({ type: 'newBlock', block: CHAIN[10]! }), { queued: 1, skipped: 0 })
    await nextEvent(node, 'block')
    assert.deepEqual([faults, [...node.peers][0]!.bestHeight], [[], 10])
    isUnharmed()
  })

  it('says that a block was broadcast above its chain, which takes its time to tell its tip', async () => {
    const { node, server, faults, isUnharmed } = await startPair({ chain: { tip: async () => CHAIN[10]!, get: (height) => CHAIN[height] } })
    const came = nextEvent(node, 'block')
    assert.deepEqual(server.broadcast({ type: 'newBlock', block: CHAIN[10]! }), { queued: 1, skipped: 0 })
    await came
    assert.equal(faults.length, 0)
    assert.deepEqual(server.broadcast({ type: 'newBlock', block: CHAIN[11]! }), { queued: 1, skipped: 0 })
    const [fault] = await eventually(() => faults.length > 0 && faults, 'a fault')
    assert.deepEqual([fault!.store, fault!.error.name], ['chain', 'StorageError'])
    assert.match(fault!.error.message, /^Block 11 is above the chain, which ends at block 10: /)
    isUnharmed()
  })

  it('ends what it serves before a gap, says so, and is not banned', async () => {
    const range = (first: number, last: number): Block[] => CHAIN.slice(first, last + 1).filter(({ height }) => height !== BAD)
    const { node, faults, isUnharmed } = await startPair({ chain: { tip, get: (height) => CHAIN[height], range } })
    assert.deepEqual(await taken(node, 1, 39), { heights: upTo(BAD - 1), code: 'UNAVAILABLE' })
    await eventually(() => faults.length > 0, 'a fault')
    isUnharmed()
  })

  it('ends what it serves before a broken link, says so, and is not banned', async () => {
    const broken = CHAIN.with(BAD, { ...CHAIN[BAD]!, prevHash: new Uint8Array(32) })
    const range = (first: number, last: number): Block[] => broken.slice(first, last + 1)
    const { node, faults, isUnharmed } = await startPair({ chain: { tip, get: (height) => broken[height], range } })
    assert.deepEqual((await taken(node, 1, 39)).heights, upTo(BAD - 1))
    await eventually(() => faults.length > 0, 'a fault')
    isUnharmed()
  })

  it('sends no more than was asked for of a range without end, and is not banned', async () => {
    let read = 0
    const range = function * (first: number): Generator<StoredBlock> {
      for (let height = first; ; height++) {
        read++
        yield CHAIN[height] ?? new Uint8Array(0)
      }
    }
    const { node, isUnharmed } = await startPair({ chain: { tip, get: (height) => CHAIN[height], range } })
    assert.deepEqual(await taken(node, 1, 10), { heights: upTo(10), code: undefined })
    assert.equal(read, 10)
    isUnharmed()
  })

  for (const [what, give] of Object.entries<() => Tip>({
    'throws': () => { throw new Error('disk on fire') },
    'gives nothing': () => undefined as never,
    'gives null': () => null as never
  })) {
    it(`does not start with a chain whose \`tip\` ${what}`, async () => {
      await assert.rejects(startNode({ chain: { tip: give, get: (height) => CHAIN[height], append: () => {} } }), { name: 'StorageError' })
    })

    it(`says why it stands still where \`tip\` ${what} later, and goes on`, async () => {
      const blocks = CHAIN.slice(0, 1)
      let isBroken = false
      const chain: ChainStore = {
        tip: () => isBroken ? give() : blocks.at(-1)!,
        get: (height) => blocks[height],
        append: (received) => { blocks.push(...received.map(({ block }) => block)) }
      }
      const behind = await startNode({ chain })
      const faults: StorageFault[] = []
      behind.addEventListener('storage:fault', ({ detail }) => { faults.push(detail) })
      const ended = nextEvent(behind, 'sync:end')
      isBroken = true
      await connect(behind, await startNode({ chain: { tip, get: (height) => CHAIN[height] } }))
      const end = await ended
      assert.deepEqual([end.from, end.height, end.error?.name], [0, 0, 'SyncError'])
      assert.match(behind.status().sync.lastEnd?.error ?? '', /^The chain could not tell its tip: /)
      await eventually(() => faults.some(({ store }) => store === 'chain'), 'a fault')
      await assert.rejects(behind.sync(), { name: 'SyncError', code: 'STORE' })

      isBroken = false
      await eventually(() => blocks.length === CHAIN.length, 'all blocks')
    })
  }

  it('does not start with a chain that has another block in place of the first', async () => {
    await assert.rejects(startNode({ chain: { tip, get: (height) => CHAIN[height + 1] } }), { name: 'StorageError', message: /gave block 1 where/ })
  })

  for (const given of [undefined, null, 7, 'blocks']) {
    it(`sends nothing of a range that is ${String(given)}, says so, and is not banned`, async () => {
      const { node, faults, isUnharmed } = await startPair({ chain: { tip, get: (height) => CHAIN[height], range: () => given as never } })
      await taken(node, 1, 9)
      const [fault] = await eventually(() => faults.length > 0 && faults, 'a fault')
      assert.match(fault!.error.message, /Expected `range` of the chain to give an iterable of blocks, got /)
      isUnharmed()
    })
  }
})
