import assert from 'node:assert/strict'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, startNode, stopNodes } from './nodes.ts'
import { ChainDb } from '../../src/cli/chain/chain.ts'
import { eventually } from '../support/eventually.ts'
import { SmallDisk } from '../support/tmpfs.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain, sampleTransaction } from '../support/sample.ts'
import { decodeBlock } from '../../src/index.ts'
import { FAULT_PAUSE_MS } from '../../src/service/reports/storage-faults.ts'
import { openKnownPeers } from '../../src/store/known-peers/open-known-peers.ts'
import type { Block, Network, StorageFault, StoredBlock, SyncEnd } from '../../src/index.ts'

const KIB = 1024

/** The height up to which blocks are given while there is room. */
const BEFORE = 200

/** How often the chain refuses while transactions flow. */
const REFUSALS = 2

/** Transactions that go through the node at least, while the disk is full and when there is room. */
const LEAST_TRANSACTIONS = 100

/** And at most: a peer takes 10,000 at once, both times together. On a quiet machine more would come up than that, and be skipped. */
const MOST_TRANSACTIONS = 4000

const GENESIS = sampleChain(1)
const BLOCKS = growChain(GENESIS, 600, 'main', 20 * KIB)
const RULES = { genesis: GENESIS[0]!, verifyBlock: () => undefined }

/** A chain that gives blocks above a height when it is told to. */
class GatedChain extends MemoryChain {
  readonly #gate = Promise.withResolvers<void>()

  open (): void { this.#gate.resolve() }

  async * range (first: number, last: number): AsyncGenerator<StoredBlock> {
    for (let height = first; height <= last; height++) {
      if (height > BEFORE) {
        await this.#gate.promise
      }

      yield this.blocks[height]!
    }
  }
}

describe('integration/full-disk', function () {
  this.timeout(60_000)

  let disk: SmallDisk
  let elsewhere: string
  let chain: ChainDb
  let node: Network
  let server: Network
  let source: GatedChain
  let acknowledged: number
  let faults: StorageFault[]
  let troubles: string[]

  before(async function () {
    const probe = await SmallDisk.mount(1)
    await probe?.unmount()

    if (probe == null) {
      console.log('      skipped: only root can mount a small disk')
      this.skip()
    }
  })

  beforeEach(async () => {
    disk = (await SmallDisk.mount(96))!
    elsewhere = await mkdtemp(join(tmpdir(), 'copy-'))
    acknowledged = 0
    faults = []
    troubles = []
    source = new GatedChain(BLOCKS)
    await startAll()
  })

  afterEach(async () => {
    await stopNodes()
    await chain.close()
    await disk.unmount()
    await rm(elsewhere, { recursive: true })
  })

  async function open (directory: string): Promise<ChainDb> {
    const chain = await ChainDb.open(directory, RULES, { onTrouble: (message) => { troubles.push(message) } })
    const append = chain.append.bind(chain)
    chain.append = async (blocks) => {
      await append(blocks)
      acknowledged = blocks.at(-1)!.block.height
    }

    return chain
  }

  /** The node on the small disk, with a chain and a directory there, and a peer that has all blocks. */
  async function startAll (): Promise<void> {
    chain = await open(join(disk.path, 'chain'))
    node = await startNode({ chain, dataDir: join(disk.path, 'network'), genesisHash: RULES.genesis.hash })
    node.addEventListener('storage:fault', ({ detail }) => { faults.push(detail) })
    server = await startNode({ chain: source, genesisHash: RULES.genesis.hash })
    await connect(node, server)
  }

  async function stopAll (): Promise<void> {
    await stopNodes()
    await chain.close()
  }

  const faultsOf = (store: StorageFault['store']): StorageFault[] => faults.filter((fault) => fault.store === store)

  /** The tip of the chain as somebody finds it who opens what is on the disk now. */
  async function tipOnDisk (): Promise<Block> {
    const copy = join(elsewhere, 'chain')
    // the node makes and deletes this one again and again, to see whether there is room
    await cp(join(disk.path, 'chain'), copy, { recursive: true, filter: (path) => !path.endsWith('room.probe') })
    const found = await ChainDb.open(copy, RULES)
    const { head } = found
    await found.close()
    await rm(copy, { recursive: true })

    return head
  }

  /** Fills the disk when there are some blocks, and waits until the chain was refused. */
  async function fillMidway (): Promise<void> {
    await eventually(() => acknowledged > BEFORE / 2, 'the first blocks')
    await disk.fill()
    source.open()
    await eventually(() => faultsOf('chain').length > 0, 'a fault of the chain')
  }

  it('has all that was acknowledged, says so, goes on when there is room, and opens where it was', async () => {
    await fillMidway()
    const { error } = faultsOf('chain')[0]!
    assert.match(`${error.name}: ${error.message} ${String(error.cause)}`, /No space left on device/)
    assert.ok(acknowledged > BEFORE / 2 && acknowledged < BLOCKS.length - 1, `${acknowledged}`)
    const height = acknowledged
    assert.equal((await tipOnDisk()).height, height)

    // the node tries it again and again meanwhile
    for (let tries = 0; tries < 2; tries++) {
      await new Promise<void>((resolve) => { node.addEventListener('sync:end', () => { resolve() }, { once: true }) })
    }

    assert.equal(acknowledged, height)
    await disk.clear()
    await eventually(() => acknowledged === BLOCKS.length - 1, 'the chain', { timeout: 30_000 })
    assert.equal((await tipOnDisk()).height, BLOCKS.length - 1)
    assert.ok(troubles.includes('The chain can be written again'))
    assert.deepEqual([...server.peers].map(({ state }) => state), ['ready'])
    await stopAll()
    chain = await open(join(disk.path, 'chain'))
    assert.deepEqual(chain.head, BLOCKS.at(-1))
    let read = 0

    for await (const bytes of chain.range(0, Infinity)) {
      assert.deepEqual(decodeBlock(bytes), BLOCKS[read++])
    }

    assert.equal(read, BLOCKS.length)
  })

  it('relays transactions all the while, tells of it once, has it in its status, and appends when there is room', async () => {
    const beyond = await startNode({ listen: [], features: [], genesisHash: RULES.genesis.hash })
    const { there } = await connect(beyond, node)
    const came: bigint[] = []
    const ends: SyncEnd[] = []
    beyond.addEventListener('transaction', ({ detail: { transaction, peer } }) => {
      assert.equal(peer.id, there.id)
      came.push(transaction.nonce)
    })
    node.addEventListener('sync:end', ({ detail }) => { ends.push(detail) })
    let sent = 0

    /** Has transactions go from the server through the node, one after the other, until there is something. */
    const flow = async (until: () => boolean, what: string, timeout: number): Promise<void> => {
      const deadline = performance.now() + timeout

      for (let count = 0; count < LEAST_TRANSACTIONS || !until(); count++) {
        assert.ok(performance.now() < deadline, `waited ${timeout} ms in vain for ${what}`)

        if (count >= MOST_TRANSACTIONS) {
          await eventually(until, what, { timeout: deadline - performance.now() })
          break
        }

        // blocks that the node asks for in vain fill the queue of the server now and then
        await server.room()
        server.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(sent++) }) })
        await eventually(() => came.length === sent, `transaction ${sent} to come through the node`)
      }
    }

    await fillMidway()
    const beganAt = performance.now()
    const height = acknowledged
    await flow(() => ends.length >= REFUSALS, 'the chain to refuse again and again', 30_000)
    const windows = 1 + Math.floor((performance.now() - beganAt) / FAULT_PAUSE_MS)
    assert.ok(faultsOf('chain').length <= windows, `${faultsOf('chain').length} faults in ${windows} times ${FAULT_PAUSE_MS} ms`)
    const { sync, tip, peers } = node.status()
    assert.deepEqual([sync.state, tip?.height, sync.lastEnd?.height, sync.lastEnd?.faults], ['behind', height, height, []])
    assert.match(sync.lastEnd?.error ?? '', /^The chain could not append blocks .* Could not write the chain in .*: No space left on device$/)
    assert.ok(sync.failures >= REFUSALS, `${sync.failures}`)
    assert.deepEqual(peers.map(({ score }) => score.value), [0, 0])

    await disk.clear()
    await flow(() => acknowledged === BLOCKS.length - 1, 'the chain', 30_000)
    assert.deepEqual(came, Array.from({ length: sent }, (_, nonce) => BigInt(nonce)))
    assert.deepEqual([node.status().sync.state, node.status().sync.lastEnd?.error ?? null], ['synced', null])
  })

  it('opens at what was acknowledged where the node is stopped while there is no room', async () => {
    await fillMidway()
    const height = acknowledged
    await stopAll()
    assert.equal(acknowledged, height)
    await disk.clear()
    chain = await open(join(disk.path, 'chain'))
    assert.equal(chain.head.height, height)
  })

  it('keeps the bans that are made after it, and the peers that are met', async () => {
    await fillMidway()
    const banned: string[] = []

    // a few small ones may still fit into what the file system has given out
    const ban = (): void => {
      const subject = `10.${banned.length >> 8}.${banned.length & 255}.1`
      node.peers.ban(subject, { duration: 60 * 60 * 1000 })
      banned.push(subject)
    }

    for (let i = 0; i < 100; i++) {
      ban()
    }

    await eventually(() => faultsOf('bans').length > 0, 'a fault of the bans')
    ban()
    const another = await startNode({ genesisHash: RULES.genesis.hash })
    await connect(node, another)
    await disk.clear()
    await eventually(() => acknowledged === BLOCKS.length - 1, 'the chain', { timeout: 30_000 })
    ban()
    await stopAll()
    const known = await openKnownPeers(join(disk.path, 'network'))
    const ids = (await known.load()).map(({ id }) => id)
    await known.close()
    assert.deepEqual([server, another].filter(({ libp2p }) => !ids.includes(libp2p.peerId.toString())), [])
    await startAll()
    const subjects = node.peers.bans.map(({ subject }) => subject)
    assert.deepEqual(banned.filter((subject) => !subjects.includes(subject)), [])
  })
})
