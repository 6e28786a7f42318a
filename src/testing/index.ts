/**
 * What tests of a node need: a network of real nodes, a chain that fails when it is told to, and a peer that says whatever a test wants.
 *
 * No node loads any of it.
 *
 * @packageDocumentation
 */
export { createTestNetwork, TestNetwork } from './network/test-network.ts'
export { TestNode } from './network/test-node.ts'
export { MemoryChain } from './chain/memory-chain.ts'
export { ChainFaultError } from './chain/chain-faults.ts'
export {
  growChain, nextBlock, received, sampleBlock, sampleBlockHash, sampleChain, sampleHash, sampleNodeInfo, sampleTransaction,
  sampleTransactions
} from './chain/sample.ts'
export { RawPeer } from './raw-peer/raw-peer.ts'
export { RawSession } from './raw-peer/raw-session.ts'
export { simulate } from './simulator/simulate.ts'
export { SimulationError } from './simulator/world/errors.ts'
export { keyFromSeed, keyInOrder } from './raw-peer/identity.ts'
export { UnexpectedEndError, UnexpectedMessageError, WaitError, WaitTimeoutError } from './wait/errors.ts'
export type { AddedNode, NodesOf, TestNetworkInit } from './network/settings.ts'
export type { EventDetail, EventType } from './network/node-events.ts'
export type { TestNodeInit } from './network/test-node.ts'
export type { Edge, Topology } from './network/topology.ts'
export type { PartitionKind } from './network/partition.ts'
export type { MemoryChainInit, OfferedBranch } from './chain/memory-chain.ts'
export type { ChainCall, ChainFault, ChainFaultKind } from './chain/chain-faults.ts'
export type { GrowOptions } from './chain/sample.ts'
export type { CostOptions, LinkOptions, NodeOptions, SimulationOptions } from './simulator/options.ts'
export type { Edges, SimulatedTopology } from './simulator/world/topology.ts'
export type { SimulateOptions } from './simulator/simulate.ts'
export type { Simulation, WithinOptions } from './simulator/simulation.ts'
export type { NodeReport, SimulationReport } from './simulator/report.ts'
export type { SimulatedChain } from './simulator/node/chain.ts'
export type { SimulatedNode } from './simulator/node/node.ts'
export type { SimulatedItem } from './simulator/world/items.ts'
export type { Tamper } from './simulator/transport/host.ts'
export type { OpenOptions, RawNode, RawPeerInit, RawTarget } from './raw-peer/raw-peer.ts'
export type { RawSessionInit } from './raw-peer/raw-session.ts'
export type { ChunkOptions, RawWriter, RawWriterInit } from './raw-peer/raw-writer.ts'
export type { RawMessage } from './raw-peer/message.ts'
export type { RawClosure, RawClosureKind } from './wait/closure.ts'
export type { IdOrder } from './raw-peer/identity.ts'
export type { WaitFacts } from './wait/errors.ts'
export type { Within } from './wait/changes.ts'
