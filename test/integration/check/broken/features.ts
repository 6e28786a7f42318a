import { of, withId } from './broken-node.ts'
import type { BrokenNode } from './broken-node.ts'

/** The tag of a CompactBlock in a message. */
const COMPACT_TAG = 0x72

/** What is wrong with additions to the protocol. */
export const BROKEN_FEATURES: readonly BrokenNode[] = [
  {
    what: 'announces by short digests to peers that do not know them', check: 'features-unoffered',
    mutation: { sent: of('have', ({ digests }) => [{ type: 'have', digests: [], shortDigests: Buffer.concat(digests.map((digest) => digest.subarray(0, 16))) }]) }
  },
  {
    what: 'looks into compact blocks that it has not offered', check: 'features-compact-unknown',
    mutation: { received: ({ bytes }) => bytes[0] === COMPACT_TAG ? [Uint8Array.of(0)] : undefined }
  },
  {
    what: 'reads no short digests', check: 'features-short-have', isSkipped: true,
    mutation: { config: { features: ['short-digests'] }, received: of('have', ({ shortDigests }) => shortDigests == null ? undefined : []) }
  },
  {
    what: 'reads no short digests', check: 'features-short-known',
    mutation: { config: { features: ['short-digests'] }, received: of('have', ({ shortDigests }) => shortDigests == null ? undefined : []) }
  },
  {
    what: 'answers no Want with a short digest', check: 'features-short-want',
    mutation: { config: { features: ['short-digests'] }, received: of('want', ({ shortDigests }) => shortDigests == null ? undefined : []) }
  },
  {
    what: 'tells no peer of transactions by short digests', check: 'features-short-want',
    mutation: { config: { features: ['short-digests'] }, sent: of('have', ({ shortDigests }) => shortDigests == null ? undefined : []) }
  },
  {
    what: 'reads short digests of peers that do not know them', check: 'features-short-unoffered',
    mutation: {
      received: of('have', ({ shortDigests }, { stream }) => {
        stream.notes.set('announced', shortDigests)

        return undefined
      }),
      sent: of('newTransaction', (_message, { stream }) => stream.notes.get('announced') == null ? undefined : [])
    }
  },
  {
    what: 'tells one peer of any number', check: 'features-peers-own',
    mutation: { config: { features: ['peers'] }, received: of('requestPeers', (_message, { requestId }) => [withId({ type: 'requestPeers', count: 1 }, requestId)]) }
  },
  {
    what: 'passes over peers that it has not asked for', check: 'features-peers-more',
    mutation: { config: { features: ['peers'] }, received: of('responsePeers', () => []) }
  },
  {
    what: 'offers to tell of peers, and does not', check: 'features-peers-answer',
    mutation: { config: { features: ['peers'] }, received: of('requestPeers', () => []) }
  },
  {
    what: 'tells of peers that nobody has signed', check: 'features-peers-answer',
    mutation: {
      config: { features: ['peers'] },
      received: of('requestPeers', (_message, { requestId, stream }) => {
        stream.say(withId({ type: 'responsePeers', peers: [{ record: new Uint8Array(100), ageMinutes: 1 }] }, requestId))

        return []
      })
    }
  },
  {
    what: 'tells every peer of peers', check: 'features-peers-unoffered',
    mutation: {
      received: of('requestPeers', (_message, { requestId, stream }) => {
        stream.say(withId({ type: 'responsePeers', peers: [] }, requestId))

        return []
      })
    }
  }
]
