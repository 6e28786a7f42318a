import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { expectGoesOn, expectThat, expectViolation } from '../expect.ts'
import { relayed, timesSent } from './relaying.ts'
import { BODY, field, join } from '../raw.ts'
import { inventTransaction } from '../samples.ts'
import { featureBits } from '../../../codec/features.ts'
import { SHORT_DIGEST_BYTES } from '../../../codec/limits.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Item } from '../samples.ts'
import type { Arrival } from '../../peer/arrival.ts'
import type { Link } from '../../peer/link.ts'
import type { Feature } from '../../../types/features.ts'
import type { NodeInfo } from '../../../types/message.ts'

const VERSIONS = 'Versions'
const PEERS = 'Peers from peers'
const UNOFFERED = 'Nothing of a feature is sent to a peer without it.'
const OWN = 'The first record of an answer is the sender\'s own, where it has an address for the peer. A request for one peer asks for that record alone.'
const UNASKED = '`ResponsePeers` has no more than were asked for, and may have none. Where it has more, that is a [violation](#violations-and-what-is-tolerated).'
const UNKNOWN = 'In a session without the [feature](#versions) `compact-blocks` its three messages are unknown fields, whatever is in them.'

/** The fields of messages that belong to a feature. */
const FEATURED_BODIES = [14, 15, 16, 17, 18]

/** Above what a node sends to every peer. */
const LARGE_BYTES = 40_000

/** How long a target may take to relay an item, in ms. */
const RELAY_MS = 2500

/** Peers that a check asks for. */
const COUNT = 4

/** A session that offers a feature alone. Skips where the target does not offer it. */
export async function featured (context: CheckContext, feature: Feature, node: Partial<NodeInfo> = {}): Promise<Link> {
  const bit = featureBits([feature])

  if (((context.target.node.features ?? 0n) & bit) === 0n) {
    context.skip(`the target does not offer the feature ${feature}`)
  }

  return context.session({ node: { features: bit, ...node } })
}

/** The short digest of an item. */
export function shortOf ({ digest }: Item): Uint8Array {
  return digest.subarray(0, SHORT_DIGEST_BYTES)
}

/** Whether a message names an item, by its whole digest or by the short one. */
export function names (item: Item, kind: 'have' | 'want'): (arrival: Arrival) => boolean {
  const [whole, short] = [hex(item.digest), hex(shortOf(item))]

  return ({ message }) => message?.type === kind &&
    (message.digests.map(hex).includes(whole) || shortsOf(message.shortDigests).includes(short))
}

function shortsOf (bytes: Uint8Array = new Uint8Array(0)): string[] {
  return Array.from({ length: bytes.byteLength / SHORT_DIGEST_BYTES }, (_, i) => {
    return hex(bytes.subarray(i * SHORT_DIGEST_BYTES, (i + 1) * SHORT_DIGEST_BYTES))
  })
}

export function hex (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What belongs to a feature in a frame: in words, or `undefined`. */
function featureIn ({ message, bytes }: Arrival): string | undefined {
  if ((message?.type === 'have' || message?.type === 'want') && (message.shortDigests?.byteLength ?? 0) > 0) {
    return 'short digests'
  }

  // the tag of a body that is alone, in one byte or in two
  const tags = FEATURED_BODIES.map((number) => field(number, new Uint8Array(0)).subarray(0, -1))

  return tags.some((tag) => hex(bytes).startsWith(hex(tag))) ? 'a message of a feature' : undefined
}

/** Additions to the protocol, in sessions with them and without. */
export const FEATURE_CHECKS: readonly Check[] = [
  {
    id: 'features-unoffered',
    title: 'sends nothing of a feature to a peer that offers none',
    section: VERSIONS,
    text: UNOFFERED,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const links = await Promise.all([context.session(), context.session(), context.session()])
      const [from, ...others] = links
      await relayed(context, [from, others[0]])
      const large = inventTransaction(LARGE_BYTES)
      from.sendFrame(large.message)
      await Promise.all(others.map(async (link) => link.until(() => timesSent(link, large) > 0 || link.arrivals.some(names(large, 'have')), RELAY_MS)))
      from.send({ type: 'have', digests: [inventTransaction().digest] })
      await expectGoesOn(from, 'a Have')
      const found = links.flatMap((link) => link.arrivals.map(featureIn)).filter((what) => what != null)
      expectThat(found.length === 0, { expected: 'nothing of a feature', seen: found.join(', ') })
    }
  },
  {
    id: 'features-compact-unknown',
    title: 'reads past the fields of compact blocks in a session without the feature, whatever is in them',
    section: 'Grammar',
    text: UNKNOWN,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()

      for (const number of [14, 15, 16]) {
        link.sendFrame(field(number, Uint8Array.of(255, 255)))
        link.sendFrame(join(field(number, Uint8Array.of(255)), field(BODY.want, new Uint8Array(0)), field(number, Uint8Array.of(255))))
      }

      await expectGoesOn(link, 'unknown fields with the numbers 14 to 16')
    }
  },
  {
    id: 'features-peers-answer',
    title: 'answers RequestPeers with no more signed records than were asked for',
    section: PEERS,
    text: '`ResponsePeers` has no more than were asked for, and may have none.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'peers')
      link.send({ type: 'requestPeers', count: COUNT }, 5n)
      const { message: { peers }, requestId } = await link.next('responsePeers')
      expectThat(requestId === 5n && peers.length <= COUNT, { expected: `ResponsePeers 5 with at most ${COUNT} peers`, seen: link.seen })
      const { RecordEnvelope } = await import('@libp2p/peer-record')

      for (const { record } of peers) {
        const isGood = await RecordEnvelope.openAndCertify(record, 'libp2p-peer-record').then(() => true, () => false)
        expectThat(isGood, { expected: 'records that their nodes have signed, for the domain libp2p-peer-record', seen: hex(record).slice(0, 200) })
      }
    }
  },
  {
    id: 'features-peers-unoffered',
    title: 'ignores RequestPeers in a session without the feature',
    section: PEERS,
    text: 'In a session without the feature `RequestPeers` is ignored.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'requestPeers', count: COUNT }, 6n)
      await expectGoesOn(link, 'a RequestPeers')
      expectThat(!link.arrivals.some(({ message }) => message?.type === 'responsePeers'), { expected: 'no ResponsePeers', seen: link.seen })
    }
  },
  {
    id: 'features-peers-own',
    title: 'answers a request for one peer with its own record, and one for none with none',
    section: PEERS,
    text: OWN,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'peers')
      link.send({ type: 'requestPeers', count: 1 }, 8n)
      link.send({ type: 'requestPeers', count: 0 }, 9n)
      const answers = [await link.next('responsePeers'), await link.next('responsePeers')]
      const [one, none] = [8n, 9n].map((id) => answers.find(({ requestId }) => requestId === id)?.message.peers)
      expectThat(one != null && one.length <= 1 && none?.length === 0, {
        expected: 'ResponsePeers 8 with at most one peer, and ResponsePeers 9 with none', seen: link.seen
      })

      if (one!.length === 0) {
        context.skip('the target has no address for this peer, which the text allows')
      }

      const { RecordEnvelope } = await import('@libp2p/peer-record')
      const { publicKey } = await RecordEnvelope.openAndCertify(one![0]!.record, 'libp2p-peer-record')
      const id = peerIdFromPublicKey(publicKey).toString()
      expectThat(id === context.target.id, { expected: `the record of ${context.target.id}`, seen: `that of ${id}` })
    }
  },
  {
    id: 'features-peers-more',
    title: 'finds a violation in peers that it has not asked for',
    section: PEERS,
    text: UNASKED,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await featured(context, 'peers')
      link.send({ type: 'responsePeers', peers: [] }, 2n ** 63n)
      await expectViolation(link, 'an answer that was not asked for')
    }
  }
]
