import { expectGoesOn } from '../expect.ts'
import { inventedBlock, randomHash } from '../samples.ts'
import { notFound } from '../../peer/link.ts'
import type { CheckContext } from '../../context.ts'
import type { Arrival } from '../../peer/arrival.ts'
import type { Link } from '../../peer/link.ts'
import type { Block } from '../../../types/block.ts'
import type { RequestBlockMessage, RequestBlockRangeMessage } from '../../../types/message.ts'

/** How much higher than the target the tester claims to be, so that it is asked for blocks. */
const AHEAD = 40

/** How long the target may take to ask, in ms. */
export const ASK_MS = 4000

/** A request of the target. */
export type Question = Arrival & { message: RequestBlockMessage | RequestBlockRangeMessage }

/** Requests of the kind that is not under test, answered at most for one that is. */
const MAX_OTHERS = 64

/** The next request of one of these kinds. A node may wait for an answer to one of the other kind first: it gets one without blocks. */
export async function nextQuestion (link: Link, kinds: readonly Question['message']['type'][]): Promise<Question | undefined> {
  for (let others = 0; others <= MAX_OTHERS; others++) {
    const question = await link.tryNext(['requestBlock', 'requestBlockRange'], ASK_MS)

    if (question == null || kinds.includes(question.message.type)) {
      return question
    }

    link.send(notFound(question.message)!, question.requestId)
  }

  return undefined
}

/** A session that claims to be ahead, and the first request of the target in it. Skips where none comes. */
export async function asked (context: CheckContext, kinds: Question['message']['type'][] = ['requestBlock', 'requestBlockRange']): Promise<{ link: Link, question: Question }> {
  const link = await context.open()
  link.answersRequests = false
  link.send({
    type: 'handshake', node: context.node({ bestHeight: context.target.node.bestHeight + AHEAD, bestHash: randomHash() })
  })
  await link.next('handshake')
  const question = await nextQuestion(link, kinds)

  if (question == null) {
    await expectGoesOn(link, 'a claim to be ahead')
    context.skip(`the target asks a peer that is ahead for no ${kinds.length === 1 ? kinds[0]!.replace('request', '').toLowerCase() : 'blocks'} within ${ASK_MS / 1000} s`)
  }

  return { link, question }
}

/** `count` linked blocks from `height` on. */
export function invent (height: number, count: number): Block[] {
  const blocks: Block[] = []

  for (let i = 0; i < count; i++) {
    const prevHash = blocks.at(-1)?.hash ?? randomHash()
    blocks.push(inventedBlock({ height: height + i, prevHash, proof: new Uint8Array(0) }))
  }

  return blocks
}
