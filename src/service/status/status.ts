import { addressStatus } from './addresses.ts'
import { heldOfPeers } from './held.ts'
import { withoutPeerId } from '../../address/multiaddr.ts'
import { MAX_SCORES } from '../../peers/penalties/scores.ts'
import { MAX_TARGETS } from '../../connect/targets/target.ts'
import { PROTOCOL_VERSION } from '../../types/message.ts'
import { bytesToHex } from '../../util/bytes.ts'
import type { VibeCoinComponents } from '../api.ts'
import type { Parts } from '../parts.ts'
import type { ServiceConfig } from '../../config/resolve.ts'
import type { AddressRules } from '../../address/scope.ts'
import type { Clock } from '../../util/clock.ts'
import type {
  AddressTests, BandwidthStatus, BansStatus, GatewayStatus, MemoryStatus, NetworkStatus, NodeStatus, QueuesStatus, SlotsStatus
} from '../../types/status.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Where a peer on this machine is. */
const ON_THIS_MACHINE = '/ip4/127.0.0.1/tcp/1'

/** Bans that a status lists. */
export const MAX_LISTED_BANS = 64

/** What a {@link describeNetwork} is about. */
export interface Described {
  components: Pick<VibeCoinComponents, 'peerId' | 'addressManager'>
  config: ServiceConfig
  rules: AddressRules
  clock: Clock
  parts: Parts
  /** What came of asking peers to dial an address. */
  testsOf?: ((address: string) => AddressTests | undefined) | undefined
  /** The router before this node. */
  gatewayOf?: (() => GatewayStatus) | undefined
  /** When the service was started, by the clock; `undefined` where it does not run. */
  startedAt: number | undefined
}

/** Puts together what the parts know. Nothing is kept for it but what they count anyway. */
export function describeNetwork (described: Described): NetworkStatus {
  const { components: { addressManager }, rules, clock, parts, startedAt } = described
  const { chain, chainSync, connectivity, peers } = parts
  const tip = chain.latestTip
  const { dials, sources, targetCount, known } = connectivity.status
  const addresses = addressManager.getAddressesWithMetadata()
  // to a peer on this machine every address makes sense
  const told = new Set(parts.external.addressesFor(ON_THIS_MACHINE).map(withoutPeerId))
  const facts = { ...rules, isTold: (address: Multiaddr) => told.has(withoutPeerId(address)), testsOf: described.testsOf }

  return {
    at: clock.date(),
    uptime: startedAt == null ? 0 : clock.now() - startedAt,
    node: nodeStatus(described),
    addresses: addresses.map((address) => addressStatus(address, facts)),
    gateway: described.gatewayOf?.() ?? null,
    tip: tip == null ? null : { height: tip.height, hash: bytesToHex(tip.hash) },
    sync: { ...chainSync.statusAt(tip), chainCalls: chain.overdueCalls },
    slots: slotsStatus(described),
    peers: peers.toJSON(),
    dials,
    bans: bansStatus(parts),
    sources,
    known,
    bandwidth: bandwidthStatus(described),
    queues: queuesStatus(described),
    memory: memoryStatus(described, targetCount)
  }
}

function nodeStatus ({ components, config }: Described): NodeStatus {
  const { nodeId, userAgent, network, genesisHash } = config

  return {
    peerId: components.peerId.toString(),
    nodeId,
    userAgent,
    network,
    genesisHash: bytesToHex(genesisHash),
    protocolVersion: PROTOCOL_VERSION
  }
}

function slotsStatus ({ config, parts: { peers: { counts } } }: Described): SlotsStatus {
  return {
    inbound: { used: counts.inbound, limit: config.maxInbound },
    outbound: { used: counts.outbound, limit: config.maxOutbound },
    blockOnly: { used: counts.blockOnly, limit: config.maxBlockOnly },
    reserved: { used: counts.reserved, limit: config.reservedPeers.length },
    pending: counts.pending
  }
}

function bansStatus ({ peers }: Parts): BansStatus {
  const { bans } = peers

  return { count: bans.length, first: bans.slice(0, MAX_LISTED_BANS) }
}

function bandwidthStatus ({ parts: { throttle, totals } }: Described): BandwidthStatus {
  const { upload, download, peerUpload, peerDownload } = throttle.limits
  const cap = (bytes: number): number | null => bytes === Infinity ? null : bytes

  return {
    in: totals.in.status(),
    out: totals.out.status(),
    limits: { upload: cap(upload), download: cap(download), peerUpload: cap(peerUpload), peerDownload: cap(peerDownload) }
  }
}

function queuesStatus ({ config, parts: { peers, chainSync, gossip } }: Described): QueuesStatus {
  const { chainWrites } = chainSync.usage
  const { wanted, wantedTransactions, pendingBroadcasts } = gossip.usage

  return { ...heldOfPeers(peers, config), chainWrites, wanted, wantedTransactions, pendingBroadcasts }
}

function memoryStatus ({ config, parts: { chainSync, gossip, enforcement: { penalties } } }: Described, targets: number): MemoryStatus {
  const { orphans, fetchedBlocks } = chainSync.usage
  const { seenDigests, storedItems, transactionPool, compactBlocks } = gossip.usage
  const count = (items: number, maxItems: number): MemoryStatus['bans'] => ({ items, maxItems, bytes: null, maxBytes: null })
  const configured = config.seedPeers.length + config.reservedPeers.length

  return {
    seenDigests,
    storedItems,
    transactionPool,
    compactBlocks,
    orphans,
    fetchedBlocks,
    targets: count(targets, MAX_TARGETS + configured),
    scores: count(penalties.scores.size, MAX_SCORES),
    bans: count(penalties.bans.remembered, config.limits.bans)
  }
}
