import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandRun } from './command-run.ts'
import { ChainDb } from '../../src/cli/chain/chain.ts'
import { toHex } from '../../src/cli/output/format.ts'
import { createRules } from '../../src/cli/node/rules.ts'
import { Wallet } from '../../src/cli/node/wallet.ts'
import { decodeBlock, encodeBlock } from '../../src/index.ts'
import type { Block } from '../../src/index.ts'

const NETWORK = 'crash-test'
const RULES = createRules(NETWORK)
const ANY_PORT = '/ip4/127.0.0.1/tcp/0'

/** Enough that a catch-up takes seconds: it is told how far it is four times a second. */
const LENGTH = 5000
const BATCH = 500
const TRANSACTIONS = 2

/** Each kill is at a random share of the chain, within these. */
const KILLS: readonly [number, number][] = [[0.05, 0.2], [0.3, 0.45], [0.55, 0.7]]

/** Makes a chain in the directory of a node that is to serve it. Returns the hashes of its blocks. */
async function makeChain (dataDir: string): Promise<string[]> {
  const wallet = new Wallet()
  const transactions = Array.from({ length: TRANSACTIONS }, () => wallet.pay())
  const chain = await ChainDb.open(join(dataDir, 'chain'), RULES)
  const hashes = [toHex(RULES.genesis.hash)]
  let parent = RULES.genesis

  while (parent.height < LENGTH) {
    const blocks: Block[] = []

    while (blocks.length < BATCH) {
      parent = RULES.makeBlock(parent, transactions, parent.timestamp + 1)
      blocks.push(parent)
    }

    hashes.push(...blocks.map(({ hash }) => toHex(hash)))
    await chain.append(blocks.map((block) => ({ block, bytes: encodeBlock(block) })))
  }

  await chain.close()

  return hashes
}

/** Reads a chain from its first block to its last: every one is there and linked. Returns the hashes. */
async function readChain (dataDir: string): Promise<string[]> {
  const chain = await ChainDb.open(join(dataDir, 'chain'), RULES)
  const hashes: string[] = []
  let parent: Block | undefined

  try {
    for await (const bytes of chain.range(0, Number.MAX_SAFE_INTEGER)) {
      const block = decodeBlock(bytes)
      assert.equal(block.height, hashes.length)
      assert.equal(toHex(block.prevHash), toHex(parent?.hash ?? block.prevHash))
      hashes.push(toHex(block.hash))
      parent = block
    }

    assert.equal(toHex(chain.tip().hash), hashes.at(-1))
  } finally {
    await chain.close()
  }

  return hashes
}

describe('integration/crash', function () {
  this.timeout(60_000)

  const runs: CommandRun[] = []
  let directory: string

  function start (name: string, ...args: string[]): CommandRun {
    const run = new CommandRun([
      'start', '--json', '--listen', ANY_PORT, '--name', name, '--network', NETWORK, '--data-dir', join(directory, name), ...args
    ])
    runs.push(run)

    return run
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crash-test-'))
  })

  afterEach(async () => {
    for (const run of runs.splice(0)) {
      run.child.kill('SIGKILL')
      await run.end()
    }

    await rm(directory, { recursive: true, maxRetries: 10 })
  })

  it('goes on where it was, however often, and has the same chain in the end', async () => {
    const expected = await makeChain(join(directory, 'server'))
    const { addresses } = await start('server').line('started')
    const seed = ['--seed', String((addresses as string[])[0])]
    let height = 0

    for (const [least, most] of KILLS) {
      const share = least + Math.random() * (most - least)
      const run = start('client', ...seed)
      const started = await run.line('started')
      const progress = await run.line('syncing', ({ at }) => Number(at) >= share * LENGTH)
      run.child.kill('SIGKILL')
      const { signal } = await run.end()
      const found = await readChain(join(directory, 'client'))
      const where = `killed at ${share} of the chain`

      assert.equal(signal, 'SIGKILL', where)
      assert.deepEqual([started['height'], progress['from']], [height, height], where)
      assert(found.length > Number(progress['at']), `${where}: what was reported is there`)
      assert(found.length < expected.length, `${where}: it was in the middle`)
      assert.deepEqual(found, expected.slice(0, found.length), where)
      height = found.length - 1
    }

    const run = start('client', ...seed)
    const { height: from } = await run.line('started')
    const synced = await run.line('synced')
    run.child.kill('SIGINT')
    assert.equal((await run.end()).code, 0)

    assert.deepEqual([from, synced['from'], synced['at']], [height, height, LENGTH])
    assert.deepEqual(await readChain(join(directory, 'client')), expected)
  })
})
