import assert from 'node:assert/strict'
import { addressOf, startNode, stopNodes, untilPeers } from './nodes.ts'
import { eventually } from '../support/eventually.ts'
import { quickClock } from '../support/quick-clock.ts'
import { useTempDir } from '../support/temp-dir.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

/** The pauses of feelers and requests are minutes. */
const SPEED = 15
const PATIENCE = { timeout: 30_000 }

describe('integration/peers-from-peers', function () {
  this.timeout(60_000)
  afterEach(stopNodes)
  const dir = useTempDir()

  const start = async (config: Partial<NetworkConfig>): Promise<Network> => startNode(config, undefined, { clock: quickClock(SPEED) })
  const idOf = (node: Network): string => node.libp2p.peerId.toString()

  it('nodes that know one seed find each other, though the seed has dialled none of them', async () => {
    const seed = await start({ nodeId: 'seed', maxOutbound: 0 })
    const nodes = await Promise.all([1, 2, 3].map(async (index) => start({ nodeId: `node ${index}`, seedPeers: [addressOf(seed)] })))

    for (const node of nodes) {
      await eventually(() => {
        return [seed, ...nodes].every((other) => other === node || node.peers.get(idOf(other)) != null)
      }, `${node.status().node.nodeId} to have a session with all others`, PATIENCE)
    }

    const { known, slots } = seed.status()
    assert.equal(slots.outbound.used, 0)
    assert.deepEqual([known.reached, known.tellable, known.feelers.reached], [3, 3, 3])
    // the test dials have left nothing
    await eventually(() => seed.libp2p.getConnections().length === 3, 'one connection with each')
    assert.deepEqual(seed.peers.bans, [])
    assert(nodes.every((node) => node.peers.bans.length === 0))
  })

  it('a node that offers no peers is asked for none, and tells none', async () => {
    const seed = await start({ features: [] })
    const [one, other] = await Promise.all([1, 2].map(async () => start({ seedPeers: [addressOf(seed)] })))
    await untilPeers(seed, [one!, other!])
    await eventually(() => seed.status().known.feelers.reached === 2, 'the seed to have reached both', PATIENCE)

    assert.deepEqual([one!.peers.get(idOf(seed))?.features, one!.peers.get(idOf(other!))], [[], undefined])
    const { byType } = seed.status().bandwidth.in
    assert.deepEqual([byType['requestPeers'], byType['responsePeers']], [undefined, undefined])
  })

  it('a node remembers those that it was told of: it finds them again without the seed, and can tell of them', async () => {
    const seed = await start({ maxOutbound: 0 })
    const [one, other] = await Promise.all([1, 2].map(async () => start({ seedPeers: [addressOf(seed)] }))) as [Network, Network]
    await eventually(() => seed.status().known.tellable === 2, 'the seed to know both', PATIENCE)
    const config = { dataDir: dir('node'), listen: ['/ip4/127.0.0.1/tcp/0'] }
    const node = await start({ ...config, seedPeers: [addressOf(seed)] })
    await eventually(() => [...node.peers].length === 3, 'all three', PATIENCE)
    await eventually(() => node.status().known.tellable === 3, 'the records of all three', PATIENCE)
    await Promise.all([node.stop(), seed.stop()])

    // its address on loopback shows that it may dial others there
    const again = await start({ ...config, listen: ['/ip4/127.0.0.1/tcp/0'] })
    await eventually(() => [one, other].every((peer) => again.peers.get(idOf(peer)) != null), 'both without the seed', PATIENCE)
    await eventually(() => again.status().known.tellable >= 2, 'the records of both', PATIENCE)
  })
})
