import { expectGoesOn, expectViolation } from '../expect.ts'
import { asked, invent } from './asking.ts'
import { notFound } from '../../peer/link.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Block } from '../../../types/block.ts'
import type { RequestBlockRangeMessage } from '../../../types/message.ts'

const RANGE = 'A range of blocks'
const VIOLATIONS = 'Violations and what is tolerated'
const LINKED = 'Anything else is a violation. Whether the first one fits to what the requester has is not the answerer\'s to know, and is none.'

interface WrongRange { text: string, answer: (message: RequestBlockRangeMessage) => Block[] }

/** A wrong answer to the target's request for a range: it has to be found out. */
function wrongRange (id: string, what: string, { text, answer }: WrongRange): Check {
  return {
    id: `answer-${id}`,
    title: `finds a violation in ${what}`,
    section: RANGE,
    text,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context, ['requestBlockRange'])
      const message = question.message as RequestBlockRangeMessage

      if (message.endHeight - message.startHeight < 2) {
        context.skip('the target asks for too few blocks at a time')
      }

      link.send({ type: 'responseBlockRange', blocks: answer(message), last: true }, question.requestId)
      await expectViolation(link, what)
    }
  }
}

/** Odd answers to the target's requests for ranges. */
export const RANGE_ANSWER_CHECKS: readonly Check[] = [
  {
    id: 'answer-not-found',
    title: 'takes an answer without blocks',
    section: RANGE,
    text: 'No blocks at all means that the answerer does not have the first one.',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context)
      link.send(notFound(question.message)!, question.requestId)
      await expectGoesOn(link, 'an answer without blocks')
    }
  },
  wrongRange('range-start', 'a range that does not begin where it was asked for', {
    text: 'beginning at `start_height`', answer: ({ startHeight }) => invent(startHeight + 1, 2)
  }),
  wrongRange('range-gap', 'a range with a gap', {
    text: LINKED,
    answer: ({ startHeight }) => {
      const [first, , third] = invent(startHeight, 3)

      return [first!, third!]
    }
  }),
  wrongRange('range-order', 'a range that is not in order', { text: LINKED, answer: ({ startHeight }) => invent(startHeight, 2).reverse() }),
  wrongRange('range-unlinked', 'a range whose blocks are not linked', {
    text: LINKED, answer: ({ startHeight }) => [...invent(startHeight, 1), ...invent(startHeight + 1, 1)]
  }),
  wrongRange('range-long', 'a range that goes above what was asked for', {
    text: LINKED, answer: ({ startHeight, endHeight }) => invent(startHeight, endHeight - startHeight + 2)
  }),
  {
    id: 'answer-range-empty-frame',
    title: 'finds a violation in a frame of a range with neither blocks nor last',
    section: VIOLATIONS,
    text: 'a frame of a range with neither blocks nor `last`',
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context, ['requestBlockRange'])
      link.sendBody('responseBlockRange', new Uint8Array(0), question.requestId)
      await expectViolation(link, 'a frame of a range with neither blocks nor last')
    }
  },
  {
    id: 'answer-range-unconnected',
    title: 'takes a range whose first block does not follow its chain',
    section: VIOLATIONS,
    text: 'a range whose first block does not follow what the requester has',
    manners: 'rude',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context, ['requestBlockRange'])
      const { startHeight } = question.message as RequestBlockRangeMessage
      link.send({ type: 'responseBlockRange', blocks: invent(startHeight, 1), last: true }, question.requestId)
      await expectGoesOn(link, 'a range that does not follow the chain of the target')
    }
  }
]
