import { expectDisconnect, expectThat, expectWelcome } from '../expect.ts'
import { BODY, field, join, utf8 } from '../raw.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { DisconnectReason, ForkId, NodeInfo } from '../../../types/message.ts'

const VERSIONS = 'Versions'
const FORKS = 'Fork ids'
const COMMON = 'The session uses the highest version that both sides speak. Where there is none, the peer is refused.'
const ZERO = 'A `min_protocol_version` of 0, or none, is the same as `protocol_version`.'

/** A handshake that is taken. */
function taken ({ id, title, section, text }: Pick<Check, 'id' | 'title' | 'section' | 'text'>, node: (context: CheckContext) => Partial<NodeInfo>): Check {
  return {
    id,
    title,
    section,
    text,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => { await context.session({ node: node(context) }) }
  }
}

interface Refused extends Pick<Check, 'id' | 'title' | 'section' | 'text'> { reason: DisconnectReason }

/** A handshake that is refused, and no violation. */
function refused ({ id, title, section, text, reason }: Refused, node: (context: CheckContext) => Partial<NodeInfo>): Check {
  return {
    id,
    title,
    section,
    text,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const overrides = node(context)
      const link = await context.open({ peer })
      link.send({ type: 'handshake', node: context.node(overrides) })
      await expectDisconnect(link, [reason])
      await expectWelcome(context, peer, `Disconnect(${reason})`)
    }
  }
}

/** The fork id of the target. Skips where it has none. */
function forkIdOf (context: CheckContext): ForkId {
  return context.target.node.forkId ?? context.skip('the target has no fork_id: it knows of no schedule of forks')
}

function flipped (hash: number): number {
  return (hash ^ 0x5555_5555) >>> 0
}

/** What two nodes find out of each other in their handshakes. */
export const NEGOTIATION_CHECKS: readonly Check[] = [
  taken({
    id: 'version-range', title: 'takes a peer that speaks versions 1 to 3', section: VERSIONS, text: COMMON
  }, () => ({ protocolVersion: 3, minProtocolVersion: 1 })),
  refused({
    id: 'version-range-above', title: 'refuses a peer that speaks versions 2 to 5', section: VERSIONS, text: COMMON, reason: 'INCOMPATIBLE_VERSION'
  }, ({ target: { node: { protocolVersion } } }) => ({ protocolVersion: protocolVersion + 4, minProtocolVersion: protocolVersion + 1 })),
  refused({
    id: 'version-no-min', title: 'refuses a peer of a higher version that says no lowest one', section: VERSIONS, text: ZERO, reason: 'INCOMPATIBLE_VERSION'
  }, ({ target: { node: { protocolVersion } } }) => ({ protocolVersion: protocolVersion + 1 })),
  {
    id: 'version-min-zero',
    title: 'takes a min_protocol_version of 0 for none',
    section: VERSIONS,
    text: ZERO,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { network, genesisHash } = context.node()
      const link = await context.open()
      link.sendFrame(field(BODY.handshake, field(1, join(
        field(1, 1), field(2, utf8(network)), field(3, genesisHash), field(8, genesisHash), field(9, 0)
      ))))
      await link.next('handshake')
      await link.fence('that the handshake is taken, with a Pong')
    }
  },
  taken({
    id: 'version-features', title: 'ignores features that it does not know', section: VERSIONS, text: 'Bits that are not known are ignored.'
  }, () => ({ features: 2n ** 64n - 1n })),
  {
    id: 'fork-one-sided',
    title: 'compares nothing where one side has no fork_id',
    section: FORKS,
    text: 'Where one side has no `fork_id`, nothing is compared.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const isThere = context.target.node.forkId != null
      await context.session({ node: isThere ? {} : { forkId: { hash: 0x1234_5678, next: 1 } } })
    }
  },
  refused({
    id: 'fork-other', title: 'refuses a peer that has passed other forks', section: FORKS, text: 'anything else', reason: 'WRONG_FORK'
  }, (context) => {
    const { hash } = forkIdOf(context)

    return { forkId: { hash: flipped(hash), next: 0 } }
  }),
  refused({
    id: 'fork-next-passed', title: 'refuses a peer that will fork where its own chain has passed without', section: FORKS,
    text: 'where `next` is not 0, and its own best height has reached it', reason: 'WRONG_FORK'
  }, (context) => {
    const { hash } = forkIdOf(context)

    return context.target.node.bestHeight < 1 ? context.skip('the chain of the target has no block yet') : { forkId: { hash, next: 1 } }
  }),
  {
    id: 'fork-next-later',
    title: 'takes a peer that knows of a later fork',
    section: FORKS,
    text: 'A node compares the `fork_id` of a peer with its own forks and its own best height:',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { hash } = forkIdOf(context)

      for (const next of [0, Number.MAX_SAFE_INTEGER]) {
        await context.session({ node: { forkId: { hash, next } } })
      }
    }
  },
  {
    id: 'pruned-below',
    title: 'has no block below its lowest height, and says so',
    section: 'Pruned nodes',
    text: 'A peer that is asked all the same answers that it does not have it.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { lowestHeight = 0 } = context.target.node

      if (lowestHeight < 2) {
        context.skip('the target has all blocks')
      }

      const link = await context.session()
      link.send({ type: 'requestBlock', height: lowestHeight - 1 }, 1n)
      const { message } = await link.next('responseBlock')
      expectThat(message.block == null, { expected: `a ResponseBlock without block ${lowestHeight - 1}`, seen: link.seen })
    }
  },
  {
    id: 'pruned-range-below',
    title: 'answers a range that begins below its lowest height with no blocks, and not from a later one on',
    section: 'A range of blocks',
    text: 'No blocks at all means that the answerer does not have the first one.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { lowestHeight = 0 } = context.target.node

      if (lowestHeight < 2) {
        context.skip('the target has all blocks')
      }

      const link = await context.session()
      link.send({ type: 'requestBlockRange', startHeight: lowestHeight - 1, endHeight: lowestHeight + 1 }, 1n)
      const { message: { blocks, last } } = await link.next('responseBlockRange')
      expectThat(blocks.length === 0 && last, {
        expected: `a ResponseBlockRange with last and without blocks for ${lowestHeight - 1} to ${lowestHeight + 1}`, seen: link.seen
      })
    }
  },
  taken({
    id: 'pruned-peer', title: 'takes a peer that has only some blocks', section: 'Pruned nodes', text: '0, or none, means all.'
  }, () => ({ lowestHeight: 1000, bestHeight: 0 }))
]
