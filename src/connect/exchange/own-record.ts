import { multiaddr } from '@multiformats/multiaddr'
import { originOf, withoutPeerId } from '../../address/multiaddr.ts'
import { MAX_LISTEN_ADDR_BYTES, MAX_PEER_RECORD_BYTES } from '../../codec/limits.ts'
import type { PeerRecords } from '../../address/peer-records.ts'
import type { Clock } from '../../util/clock.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Records of this node that it keeps: one for each set of addresses that it tells. */
export const MAX_OWN_RECORDS = 16

/** Addresses in a record of this node. */
export const MAX_OWN_ADDRESSES = 4

/** Options of {@link OwnRecord}. */
export interface OwnRecordInit {
  records: PeerRecords
  /** The addresses of this node that make sense for a peer at a multiaddr, the most useful first. */
  addressesFor: (peer: string) => readonly Multiaddr[]
  clock: Clock
}

/**
 * The signed record of this node, for each peer one with addresses that make sense for it. All are at one host: a peer passes a record on
 * when it has reached the node at the host of all addresses in it.
 */
export class OwnRecord {
  readonly #init: OwnRecordInit
  /** By their addresses. The one that was used last is at the end. */
  readonly #signed = new Map<string, Promise<Uint8Array | undefined>>()
  /** The addresses of records by all those that make sense, and the family of the peer: a machine may have thousands. */
  readonly #picked = new WeakMap<readonly Multiaddr[], Map<string | undefined, Multiaddr[]>>()
  #sequence = 0n

  constructor (init: OwnRecordInit) {
    this.#init = init
  }

  /** The record for a peer at this multiaddr; `undefined` where the node has no address for it, or cannot sign. */
  async for (peer: string): Promise<Uint8Array | undefined> {
    const addresses = this.#pick(this.#init.addressesFor(peer), multiaddr(peer).getComponents()[0]?.name)
    const key = addresses.join()

    if (addresses.length === 0) {
      return undefined
    }

    const record = this.#signed.get(key) ?? this.#sign(addresses)
    this.#signed.delete(key)
    this.#signed.set(key, record)

    if (this.#signed.size > MAX_OWN_RECORDS) {
      this.#signed.delete(this.#signed.keys().next().value!)
    }

    return record
  }

  #pick (addresses: readonly Multiaddr[], family: string | undefined): Multiaddr[] {
    const byFamily = this.#picked.get(addresses) ?? new Map<string | undefined, Multiaddr[]>()
    const picked = byFamily.get(family) ?? pickAddresses(addresses, family)
    this.#picked.set(addresses, byFamily.set(family, picked))

    return picked
  }

  async #sign (addresses: readonly Multiaddr[]): Promise<Uint8Array | undefined> {
    const { records, clock } = this.#init
    const now = BigInt(clock.date())
    this.#sequence = now > this.#sequence ? now : this.#sequence + 1n

    try {
      const record = await records.sign(addresses, this.#sequence)

      return record.byteLength <= MAX_PEER_RECORD_BYTES ? record : undefined
    } catch {
      // a key that does not sign is refused at the start: the node tells no record of its own
      return undefined
    }
  }
}

/** The addresses at the first host of this family, that of the peer, or at the first host. */
function pickAddresses (addresses: readonly Multiaddr[], family: string | undefined): Multiaddr[] {
  const own = addresses.map((address) => multiaddr(withoutPeerId(address)))
    .filter(({ bytes }) => bytes.byteLength > 0 && bytes.byteLength <= MAX_LISTEN_ADDR_BYTES)
  const first = own.find((address) => address.getComponents()[0]?.name === family) ?? own[0]
  const origin = first == null ? undefined : originOf(first)

  return origin == null ? [] : own.filter((address) => originOf(address) === origin).slice(0, MAX_OWN_ADDRESSES)
}
