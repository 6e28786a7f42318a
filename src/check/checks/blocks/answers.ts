import { expectGoesOn, expectThat, expectViolation } from '../expect.ts'
import { ASK_MS, asked, invent, nextQuestion } from './asking.ts'
import { field, join } from '../raw.ts'
import { encodeBlock } from '../../../codec/items/items.ts'
import { notFound } from '../../peer/link.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Question } from './asking.ts'
import type { RequestBlockMessage, WireMessage } from '../../../types/message.ts'

const REQUESTS = 'Requests'
const ONE = 'One block'
const VIOLATIONS = 'Violations and what is tolerated'
const UNASKED = 'A response that was not asked for is a violation. It has no id, an id that was never used, the wrong kind, or comes after the last one.'

/** After so long an answer is late, in ms: nodes give up after 10 s. */
const LATE_MS = 12_000

/** A response that was not asked for. */
function unasked (id: string, what: string, [message, requestId]: [WireMessage, bigint?]): Check {
  return {
    id: `answer-${id}`,
    title: `finds a violation in ${what}`,
    section: REQUESTS,
    text: UNASKED,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send(message, requestId)
      await expectViolation(link, what)
    }
  }
}

/** Odd answers to the target's own requests, and those that it has not made. */
export const ANSWER_CHECKS: readonly Check[] = [
  unasked('unasked-block', 'a ResponseBlock that was not asked for', [{ type: 'responseBlock' }, 2n ** 63n]),
  unasked('unasked-range', 'a ResponseBlockRange that was not asked for', [{ type: 'responseBlockRange', blocks: [], last: true }, 2n ** 63n]),
  unasked('no-id', 'a response without an id', [{ type: 'responseBlock' }]),
  {
    id: 'answer-wrong-kind',
    title: 'finds a violation in a response of the wrong kind',
    section: REQUESTS,
    text: UNASKED,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context)
      link.send(
        question.message.type === 'requestBlock' ? { type: 'responseBlockRange', blocks: [], last: true } : { type: 'responseBlock' }, question.requestId
      )
      await expectViolation(link, 'a response of the wrong kind')
    }
  },
  {
    id: 'answer-twice',
    title: 'finds a violation in a second response to one request',
    section: REQUESTS,
    text: UNASKED,
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context)
      const answer = notFound(question.message)!
      link.send(answer, question.requestId)
      link.send(answer, question.requestId)
      await expectViolation(link, 'a second response')
    }
  },
  {
    id: 'answer-late',
    title: 'ignores an answer to a request that it has given up',
    section: REQUESTS,
    text: 'A response to a request that was given up meanwhile is ignored.',
    manners: 'rude',
    lasts: LATE_MS,
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context)
      link.answersRequests = true
      await link.until(() => link.closure != null, LATE_MS)

      if (link.closure != null) {
        context.skip(`the target ends a session whose peer does not answer within ${LATE_MS / 1000} s`)
      }

      link.send(notFound(question.message)!, question.requestId)
      await expectGoesOn(link, `an answer that came after ${LATE_MS / 1000} s`)
    }
  },
  {
    id: 'answer-malformed-transaction',
    title: 'finds a violation in a block of an answer that has a transaction with an id of 31 bytes',
    section: VIOLATIONS,
    text: 'a message that breaks a rule of the [grammar](#grammar), but for the items in `NewBlock` and `NewTransaction`',
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question: { message, requestId } } = await asked(context)
      const isOne = message.type === 'requestBlock'
      const [block] = invent(isOne ? message.height : message.startHeight, 1)
      const body = field(1, join(encodeBlock(block!), field(6, field(1, new Uint8Array(31)))))
      link.sendBody(isOne ? 'responseBlock' : 'responseBlockRange', isOne ? body : join(body, field(2, 1)), requestId)
      await expectViolation(link, 'a block whose transaction has an id of 31 bytes')
    }
  },
  {
    id: 'answer-height',
    title: 'finds a violation in a block of another height than asked for',
    section: ONE,
    text: 'A block of another height is a violation.',
    manners: 'ban',
    // a node looks for the last common block with one peer at a time
    when: 'alone',
    run: async (context: CheckContext): Promise<void> => {
      // a range is answered with a block that does not link, and the target then looks for the last common one, with RequestBlock
      const { link, question } = await asked(context)
      const first = question.message

      if (first.type === 'requestBlockRange') {
        link.send({ type: 'responseBlockRange', blocks: invent(first.startHeight, 1), last: true }, question.requestId)
      }

      const single = first.type === 'requestBlock' ? question : await nextQuestion(link, ['requestBlock'])

      if (single == null) {
        expectThat(link.closure == null, { expected: 'that a range which does not follow the chain is no violation', seen: link.seen })
        return context.skip('the target does not ask for single blocks')
      }

      const { height } = single.message as RequestBlockMessage
      link.send({ type: 'responseBlock', block: invent(height + 1, 1)[0]! }, single.requestId)
      await expectViolation(link, 'a block of another height')
    }
  },
  {
    id: 'request-ids-new',
    title: 'puts a new id on each request, and never 0',
    section: REQUESTS,
    text: 'It must be new in this session, and not 0 if the requester wants to tell its answers apart.',
    manners: 'rude',
    when: 'alone',
    run: async (context: CheckContext): Promise<void> => {
      const { link, question } = await asked(context)
      const ids = new Set<bigint | undefined>()

      for (let next: Question | undefined = question; next != null && ids.size < 4; next = await link.tryNext(['requestBlock', 'requestBlockRange'], ASK_MS)) {
        expectThat(next.requestId != null && !ids.has(next.requestId), { expected: 'a request id that is new and not 0', seen: link.seen })
        ids.add(next.requestId)
        // an answer that makes it ask on: a block that does not follow its own, then none
        link.send(next.message.type === 'requestBlock'
          ? { type: 'responseBlock', block: invent(next.message.height, 1)[0]! }
          : { type: 'responseBlockRange', blocks: invent(next.message.startHeight, 1), last: true }, next.requestId)
      }

      if (link.closure != null) {
        link.fail('that answers to its requests are taken')
      }

      if (ids.size < 2) {
        context.skip('the target makes one request alone')
      }
    }
  }
]
