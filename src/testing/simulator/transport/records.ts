import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { readRecord } from '../../../address/peer-records.ts'
import type { PeerRecords } from '../../../address/peer-records.ts'
import type { PeerId } from '@libp2p/interface'

/** As many bytes as a signature of an Ed25519 key has. */
const SIGNATURE_BYTES = 64

/** Peer records of a node, with signatures that are not computed: no key belongs to its peer id. They are as long as actual ones. */
export function simulatedRecords (peerId: PeerId): PeerRecords {
  return {
    sign: async (addresses, sequence) => {
      const record = new PeerRecord({ peerId, multiaddrs: [...addresses], seqNumber: sequence })

      return new RecordEnvelope({
        publicKey: peerId.publicKey!,
        payloadType: PeerRecord.CODEC,
        payload: record.marshal(),
        signature: new Uint8Array(SIGNATURE_BYTES)
      }).marshal()
    },
    read: readRecord,
    verify: async () => true
  }
}
