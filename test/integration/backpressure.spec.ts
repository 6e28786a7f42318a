import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { addressOf, connect, nextEvent, nextOf, sessionOf, startNode, startRawPeer, stopNodes, streamOf } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { sampleBlock, sampleHash, sampleTransaction } from '../support/sample.ts'
import { encodeBlock } from '../../src/index.ts'
import { INBOX_BYTES } from '../../src/session/read/inbox.ts'
import { HARD_BYTES, SOFT_BYTES } from '../../src/session/send/outbox.ts'
import { MAX_IN_FLIGHT_BYTES, MAX_IN_FLIGHT_MESSAGES } from '../../src/session/limits/in-flight.ts'
import { STREAM_BUFFER_BYTES, STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import type { Block, Network } from '../../src/index.ts'

const MIB = 1024 * 1024

/** Large parts of a block, to be told from others by their first bytes only. */
function bytesOf (seed: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(sampleHash(seed))

  return bytes
}

/** A block of about 1 MB, another one for each seed. */
function bigBlock (seed: string, height: number): Block {
  return sampleBlock({ height, hash: sampleHash(`${seed} ${height}`), transactions: [], proof: bytesOf(`${seed} ${height}`, MIB) })
}

/** Memory in use, without what is only waiting to be collected. */
function usedBytes (): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()

  return heapUsed + arrayBuffers
}

/** Keeps the most that a number was. */
class Peak {
  value = 0

  note (value: number): void {
    this.value = Math.max(this.value, value)
  }
}

describe('integration/backpressure', function () {
  this.timeout(60_000)

  afterEach(stopNodes)

  it('is possible: what a paused stream still receives fits into its buffer', () => {
    assert.ok(STREAM_WINDOW_BYTES < STREAM_BUFFER_BYTES)
  })

  it('keeps what a handler does not take at the sender, which drops what is too much, and loses nothing else', async () => {
    const TRANSACTION_BYTES = 64 * 1024
    const COUNT = 64 * MIB / TRANSACTION_BYTES
    const sender = await startNode()
    const receiver = await startNode()
    await connect(sender, receiver)
    const [here, there] = [sessionOf(sender, receiver), sessionOf(receiver, sender)]
    const [sending, receiving] = [streamOf(sender, receiver), streamOf(receiver, sender)]
    const release = Promise.withResolvers<void>()
    const taken: bigint[] = []
    receiver.router.handle('newTransaction', async ({ nonce }) => {
      taken.push(nonce)
      await release.promise
    })

    const total = { queued: 0, skipped: 0 }
    const queued: bigint[] = []
    const peaks = { in: new Peak(), out: new Peak(), readBuffer: new Peak(), writeBuffer: new Peak() }
    const memoryBefore = usedBytes()

    for (let i = 0; i < COUNT; i++) {
      const nonce = BigInt(i)
      const transaction = sampleTransaction({ id: sampleHash(i), nonce, data: bytesOf(`${i}`, TRANSACTION_BYTES) })
      const result = sender.broadcast({ type: 'newTransaction', transaction })
      total.queued += result.queued
      total.skipped += result.skipped

      if (result.queued === 1) {
        queued.push(nonce)
      }

      // what can be sent is sent
      await setImmediate()
      peaks.in.note(there.bufferedBytes.in)
      peaks.out.note(here.bufferedBytes.out)
      peaks.readBuffer.note(receiving.readBufferLength)
      peaks.writeBuffer.note(sending.writeBufferLength)
    }

    const inHands = taken.length
    assert.equal(total.queued + total.skipped, COUNT)
    assert.ok(total.skipped > COUNT / 2, `${total.skipped} of ${COUNT} skipped`)
    assert.ok(inHands > 0 && inHands <= MAX_IN_FLIGHT_MESSAGES && inHands * TRANSACTION_BYTES <= MAX_IN_FLIGHT_BYTES, `${inHands} with the handler`)
    assert.ok(peaks.in.value <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${peaks.in.value} bytes read and not handled`)
    assert.ok(peaks.readBuffer.value <= STREAM_BUFFER_BYTES, `${peaks.readBuffer.value} bytes in the receiving stream`)
    assert.ok(peaks.out.value <= SOFT_BYTES + 2 * TRANSACTION_BYTES, `${peaks.out.value} bytes queued`)
    assert.ok(peaks.writeBuffer.value <= MIB, `${peaks.writeBuffer.value} bytes in the sending stream`)
    // memory outside the heap is given back by another thread, in its own time
    await eventually(() => usedBytes() - memoryBefore < 24 * MIB, 'memory to be as before')

    release.resolve()
    await eventually(() => taken.length >= queued.length, 'everything that was queued')
    assert.deepEqual(taken, queued)
    assert.deepEqual([here.state, there.state], ['ready', 'ready'])

    // and it goes on as before
    const last = nextEvent(receiver, 'transaction', ({ transaction }) => transaction.nonce === BigInt(COUNT))
    assert.deepEqual(sender.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(COUNT) }) }), { queued: 1, skipped: 0 })
    await last
  })

  it('ends with TOO_SLOW for a peer that reads nothing, while another gets its blocks', async () => {
    // long enough for a machine that is busy with other things: the good peer has to take something in this time
    const SEND_TIMEOUT_MS = 3000
    const node = await startNode({ sendTimeout: SEND_TIMEOUT_MS })
    const good = await startNode()
    await connect(good, node)
    const heights: number[] = []
    good.router.handle('newBlock', ({ height }) => { heights.push(height) })
    const raw = await startRawPeer()
    const remote = await raw.connect(node)
    const session = sessionOf(node, raw)
    remote.stream.pause()

    const closed = nextOf(node, 'peer:closed', raw)
    const begin = performance.now()

    for (let height = 1; height <= 4; height++) {
      assert.deepEqual(node.broadcast({ type: 'newBlock', block: bigBlock('slow', height) }), { queued: 2, skipped: 0 })
      await setImmediate()
    }

    await eventually(() => heights.length === 4, 'the blocks at the good peer')
    assert.equal(session.state, 'ready')
    assert.ok(session.bufferedBytes.out > 2 * MIB, `${session.bufferedBytes.out} bytes wait for the slow peer`)
    assert.deepEqual(heights, [1, 2, 3, 4])

    const { reason, byRemote } = await closed
    assert.deepEqual([reason, byRemote], ['TOO_SLOW', false])
    assert.ok(performance.now() - begin >= SEND_TIMEOUT_MS)
    assert.deepEqual([...node.peers].map(({ id }) => id), [good.libp2p.peerId.toString()])
    await session.finished
    assert.equal(session.bufferedBytes.out, 0)
  })

  it('ends with TOO_SLOW at once for a peer for whom too much waits', async () => {
    const node = await startNode()
    const raw = await startRawPeer()
    const remote = await raw.connect(node)
    const session = sessionOf(node, raw)
    const blockBytes = encodeBlock(bigBlock('fast', 0)).byteLength
    const closed = nextOf(node, 'peer:closed', raw)
    const results: number[] = []
    const peak = new Peak()
    remote.stream.pause()

    for (let height = 1; height <= 32; height++) {
      results.push(node.broadcast({ type: 'newBlock', block: bigBlock('fast', height) }).queued)
      peak.note(session.bufferedBytes.out)
      await setImmediate()
    }

    assert.equal((await closed).reason, 'TOO_SLOW')
    assert.ok(peak.value > HARD_BYTES / 2 && peak.value <= HARD_BYTES + blockBytes + 1024, `${peak.value} bytes queued`)
    assert.ok(results.indexOf(0) >= 7, 'it is given as much time as there is room')
    assert.equal(results.lastIndexOf(1) < results.indexOf(0), true)
  })

  it('lets 256 MB pass each way at the same time', async function () {
    this.timeout(120_000)

    const COUNT = 256
    const rateLimits = { blocks: { perSecond: Infinity, burst: Infinity } }
    const a = await startNode({ nodeId: 'a', rateLimits })
    const b = await startNode({ nodeId: 'b', rateLimits })
    await connect(a, b)
    const sessions = { a: sessionOf(a, b), b: sessionOf(b, a) }
    const streams = [streamOf(a, b), streamOf(b, a)]
    const peaks = { in: new Peak(), out: new Peak(), stream: new Peak() }
    const received = { a: 0, b: 0 }
    const heights: Record<'a' | 'b', number[]> = { a: [], b: [] }
    const blockBytes = encodeBlock(bigBlock('a', 0)).byteLength
    const inOrder = Array.from({ length: COUNT }, (_, height) => height)

    const note = (): void => {
      for (const { bufferedBytes } of [sessions.a, sessions.b]) {
        peaks.in.note(bufferedBytes.in)
        peaks.out.note(bufferedBytes.out)
      }

      streams.forEach((stream) => { peaks.stream.note(Math.max(stream.readBufferLength, stream.writeBufferLength)) })
    }

    const send = async (name: 'a' | 'b', network: Network): Promise<void> => {
      for (let height = 0; height < COUNT; height++) {
        await sessions[name].outbox.whenBelowMark()
        assert.equal(network.broadcast({ type: 'newBlock', block: bigBlock(name, height) }).queued, 1)
        note()
      }
    }

    for (const [name, network] of [['a', a], ['b', b]] as const) {
      network.router.handle('newBlock', ({ height, proof }) => {
        heights[name].push(height)
        received[name] += proof.byteLength
        note()
      })
    }

    await Promise.all([send('a', a), send('b', b)])
    await eventually(() => received.a + received.b === 2 * COUNT * MIB, 'all bytes', { timeout: 60_000 })

    assert.deepEqual(received, { a: COUNT * MIB, b: COUNT * MIB })
    assert.deepEqual([heights.a, heights.b], [inOrder, inOrder])
    assert.ok(peaks.out.value <= SOFT_BYTES + blockBytes + 1024, `${peaks.out.value} bytes queued`)
    assert.ok(peaks.in.value <= INBOX_BYTES + STREAM_WINDOW_BYTES, `${peaks.in.value} bytes read and not handled`)
    assert.ok(peaks.stream.value <= STREAM_BUFFER_BYTES, `${peaks.stream.value} bytes in a stream`)
    assert.deepEqual([sessions.a.state, sessions.b.state], ['ready', 'ready'])
    assert.equal(a.peers.get(addressOf(b).split('/').at(-1)!), sessions.a)
  })
})
