/**
 * The peer-to-peer network of a VibeCoin node.
 *
 * `startNetwork` starts a whole node; `vibecoin` is the same as a service for a libp2p node that there is already.
 *
 * @packageDocumentation
 */
export { startNetwork } from './start-network.ts'
export { vibecoin } from './service/index.ts'
export { guardEncrypter, guardMuxer } from './libp2p/patches/guard/guard.ts'
export { createPrivateNetworkKey, DEFAULTS } from './config/resolve.ts'
export { VERSION } from './version.ts'
export { FEATURES } from './types/features.ts'
export { DISCONNECT_REASONS, PROTOCOL_ID, PROTOCOL_VERSION } from './types/message.ts'
export { decodeBlock, decodeTransaction, encodeBlock, encodeTransaction } from './codec/items/items.ts'
export { decodeMessage, encodeMessage } from './codec/message.ts'
export { digestOf } from './codec/digest.ts'
export {
  ConfigError, DecodeError, DisconnectedError, EncodeError, InvalidBlockError, ListenError, MuxerLimitError, NotRunningError,
  PoolError, PrivateNetworkError, ProtocolViolationError, RequestError, StorageError, SyncError, UnsupportedRuntimeError, VibeCoinError
} from './errors.ts'
export type { Network } from './network.ts'
export type { GuardEncrypterComponents, GuardMuxerComponents } from './libp2p/patches/guard/guard.ts'
export type { MuxerLimits } from './libp2p/patches/guard/muxer-limits.ts'
export type { VibeCoin, VibeCoinComponents } from './service/api.ts'
export type { PeerClosure, VibeCoinEvents } from './service/reports/events.ts'
export type { DialFailure } from './connect/dial/types.ts'
export type { Router } from './service/dispatch/handlers.ts'
export type { Ban, BanKind } from './types/ban.ts'
export type { Handlers, HandlerType, Verdict } from './types/handlers.ts'
export type { Awaitable, Branch, ChainSource, ChainStore, ReceivedBlock, StoredBlock } from './types/chain.ts'
export type {
  BandwidthOptions, Defaults, DiscoveryOptions, LimitOptions, MetricsComponents, NatOptions, NetworkConfig, RateLimitOptions,
  ServiceInit, TlsOptions
} from './config/resolve.ts'
export type { BroadcastResult } from './gossip/send/distribution.ts'
export type { PeerManager } from './peers/manager/types.ts'
export type { PeerCounts } from './peers/slots.ts'
export type { RequestOptions } from './sync/download/client.ts'
export type { RequestErrorCode, SyncErrorCode } from './errors.ts'
export type { Block, Tip, Transaction } from './types/block.ts'
export type {
  BroadcastMessage, CompactBlockMessage, DisconnectMessage, DisconnectReason, ForkId, HandshakeMessage, HaveMessage, Message, MessageType,
  NewBlockMessage, NewTransactionMessage, NodeInfo, PeerAddress, PingMessage, PongMessage, Prefilled, RequestBlockMessage,
  RequestBlockRangeMessage, RequestPeersMessage, RequestTransactionsMessage, ResponseBlockMessage, ResponseBlockRangeMessage,
  ResponsePeersMessage, ResponseTransactionsMessage, WantMessage, WireMessage
} from './types/message.ts'
export type { Feature } from './types/features.ts'
export type { Bandwidth, Limits, Rate, RateLimits } from './types/limits.ts'
export type {
  Direction, Peer, PeerHandlersStatus, PeerRatesStatus, PeerScoreStatus, PeerStatus, PeerUsefulStatus, SessionState, UpgradeState
} from './types/peer.ts'
export type {
  AddressStatus, AddressTests, BandwidthStatus, BansStatus, DialsStatus, DialState, DialStatus, GatewayProtocol,
  GatewayStatus, MemoryStatus, NetworkStatus, NodeStatus,
  QueuesStatus, SlotsStatus, SlotUse, SourcesStatus, SourceStatus, TipStatus, TrafficStatus, Usage
} from './types/status.ts'
export type { ChainCallStatus, DoubtedPeerStatus, SyncEndStatus, SyncFaultStatus, SyncProgressStatus, SyncStatus } from './types/sync-status.ts'
export type { AddressScope } from './types/address-scope.ts'
export type { DialEnd } from './types/dial-end.ts'
export type { ServedRequest } from './types/served-request.ts'
export type { ExchangeStatus, FeelersStatus, KnownPeersStatus } from './types/exchange-status.ts'
export type { BlockTimeline, CompactStep, TimelineStep, TransactionTimeline } from './types/timeline.ts'
export type { TrafficByType } from './types/traffic.ts'
export type { PoolSource, StoredTransaction } from './types/pool.ts'
export type { StorageFault, StoreName } from './types/storage.ts'
export type { FaultKind, SyncEnd, SyncFault, SyncOptions, SyncProgress, SyncResult, SyncState } from './types/sync.ts'
