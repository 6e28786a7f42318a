import { InvalidBlockError, digestOf, encodeBlock, startNetwork } from '../../src/index.ts'
import type { Block, Branch, ChainStore, ReceivedBlock } from '../../src/index.ts'

const NONE = new Uint8Array(32)
const hashOf = (block: Block): Uint8Array => digestOf(encodeBlock({ ...block, hash: NONE }))

function makeBlock (height: number, prevHash: Uint8Array): Block {
  const block = { height, hash: NONE, prevHash, timestamp: 0, stateRoot: NONE, transactions: [], proof: new Uint8Array(0) }

  return { ...block, hash: hashOf(block) }
}

const genesis = makeBlock(0, NONE)

class MemoryChain implements ChainStore {
  readonly blocks = [genesis]

  tip (): Block {
    return this.blocks[this.blocks.length - 1]!
  }

  get (height: number): Block | undefined {
    return this.blocks[height]
  }

  verify (block: Block): void {
    if (Buffer.compare(block.hash, hashOf(block)) !== 0) {
      throw new InvalidBlockError(`the hash of block ${block.height} is not that of its content`)
    }
  }

  append (blocks: readonly ReceivedBlock[]): void {
    if (Buffer.compare(blocks[0]!.block.prevHash, this.tip().hash) !== 0) {
      throw new Error('the tip has moved')
    }

    this.blocks.push(...blocks.map(({ block }) => block))
  }

  // the longer chain wins
  async reorganise ({ common, blocks }: Branch): Promise<boolean> {
    const branch: Block[] = []

    for await (const { block } of blocks) {
      branch.push(block)

      if (block.height > this.tip().height) {
        this.blocks.splice(common.height + 1, Infinity, ...branch)
        return true
      }
    }

    return false
  }

  // a block of our own
  grow (): Block {
    const block = makeBlock(this.blocks.length, this.tip().hash)
    this.blocks.push(block)

    return block
  }
}

const [longer, shorter] = [new MemoryChain(), new MemoryChain()]

while (longer.tip().height < 1000) {
  longer.grow()
}

const common = { listen: ['/ip4/127.0.0.1/tcp/0'], network: 'vibecoin-example', genesisHash: genesis.hash }
const alice = await startNetwork({ ...common, chain: longer })
const bob = await startNetwork({ ...common, chain: shorter })

bob.addEventListener('sync:progress', ({ detail: { height, to, blocksPerSecond } }) => {
  console.log(`block ${height} of ${to}, ${Math.round(blocksPerSecond)} a second`)
})

const arrival = new Promise((resolve) => { bob.addEventListener('block', resolve) })
await bob.connect(String(alice.libp2p.getMultiaddrs()[0]))
console.log(await bob.sync({ signal: AbortSignal.timeout(10_000) })) // { from: 0, height: 1000, reorganised: false }

// from now on, what is new is appended as it comes
alice.broadcast({ type: 'newBlock', block: longer.grow() })
await arrival
console.log(shorter.tip().height) // 1001
await Promise.all([alice.stop(), bob.stop()])
