import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { readRecord } from '../../../address/peer-records.ts'
import type { PeerRecords, ReadRecord } from '../../../address/peer-records.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** As many bytes as a signature of an Ed25519 key has. */
const SIGNATURE_BYTES = 64

/** Records that a simulation remembers. When there are as many it begins anew: a node may make up others without end. */
export const MAX_READ_RECORDS = 16_384

/**
 * Reads the records of a simulation, each of them once: all nodes have the same records of each other, and read them again and again.
 */
export class RecordReader {
  readonly #read = new Map<string, ReadRecord | undefined>()

  /** How many are remembered. */
  get size (): number {
    return this.#read.size
  }

  /** What a record says: one object for all who read it. `undefined` for what is no record. */
  read (bytes: Uint8Array): ReadRecord | undefined {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
    const known = this.#read.get(key)

    if (known != null || this.#read.has(key)) {
      return known
    }

    if (this.#read.size >= MAX_READ_RECORDS) {
      this.#read.clear()
    }

    const record = readRecord(bytes)
    this.#read.set(key, record)

    return record
  }
}

/** Peer records of a node, with signatures that are not computed: no key belongs to its peer id. They are as long as actual ones. */
export function simulatedRecords (peerId: PeerId, reader: RecordReader): PeerRecords {
  return {
    sign: async (addresses, sequence) => unsignedRecord(peerId, addresses, sequence),
    read: (bytes) => reader.read(bytes),
    verify: async () => true
  }
}

/** A record of a peer whose signature is none. */
export function unsignedRecord (peerId: PeerId, addresses: readonly Multiaddr[], sequence: bigint): Uint8Array {
  const record = new PeerRecord({ peerId, multiaddrs: [...addresses], seqNumber: sequence })

  return new RecordEnvelope({
    publicKey: peerId.publicKey!,
    payloadType: PeerRecord.CODEC,
    payload: record.marshal(),
    signature: new Uint8Array(SIGNATURE_BYTES)
  }).marshal()
}
