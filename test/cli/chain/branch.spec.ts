import assert from 'node:assert/strict'
import { MAX_REORG_BLOCKS, MAX_REORG_BYTES, isFinal, takeBranch, winsOver } from '../../../src/cli/chain/branch.ts'
import { encodeBlock } from '../../../src/index.ts'
import { sampleChain, sampleHash } from '../../support/sample.ts'
import type { BranchStart } from '../../../src/cli/chain/branch.ts'
import type { ReceivedBlock, Tip } from '../../../src/index.ts'

const BLOCKS = sampleChain(12)
const GENESIS = BLOCKS[0]!
const QUARTER = new Uint8Array(MAX_REORG_BYTES / 4)

function tip (height: number, first = 0x80): Tip {
  return { height, hash: new Uint8Array(32).fill(first) }
}

/** Takes the branch of these blocks above the genesis block, and counts those that were asked for. */
async function take (received: ReceivedBlock[], head: Tip): Promise<{ start: BranchStart | undefined, taken: number }> {
  let taken = 0
  const blocks = (async function * () {
    for (const block of received) {
      taken++
      yield block
    }
  })()
  const start = await takeBranch({ common: GENESIS, height: received.length, blocks }, () => head)

  return { start, taken }
}

function received (count: number, bytes?: Uint8Array): ReceivedBlock[] {
  return BLOCKS.slice(1, count + 1).map((block) => ({ block, bytes: bytes ?? encodeBlock(block) }))
}

describe('cli/chain/branch', () => {
  it('lets the longer chain win, then that with the smaller hash', () => {
    assert.equal(winsOver(tip(6), tip(5)), true)
    assert.equal(winsOver(tip(5), tip(6)), false)
    assert.equal(winsOver(tip(6, 0xff), tip(5, 0)), true)
    assert.equal(winsOver(tip(5, 0x7f), tip(5)), true)
    assert.equal(winsOver(tip(5, 0x81), tip(5)), false)
    assert.equal(winsOver(tip(5), tip(5)), false)
  })

  it(`has what is more than ${MAX_REORG_BLOCKS} blocks deep as final`, () => {
    assert.equal(isFinal(tip(7), tip(7 + MAX_REORG_BLOCKS)), false)
    assert.equal(isFinal(tip(7), tip(8 + MAX_REORG_BLOCKS)), true)
  })

  it('takes no more blocks than it takes to be longer', async () => {
    const { start, taken } = await take(received(11), tip(4))
    assert.equal(taken, 5)
    assert.deepEqual(start?.blocks.map(({ height }) => height), [1, 2, 3, 4, 5])
    assert.deepEqual([start.tip.height, start.tip.hash], [5, BLOCKS[5]!.hash])
  })

  it('takes all of one that is as long, and is nothing where it does not win', async () => {
    const won = await take(received(5), tip(5, 0xff))
    const lost = await take(received(5), tip(5, 0))
    assert.deepEqual([won.taken, won.start?.blocks.length], [5, 5])
    assert.deepEqual([lost.taken, lost.start], [5, undefined])
    assert.equal((await take(received(4), tip(5))).start, undefined)
    assert.equal((await take([], tip(0, 0xff))).start, undefined)
  })

  it('follows a chain that grows in the meantime', async () => {
    let height = 2
    const blocks = (async function * () {
      for (const block of received(9)) {
        height = Math.max(height, 6)
        yield block
      }
    })()
    const start = await takeBranch({ common: GENESIS, height: 9, blocks }, () => tip(height))
    assert.equal(start?.tip.height, 7)
  })

  it('keeps copies, and nothing of the memory around them', async () => {
    const [{ block, bytes }] = received(1) as [ReceivedBlock]
    const frame = new Uint8Array(4_000_000)
    frame.set(bytes, 1000)
    const { start } = await take([{ block, bytes: frame.subarray(1000, 1000 + bytes.byteLength) }], tip(0))
    frame.fill(0)
    assert.deepEqual(Buffer.from(start!.blocks[0]!.bytes), Buffer.from(bytes))
    assert.equal(start!.blocks[0]!.bytes.buffer.byteLength, bytes.byteLength)
    assert.equal(start!.tip.hash.buffer.byteLength, 32)
  })

  it('takes a branch of 64 MiB, and none of a byte more', async () => {
    assert.equal(MAX_REORG_BYTES, 67_108_864)
    const fits = await take(received(4, QUARTER), tip(3))
    const over = await take([...received(4, QUARTER), { block: BLOCKS[5]!, bytes: Uint8Array.of(1) }, ...received(9).slice(5)], tip(5))
    assert.equal(fits.start?.blocks.length, 4)
    assert.deepEqual([over.taken, over.start], [5, undefined])
  })

  it('fails where its blocks are not linked', async () => {
    const refused = { name: 'StorageError', message: /^Expected the block of a branch after \d, got one of height \d$/ }
    const [first, second, third] = received(3) as [ReceivedBlock, ReceivedBlock, ReceivedBlock]
    await assert.rejects(take([second], tip(0)), refused)
    await assert.rejects(take([first, third], tip(5)), refused)
    await assert.rejects(take([first, { ...second, block: { ...second.block, prevHash: sampleHash('other') } }], tip(5)), refused)
  })
})
