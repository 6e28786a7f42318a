import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { eventually } from '../support/eventually.ts'
import { addressOf, connect, LIBP2P_PARTS, startNode, stopNodes } from '../integration/nodes.ts'
import { MemoryChain } from '../support/memory-chain.ts'
import { plainProtector } from '../support/plain-protector.ts'
import { sampleChain } from '../support/sample.ts'
import { usedBytes } from '../support/used-memory.ts'
import { createPrivateNetworkKey } from '../../src/index.ts'
import type { Network } from '../../src/index.ts'

const HELP = `npm run soak:private -- [--blocks N] [--rate N] [--connections N]

  --blocks N       blocks of 1 MB that go to all of five nodes with one key (default 200)
  --rate N         how many of them in a second (default 4)
  --connections N  connections over TCP that are opened and ended afterwards (default 10000)

Exits with 1 where a block does not come, or where the process holds more after the connections than after the first tenth of them.`

const NODES = 5
const BLOCK_BYTES = 1_000_000
const MIB = 1024 * 1024

/** What may be held more after all connections than after the first tenth of them, in bytes. */
const ROOM_BYTES = 8 * MIB
const AT_A_TIME = 10

/** For the last blocks to come, and for memory to be given back, in ms. */
const TIMEOUT_MS = 60_000

const privateNetworkKey = createPrivateNetworkKey()
const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    blocks: { type: 'string', default: '200' },
    rate: { type: 'string', default: '4' },
    connections: { type: 'string', default: '10000' }
  }
})

if (values.help === true) {
  console.log(HELP)
} else {
  const [blocks, rate, connections] = [number('blocks'), number('rate'), number('connections')]
  await sendBlocks(blocks, rate)
  await openConnections(connections)
}

function number (name: 'blocks' | 'rate' | 'connections'): number {
  const value = Number(values[name])

  if (!(value >= 1 && value <= 1_000_000)) {
    console.error(`Expected --${name} to be a number from 1 to 1000000, got ${values[name]}`)
    process.exit(2)
  }

  return value
}

/** Sends blocks to five nodes that are all connected, at a steady rate. */
async function sendBlocks (count: number, perSecond: number): Promise<void> {
  const blocks = sampleChain(count + 1, 'main', BLOCK_BYTES)
  const chains = Array.from({ length: NODES }, () => new MemoryChain(blocks.slice(0, 1)))
  const nodes = await Promise.all(chains.map(async (chain) => startNode({ chain, privateNetworkKey, genesisHash: blocks[0]!.hash })))
  await connectAll(nodes)
  const heights = (): string => chains.map(({ head }) => head.height).join(', ')
  const startedAt = performance.now()

  for (const [i, block] of blocks.slice(1).entries()) {
    chains[0]!.blocks.push(block)
    nodes[0]!.broadcast({ type: 'newBlock', block })
    await delay(Math.max(0, startedAt + (i + 1) * 1000 / perSecond - performance.now()))
  }

  const sentAt = performance.now()
  await eventually(() => chains.every(({ head }) => head.height === count), `all blocks at all nodes, which are at ${heights()}`, { timeout: TIMEOUT_MS })
  console.log(`${count} blocks of ${BLOCK_BYTES} bytes in ${seconds(startedAt, sentAt)} s: at all ${NODES} nodes ${seconds(sentAt)} s after the last`)
  await stopNodes()
}

async function connectAll (nodes: readonly Network[]): Promise<void> {
  for (const [i, node] of nodes.entries()) {
    await Promise.all(nodes.slice(0, i).map(async (other) => connect(node, other)))
  }
}

/** Dials a node from one that has the key, and ends the connections. */
async function openConnections (count: number): Promise<void> {
  const node = await startNode({ privateNetworkKey, maxInboundRate: count + 1 })
  const address = multiaddr(addressOf(node))
  const dialler = await createLibp2p({ ...LIBP2P_PARTS, connectionProtector: plainProtector(privateNetworkKey) })
  let before = 0

  for (let opened = 0; opened < count; opened += AT_A_TIME) {
    const connections = await Promise.all(Array.from({ length: AT_A_TIME }, async () => dialler.dial(address, { force: true })))
    connections.forEach((connection) => { connection.abort(new Error('enough')) })
    await eventually(() => node.libp2p.getConnections().length === 0, 'the end of the connections')

    if (opened < count / 10 && opened + AT_A_TIME >= count / 10) {
      before = usedBytes()
    }
  }

  const grown = (): number => usedBytes() - before
  await eventually(() => grown() < ROOM_BYTES, `memory as after the first tenth of the connections, and not ${grown()} bytes more`, { timeout: TIMEOUT_MS })
  console.log(`${count} connections: ${(grown() / MIB).toFixed(1)} MiB more than after the first tenth of them`)
  await Promise.all([dialler.stop(), stopNodes()])
}

function seconds (from: number, to = performance.now()): string {
  return ((to - from) / 1000).toFixed(1)
}
