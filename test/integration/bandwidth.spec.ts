import assert from 'node:assert/strict'
import { connect, nextEvent, sessionOf, startNode, stopNodes } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { sampleBlock, sampleChain, sampleHash } from '../support/sample.ts'
import { STREAM_WINDOW_BYTES } from '../../src/libp2p/node-options.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

const MB = 1_000_000
const chain = sampleChain(500, 'bandwidth', 16_000)
const genesisHash = chain[0]!.hash

/** More than what passes at once at any cap here, in bytes. */
const BURST_BYTES = 500_000

/** Often enough to see how long a pong takes while blocks come. */
const PINGS = { pingInterval: 50 }

async function startServer (config: Partial<NetworkConfig> = {}): Promise<Network> {
  return startNode({ chain: new MemoryChain(chain), genesisHash, ...PINGS, ...config })
}

async function startClient (server: Network, config: Partial<NetworkConfig> = {}): Promise<Network> {
  const client = await startNode({ genesisHash, ...PINGS, ...config })
  await connect(client, server)

  return client
}

/** What a transfer was like: how fast, in bytes per second, and how long pongs took at the most, in ms. */
interface Transfer { rate: number, slowestPong: number }

/** What was read, in whatever order the blocks come. */
function bytesRead (client: Network, server: Network): number {
  const { bytesIn, bufferedBytes } = sessionOf(client, server)

  return bytesIn - bufferedBytes.in
}

/** Fetches blocks until so many bytes were read, beginning to count after the burst. */
async function fetch (client: Network, server: Network, bytes: number, onBlock?: (bytes: number) => void): Promise<Transfer> {
  const session = sessionOf(client, server)
  const first = bytesRead(client, server) + BURST_BYTES
  let began: { at: number, bytes: number } | undefined
  let read = 0
  let slowestPong = 0

  for await (const block of client.requestBlockRange(1, chain.length - 1)) {
    assert.notEqual(block.height, chain.length - 1, 'the chain is long enough')
    read = bytesRead(client, server)
    onBlock?.(read - first)
    slowestPong = Math.max(slowestPong, session.rtt ?? 0)

    if (began == null && read > first) {
      began = { at: performance.now(), bytes: read }
    } else if (began != null && read - began.bytes >= bytes) {
      break
    }
  }

  assert.ok(began != null)

  return { rate: (read - began.bytes) * 1000 / (performance.now() - began.at), slowestPong }
}

/** A busy machine may be slower than the cap, and none is faster. */
function assertCapped (rate: number, expected: number): void {
  assert.ok(rate <= 1.15 * expected && rate >= 0.5 * expected, `${Math.round(rate)} bytes per second`)
}

describe('integration/bandwidth', function () {
  this.timeout(60_000)

  afterEach(stopNodes)

  for (const [name, cap] of [['upload', MB], ['peerUpload', 2 * MB]] as const) {
    it(`a cap on ${name} holds over a transfer, and pongs pass meanwhile`, async () => {
      const server = await startServer({ bandwidth: { [name]: cap } })
      const client = await startClient(server)
      const { rate, slowestPong } = await fetch(client, server, 3 * MB)
      assertCapped(rate, cap)
      assert.ok(slowestPong > 0 && slowestPong < 1000, `${slowestPong} ms`)
    })
  }

  for (const [name, cap] of [['download', MB], ['peerDownload', 2 * MB]] as const) {
    it(`a cap on ${name} holds over a transfer, and makes pongs no later than what may be on its way`, async () => {
      const server = await startServer()
      const client = await startClient(server, { bandwidth: { [name]: cap } })
      const { rate, slowestPong } = await fetch(client, server, 3 * MB)
      assertCapped(rate, cap)
      assert.ok(slowestPong > 0 && slowestPong < 2 * STREAM_WINDOW_BYTES * 1000 / cap, `${slowestPong} ms`)
      assert.equal(sessionOf(client, server).state, 'ready')
    })
  }

  it('peers share an upload fairly', async () => {
    const server = await startServer({ bandwidth: { upload: 2 * MB } })
    const clients = await Promise.all([startClient(server), startClient(server)])
    const rates = await Promise.all(clients.map(async (client) => (await fetch(client, server, 2 * MB)).rate))
    rates.forEach((rate) => { assert.ok(Math.abs(rate - MB) <= 0.25 * MB, `${rates.map(Math.round).join(', ')} bytes per second`) })
  })

  it('a new block overtakes a range, to others and to the same peer', async () => {
    const server = await startServer({ bandwidth: { upload: MB / 2 } })
    const syncing = await startClient(server)
    const other = await startClient(server)
    const session = sessionOf(server, syncing)
    const transfer = fetch(syncing, server, MB)
    // two seconds' worth and more
    await eventually(() => session.bufferedBytes.out >= MB, 'a queue')
    const arrived = [syncing, other].map(async (node) => nextEvent(node, 'block'))
    const sentAt = performance.now()
    assert.equal(server.broadcast({ type: 'newBlock', block: sampleBlock({ height: chain.length - 1, hash: sampleHash('new') }) }).queued, 2)
    await Promise.all(arrived)
    const took = performance.now() - sentAt
    assert.ok(session.bufferedBytes.out > MB / 2, 'the range still waits')
    // the frame before it, of 256 KiB, is paid off first
    assert.ok(took < 1000, `${took} ms`)
    await transfer
  })

  it('a change takes effect at once, both ways', async () => {
    const server = await startServer({ bandwidth: { upload: MB / 2 } })
    const client = await startClient(server)
    assert.throws(() => { server.setBandwidth({ upload: 10 }) }, { name: 'ConfigError' })
    const marks: { at: number, read: number }[] = []
    await fetch(client, server, 4 * MB, (read) => {
      if (read > [0, 2 * MB][marks.length]!) {
        marks.push({ at: performance.now(), read })
        server.setBandwidth({ upload: marks.length === 1 ? Infinity : MB })
      }
    })
    const [lifted, set] = [marks[0]!, marks[1]!]
    // at the first cap it would take 4 s
    assert.ok(set.at - lifted.at < 2500, `${set.at - lifted.at} ms without a cap`)
    await eventually(() => sessionOf(server, client).bufferedBytes.out === 0, 'what is on its way')
    const { rate } = await fetch(client, server, MB)
    assertCapped(rate, MB)
  })

  describe('a cap far below what comes ends no session, whatever the timeouts say:', () => {
    const timeouts = { sendTimeout: 300, frameTimeout: 300, requestTimeout: 300, pingTimeout: 300 }

    it('of who sends', async () => {
      const server = await startServer({ bandwidth: { upload: MB / 2 }, ...timeouts })
      const client = await startClient(server)
      const session = sessionOf(server, client)
      await fetch(client, server, MB / 2)
      assert.equal(session.state, 'ready')
      assert.equal(sessionOf(server, client), session)
    })

    it('of who receives', async () => {
      const server = await startServer()
      const client = await startClient(server, { bandwidth: { download: MB / 2 }, ...timeouts })
      const session = sessionOf(client, server)
      await fetch(client, server, MB / 2)
      assert.equal(session.state, 'ready')
      assert.equal(sessionOf(client, server), session)
    })
  })
})
