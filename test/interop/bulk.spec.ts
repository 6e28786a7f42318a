import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { LongChain } from './long-chain.ts'
import { startRecorded } from './node-events.ts'
import { describePeers, idOf, LONG_MS, meet, readyOf, withPeer } from './peers.ts'
import type { ReceivedBlock } from '../../src/index.ts'
import type { Stream } from '@libp2p/interface'

const MIB = 1024 * 1024
const ECHO = '/echo/1.0.0'
const PROOF_BYTES = 250_000

/** What is fetched in each direction: `VIBECOIN_INTEROP_MB`. */
const MEGABYTES = Number(process.env['VIBECOIN_INTEROP_MB'] ?? 500)
const LENGTH = Math.ceil(MEGABYTES * 1e6 / PROOF_BYTES)

/** Blocks in each direction, 64 MB of them, and how many the peer asks for at a time. */
const SLOW_LENGTH = 256
const SLOW_RANGE = 32

/** Bytes a second that the node reads. */
const SLOW_RATE = 16e6

/** A chain that notes when blocks come and go. */
class WatchedChain extends LongChain {
  readonly #times = { append: [] as number[], get: [] as number[] }

  override get (height: number): Uint8Array | undefined {
    this.#times.get.push(performance.now())

    return super.get(height)
  }

  override append (blocks: readonly ReceivedBlock[]): void {
    this.#times.append.push(performance.now())
    super.append(blocks)
  }

  /** From one block to the next, in ms. */
  longestPause (of: 'append' | 'get'): number {
    const times = this.#times[of]

    return Math.round(Math.max(...times.slice(1).map((at, i) => at - times[i]!)))
  }
}

function speed (bytes: number, ms: number): void {
  console.log(`      ${Math.round(bytes / ms / 1000)} MB/s`)
}

describePeers('synchronisation', ({ startPeer }) => {
  it(`of ${MEGABYTES} MB from the peer`, async () => {
    const chain = new LongChain(0)
    const [node, peer] = await Promise.all([startRecorded({ chain }), startPeer({ chain: { length: LENGTH, proofBytes: PROOF_BYTES } })])
    const began = performance.now()
    await meet(node, peer)
    await eventually(() => chain.tip().height === LENGTH, 'the chain', { timeout: LONG_MS })
    speed(chain.bytes, performance.now() - began)
    assert.equal([...node.peers].length, 1)
  })

  it(`of ${MEGABYTES} MB from the node`, async () => {
    const [node, peer] = await Promise.all([startRecorded({ chain: new LongChain(LENGTH, PROOF_BYTES) }), startPeer()])
    await meet(node, peer)
    const { height, bytes, ms } = await peer.ask({ do: 'sync', peer: idOf(node), to: LENGTH }, LONG_MS)
    speed(Number(bytes), Number(ms))
    assert.equal(height, LENGTH)
  })

  it('of many small blocks both ways', async () => {
    const length = 20_000
    const chain = new LongChain(0)
    const [node, server, client] = await Promise.all([startRecorded({ chain }), startPeer({ chain: { length } }), startPeer()])
    await meet(node, server)
    await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
    await meet(node, client)
    const { height } = await client.ask({ do: 'sync', peer: idOf(node), to: length }, LONG_MS)
    assert.equal(height, length)
  })

  it('of blocks of 1.5 MiB both ways', async () => {
    const [mine, theirs] = [new LongChain(20, 1.5 * MIB), new LongChain(0)]
    const [server, client] = await Promise.all([startRecorded({ chain: mine }), startRecorded({ chain: theirs })])
    const peer = await startPeer()
    await meet(server, peer)
    const { height, bytes } = await peer.ask({ do: 'sync', peer: idOf(server), to: 20 }, LONG_MS)
    assert.deepEqual([height, bytes], [20, mine.size])
    await meet(client, peer)
    await eventually(() => theirs.tip().height === 20, 'the chain', { timeout: LONG_MS })
    assert.equal(theirs.bytes, bytes)
  })

  it('of 64 MB both ways at once, to a node that reads slowly', async () => {
    const chain = new WatchedChain(SLOW_LENGTH, PROOF_BYTES)
    const options = { chain: { length: 2 * SLOW_LENGTH, proofBytes: PROOF_BYTES } }
    const [node, peer] = await Promise.all([startRecorded({ chain, bandwidth: { peerDownload: SLOW_RATE } }), startPeer(options)])
    await meet(node, peer)
    let bytes = 0

    for (let from = 1; from <= SLOW_LENGTH; from += SLOW_RANGE) {
      const answer = await peer.ask({ do: 'range', peer: idOf(node), from, to: from + SLOW_RANGE - 1 }, LONG_MS)
      bytes += Number(answer.bytes)
    }

    await eventually(() => chain.tip().height === 2 * SLOW_LENGTH, 'the chain', { timeout: LONG_MS })
    console.log(`      longest pauses: ${chain.longestPause('append')} ms from the peer, ${chain.longestPause('get')} ms from the node`)
    assert.deepEqual([bytes >= SLOW_LENGTH * PROOF_BYTES, chain.bytes >= SLOW_LENGTH * PROOF_BYTES], [true, true])
    assert.deepEqual([readyOf(peer), [...node.peers].length], [1, 1])
  })

  it('from a peer whose answers have 7 blocks', async () => {
    const length = 2000
    const chain = new LongChain(0)
    const [node, peer] = await Promise.all([startRecorded({ chain }), startPeer({ chain: { length }, serveLimit: 7 })])
    await meet(node, peer)
    await eventually(() => chain.tip().height === length, 'the chain', { timeout: LONG_MS })
  })
})

describe('interop: a connection at full load, go', () => {
  const { startPeer } = withPeer('go')

  it('with many streams, pings and window updates is cut by no guard', async () => {
    const chain = new LongChain(0)
    const options = { chain: { length: LENGTH, proofBytes: PROOF_BYTES }, args: ['--yamux-ping', '50ms'] }
    const [node, peer] = await Promise.all([startRecorded({ chain }), startPeer(options)])
    await node.libp2p.handle(ECHO, echo, { maxInboundStreams: 256 })
    await meet(node, peer, 'peer')
    const { streams } = await peer.ask({ do: 'load', peer: idOf(node), protocol: ECHO, streams: 50, size: 4 * MIB, ms: 5000 }, LONG_MS)
    console.log(`      ${String(streams)} streams of 4 MiB both ways in 5 s`)
    await eventually(() => chain.tip().height === LENGTH, 'the chain', { timeout: LONG_MS })
    const count = (accept: (event: Record<string, unknown>) => boolean): number => peer.events.filter(accept).length
    assert.deepEqual([readyOf(peer), count(({ event }) => event === 'closed')], [1, 0])
    // a test dial is a connection of its own, which ends
    assert.ok(count(({ event }) => event === 'disconnected') <= count(({ detail }) => detail === 'a test dial'), 'a connection was cut')
  })
})

/** Sends back what comes. Without `for await`, which does not end where the other side had ended its own before it began. */
function echo (stream: Stream): void {
  const isEnded = stream.remoteWriteStatus === 'closed'
  const end = (): void => { void stream.close() }

  stream.addEventListener('message', ({ data }) => {
    stream.send(data)

    if (isEnded) {
      end()
    }
  })
  stream.addEventListener('remoteCloseWrite', end)
}
