import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { ChainDb } from '../../src/cli/chain-db.ts'
import { toHex } from '../../src/cli/format.ts'
import { decodeBlock, encodeBlock } from '../../src/index.ts'
import { sampleChain } from '../sample.ts'
import type { Block } from '../../src/index.ts'

const BLOCKS = sampleChain(6)
const GENESIS = BLOCKS[0]!
const TIP_KEY = Uint8Array.of(0x74)
const NOTHING = new Uint8Array(0)

function assertTip (chain: ChainDb, { height, hash }: Block): void {
  const tip = chain.tip()
  assert.deepEqual({ height: tip.height, hash: toHex(tip.hash) }, { height, hash: toHex(hash) })
}

function blockKey (height: number): Uint8Array {
  const key = Buffer.alloc(9, 0x62)
  key.writeBigUInt64BE(BigInt(height), 1)

  return key
}

function tipValue (height: number, hash: Uint8Array): Uint8Array {
  const value = Buffer.alloc(40)
  value.writeBigUInt64BE(BigInt(height))
  value.set(hash, 8)

  return value
}

describe('cli/chain-db', () => {
  let directory: string

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'chain-db-')), 'a', 'chain')
  })

  afterEach(async () => {
    await rm(join(directory, '..', '..'), { recursive: true })
  })

  async function withChain<Result> (use: (chain: ChainDb) => Promise<Result>, genesis: Block = GENESIS): Promise<Result> {
    const chain = await ChainDb.open(directory, genesis)

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
    await withChain(async (chain) => {
      for (const block of blocks) {
        await chain.append(block)
      }
    })
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

  it('refuses a block that does not come after the tip', async () => {
    await withChain(async (chain) => {
      await assert.rejects(chain.append(BLOCKS[2]!), { name: 'StorageError' })
      await assert.rejects(chain.append({ ...BLOCKS[1]!, prevHash: BLOCKS[3]!.hash }), { name: 'StorageError' })
      await assert.rejects(chain.append(GENESIS), { name: 'StorageError' })
      assert.equal(chain.tip().height, 0)
    })
  })

  it('refuses a second block while the first is being written', async () => {
    await withChain(async (chain) => {
      const first = chain.append(BLOCKS[1]!)
      await assert.rejects(chain.append(BLOCKS[1]!), { name: 'StorageError' })
      await first
      assert.equal(chain.tip().height, 1)
    })
  })

  it('moves the tip only with its block: a write that fails leaves both as they were', async () => {
    await withChain(async (chain) => {
      await chain.append(BLOCKS[1]!)
      await assert.rejects(chain.append({ ...BLOCKS[2]!, proof: 'no bytes' as never }), { name: 'EncodeError' })
      assert.equal(chain.tip().height, 1)
      await chain.append(BLOCKS[2]!)
    })
    await withChain(async (chain) => { assert.equal(chain.tip().height, 2) })
  })

  it('refuses a chain of another genesis block and leaves it as it is', async () => {
    await appendAll()
    await assert.rejects(withChain(async () => {}, sampleChain(1, 'other')[0]), { name: 'StorageError', message: /genesis block/ })
    await withChain(async (chain) => { assert.equal(chain.tip().height, 5) })
  })

  it('refuses a database without a genesis block and leaves it as it is', async () => {
    await appendAll()
    await withDatabase(async (db) => { await db.del(blockKey(0)) })
    await assert.rejects(withChain(async () => {}), { name: 'StorageError', message: /without its genesis block/ })
    await withDatabase(async (db) => { assert.equal((await db.keys().all()).length, 6) })
  })

  it('says that another process is using it', async () => {
    await withChain(async () => {
      await assert.rejects(ChainDb.open(directory, GENESIS), { name: 'StorageError', message: /another process is using it/ })
    })
  })

  describe('with a damaged tip', () => {
    const damages: [string, (db: ClassicLevel<Uint8Array, Uint8Array>) => Promise<void>, number][] = [
      ['missing', async (db) => { await db.del(TIP_KEY) }, 5],
      ['cut off', async (db) => { await db.put(TIP_KEY, Uint8Array.of(0, 0, 0)) }, 5],
      ['above every block', async (db) => { await db.put(TIP_KEY, tipValue(9, BLOCKS[5]!.hash)) }, 5],
      ['of another hash', async (db) => { await db.put(TIP_KEY, tipValue(5, BLOCKS[4]!.hash)) }, 5],
      ['of a block that is gone', async (db) => { await db.del(blockKey(5)) }, 4],
      ['of a block that cannot be decoded', async (db) => { await db.put(blockKey(5), Uint8Array.of(1, 2, 3)) }, 4],
      ['of a block of another height', async (db) => { await db.put(blockKey(5), encodeBlock(BLOCKS[4]!)) }, 4],
      ['missing, and a block below it too', async (db) => { await db.batch([{ type: 'del', key: TIP_KEY }, { type: 'del', key: blockKey(3) }]) }, 2],
      ['missing, and a block below it not linked', async (db) => {
        await db.batch([{ type: 'del', key: TIP_KEY }, { type: 'put', key: blockKey(2), value: encodeBlock({ ...BLOCKS[2]!, prevHash: BLOCKS[5]!.hash }) }])
      }, 1]
    ]

    for (const [what, damage, height] of damages) {
      it(`goes back to the last linked block where the tip is ${what}`, async () => {
        await appendAll()
        await withDatabase(damage)

        await withChain(async (chain) => {
          assertTip(chain, BLOCKS[height]!)

          for (const block of BLOCKS.slice(height + 1)) {
            await chain.append(block)
          }
        })
        await withChain(async (chain) => {
          assertTip(chain, BLOCKS[5]!)
          assert.deepEqual(await heights(chain, 0, 9), [0, 1, 2, 3, 4, 5])
        })
      })
    }
  })
})
