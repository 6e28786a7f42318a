import { expectDisconnect, expectGoesOn, expectThat } from '../expect.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'
import type { CheckPeer } from '../../peer/peer.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

const PAIR = 'One session per pair'
const SMALLER = '**The stream stays that was opened by the node with the smaller peer id**, as bytes.'
const ONE_STREAM = 'A node must not open a second stream to a peer while one that it has opened is there, or is in its handshake.'

/** How long a target may take to dial, in ms. */
const DIAL_MS = 15_000

const STILL_RUNNING = 'the command is still running'

const OTHER_ID = 'A node that has dialled an address with a peer id has a session with no other peer there.'
const CLAIMED_ID = 'A node does not use an address that ends with the id of another peer.'
const CLAIMED_HOST = 'A node should dial claimed addresses only where their host is the one that the connection comes from, as ours does.'

/** How long a target that has dialled one address may take to dial another one, in ms. */
const OTHER_DIAL_MS = 3000

interface Dialled { peer: CheckPeer, link: Link }

/** Has the target dial an identity. Skips where it does not. */
async function dialled (context: CheckContext, order?: 'smaller' | 'larger'): Promise<Dialled> {
  const { id } = context.target
  const peer = await context.peer({ listens: true, order: order == null ? undefined : order === 'smaller' ? { below: id } : { above: id } })
  const [address] = peer.addresses
  const { ask } = context.listening!

  if (ask == null) {
    await claim(context, peer, peer.binaryAddresses)
  }

  // a command may end when its session is ready or has ended, so the stream is not to wait for it
  let isRunning = ask != null
  const asking = ask?.(address!, context.untilDone).finally(() => { isRunning = false })
  const failing = new Promise<never>((_resolve, reject) => { asking?.catch(reject) })
  const link = await Promise.race([nextSession(peer), failing])

  return { peer, link: link ?? context.skip(`the target has not dialled ${address!} within ${DIAL_MS / 1000} s${isRunning ? `: ${STILL_RUNNING}` : ''}`) }
}

/** The next stream of the target that is no test dial, which has a `Disconnect` in place of a handshake. It may dial again after one. */
async function nextSession (peer: CheckPeer): Promise<Link | undefined> {
  for (;;) {
    const link = await peer.accept(DIAL_MS)
    await link?.until(() => link.arrivals.length > 0 || link.closure != null)
    const first = link?.arrivals[0]?.message

    if (first?.type !== 'disconnect' || first.reason !== 'SHUTDOWN') {
      return link
    }
  }
}

/** The target learns addresses of an identity, which it may dial once the session has ended. */
async function claim (context: CheckContext, peer: CheckPeer, listenAddrs: Uint8Array[]): Promise<void> {
  const link = await context.session({ peer, node: { listenAddrs } })
  link.send({ type: 'disconnect', reason: 'SHUTDOWN', detail: 'dial back' })
  await link.end()
  await link.ended()
}

/**
 * One identity claims its own address, and another one claims an address that it should not. Resolves when the target has dialled the
 * first. Skips where it does not.
 */
async function claimBoth (context: CheckContext, { claims, address }: { claims: CheckPeer, address: Multiaddr }): Promise<void> {
  if (context.listening!.ask != null) {
    context.skip('the target is told which address to dial: run it with --listen and without --dial-with')
  }

  const honest = await context.peer({ listens: true })
  await claim(context, claims, [address.bytes])
  await claim(context, honest, honest.binaryAddresses)

  if (!await honest.attempted(DIAL_MS)) {
    context.skip(`the target has not dialled ${honest.addresses[0]!}, which it was told of, within ${DIAL_MS / 1000} s`)
  }
}

/** An address with the id of a peer that is somewhere else. */
async function withId (address: string, id: string): Promise<Multiaddr> {
  const { multiaddr } = await import('@multiformats/multiaddr')

  return multiaddr(address.replace(/\/p2p\/[^/]*$/, `/p2p/${id}`))
}

/** Both sides have opened a stream: the one that the tester opened is ready first, then the other one gets its handshake. */
async function race (context: CheckContext, order: 'smaller' | 'larger'): Promise<{ ours: Link, theirs: Link }> {
  const { peer, link: theirs } = await dialled(context, order)
  const ours = await context.session({ peer })
  theirs.send({ type: 'handshake', node: context.node() })
  await theirs.next('handshake')

  return { ours, theirs }
}

function tieBreak (order: 'smaller' | 'larger'): Check {
  const [winner, loser] = order === 'smaller' ? ['ours', 'theirs'] as const : ['theirs', 'ours'] as const

  return {
    id: `tie-break-${order}`,
    title: `keeps the stream that ${order === 'smaller' ? 'its peer' : 'it'} has opened where its peer has the ${order} id`,
    section: PAIR,
    text: SMALLER,
    manners: 'rude',
    listens: true,
    lasts: DIAL_MS,
    run: async (context: CheckContext): Promise<void> => {
      const links = await race(context, order)
      await expectDisconnect(links[loser], ['DUPLICATE_CONNECTION'], { why: `the stream of the side with the larger id` })
      await expectGoesOn(links[winner], 'the other stream was given up')
    }
  }
}

/** What the target does when it has dialled. */
export const DIAL_CHECKS: readonly Check[] = [
  {
    id: 'dial-handshake',
    title: 'sends its handshake at once where it has dialled, and has a session',
    section: 'Handshake',
    text: 'Both sides send `Handshake` as their first frame, at once, without waiting for the other\'s.',
    manners: 'polite',
    listens: true,
    lasts: DIAL_MS,
    run: async (context: CheckContext): Promise<void> => {
      const { link } = await dialled(context)
      await link.next('handshake')
      link.send({ type: 'handshake', node: context.node() })
      await expectGoesOn(link, 'a handshake in a stream that the target has opened')
    }
  },
  {
    id: 'dial-wrong-network',
    title: 'refuses a peer of another network that it has dialled',
    section: 'Handshake',
    text: '`network` is equal byte for byte: else `WRONG_NETWORK`;',
    manners: 'polite',
    listens: true,
    lasts: DIAL_MS,
    run: async (context: CheckContext): Promise<void> => {
      const { link } = await dialled(context)
      link.send({ type: 'handshake', node: context.node({ network: `${context.target.node.network}-check`.slice(-64) }) })
      await expectDisconnect(link, ['WRONG_NETWORK'])
    }
  },
  {
    id: 'dial-one-stream',
    title: 'opens no second stream while the handshake of its first is not done',
    section: PAIR,
    text: ONE_STREAM,
    manners: 'rude',
    listens: true,
    lasts: DIAL_MS + 3000,
    run: async (context: CheckContext): Promise<void> => {
      const { peer, link } = await dialled(context)
      const second = await peer.accept(3000)
      expectThat(second == null, { expected: 'no second stream of the target for 3 s', seen: 'one' })
      link.send({ type: 'handshake', node: context.node() })
      await expectGoesOn(link, 'a handshake that came 3 s late')
    }
  },
  {
    id: 'dial-other-id',
    title: 'has no session with a peer that it has dialled and that has another id than the address',
    section: 'Transport',
    text: OTHER_ID,
    manners: 'polite',
    listens: true,
    lasts: DIAL_MS,
    run: async (context: CheckContext): Promise<void> => {
      const owner = await context.peer({ listens: true })
      const there = await context.peer({ listens: true, beside: owner })
      const { ask } = context.listening!
      const address = await withId(there.addresses[0]!, owner.id)

      if (ask == null) {
        await claim(context, owner, [address.bytes])
      } else {
        // that it fails is as it should be
        ask(address.toString(), context.untilDone).catch(() => {})
      }

      if (!await there.attempted(DIAL_MS)) {
        context.skip(`the target has not dialled ${address.toString()} within ${DIAL_MS / 1000} s`)
      }

      const link = await there.accept(OTHER_DIAL_MS)
      expectThat(link == null, { expected: `no stream with ${there.id} at the address ${address.toString()}`, seen: 'one' })
    }
  },
  {
    id: 'claimed-other-id',
    title: 'does not dial an address that a peer claims and that ends with the id of another peer',
    section: 'Handshake',
    text: CLAIMED_ID,
    manners: 'polite',
    listens: true,
    lasts: DIAL_MS,
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const other = await context.peer({ listens: true, beside: peer })
      await claimBoth(context, { claims: peer, address: await withId(other.addresses[0]!, other.id) })
      const isDialled = await other.attempted(OTHER_DIAL_MS)
      expectThat(!isDialled, { expected: `no connection to ${other.addresses[0]!}, which ${peer.id} has claimed`, seen: 'one' })
    }
  },
  {
    id: 'claimed-other-host',
    title: 'does not dial an address that a peer claims and that is at another host',
    section: 'Handshake',
    text: CLAIMED_HOST,
    manners: 'polite',
    listens: true,
    lasts: DIAL_MS,
    run: async (context: CheckContext): Promise<void> => {
      if (!context.hasHosts) {
        context.skip('it needs a second host, which this machine has on loopback alone')
      }

      const [peer, other] = await Promise.all([context.peer(), context.peer({ listens: true })])
      await claimBoth(context, { claims: peer, address: await withId(other.addresses[0]!, peer.id) })
      const isDialled = await other.attempted(OTHER_DIAL_MS)
      expectThat(!isDialled, { expected: `no connection to ${other.addresses[0]!}, which a peer at ${String(peer.source)} has claimed`, seen: 'one' })
    }
  },
  tieBreak('smaller'),
  tieBreak('larger')
]
