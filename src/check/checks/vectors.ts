import { expectGoesOn, expectThat, expectViolation, expectWelcome } from './expect.ts'
import { bytesOf, vectorsOf } from '../vectors.ts'
import { featureBits } from '../../codec/features.ts'
import type { Check } from '../check.ts'
import type { CheckContext } from '../context.ts'
import type { Link } from '../peer/link.ts'
import type { Vector } from '../vectors.ts'
import type { Feature } from '../../types/features.ts'

/** What `rule` forbids, as the table of the grammar says it. */
const RULES: Record<string, string> = {
  'frame-size': 'the length of a frame is from 1 to the [limit](#frames)',
  'frame-length': 'the length of a frame is in its shortest form, at most five bytes',
  tag: 'a tag is in its shortest form and below 2^32, and its field number is not 0',
  'wire-type': 'the wire type is 0, 1, 2 or 5, in unknown fields too. There are no groups (3 and 4), closed or not, and no types 6 and 7',
  length: 'the length of a field has at most five bytes',
  varint: 'a varint has at most ten bytes, and its value is below 2^64',
  end: 'a field ends where its message ends, or before, unknown ones too',
  'known-type': 'a known field has the wire type of the schema: 0 for integers, enums and bools, 5 for a `fixed32`, 2 for the rest',
  width: 'a `uint32` is below 2^32, a bool is 0 or 1, an enum is -2^31 to 2^31 - 1, negative ones in ten bytes',
  once: 'a message has one body, and a field that holds a message and is not repeated comes once',
  required: 'a field that is never absent is there: see [fields](#fields)',
  hash: 'hashes, ids, addresses and digests have exactly 32 bytes',
  'safe-integer': 'heights and timestamps are at most 2^53 - 1',
  text: 'a string is valid UTF-8: no surrogates, nothing in more bytes than it needs, nothing above U+10FFFF.',
  size: 'a string or address is no longer than its [field](#fields) may be',
  count: 'a repeated field comes no more often than it may',
  order: '`end_height` is not below `start_height`',
  index: 'each index is above the one before, and those of a `CompactBlock` are below the number of its transactions',
  'empty-range': 'a `ResponseBlockRange` has blocks, or `last` is 1',
  'item-size': 'a block or transaction is no larger than an [item](#frames) may be',
  'first-message': 'the first frame is a `Handshake` or a `Disconnect`',
  'second-handshake': 'a `Handshake` comes once'
}

/** Sessions of one check at a time. */
const LANES = 3

/** The rejected items that one session may send: a node ends it when there are too many. */
const ITEMS_OF_A_SESSION = 8

const RESPONSES = new Set<unknown>(['responseBlock', 'responseBlockRange', 'responseTransactions', 'responsePeers'])

/** Runs `work` for each, a few at a time. */
async function each<T> (items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]

  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let item = left.shift(); item != null; item = left.shift()) {
      await work(item)
    }
  }))
}

/** What a session has to use, so that the target reads the vector: without its feature, a message may be ignored as a whole. */
function featuresOf ({ name, features }: Vector): readonly Feature[] {
  return features ?? (/^(request|response)Peers/.test(name) ? ['peers'] : [])
}

/** A stream on which the vector is the next frame; `undefined` where the target does not offer what the session has to use. */
async function linkFor (vector: Vector, context: CheckContext): Promise<Link | undefined> {
  const { phase } = vector
  const bits = featureBits(featuresOf(vector))

  if (((context.target.node.features ?? 0n) & bits) !== bits) {
    return
  }

  return phase === 'before' ? context.open() : context.session({ node: bits === 0n ? {} : { features: bits } })
}

function named ({ name, phase }: Vector): string {
  return `"${name}" (${phase === 'before' ? 'as the first frame' : 'in a session'})`
}

/** The frames of invalid.json that break one rule, each in a session of its own. */
function ruleCheck (rule: string): Check {
  const vectors = (): Vector[] => (['invalid', 'large', 'features'] as const).flatMap(vectorsOf).filter((vector) => {
    return vector.rule === rule && vector.effect === 'violation'
  })

  return {
    id: `vector-${rule}`,
    title: `refuses the frames of invalid.json and features.json that break the rule ${rule}`,
    section: 'Grammar',
    text: RULES[rule]!,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      let sent = 0
      await each(vectors(), async (vector) => {
        const link = await linkFor(vector, context)

        if (link != null) {
          sent++
          link.sendBytes(bytesOf(vector))
          await expectViolation(link, named(vector))
        }
      })

      if (sent === 0) {
        context.skip('the target does not offer the feature to which the frames belong')
      }
    }
  }
}

/** The item of a message that no session can go without: `item refused` vectors in a few sessions. */
async function refuseItems (context: CheckContext, vectors: readonly Vector[]): Promise<void> {
  const groups = Array.from({ length: Math.ceil(vectors.length / ITEMS_OF_A_SESSION) }, (_, i) => {
    return vectors.slice(i * ITEMS_OF_A_SESSION, (i + 1) * ITEMS_OF_A_SESSION)
  })

  await each(groups, async (group) => {
    const link = await context.session()

    for (const vector of group) {
      link.sendBytes(bytesOf(vector))
    }

    await expectGoesOn(link, `items that are refused, ${named(group[0]!)} and those after it`)
  })
}

/** Sends frames of a valid session, and reads that it goes on. */
async function takeAll (context: CheckContext, vectors: readonly Vector[]): Promise<void> {
  const link = await context.session()

  for (const vector of vectors) {
    link.sendBytes(bytesOf(vector))

    if (vector.type === 'ping') {
      const nonce = BigInt(String(vector.message?.['nonce']))
      const pong = await link.find((message): message is typeof message & { type: 'pong' } => message.type === 'pong' && message.nonce === nonce)
      expectThat(pong != null, { expected: `a Pong for ${named(vector)} with the nonce ${nonce}`, seen: link.seen })
    }
  }

  await expectGoesOn(link, `${vectors.length} frames from ${named(vectors[0]!)} to ${named(vectors.at(-1)!)}`)
}

/** A good first frame of another network: it has to be read, and refused as one of another network. */
async function readAsStranger (context: CheckContext, vector: Vector): Promise<void> {
  const link = await context.open()
  link.sendBytes(bytesOf(vector))
  const answer = await link.tryNext(['disconnect'])
  const isRead = answer != null && ['WRONG_NETWORK', 'INCOMPATIBLE_VERSION'].includes(answer.message.reason)
  expectThat(isRead, { expected: `Disconnect(WRONG_NETWORK or INCOMPATIBLE_VERSION) for ${named(vector)}, which is well-formed`, seen: link.seen })
}

/** A `Disconnect` ends a session in peace. */
async function endAll (context: CheckContext, vectors: readonly Vector[]): Promise<void> {
  await each(vectors, async (vector) => {
    const peer = await context.peer()
    const link = await context.session({ peer })
    link.sendBytes(bytesOf(vector))
    await link.end()
    await link.ended(undefined, `the end of the stream after ${named(vector)}`)
    expectThat(!link.arrivals.some(({ message }) => message?.type === 'disconnect' && message.reason === 'PROTOCOL_VIOLATION'), {
      expected: `no violation in ${named(vector)}`, seen: link.seen
    })
  })
}

/** How many pings a session may take at once. */
const PINGS_OF_A_SESSION = 3

/** Parts in which no session gets too many pings. */
function bySession (vectors: readonly Vector[]): Vector[][] {
  const groups: Vector[][] = [[]]

  for (const vector of vectors) {
    if (vector.type === 'ping' && groups.at(-1)!.filter(({ type }) => type === 'ping').length === PINGS_OF_A_SESSION) {
      groups.push([])
    }

    groups.at(-1)!.push(vector)
  }

  return groups
}

/** The checks of one file of frames that have to be taken. */
function takenChecks (file: 'messages' | 'tolerated', text: string): Check[] {
  const pick = (accept: (vector: Vector) => boolean): Vector[] => vectorsOf(file).filter(accept)
  const base = { section: 'Fixtures', text, manners: 'rude' as const }

  return [
    {
      ...base,
      id: `vector-${file}-first`,
      title: `reads the handshakes of ${file}.json`,
      run: async (context: CheckContext): Promise<void> => {
        await each(pick(({ type }) => type === 'handshake'), async (vector) => readAsStranger(context, vector))
      }
    },
    {
      ...base,
      id: `vector-${file}`,
      title: `takes the frames of ${file}.json in a session`,
      run: async (context: CheckContext): Promise<void> => {
        const vectors = pick(({ phase, type }) => phase === 'after' && !RESPONSES.has(type))
        await each(bySession(vectors), async (group) => takeAll(context, group))
      }
    },
    {
      ...base,
      id: `vector-${file}-disconnect`,
      title: `takes each Disconnect of ${file}.json`,
      run: async (context: CheckContext): Promise<void> => { await endAll(context, pick(({ type }) => type === 'disconnect')) }
    }
  ]
}

/** Every frame of test/fixtures. */
export const VECTOR_CHECKS: readonly Check[] = [
  ...takenChecks('messages', 'messages, and the one way to encode each'),
  ...takenChecks('tolerated', 'frames that no encoder writes and every decoder takes, and why'),
  ...Object.keys(RULES).map(ruleCheck),
  {
    id: 'vector-item-refused',
    title: 'goes on after the items of invalid.json, which it refuses',
    section: 'Grammar',
    text: 'the *item is refused*: not used, not relayed, and counted like one that the application rejects. The session goes on',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => { await refuseItems(context, vectorsOf('invalid').filter(({ effect }) => effect === 'item refused')) }
  },
  {
    id: 'vector-large-items',
    title: 'takes items of 4095 KiB, and goes on after larger ones',
    section: 'Frames',
    text: 'An encoded `Block` or `Transaction` has at most 1 KiB less than a frame: 4095 KiB (4193280 bytes).',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      for (const vector of vectorsOf('large').filter(({ type }) => !RESPONSES.has(type))) {
        const link = await context.session()
        link.sendBytes(bytesOf(vector))
        await expectGoesOn(link, named(vector))
        link.reset()
      }
    }
  },
  {
    id: 'vector-lost',
    title: 'holds nothing against a peer whose stream ends inside a frame',
    section: 'The end of a session',
    text: 'A stream that ends or breaks without a `Disconnect` is a lost connection, also inside a frame, and no peer is at fault.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      await each(vectorsOf('invalid').filter(({ effect }) => effect === 'lost'), async (vector) => {
        const peer = await context.peer()
        const link = await context.session({ peer })
        link.sendBytes(bytesOf(vector))
        await link.end()
        await link.ended(undefined, `the end of the stream after ${named(vector)}`)
        await expectWelcome(context, peer, named(vector))
      })
    }
  }
]
