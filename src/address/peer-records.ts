import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { originOf, withoutPeerId } from './multiaddr.ts'
import { MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS, MAX_PEER_RECORD_BYTES } from '../codec/limits.ts'
import { bytesEqual } from '../util/bytes.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** What a signed peer record says, whether it is signed or not. */
export interface ReadRecord {
  /** The libp2p peer id. */
  readonly id: string
  /** Of two records of a peer, the one with the larger number holds. */
  readonly sequence: bigint
  /** Multiaddrs without the peer id: at least one, at most 16. */
  readonly addresses: readonly string[]
  /** The host, or the relay, of all its addresses; `undefined` where they are at several. */
  readonly origin: string | undefined
  /** The envelope, whole. */
  readonly bytes: Uint8Array
}

/** Makes, reads and verifies signed peer records. A simulation has its own, whose signatures cost nothing. */
export interface PeerRecords {
  /** Signs a record of this node. */
  sign: (addresses: readonly Multiaddr[], sequence: bigint) => Promise<Uint8Array>
  /** Reads an envelope. `undefined` for what is no record, or is over a bound. It looks at no signature. */
  read: (bytes: Uint8Array) => ReadRecord | undefined
  /** Whether the peer of a record has signed it. Never throws. */
  verify: (record: ReadRecord) => Promise<boolean>
}

/** The records of libp2p. Without a key it signs none: `sign` throws. */
export function libp2pRecords (privateKey: PrivateKey | undefined): PeerRecords {
  return {
    sign: async (addresses, sequence) => {
      if (privateKey == null) {
        throw new TypeError('There is no key to sign with')
      }

      const peerId = peerIdFromPublicKey(privateKey.publicKey)
      const record = new PeerRecord({ peerId, multiaddrs: [...addresses], seqNumber: sequence })

      return (await RecordEnvelope.seal(record, privateKey)).marshal()
    },
    read: readRecord,
    verify: async ({ bytes }) => {
      try {
        return await RecordEnvelope.createFromProtobuf(bytes).validate(PeerRecord.DOMAIN)
      } catch {
        return false
      }
    }
  }
}

/** {@link PeerRecords.read} of libp2p's records. */
export function readRecord (bytes: Uint8Array): ReadRecord | undefined {
  if (bytes.byteLength > MAX_PEER_RECORD_BYTES) {
    return undefined
  }

  try {
    // in the usual form: a record is not larger for what others have put around it
    const usual = RecordEnvelope.createFromProtobuf(bytes).marshal()
    const { publicKey, payloadType, payload } = RecordEnvelope.createFromProtobuf(usual)
    const { peerId, multiaddrs, seqNumber } = PeerRecord.createFromProtobuf(payload.subarray())
    // a key of RSA may have a shorter form than the usual one, and is another peer's in it: no other node would take what this one tells
    const isBounded = usual.byteLength <= MAX_PEER_RECORD_BYTES && multiaddrs.length > 0 && multiaddrs.length <= MAX_LISTEN_ADDRS &&
      multiaddrs.every(({ bytes: { byteLength } }) => byteLength > 0 && byteLength <= MAX_LISTEN_ADDR_BYTES) &&
      // the text of some bytes is no address, or another one
      multiaddrs.every((address) => multiaddr(address.toString()).equals(address))

    // the key in the envelope has to be that of the peer in the record
    if (!bytesEqual(payloadType, PeerRecord.CODEC) || !peerIdFromPublicKey(publicKey).equals(peerId) || !isBounded) {
      return undefined
    }

    return recordOf(peerId.toString(), { sequence: seqNumber, multiaddrs, bytes: usual })
  } catch {
    return undefined
  }
}

/** A record with these addresses; `undefined` where it has none that says more than the peer id. */
export function recordOf (
  id: string, { sequence, multiaddrs, bytes }: { sequence: bigint, multiaddrs: readonly Multiaddr[], bytes: Uint8Array }
): ReadRecord | undefined {
  const addresses = multiaddrs.map(withoutPeerId).filter((address) => address !== '')
  const origins = new Set(multiaddrs.map(originOf))

  return addresses.length === 0 ? undefined : { id, sequence, addresses, origin: origins.size === 1 ? [...origins][0] : undefined, bytes }
}
