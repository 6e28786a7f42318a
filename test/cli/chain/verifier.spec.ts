import assert from 'node:assert/strict'
import { BLOCKS_PER_THREAD, BlockVerifier, MAX_OWN_SIGNATURES, MAX_THREADS } from '../../../src/cli/chain/verifier.ts'
import { createRules } from '../../../src/cli/node/rules.ts'
import { Wallet } from '../../../src/cli/node/wallet.ts'
import { decodeBlock, encodeBlock } from '../../../src/index.ts'
import type { Block, Transaction } from '../../../src/index.ts'

const NETWORK = 'verifier-test'
const RULES = createRules(NETWORK)

/** Blocks above the genesis block, with this many payments in each. */
function makeBlocks (count: number, payments = 0): Block[] {
  const wallet = new Wallet()
  const blocks: Block[] = []

  for (let index = 0; index < count; index++) {
    const parent = blocks.at(-1) ?? RULES.genesis
    const transactions: Transaction[] = Array.from({ length: payments }, () => wallet.pay())
    blocks.push(RULES.makeBlock(parent, transactions, parent.timestamp + 1))
  }

  return blocks
}

describe('cli/chain/verifier', () => {
  let verifier: BlockVerifier
  /** Heights of the blocks that were verified on this thread. */
  let own: number[]

  function open (threads: number): void {
    own = []
    verifier = new BlockVerifier({
      network: NETWORK,
      threads,
      rules: {
        verifyBlock: (block, parent) => {
          own.push(block.height)
          return RULES.verifyBlock(block, parent)
        }
      }
    })
  }

  /** As they come from a peer: views of one large frame. */
  async function verify (blocks: readonly Block[]): Promise<(string | undefined)[]> {
    const encoded = blocks.map(encodeBlock)
    const frame = Buffer.concat(encoded)
    let end = 0
    const received = encoded.map(({ byteLength }) => frame.subarray(end, end += byteLength))
    const decoded = received.map(decodeBlock)

    return Promise.all(decoded.map(async (block, index) => verifier.verify(block, decoded[index - 1] ?? RULES.genesis, received[index])))
  }

  afterEach(async () => {
    await verifier.close()
  })

  it('verifies many blocks on other threads, and says of each what is wrong with it', async () => {
    open(2)
    const blocks = makeBlocks(40, 1)
    const [payment] = blocks[29]!.transactions
    blocks[29] = { ...blocks[29]!, transactions: [{ ...payment!, value: payment!.value + 1n }] }
    const reasons = await verify(blocks)

    assert.deepEqual(own, [])
    assert.deepEqual(reasons.map((reason) => reason != null).flatMap((isWrong, index) => isWrong ? [index] : []), [29])
    assert.equal(reasons[29], 'its hash is not that of its content')
  })

  it('looks at each block with the one that it was given, also where they do not follow each other', async () => {
    open(1)
    const [a, b, c] = makeBlocks(3, 8) as [Block, Block, Block]
    const reasons = await Promise.all(([[a, RULES.genesis], [c, a], [b, a], [c, b]] as const).map(
      async ([block, parent]) => verifier.verify(block, parent, encodeBlock(block))
    ))

    assert.deepEqual(reasons, [undefined, 'it does not come after the block before it', undefined, undefined])
    assert.deepEqual(own, [])
  })

  it('leaves the bytes that it was given as they are', async () => {
    open(1)
    const [block] = makeBlocks(1, MAX_OWN_SIGNATURES) as [Block]
    const bytes = encodeBlock(block)
    await verifier.verify(block, RULES.genesis, bytes)

    assert.deepEqual([own, decodeBlock(bytes).height], [[], 1])
  })

  it(`checks ${MAX_OWN_SIGNATURES} signatures here, and one more on another thread`, async () => {
    open(1)
    await verify(makeBlocks(1, MAX_OWN_SIGNATURES - 1))
    assert.deepEqual(own, [1])
    await verify(makeBlocks(1, MAX_OWN_SIGNATURES))
    assert.deepEqual(own, [1])
  })

  it('verifies here what has no bytes, and all of it without other threads', async () => {
    open(1)
    assert.equal(verifier.verify(makeBlocks(1, 20)[0]!, RULES.genesis), undefined)
    assert.deepEqual(own, [1])
    open(0)
    assert.deepEqual(await verify(makeBlocks(3, 10)), [undefined, undefined, undefined])
    assert.deepEqual([own, verifier.concurrency], [[1, 2, 3], 1])
  })

  it('takes more blocks at a time the more threads it has, up to a bound', () => {
    for (const [threads, expected] of [[1, 1], [MAX_THREADS, MAX_THREADS], [MAX_THREADS + 1, MAX_THREADS]] as const) {
      open(threads)
      assert.equal(verifier.concurrency, expected * BLOCKS_PER_THREAD)
    }

    assert.ok(verifier.concurrency <= 1024)
  })

  it('ends its threads, and what they were at fails', async () => {
    open(1)
    const verified = verify(makeBlocks(20, 20))
    verified.catch(() => {})
    // the blocks are handed out in the next turn
    await new Promise(setImmediate)
    await verifier.close()

    await assert.rejects(verified, /[Tt]erminat/)
    assert.equal(await verifier.verify(makeBlocks(1)[0]!, RULES.genesis, new Uint8Array(0)), undefined)
  })
})
