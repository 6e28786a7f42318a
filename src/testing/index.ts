/**
 * What tests of a node need: a peer that says whatever a test wants.
 *
 * No node loads any of it.
 *
 * @packageDocumentation
 */
export { MemoryChain } from './chain/memory-chain.ts'
export { ChainFaultError } from './chain/chain-faults.ts'
export {
  growChain, nextBlock, received, sampleBlock, sampleBlockHash, sampleChain, sampleHash, sampleNodeInfo, sampleTransaction,
  sampleTransactions
} from './chain/sample.ts'
export { RawPeer } from './raw-peer/raw-peer.ts'
export { RawSession } from './raw-peer/raw-session.ts'
export { keyFromSeed, keyInOrder } from './raw-peer/identity.ts'
export { UnexpectedEndError, UnexpectedMessageError, WaitTimeoutError } from './wait/errors.ts'
export type { MemoryChainInit, OfferedBranch } from './chain/memory-chain.ts'
export type { ChainCall, ChainFault, ChainFaultKind } from './chain/chain-faults.ts'
export type { GrowOptions } from './chain/sample.ts'
export type { OpenOptions, RawNode, RawPeerInit, RawTarget } from './raw-peer/raw-peer.ts'
export type { RawSessionInit } from './raw-peer/raw-session.ts'
export type { ChunkOptions, RawWriter, RawWriterInit } from './raw-peer/raw-writer.ts'
export type { RawMessage } from './raw-peer/message.ts'
export type { RawClosure, RawClosureKind } from './wait/closure.ts'
export type { IdOrder } from './raw-peer/identity.ts'
export type { WaitFacts } from './wait/errors.ts'
export type { Within } from './wait/changes.ts'
