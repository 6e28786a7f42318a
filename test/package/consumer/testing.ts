import { createTestNetwork, MemoryChain, sampleChain, sampleTransaction } from 'vibecoin-network/testing'
import type { RawSession, TestNetwork } from 'vibecoin-network/testing'

// The test of an application that has installed the package. Compiled against what the package holds, and run.

const network: TestNetwork = await createTestNetwork({
  nodes: 10, topology: 'ring', within: 30_000, chain: () => new MemoryChain(sampleChain(3)), options: { handlers: { newTransaction: () => 'accept' } }
})
await network.untilHeard(network.nodes[0]!.mine())
await network.untilInStep()
const transaction = sampleTransaction()
network.nodes[5]!.send(transaction)
await network.untilHeard(transaction)
const peer = await network.rawPeer()
const session: RawSession = await peer.connect(network.nodes[9]!.network)
session.sendBytes(Uint8Array.of(0))
const { by, reason } = await session.closed()
console.log(network.nodes.length, network.nodes[9]!.chain.head.height, by, reason)
await network.dispose()
