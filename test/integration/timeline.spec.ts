import assert from 'node:assert/strict'
import { WANT_DELAY_MS, WANT_SLACK_MS } from '../../src/gossip/fetch/fetcher.ts'
import { ANNOUNCE_BYTES, OWN_PUSH_PEERS } from '../../src/gossip/send/distribution.ts'
import { encodeBlock } from '../../src/index.ts'
import { createTestNetwork, sampleTransactions } from '../../src/testing/index.ts'
import type { BlockTimeline } from '../../src/index.ts'
import type { Edge } from '../../src/testing/index.ts'

/** Whether these times go up. */
function isInOrder (...times: (number | undefined)[]): boolean {
  const given = times.filter((time) => time != null)

  return given.every((time, i) => i === 0 || time >= given[i - 1]!)
}

describe('integration/timeline', () => {
  it('of a small block says that it was pushed, and who was sent it on', async () => {
    await using network = await createTestNetwork({ nodes: 4, topology: [[0, 1], [0, 2], [1, 3]] })
    const [source, middle, , last] = network.nodes
    const before = Date.now()
    const [atMiddle, atLast] = [middle.once('block:timeline'), last.once('block:timeline')]
    let ofSource = 0
    source.on('block:timeline', () => { ofSource++ })
    const block = source.mine(undefined, { bytes: 10, transactions: sampleTransactions(1) })
    const timeline = await atMiddle
    const { height, hash, transactions, bytes, from, received, judged, appended, relayed } = timeline

    assert.deepEqual([height, hash, transactions, bytes, from, received.peer, relayed.peers], [
      1, Buffer.from(block.hash).toString('hex'), 1, encodeBlock(block).byteLength, source.id, source.id, 1
    ])
    assert.deepEqual([timeline.announced, timeline.asked], [undefined, undefined])
    assert(isInOrder(before - 1, received.at, judged, appended, relayed.at, Date.now() + 1), JSON.stringify(timeline))
    assert(appended != null)
    assert.deepEqual(JSON.parse(JSON.stringify(timeline)), timeline)
    assert.deepEqual([(await atLast).from, (await atLast).relayed.peers, ofSource], [middle.id, 0, 0])
  })

  it(`of a large block says at the peer beyond the first ${OWN_PUSH_PEERS} when it was announced, and asked for`, async () => {
    const others = Array.from({ length: OWN_PUSH_PEERS + 1 }, (_, index) => index + 1)
    await using network = await createTestNetwork({ nodes: others.length + 1, topology: others.map((other): Edge => [0, other]) })
    const [source, ...rest] = network.nodes
    const coming = Promise.all(rest.map(async (node) => node.once('block:timeline')))
    source!.mine(undefined, { bytes: 2 * ANNOUNCE_BYTES })
    const timelines = await coming
    const announced = timelines.filter((timeline) => timeline.announced != null)
    assert.equal(announced.length, 1)
    const [timeline] = announced as [BlockTimeline]
    const { announced: have, asked, received, judged, appended, relayed } = timeline

    assert.deepEqual([have?.peer, asked?.peer, received.peer, timeline.from], Array.from({ length: 4 }, () => source!.id))
    assert(isInOrder(have!.at, asked!.at, received.at, judged, appended, relayed.at), JSON.stringify(timeline))
    // each time is rounded to a millisecond
    assert(asked!.at - have!.at >= WANT_DELAY_MS - WANT_SLACK_MS - 1, JSON.stringify(timeline))
    assert(timelines.every(({ asked, announced }) => (asked == null) === (announced == null)))
  })
})
