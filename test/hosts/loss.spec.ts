import assert from 'node:assert/strict'
import { NODE_PORT } from './internet.ts'
import { startAt } from './nat-nodes.ts'
import { useInternet } from './use-internet.ts'
import { turns } from '../support/eventually.ts'
import type { NodeProcess } from '../integration/node-process.ts'

/** One packet of so many is lost, each way. */
const ONE_OF = 100

/** What is synchronised, in blocks of 100 kB. What it costs is told by `npm run bench -- --only ping-loss`. */
const MEGABYTES = Number(process.env['MEGABYTES'] ?? 6)

const TRANSPORTS = { TCP: `tcp/${NODE_PORT}`, QUIC: `udp/${NODE_PORT}/quic-v1` }

const PATIENCE_MS = 60_000 + 2000 * MEGABYTES

describe('hosts/loss', function () {
  this.timeout(3 * PATIENCE_MS)
  const internet = useInternet()

  /** The round trips of pings of a node while it synchronises with another one, in ms, the shortest first. */
  async function roundTrips (node: NodeProcess, peer: NodeProcess, height: number): Promise<number[]> {
    const found: number[] = []
    const until = performance.now() + PATIENCE_MS

    while (node.tip?.height !== height) {
      assert.ok(performance.now() < until, 'the chain')
      const rtt = (await node.status()).rtts[peer.id]

      if (rtt != null && rtt !== found.at(-1)) {
        found.push(rtt)
      }

      await turns(20)
    }

    return found.sort((a, b) => a - b)
  }

  it('of one packet in a hundred costs no session, over either transport', async () => {
    const chain = { length: 10 * MEGABYTES + 1, proofBytes: 100_000 }

    for (const [name, part] of Object.entries(TRANSPORTS)) {
      const [host, other] = [await internet.addHost(), await internet.addHost()]
      await Promise.all([host, other].map(async (lossy) => internet.loseOneOf(ONE_OF, lossy)))
      const peer = await startAt(host, { listen: [`/ip4/0.0.0.0/${part}`] }, chain)
      const node = await startAt(other, {
        listen: [`/ip4/0.0.0.0/${part}`], seedPeers: [`/ip4/${host.ip}/${part}/p2p/${peer.id}`], pingInterval: 20
      }, { ...chain, length: 1 })
      const since = performance.now()
      const trips = await roundTrips(node, peer, chain.length - 1)
      const at = (share: number): string => (trips[Math.floor(trips.length * share)] ?? NaN).toFixed(1)
      console.log(`      ${name}: ${trips.length} pings, half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms, ${(MEGABYTES / (performance.now() - since) * 1000).toFixed(1)} MB/s`)
      assert.deepEqual(node.reports.filter(({ event }) => event === 'closed'), [])
      assert.ok(node.addressOf(peer.id)?.includes(part))
    }
  })
})
