import { startNetwork } from '../../src/index.ts'
import type { Block, ChainSource } from '../../src/index.ts'

// a database, a file, or as here an array
const blocks = Array.from({ length: 10 }, (_, height): Block => ({
  height,
  hash: new Uint8Array(32).fill(height + 1),
  prevHash: new Uint8Array(32).fill(height),
  timestamp: 1_790_000_000_000 + height * 10_000,
  stateRoot: new Uint8Array(32),
  transactions: [],
  proof: new Uint8Array(0)
}))

const chain: ChainSource = {
  tip: () => blocks[blocks.length - 1]!,
  get: (height) => blocks[height]
}

const common = { network: 'vibecoin-example', genesisHash: blocks[0]!.hash }
const server = await startNetwork({ ...common, listen: ['/ip4/127.0.0.1/tcp/0'], chain })
const client = await startNetwork({ ...common, listen: [] })

const peer = await client.connect(String(server.libp2p.getMultiaddrs()[0]))
console.log(`it is at block ${peer.bestHeight}`)
console.log(await client.requestBlock(3), await client.requestBlock(1000)) // a block, and undefined

for await (const block of client.requestBlockRange(4, peer.bestHeight, { signal: AbortSignal.timeout(5000) })) {
  console.log(block.height)
}

await client.stop()
await server.stop()
