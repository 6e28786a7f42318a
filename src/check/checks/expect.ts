import { CheckFailure } from '../failure.ts'
import type { CheckContext } from '../context.ts'
import type { Arrival } from '../peer/arrival.ts'
import type { Link } from '../peer/link.ts'
import type { CheckPeer } from '../peer/peer.ts'
import type { DisconnectReason } from '../../types/message.ts'

/** The target has to end the session with one of these reasons, and then its side of the stream. Nothing comes after the `Disconnect`. */
export async function expectDisconnect (
  link: Link, reasons: readonly DisconnectReason[], { ms, why }: { ms?: number, why?: string } = {}
): Promise<Arrival> {
  const expected = `Disconnect(${reasons.join(' or ')})${why == null ? '' : ` for ${why}`}`
  const came = await link.tryNext(['disconnect'], ms)

  if (came == null || !reasons.includes(came.message.reason)) {
    link.fail(expected)
  }

  await link.ended(undefined, `${expected}, then the end of the stream`)

  if (link.arrivals.at(-1) !== came) {
    link.fail(`nothing after ${expected}`)
  }

  return came
}

/** The target has to find a violation. */
export async function expectViolation (link: Link, why?: string): Promise<Arrival> {
  return expectDisconnect(link, ['PROTOCOL_VIOLATION'], why == null ? {} : { why })
}

/** What a session has to survive, in words. */
export async function expectGoesOn (link: Link, after: string): Promise<void> {
  await link.fence(`that the session goes on after ${after}, with a Pong`)
}

/** The same identity has to get a new session: the target holds nothing against it. */
export async function expectWelcome (context: CheckContext, peer: CheckPeer, after: string): Promise<Link> {
  const link = await context.open({ peer })
  link.send({ type: 'handshake', node: context.node() })
  const answer = await link.tryNext(['handshake', 'disconnect'])

  if (answer?.message.type !== 'handshake') {
    link.fail(`that the same peer is welcome after ${after}, with a Handshake`)
  }

  await link.fence(`that the same peer is welcome after ${after}, with a Pong`)

  return link
}

/** Fails unless both are the same. */
export function expectEqual (actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [show(actual), show(expected)]

  if (a !== b) {
    throw new CheckFailure({ expected: `${what}: ${b}`, seen: a })
  }
}

/** Fails unless it holds. */
export function expectThat (holds: boolean, finding: { expected: string, seen: string }): void {
  if (!holds) {
    throw new CheckFailure(finding)
  }
}

function show (value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex').slice(0, 160) : String(value)
}
