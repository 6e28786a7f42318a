import { expectGoesOn, expectThat } from '../expect.ts'
import { inventTransaction } from '../samples.ts'
import { beginOf } from '../../peer/describe.ts'
import { itemBytes } from '../../peer/item-bytes.ts'
import type { CheckContext } from '../../context.ts'
import type { Item } from '../samples.ts'
import type { Arrival } from '../../peer/arrival.ts'
import type { Link } from '../../peer/link.ts'

/** Items that are tried until one is relayed: a node may drop one where much waits for a peer. */
const TRIES = 3

/** How long a node may take for each, in ms. */
const RELAY_MS = 2500

const NOT_RELAYED = 'the target relays no invented items: its rules may refuse them, or it relays nothing'

/** How an item has come: by itself, or after it was announced and asked for. */
export interface Delivery { arrival: Arrival, wasAnnounced: boolean }

/** Waits until the target has sent an item to a peer. A `Have` for it is answered with `Want`. `undefined` where nothing comes. */
export async function delivered (link: Link, item: Item, ms: number = link.patience): Promise<Delivery | undefined> {
  let wasAnnounced = false
  const until = performance.now() + ms
  const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

  for (;;) {
    const came = await link.tryNext(['newBlock', 'newTransaction', 'have'], Math.max(0, until - performance.now()))

    if (came == null) {
      return
    }

    if (came.message.type !== 'have') {
      if (came.message.type === item.kind && isSame(itemBytes(came), item.bytes)) {
        return { arrival: came, wasAnnounced }
      }
    } else if (!wasAnnounced && came.message.digests.some((digest) => isSame(digest, item.digest))) {
      wasAnnounced = true
      link.send({ type: 'want', digests: [item.digest] })
    }
  }
}

/** How often an item or its digest has come so far. */
export function timesSent (link: Link, { digest, bytes }: Item): number {
  return link.arrivals.filter((arrival) => {
    const { message, fault } = arrival

    return (fault != null && Buffer.from(arrival.bytes).includes(Buffer.from(bytes))) ||
      ((message?.type === 'newBlock' || message?.type === 'newTransaction') && Buffer.compare(itemBytes(arrival), bytes) === 0) ||
      (message?.type === 'have' && message.digests.some((other) => Buffer.compare(other, digest) === 0))
  }).length
}

/** Sends an item in one session and waits for it in another one. */
export async function relayedOnce ([from, to]: readonly [Link, Link], item: Item): Promise<Delivery | undefined> {
  from.sendFrame(item.message)

  return delivered(to, item, RELAY_MS)
}

/**
 * The same with a new item, a few times until one comes. Fails where others come in its place, and where only other sessions get it. Skips
 * where the target relays none at all.
 */
export async function relayed (context: CheckContext, links: readonly [Link, Link], invent: () => Item = inventTransaction): Promise<Item> {
  const [from, to] = links
  const tried: Item[] = []

  for (let i = 0; i < TRIES; i++) {
    const item = invent()
    tried.push(item)

    if (await relayedOnce(links, item) != null) {
      return item
    }
  }

  const changed = to.arrivals.filter((arrival) => {
    return arrival.message?.type === tried[0]!.kind && tried.some(({ bytes }) => isAlike(itemBytes(arrival), bytes))
  })
  expectThat(changed.length === 0, {
    expected: `the item as the bytes that came, ${tried.map(({ bytes }) => hex(bytes)).join(' or ')}`,
    seen: changed.map((arrival) => hex(itemBytes(arrival))).join(', ')
  })
  await expectGoesOn(from, 'an invented item')

  // an item that is relayed has to come here too, be it late
  if (tried.some(({ digest }) => context.sightings.has(digest)) && await delivered(to, tried.at(-1)!) == null) {
    const has = (item: Item): boolean => timesSent(to, item) > 0
    const expected = `an item, which another session of the tester has got, in this session too: itself, or ${haveOf(...tried)}`
    expectThat(tried.some(has), { expected, seen: to.seen })
  }

  return context.skip(NOT_RELAYED)
}

/** The announcement of an item, or of one of several, in words. */
export function haveOf (...items: readonly Item[]): string {
  return items.map(({ digest }) => `Have(${beginOf(digest)})`).join(' or ')
}

/** Whether two items have a random hash in common: one is what became of the other. */
function isAlike (a: Uint8Array, b: Uint8Array): boolean {
  const text = Buffer.from(a)

  for (let at = 0; at + 32 <= Math.min(b.byteLength, 200); at++) {
    const part = b.subarray(at, at + 32)

    if (new Set(part).size > 16 && text.includes(Buffer.from(part))) {
      return true
    }
  }

  return false
}

function hex (bytes: Uint8Array): string {
  return `${Buffer.from(bytes).toString('hex').slice(0, 400)} (${bytes.byteLength} bytes)`
}
