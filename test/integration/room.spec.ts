import assert from 'node:assert/strict'
import { connect, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleTransaction } from '../support/sample.ts'
import type { BroadcastMessage, Message, Network, NetworkConfig } from '../../src/index.ts'

const COUNT = 20_000

/** As in a usual node, a burst is less than what is sent. What comes back is quicker here, so that the test is too. */
const rateLimits: NetworkConfig['rateLimits'] = { transactions: { perSecond: 10_000, burst: 5000 } }

function messageOf (i: number): BroadcastMessage {
  return { type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(i) }) }
}

describe('integration/room', function () {
  this.timeout(60_000)

  afterEach(stopNodes)

  /** A node that sends, and how many transactions another one has got of it. */
  async function pair (outgoing?: AsyncIterable<Message>): Promise<{ sender: Network, got: () => number }> {
    let count = 0
    const sender = await startNode({ rateLimits }, outgoing)
    const receiver = await startNode({ rateLimits, handlers: { newTransaction: () => { count++ } } })
    await connect(receiver, sender)

    return { sender, got: () => count }
  }

  it(`lets ${COUNT} transactions in a loop go out, all of them`, async () => {
    const { sender, got } = await pair()
    let skipped = 0

    for (let i = 0; i < COUNT; i++) {
      await sender.room()
      skipped += sender.broadcast(messageOf(i)).skipped
    }

    assert.equal(skipped, 0)
    await eventually(() => got() === COUNT, 'all of them to arrive', { timeout: 20_000 })
  })

  it('is what keeps them from being skipped', async () => {
    const { sender } = await pair()
    const skipped = Array.from({ length: COUNT }, (_, i) => sender.broadcast(messageOf(i)).skipped).reduce((sum, one) => sum + one, 0)
    assert(skipped > 0)
  })

  it('holds back a stream of outgoing messages too', async () => {
    const { got } = await pair((async function * () {
      for (let i = 0; i < COUNT; i++) {
        yield messageOf(i)
      }
    })())
    await eventually(() => got() === COUNT, 'all of them to arrive', { timeout: 40_000 })
  })

  it('ends where the network stops', async () => {
    const node = await startNode()
    const waiting = assert.rejects(node.room(), { name: 'NotRunningError' })
    await node.stop()
    await waiting
    await assert.rejects(node.room(), { name: 'NotRunningError' })
  })
})
