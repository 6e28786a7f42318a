import assert from 'node:assert/strict'
import { connect, nextEvent, startNode, stopNodes } from './nodes.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleBlockHash, sampleChain } from '../support/sample.ts'
import { WANT_DELAY_MS, WANT_SLACK_MS } from '../../src/gossip/fetch/fetcher.ts'
import { ANNOUNCE_BYTES, OWN_PUSH_PEERS } from '../../src/gossip/send/distribution.ts'
import { encodeBlock } from '../../src/index.ts'
import type { Block, BlockTimeline, Network } from '../../src/index.ts'

const [genesis] = sampleChain(1) as [Block]

/** A block that follows the genesis block. */
function blockOf (proof: Uint8Array): Block {
  const block = sampleBlock({ height: 1, prevHash: genesis.hash, proof })

  return { ...block, hash: sampleBlockHash({ ...block, hash: new Uint8Array(32) }) }
}

function idOf (network: Network): string {
  return network.libp2p.peerId.toString()
}

/** Whether these times go up. */
function isInOrder (...times: (number | undefined)[]): boolean {
  const given = times.filter((time) => time != null)

  return given.every((time, i) => i === 0 || time >= given[i - 1]!)
}

describe('integration/timeline', () => {
  let chain: MemoryChain
  let source: Network
  let others: Network[]

  afterEach(stopNodes)

  /** A node in the middle of others that have sessions with it only. */
  async function startStar (count: number): Promise<void> {
    chain = new MemoryChain([genesis])
    source = await startNode({ chain })
    others = await Promise.all(Array.from({ length: count }, async () => startNode({ chain: new MemoryChain([genesis]) })))

    for (const node of others) {
      await connect(source, node)
    }
  }

  /** Has the source broadcast a block, and returns the timelines of the others. */
  async function broadcast (block: Block): Promise<BlockTimeline[]> {
    const timelines = others.map(async (node) => nextEvent(node, 'block:timeline'))
    chain.push([{ block, bytes: encodeBlock(block) }])
    source.broadcast({ type: 'newBlock', block })

    return Promise.all(timelines)
  }

  it('of a small block says that it was pushed, and who was sent it on', async () => {
    await startStar(2)
    const [middle, last] = [others[0]!, await startNode({ chain: new MemoryChain([genesis]) })]
    await connect(middle, last)
    const block = blockOf(new Uint8Array(10))
    const before = Date.now()
    const atLast = nextEvent(last, 'block:timeline')
    let ofSource = 0
    source.addEventListener('block:timeline', () => { ofSource++ })
    const [timeline] = await broadcast(block) as [BlockTimeline]
    const { height, hash, transactions, bytes, from, received, judged, appended, relayed } = timeline

    assert.deepEqual([height, hash, transactions, bytes, from, received.peer, relayed.peers], [
      1, Buffer.from(block.hash).toString('hex'), block.transactions.length, encodeBlock(block).byteLength, idOf(source), idOf(source), 1
    ])
    assert.deepEqual([timeline.announced, timeline.asked], [undefined, undefined])
    assert(isInOrder(before - 1, received.at, judged, appended, relayed.at, Date.now() + 1), JSON.stringify(timeline))
    assert(appended != null)
    assert.deepEqual(JSON.parse(JSON.stringify(timeline)), timeline)
    assert.deepEqual([(await atLast).from, (await atLast).relayed.peers, ofSource], [idOf(middle), 0, 0])
  })

  it(`of a large block says at the peer beyond the first ${OWN_PUSH_PEERS} when it was announced, and asked for`, async () => {
    await startStar(OWN_PUSH_PEERS + 1)
    const timelines = await broadcast(blockOf(new Uint8Array(2 * ANNOUNCE_BYTES)))
    const announced = timelines.filter((timeline) => timeline.announced != null)
    assert.equal(announced.length, 1)
    const [timeline] = announced as [BlockTimeline]
    const { announced: have, asked, received, judged, appended, relayed } = timeline

    assert.deepEqual([have?.peer, asked?.peer, received.peer, timeline.from], Array.from({ length: 4 }, () => idOf(source)))
    assert(isInOrder(have!.at, asked!.at, received.at, judged, appended, relayed.at), JSON.stringify(timeline))
    // each time is rounded to a millisecond
    assert(asked!.at - have!.at >= WANT_DELAY_MS - WANT_SLACK_MS - 1, JSON.stringify(timeline))
    assert(timelines.every(({ asked, announced }) => (asked == null) === (announced == null)))
  })
})
