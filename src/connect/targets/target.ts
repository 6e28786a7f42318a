import type { ReadRecord } from '../../address/peer-records.ts'

/** Where the node knows a peer from, the most trusted source first. */
export type TargetSource = 'reserved' | 'seed' | 'known' | 'discovered'

/** A peer to add to the targets. */
export interface NewTarget {
  /** The libp2p peer id, where it is known. */
  peerId?: string | undefined
  /** Multiaddrs, with or without the peer id. */
  addresses: string[]
  /** Whether it was one of the best outbound peers of the run before. */
  isAnchor?: boolean
  /** When it was last reached, in ms since the Unix epoch. */
  lastSuccess?: number | undefined
  /** Failures in a row so far. */
  failures?: number
  /** The netgroup of the peer that told of it first. */
  toldBy?: string | undefined
  /** Its signed record, whose signature is good. */
  record?: ReadRecord | undefined
}

/** A peer that the node may dial. */
export interface Target {
  /** The libp2p peer id, or the address where that is not known. */
  readonly key: string
  /** Where the node first knew it from, or `reserved` or `seed` where it is one. */
  source: TargetSource
  /** What reported it first. The targets of one origin are bounded. */
  readonly origin: string
  /** Multiaddrs, without the peer id where that is the key. */
  readonly addresses: string[]
  /** The netgroups of the public addresses, by address. */
  readonly groups: ReadonlyMap<string, string>
  /** The netgroups that the dial under way may lead to. */
  dialGroups: readonly string[]
  /** Whether the node dials it before others, as long as it has not failed. */
  isAnchor: boolean
  /** When it was last reached, in ms since the Unix epoch; -1 where that is not known. */
  lastSuccess: number
  /** The host, or the relay, where it was last reached; `undefined` where it never was. */
  reachedAt: string | undefined
  /** The netgroup of the peer that told of it first; `undefined` where the node knows it from elsewhere. */
  readonly toldBy: string | undefined
  /** Its signed record, if the node has one. */
  record: ReadRecord | undefined
  /** The libp2p peer id, as configured or as found when it was last reached. */
  peerId: string | undefined
  /** Why the last dial, or the last session, has ended; at most 256 characters. */
  lastError?: string
  /** Failures since it was last found healthy. */
  failures: number
  /** When it may be dialled again, by the clock. */
  nextAttempt: number
  isDialling: boolean
}

/** The origin of targets that peers have told of. */
export const PEERS_ORIGIN = 'peers'

/** Peers that the node knows to dial, beside seeds and reserved peers. */
export const MAX_TARGETS = 1000

/** Peers to dial that are known from an earlier run. */
export const MAX_KNOWN_TARGETS = 500

/** Peers to dial that one origin has told of: a DNS name, the DHT, libp2p's discoveries, inbound peers. */
export const MAX_ORIGIN_TARGETS = 250

/** Peers to dial that are in one netgroup, as far as that is known. */
export const MAX_NETWORK_TARGETS = 16

/** Addresses that are kept of a peer to dial. */
export const MAX_TARGET_ADDRESSES = 8

/** Failures in a row after which the node forgets a peer that is neither a seed nor reserved. */
export const MAX_FAILURES = 10

/** Whether a target was configured: the node never forgets such a target, and it takes no room. */
export function isPermanent (source: TargetSource): boolean {
  return source === 'seed' || source === 'reserved'
}
