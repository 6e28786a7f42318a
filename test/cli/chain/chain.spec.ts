import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { MAX_REORG_BLOCKS } from '../../../src/cli/chain/branch.ts'
import { ChainDb } from '../../../src/cli/chain/chain.ts'
import { noteDamage } from '../../../src/cli/chain/layout.ts'
import { toHex } from '../../../src/cli/output/format.ts'
import { decodeBlock, encodeBlock } from '../../../src/index.ts'
import { eventually } from '../../support/eventually.ts'
import { SmallDisk } from '../../support/tmpfs.ts'
import { growChain } from '../../support/memory-chain.ts'
import { sampleBlockHash, sampleChain } from '../../support/sample.ts'
import type { ChainListener } from '../../../src/cli/chain/chain.ts'
import type { Block, Branch, ReceivedBlock } from '../../../src/index.ts'

const BLOCKS = sampleChain(6)
const GENESIS = BLOCKS[0]!
const NOTHING = new Uint8Array(0)

function assertTip (chain: ChainDb, { height, hash }: Block): void {
  const tip = chain.tip()
  assert.deepEqual({ height: tip.height, hash: toHex(tip.hash) }, { height, hash: toHex(hash) })
}

function received (blocks: readonly Block[]): ReceivedBlock[] {
  return blocks.map((block) => ({ block, bytes: encodeBlock(block) }))
}

/** The blocks after `parent`, which are different for another `fork`. */
function forkFrom (parent: Block, length: number, fork = 'fork'): Block[] {
  const blocks = sampleChain(length + 1, fork).slice(1)
  let { height, hash: prevHash } = parent

  for (const block of blocks) {
    block.height = ++height
    block.prevHash = prevHash
    block.hash = sampleBlockHash(block)
    prevHash = block.hash
  }

  return blocks
}

/** Two branches from `parent`, each of `length` blocks: that with the smaller hash at its end first. */
function rivals (parent: Block, length: number): [Block[], Block[]] {
  return [forkFrom(parent, length, 'a'), forkFrom(parent, length, 'b')]
    .sort((a, b) => Buffer.compare(a.at(-1)!.hash, b.at(-1)!.hash)) as [Block[], Block[]]
}

/** A branch as the network offers it. Calls `onTake` for each block that is asked for. */
function branchOf (common: Block, blocks: readonly Block[], onTake: (block: Block) => void = () => {}): Branch {
  return {
    common: { height: common.height, hash: common.hash },
    height: common.height + blocks.length,
    blocks: (async function * () {
      for (const next of received(blocks)) {
        onTake(next.block)
        yield next
      }
    })()
  }
}

function blockKey (height: number): Uint8Array {
  const key = Buffer.alloc(9, 0x62)
  key.writeBigUInt64BE(BigInt(height), 1)

  return key
}

describe('cli/chain/chain', () => {
  let directory: string

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'chain-db-')), 'a', 'chain')
  })

  afterEach(async () => {
    await rm(join(directory, '..', '..'), { recursive: true })
  })

  async function open (listener?: ChainListener, genesis: Block = GENESIS): Promise<ChainDb> {
    return ChainDb.open(directory, {
      genesis,
      verifyBlock: (block) => Buffer.compare(block.hash, sampleBlockHash(block)) === 0 ? undefined : 'its hash is wrong'
    }, listener)
  }

  async function withChain<Result> (use: (chain: ChainDb) => Promise<Result>, listener?: ChainListener): Promise<Result> {
    const chain = await open(listener)

    try {
      return await use(chain)
    } finally {
      await chain.close()
    }
  }

  async function withDatabase (use: (db: ClassicLevel<Uint8Array, Uint8Array>) => Promise<void>): Promise<void> {
    const db = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
    await use(db)
    await db.close()
  }

  async function appendAll (blocks: Block[] = BLOCKS.slice(1)): Promise<void> {
    await withChain(async (chain) => { await chain.append(received(blocks)) })
  }

  /** The hashes of all that is served, in order. */
  async function hashes (chain: ChainDb): Promise<string[]> {
    const found: string[] = []

    for await (const bytes of chain.range(0, Number.MAX_SAFE_INTEGER)) {
      found.push(toHex(decodeBlock(bytes).hash))
    }

    return found
  }

  function hashesOf (blocks: readonly Block[]): string[] {
    return blocks.map(({ hash }) => toHex(hash))
  }

  async function heights (chain: ChainDb, start: number, end: number): Promise<number[]> {
    const found: number[] = []

    for await (const bytes of chain.range(start, end)) {
      found.push(decodeBlock(bytes).height)
    }

    return found
  }

  it('begins with the genesis block', async () => {
    await withChain(async (chain) => {
      assertTip(chain, GENESIS)
      assert.equal(toHex(await chain.get(0) ?? NOTHING), toHex(encodeBlock(GENESIS)))
    })
  })

  it('has what was appended after it is opened again', async () => {
    await appendAll()

    await withChain(async (chain) => {
      assertTip(chain, BLOCKS[5]!)
      assert.equal(toHex(encodeBlock(chain.head)), toHex(encodeBlock(BLOCKS[5]!)))

      for (const block of BLOCKS) {
        assert.equal(toHex(await chain.get(block.height) ?? NOTHING), toHex(encodeBlock(block)))
      }
    })
  })

  it('has no block above the tip', async () => {
    await appendAll()

    await withChain(async (chain) => {
      assert.equal(await chain.get(6), undefined)
      assert.equal(await chain.get(Number.MAX_SAFE_INTEGER), undefined)
    })
  })

  it('reads a range in order, both ends inclusive, as far as it goes', async () => {
    await appendAll()

    await withChain(async (chain) => {
      assert.deepEqual(await heights(chain, 0, 5), [0, 1, 2, 3, 4, 5])
      assert.deepEqual(await heights(chain, 2, 4), [2, 3, 4])
      assert.deepEqual(await heights(chain, 4, Number.MAX_SAFE_INTEGER), [4, 5])
      assert.deepEqual(await heights(chain, 6, 9), [])
      assert.deepEqual(await heights(chain, 4, 3), [])
    })
  })

  it('keeps heights in order past 255 and 65,535', async () => {
    await appendAll()
    await withDatabase(async (db) => {
      for (const height of [255, 256, 65_536]) {
        await db.put(blockKey(height), encodeBlock({ ...GENESIS, height }))
      }

      const keys = await db.keys({ gte: blockKey(4), lte: blockKey(70_000) }).all()
      assert.deepEqual(keys.map((key) => Buffer.from(key).readUInt32BE(5)), [4, 5, 255, 256, 65_536])
    })
  })

  it('can be left in the middle of a range', async () => {
    await appendAll()

    await withChain(async (chain) => {
      for await (const bytes of chain.range(0, 5)) {
        assert.equal(decodeBlock(bytes).height, 0)
        break
      }

      assert.deepEqual(await heights(chain, 5, 5), [5])
    })
  })

  it('reads a range as it was when reading began, while blocks are written over it', async () => {
    await appendAll(BLOCKS.slice(1, 4))

    await withChain(async (chain) => {
      const range = chain.range(0, 9)
      const [branch] = rivals(GENESIS, 4)
      const found = [decodeBlock((await range.next()).value!)]
      assert.equal(await chain.reorganise(branchOf(GENESIS, branch)), true)

      for await (const bytes of range) {
        found.push(decodeBlock(bytes))
      }

      assert.deepEqual(hashesOf(found), hashesOf(BLOCKS.slice(0, 4)))
    })
  })

  it('checks a block by the rules, and tells of one that breaks them', async () => {
    const invalid: [number, string][] = []

    await withChain(async (chain) => {
      await chain.verify(BLOCKS[1]!, GENESIS)
      await assert.rejects(chain.verify({ ...BLOCKS[1]!, timestamp: 1 }, GENESIS), {
        name: 'InvalidBlockError', message: 'Block 1 breaks the rules: its hash is wrong'
      })
      assert.equal(chain.tip().height, 0)
    }, { onInvalid: ({ height }, reason) => { invalid.push([height, reason]) } })
    assert.deepEqual(invalid, [[1, 'its hash is wrong']])
  })

  describe('appending', () => {
    it('takes many blocks at once, and none', async () => {
      const blocks = sampleChain(3001)

      await withChain(async (chain) => {
        await chain.append([])
        assertTip(chain, GENESIS)
        await chain.append(received(blocks.slice(1)))
        assertTip(chain, blocks[3000]!)
        await chain.append([])
      })
      await withChain(async (chain) => {
        assertTip(chain, blocks[3000]!)
        assert.deepEqual(await hashes(chain), hashesOf(blocks))
      })
    })

    it('keeps the bytes that came, whatever becomes of their memory', async () => {
      await withChain(async (chain) => {
        // unknown fields are part of what was received
        const bytes = Buffer.concat([encodeBlock(BLOCKS[1]!), Uint8Array.of(0x78, 1)])
        const expected = toHex(bytes)
        const memory = new Uint8Array(bytes.byteLength + 20)
        memory.set(bytes, 10)
        await chain.append([{ block: decodeBlock(memory.subarray(10, -10)), bytes: memory.subarray(10, -10) }])
        memory.fill(0)
        assert.equal(toHex(await chain.get(1) ?? NOTHING), expected)
        assertTip(chain, BLOCKS[1]!)
        assert.deepEqual(chain.head, BLOCKS[1])
        assert.ok(!chain.sharesMemory)
      })
    })

    it('refuses blocks that do not come after the tip', async () => {
      await withChain(async (chain) => {
        const refused = { name: 'StorageError', message: /^Expected the block after 0, got one of height \d$/ }
        await assert.rejects(chain.append(received([BLOCKS[2]!])), refused)
        await assert.rejects(chain.append(received([{ ...BLOCKS[1]!, prevHash: BLOCKS[3]!.hash }])), refused)
        await assert.rejects(chain.append(received([GENESIS])), refused)
        assertTip(chain, GENESIS)
      })
    })

    it('writes none of them where one is not linked to the one before', async () => {
      await withChain(async (chain) => {
        await assert.rejects(chain.append(received([BLOCKS[1]!, BLOCKS[2]!, BLOCKS[4]!])), {
          name: 'StorageError', message: 'Expected the block after 2, got one of height 4'
        })
        assertTip(chain, GENESIS)
        assert.equal(await chain.get(1), undefined)
      })
      await withDatabase(async (db) => { assert.equal((await db.keys().all()).length, 1) })
    })

    it('leaves all as it was where it cannot write, and goes on', async () => {
      const appended: number[] = []

      await withChain(async (chain) => {
        const [first, second, third] = received(BLOCKS.slice(1, 4)) as [ReceivedBlock, ReceivedBlock, ReceivedBlock]

        await assert.rejects(chain.append([first, { ...second, bytes: undefined as never }, third]), {
          code: 'LEVEL_INVALID_VALUE'
        })
        assertTip(chain, GENESIS)
        await chain.append(received(BLOCKS.slice(1, 3)))
      }, { onAppend: ({ height }) => { appended.push(height) } })
      await withChain(async (chain) => { assertTip(chain, BLOCKS[2]!) })
      assert.deepEqual(appended, [1, 2])
    })

    it('does one after the other: what fits when its turn comes is taken, the rest is refused', async () => {
      const appended: number[] = []

      await withChain(async (chain) => {
        const results = await Promise.allSettled([
          chain.append(received(BLOCKS.slice(1, 3))),
          chain.append(received([BLOCKS[1]!])),
          chain.append(received(BLOCKS.slice(3, 5))),
          chain.append(received([BLOCKS[3]!])),
          chain.append(received([BLOCKS[5]!]))
        ])

        assert.deepEqual(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
        assert.deepEqual(await hashes(chain), hashesOf(BLOCKS))
      }, { onAppend: ({ height }) => { appended.push(height) } })
      assert.deepEqual(appended, [1, 2, 3, 4, 5])
    })

    it('is done before the chain is closed', async () => {
      const chain = await open()
      const append = chain.append(received(BLOCKS.slice(1)))
      await chain.close()
      await append
      await withChain(async (chain) => { assertTip(chain, BLOCKS[5]!) })
    })
  })

  describe('a branch', () => {
    it('takes the place of the blocks above the common one where it is longer, for good', async () => {
      const changes: string[] = []
      const branch = forkFrom(BLOCKS[2]!, 4)
      await appendAll()

      await withChain(async (chain) => {
        assert.equal(await chain.reorganise(branchOf(BLOCKS[2]!, branch)), true)
        assertTip(chain, branch[3]!)
        assert.deepEqual(await hashes(chain), hashesOf([...BLOCKS.slice(0, 3), ...branch]))
        await chain.append(received(forkFrom(branch[3]!, 1)))
      }, {
        onAppend: ({ height, hash }) => { changes.push(`+${height} ${toHex(hash)}`) },
        onDrop: ({ height, hash }) => { changes.push(`-${height} ${toHex(hash)}`) }
      })
      await withChain(async (chain) => { assertTip(chain, forkFrom(branch[3]!, 1)[0]!) })
      assert.deepEqual(changes, [
        ...BLOCKS.slice(3).map(({ height, hash }) => `-${height} ${toHex(hash)}`),
        ...[...branch, ...forkFrom(branch[3]!, 1)].map(({ height, hash }) => `+${height} ${toHex(hash)}`)
      ])
    })

    it('of the same length wins with the smaller hash at its end, and only then', async () => {
      const [winner, loser] = rivals(BLOCKS[1]!, 3)
      await appendAll([BLOCKS[1]!, ...loser])

      await withChain(async (chain) => {
        assert.equal(await chain.reorganise(branchOf(BLOCKS[1]!, winner)), true)
        assertTip(chain, winner[2]!)
        assert.equal(await chain.reorganise(branchOf(BLOCKS[1]!, loser)), false)
        assert.equal(await chain.reorganise(branchOf(BLOCKS[1]!, winner)), false)
        assert.deepEqual(await hashes(chain), hashesOf([...BLOCKS.slice(0, 2), ...winner]))
      })
    })

    it('that is shorter, or says to have more than it has, changes nothing', async () => {
      await appendAll()

      await withChain(async (chain) => {
        assert.equal(await chain.reorganise(branchOf(BLOCKS[2]!, forkFrom(BLOCKS[2]!, 2))), false)
        assert.equal(await chain.reorganise({ ...branchOf(BLOCKS[2]!, []), height: 1_000_000 }), false)
        assert.deepEqual(await hashes(chain), hashesOf(BLOCKS))
      })
    })

    it(`is refused where more than ${MAX_REORG_BLOCKS} blocks would have to go, without asking for any of it`, async () => {
      const own = sampleChain(MAX_REORG_BLOCKS + 2)
      await appendAll(own.slice(1))

      await withChain(async (chain) => {
        const asked: number[] = []
        const branch = branchOf(GENESIS, forkFrom(GENESIS, MAX_REORG_BLOCKS + 2), ({ height }) => { asked.push(height) })
        assert.equal(await chain.reorganise(branch), false)
        assert.deepEqual(asked, [])
        assertTip(chain, own[MAX_REORG_BLOCKS + 1]!)

        const longer = forkFrom(own[1]!, MAX_REORG_BLOCKS + 1)
        assert.equal(await chain.reorganise(branchOf(own[1]!, longer)), true)
        assertTip(chain, longer.at(-1)!)
      })
    })

    it('that ends in an error changes nothing', async () => {
      await appendAll()

      await withChain(async (chain) => {
        const branch = branchOf(BLOCKS[1]!, forkFrom(BLOCKS[1]!, 9), ({ height }) => {
          if (height === 5) {
            throw new Error('nobody has the rest')
          }
        })
        await assert.rejects(chain.reorganise(branch), { message: 'nobody has the rest' })
        assert.deepEqual(await hashes(chain), hashesOf(BLOCKS))
      })
      await withChain(async (chain) => { assert.deepEqual(await hashes(chain), hashesOf(BLOCKS)) })
    })

    it('that begins at a block of another chain changes nothing', async () => {
      await appendAll()

      await withChain(async (chain) => {
        const [foreign] = forkFrom(BLOCKS[1]!, 1) as [Block]
        await assert.rejects(chain.reorganise(branchOf(foreign, forkFrom(foreign, 9))), { name: 'StorageError' })
        assert.deepEqual(await hashes(chain), hashesOf(BLOCKS))
      })
    })

    it('is compared with what the chain has when it is written', async () => {
      await appendAll()

      await withChain(async (chain) => {
        const appends: Promise<void>[] = []
        // the last block of the branch comes, and is as good as written, when ours grows by two
        const branch = branchOf(BLOCKS[4]!, forkFrom(BLOCKS[4]!, 2), ({ height }) => {
          if (height === 6) {
            appends.push(chain.append(received(forkFrom(BLOCKS[5]!, 2, 'own'))))
          }
        })
        assert.equal(await chain.reorganise(branch), false)
        await Promise.all(appends)
        assert.deepEqual(await hashes(chain), hashesOf([...BLOCKS, ...forkFrom(BLOCKS[5]!, 2, 'own')]))
      })
    })

    it('makes room for no block that was made for the chain before', async () => {
      await appendAll()

      await withChain(async (chain) => {
        const branch = forkFrom(BLOCKS[2]!, 4)
        const adopted = chain.reorganise(branchOf(BLOCKS[2]!, branch))
        assert.equal(await adopted, true)
        await assert.rejects(chain.append(received(forkFrom(BLOCKS[5]!, 1))), { name: 'StorageError' })
        assertTip(chain, branch[3]!)
      })
    })
  })

  it('refuses a chain of another genesis block and leaves it as it is', async () => {
    await appendAll()
    await assert.rejects(open({}, sampleChain(1, 'other')[0]), { name: 'StorageError', message: /genesis block/ })
    await withChain(async (chain) => { assert.equal(chain.tip().height, 5) })
  })

  it('refuses a database without a genesis block and leaves it as it is', async () => {
    await appendAll()
    await withDatabase(async (db) => { await db.del(blockKey(0)) })
    await assert.rejects(withChain(async () => {}), { name: 'StorageError', message: /without its genesis block/ })
    await withDatabase(async (db) => { assert.equal((await db.keys().all()).length, 5) })
  })

  it('says that another process is using it', async () => {
    await withChain(async () => {
      await assert.rejects(open(), { name: 'StorageError', message: /another process is using it/ })
    })
  })

  it('opens where there are keys of something else, as an earlier layout had one for its tip', async () => {
    await withChain(async (chain) => { await chain.append(received(BLOCKS.slice(1))) })
    const db = new ClassicLevel<Uint8Array, Uint8Array>(directory, { keyEncoding: 'view', valueEncoding: 'view' })
    await db.put(Uint8Array.of(0x74), new Uint8Array(40))
    await db.close()
    await withChain(async (chain) => { assertTip(chain, BLOCKS[5]!) })
  })

  describe('with a damaged end', () => {
    const GARBAGE = Uint8Array.of(1, 2, 3)
    const unlinked = (height: number): Uint8Array => encodeBlock({ ...BLOCKS[height]!, prevHash: BLOCKS[height]!.hash })
    const damages: [string, (db: ClassicLevel<Uint8Array, Uint8Array>) => Promise<void>, number][] = [
      ['gone', async (db) => { await db.del(blockKey(5)) }, 4],
      ['no block', async (db) => { await db.put(blockKey(5), GARBAGE) }, 4],
      ['a block of another height', async (db) => { await db.put(blockKey(5), encodeBlock(BLOCKS[4]!)) }, 4],
      ['not linked to the one before', async (db) => { await db.put(blockKey(5), unlinked(5)) }, 4],
      ['above a gap', async (db) => { await db.put(blockKey(9), encodeBlock({ ...BLOCKS[5]!, height: 9 })) }, 5],
      ['without the one before', async (db) => { await db.del(blockKey(4)) }, 3],
      ['after one that is no block', async (db) => { await db.put(blockKey(4), GARBAGE) }, 3],
      ['no block, and one below it is gone', async (db) => {
        await db.batch([{ type: 'put', key: blockKey(5), value: GARBAGE }, { type: 'del', key: blockKey(3) }])
      }, 2],
      ['no block, and one below it is not linked', async (db) => {
        await db.batch([{ type: 'put', key: blockKey(5), value: GARBAGE }, { type: 'put', key: blockKey(2), value: unlinked(2) }])
      }, 1]
    ]

    for (const [what, damage, height] of damages) {
      it(`goes back to the last linked block where the last one is ${what}`, async () => {
        await appendAll()
        await withDatabase(damage)

        await withChain(async (chain) => {
          assertTip(chain, BLOCKS[height]!)

          await chain.append(received(BLOCKS.slice(height + 1)))
        })
        await withChain(async (chain) => {
          assertTip(chain, BLOCKS[5]!)
          assert.deepEqual(await heights(chain, 0, 9), [0, 1, 2, 3, 4, 5])
        })
      })
    }
  })

  describe('in trouble', () => {
    let told: string[]
    const listener: ChainListener = { onTrouble: (message) => { told.push(message) } }

    beforeEach(() => {
      told = []
    })

    async function logFile (): Promise<string> {
      return join(directory, (await readdir(directory)).find((name) => name.endsWith('.log'))!)
    }

    it('goes back to below the hole where bytes of its log were changed, and says so', async () => {
      const blocks = growChain(BLOCKS, 300, 'long', 1000)
      await withChain(async (chain) => {
        for (let i = 1; i < blocks.length; i += 10) {
          await chain.append(received(blocks.slice(i, i + 10)))
        }
      })
      const log = await logFile()
      const bytes = await readFile(log)
      await writeFile(log, bytes.fill(0x5a, bytes.byteLength / 2, bytes.byteLength / 2 + 100))

      await withChain(async (chain) => {
        const { height } = chain.tip()
        assert.ok(height > 50 && height < 250, `height ${height}`)
        assert.deepEqual(await hashes(chain), hashesOf(blocks.slice(0, height + 1)))
        assert.equal(told.length, 1)
        assert.match(told[0]!, /^The chain was damaged \(\d+\.log is damaged at byte \d+\): it goes on from block \d+/)
        await chain.append(received(blocks.slice(height + 1)))
      }, listener)
      await withChain(async (chain) => { assertTip(chain, blocks.at(-1)!) }, listener)
      assert.equal(told.length, 1)
    })

    it('begins anew where its log is zeros, and says so', async () => {
      await appendAll()
      const log = await logFile()
      await writeFile(log, new Uint8Array((await readFile(log)).byteLength))
      await withChain(async (chain) => { assertTip(chain, GENESIS) }, listener)
      assert.match(told[0]!, /it goes on from block 0/)
    })

    it('looks at all blocks when it is opened again where it was ended meanwhile', async () => {
      await appendAll()
      await withDatabase(async (db) => { await db.del(blockKey(2)) })
      await noteDamage(directory, 'a block is missing')
      await withChain(async (chain) => { assertTip(chain, BLOCKS[1]!) }, listener)
      assert.deepEqual(told.length, 1)
    })

    for (const [what, make] of [['a directory', mkdir], ['a link to itself', async (path: string) => symlink(path, path)]] as const) {
      it(`is not opened where its log is ${what}, and names it`, async () => {
        await appendAll()
        const log = await logFile()
        await rm(log)
        await make(log)
        await assert.rejects(open(), (err: Error) => err.name === 'StorageError' && err.message.includes(log))
      })
    }

    it('goes back to below a block that is found to be missing', async () => {
      await appendAll()
      await withDatabase(async (db) => { await db.del(blockKey(3)) })

      await withChain(async (chain) => {
        assertTip(chain, BLOCKS[5]!)
        assert.equal(await chain.get(3), undefined)
        await eventually(() => told.length > 0, 'the trouble')
        assertTip(chain, BLOCKS[2]!)
        await chain.append(received(BLOCKS.slice(3)))
        assertTip(chain, BLOCKS[5]!)
      }, listener)
    })

    it('stays as it is where nothing is found', async () => {
      await appendAll()
      await withChain(async (chain) => {
        await chain.repair('nothing')
        assertTip(chain, BLOCKS[5]!)
      }, listener)
      assert.deepEqual(told, [])
    })

    it('has every block that it took when the disk was full for a while', async function () {
      const disk = await SmallDisk.mount(16)

      if (disk == null) {
        console.log('      skipped: only root can mount a small disk')
        this.skip()
      }

      const parent = directory
      directory = join(disk.path, 'chain')
      const blocks = growChain(BLOCKS, 120, 'long', 50_000)
      let next = 1

      try {
        await withChain(async (chain) => {
          const append = async (): Promise<boolean> => chain.append(received(blocks.slice(next, next + 10))).then(() => {
            next += 10
            return true
          }, () => false)

          await append()
          await disk.fill()
          assert.equal(await append(), false)
          assert.equal(toHex(await chain.get(1) ?? NOTHING), toHex(encodeBlock(blocks[1]!)))
          await disk.clear()
          // at once it is not taken, by itself it is
          assert.equal(await append(), false)
          await eventually(() => told.includes('The chain can be written again'), 'the chain')
          next = chain.tip().height + 1
          assert.ok(await append() && await append())
        }, listener)
        await withChain(async (chain) => {
          assert.equal(chain.tip().height, next - 1)
          assert.deepEqual(await hashes(chain), hashesOf(blocks.slice(0, next)))
        })
      } finally {
        directory = parent
        await disk.unmount()
      }
    })
  })
})
