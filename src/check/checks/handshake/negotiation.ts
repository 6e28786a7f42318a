import { expectThat } from '../expect.ts'
import { refused, taken } from './offers.ts'
import { BODY, field, join, utf8 } from '../raw.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'

const VERSIONS = 'Versions'
const COMMON = 'The session uses the highest version that both sides speak. Where there is none, the peer is refused.'
const ZERO = 'A `min_protocol_version` of 0, or none, is the same as `protocol_version`.'

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
  }, () => ({ features: 2n ** 64n - 2n ** 16n })),
  {
    id: 'pruned-below',
    title: 'has no block below its lowest height, and says so',
    section: 'Pruned nodes',
    text: 'A peer that is asked all the same answers that it does not have it.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const lowestHeight = lowestHeightOf(context)
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
      const lowestHeight = lowestHeightOf(context)
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

/** The first block after genesis that the target has. Skips the check where it has them all. */
function lowestHeightOf (context: CheckContext): number {
  const { lowestHeight = 0 } = context.target.node

  return lowestHeight < 2 ? context.skip('the target has all blocks') : lowestHeight
}
