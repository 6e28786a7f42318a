import { expectDisconnect, expectGoesOn, expectThat } from '../expect.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'
import type { CheckPeer } from '../../peer/peer.ts'

const PAIR = 'One session per pair'
const SMALLER = '**The stream stays that was opened by the node with the smaller peer id**, as bytes.'
const ONE_STREAM = 'A node must not open a second stream to a peer while one that it has opened is there, or is in its handshake.'

/** How long a target may take to dial, in ms. */
const DIAL_MS = 15_000

const STILL_RUNNING = 'the command is still running'

interface Dialled { peer: CheckPeer, link: Link }

/** Has the target dial an identity. Skips where it does not. */
async function dialled (context: CheckContext, order?: 'smaller' | 'larger'): Promise<Dialled> {
  const { id } = context.target
  const peer = await context.peer({ listens: true, order: order == null ? undefined : order === 'smaller' ? { below: id } : { above: id } })
  const [address] = peer.addresses
  const { ask } = context.listening!

  if (ask == null) {
    // it learns the address, and may dial it once this session has ended
    const link = await context.session({ peer, node: { listenAddrs: peer.binaryAddresses } })
    link.send({ type: 'disconnect', reason: 'SHUTDOWN', detail: 'dial back' })
    await link.end()
    await link.ended()
  }

  // a command may end when its session is ready or has ended, so the stream is not to wait for it
  let isRunning = ask != null
  const asking = ask?.(address!, context.untilDone).finally(() => { isRunning = false })
  const failing = new Promise<never>((_resolve, reject) => { asking?.catch(reject) })
  const link = await Promise.race([peer.accept(DIAL_MS), failing])

  return { peer, link: link ?? context.skip(`the target has not dialled ${address!} within ${DIAL_MS / 1000} s${isRunning ? `: ${STILL_RUNNING}` : ''}`) }
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
  tieBreak('smaller'),
  tieBreak('larger')
]
