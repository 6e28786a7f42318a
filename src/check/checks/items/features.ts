import { expectGoesOn, expectThat } from '../expect.ts'
import { haveOf, relayed, timesSent } from './relaying.ts'
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
const HAVE = 'Have and Want'
const PEERS = 'Peers from peers'
const UNOFFERED = 'Nothing of a feature is sent to a peer without it.'
const SHORT = 'In a session with the [feature](#versions) `short-digests` either may list items by the first 16 bytes of their digests.'
const SAME = 'Such a *short digest* says the same as the whole one, and in a session without the feature nothing.'
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

function shortOf ({ digest }: Item): Uint8Array {
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
    id: 'features-short-have',
    title: 'asks for what is announced by a short digest, and takes it',
    section: HAVE,
    text: SHORT,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [link, other] = await Promise.all([featured(context, 'short-digests'), context.session()])
      const item = inventTransaction(LARGE_BYTES)
      link.send({ type: 'have', digests: [], shortDigests: shortOf(item) })

      if (!await link.until(() => link.arrivals.some(names(item, 'want')))) {
        await expectGoesOn(link, 'a Have with a short digest')
        context.skip('the target asks for nothing that is announced, which the text allows')
      }

      link.sendFrame(item.message)
      await expectGoesOn(link, 'an item that was asked for')

      if (!await other.until(() => timesSent(other, item) > 0)) {
        await relayed(context, [link, other])
        other.fail(`the transaction that the target has asked for by its short digest, or ${haveOf(item)}`)
      }
    }
  },
  {
    id: 'features-short-known',
    title: 'does not send an item to a peer that has announced it by its short digest',
    section: HAVE,
    text: SAME,
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const [to, from, third] = await Promise.all([featured(context, 'short-digests'), context.session(), context.session()])
      const item = inventTransaction()
      to.send({ type: 'have', digests: [], shortDigests: shortOf(item) })
      await expectGoesOn(to, 'a Have with a short digest')
      from.sendFrame(item.message)

      if (!await third.until(() => timesSent(third, item) > 0)) {
        await relayed(context, [from, third])
        third.fail('the transaction at a peer that has not announced it')
      }

      // what follows it has come after anything that it caused
      await relayed(context, [from, to])
      const isSent = timesSent(to, item) > 0 || to.arrivals.some(names(item, 'have'))
      expectThat(!isSent, { expected: 'nothing of an item that this peer has announced by its short digest', seen: to.seen })
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
  }
]
