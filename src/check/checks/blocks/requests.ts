import { expectEqual, expectGoesOn, expectThat } from '../expect.ts'
import { encodeBlock } from '../../../codec/items/items.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Arrival } from '../../peer/arrival.ts'
import type { Link } from '../../peer/link.ts'
import type { Block } from '../../../types/block.ts'
import type { ResponseBlockRangeMessage } from '../../../types/message.ts'

const REQUESTS = 'Requests'
const ONE = 'One block'
const RANGE = 'A range of blocks'
const ONE_ANSWER = 'The answer is one `ResponseBlock`, without a block where there is none. A block of another height is a violation.'
const ASCENDING = 'Blocks come in ascending height without gaps, beginning at `start_height`, and none above `end_height`. Each has the `hash` of the one before as its `prev_hash`.'

/** Larger than the height of any chain. */
const BEYOND = 2 ** 50
/** Blocks that a check asks for at most, to stay below the rates of a node. */
const MAX_ASKED = 256

/** The frames of a range that was asked for, and its blocks. */
interface RangeAnswer { frames: (Arrival & { message: ResponseBlockRangeMessage })[], blocks: Block[] }

/** Asks for a range, and reads its answer up to `last`. */
async function askRange (link: Link, [startHeight, endHeight]: [number, number], id: bigint): Promise<RangeAnswer> {
  link.send({ type: 'requestBlockRange', startHeight, endHeight }, id)
  const frames: RangeAnswer['frames'] = []

  for (;;) {
    const frame = await link.find((message, { requestId }): message is ResponseBlockRangeMessage => {
      return message.type === 'responseBlockRange' && requestId === id
    })

    if (frame == null) {
      link.fail(`ResponseBlockRange ${id} with last, for the blocks ${startHeight} to ${endHeight}`)
    }

    frames.push(frame)

    if (frame.message.last) {
      return { frames, blocks: frames.flatMap(({ message }) => message.blocks) }
    }
  }
}

async function askBlock (link: Link, height: number, id: bigint): Promise<Block | undefined> {
  link.send({ type: 'requestBlock', height }, id)
  const { message, requestId } = await link.next('responseBlock')
  expectThat(requestId === id, { expected: `a ResponseBlock with the request id ${id}`, seen: link.seen })

  return message.block
}

/** Heights that the target has, up to {@link MAX_ASKED}: those below its tip. Skips where it serves none. */
async function servedHeights (context: CheckContext, link: Link, least = 1): Promise<{ first: number, last: number }> {
  const tip = (link.arrivals.find(({ message }) => message?.type === 'handshake')?.message as { node: { bestHeight: number } }).node.bestHeight
  const last = Math.max(tip, 0)
  const first = Math.max(0, last - MAX_ASKED + 1)

  if (last - first + 1 < least || tip === 0 && least > 1) {
    context.skip(`the target is at height ${tip}: its chain is too short for this`)
  }

  if (await askBlock(link, last, 0xfffn) == null) {
    context.skip(`the target does not serve block ${last}, its own tip`)
  }

  return { first, last }
}

/** Blocks have to follow each other from `start` on. */
function expectLinked (blocks: readonly Block[], start: number): void {
  blocks.forEach((block, i) => {
    expectEqual(block.height, start + i, `the height of block ${i} of the answer`)

    if (i > 0) {
      expectEqual(block.prevHash, blocks[i - 1]!.hash, `the prev_hash of block ${block.height}`)
    }
  })
}

/** Requests, and what the target answers. */
export const REQUEST_CHECKS: readonly Check[] = [
  {
    id: 'request-block',
    title: 'answers with the block at each height that it is asked for',
    section: ONE,
    text: ONE_ANSWER,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { first, last } = await servedHeights(context, link)

      for (const height of new Set([last, Math.floor((first + last) / 2), first])) {
        const block = await askBlock(link, height, BigInt(height) + 1n)

        if (block != null || height > first) {
          expectEqual(block?.height, height, 'the height of the block')
        }
      }
    }
  },
  {
    id: 'request-tip',
    title: 'serves the block that its handshake says is its best',
    section: 'Handshake',
    text: '`best_height` and `best_hash` are the tip of the sender\'s chain',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      // the chain may move on between the two
      for (let tries = 0; ; tries++) {
        const link = await context.session()
        const { message } = link.arrivals.find(({ message }) => message?.type === 'handshake') as { message: { node: { bestHeight: number, bestHash: Uint8Array } } }
        await servedHeights(context, link)
        const block = await askBlock(link, message.node.bestHeight, 1n)

        if (block != null && Buffer.compare(block.hash, message.node.bestHash) === 0) {
          return
        }

        if (tries === 2) {
          expectEqual(block?.hash, message.node.bestHash, `the hash of block ${message.node.bestHeight}`)
        }
      }
    }
  },
  {
    id: 'request-missing',
    title: 'answers a request for a block that it does not have, once',
    section: ONE,
    text: ONE_ANSWER,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      expectThat(await askBlock(link, BEYOND, 5n) == null, { expected: 'a ResponseBlock without a block', seen: link.seen })
      await expectGoesOn(link, 'a request for a block that is not there')
      expectThat(link.arrivals.filter(({ message }) => message?.type === 'responseBlock').length === 1, {
        expected: 'one ResponseBlock', seen: link.seen
      })
    }
  },
  {
    id: 'request-many',
    title: 'answers each of many requests that come at once, with its own id',
    section: REQUESTS,
    text: 'The answerer keeps no state by it and puts it on each response as it came, whatever it is.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const ids = Array.from({ length: 16 }, (_, i) => BigInt(i + 1))
      ids.forEach((id) => { link.send({ type: 'requestBlock', height: BEYOND + Number(id) }, id) })
      const answered = (): bigint[] => link.arrivals.filter(({ message }) => message?.type === 'responseBlock').map(({ requestId }) => requestId ?? 0n)
      await link.until(() => answered().length >= ids.length)
      await expectGoesOn(link, '16 requests at once')
      expectEqual(answered().toSorted((a, b) => Number(a - b)).join(' '), ids.join(' '), 'the ids of the responses')
    }
  },
  {
    id: 'request-same-id',
    title: 'answers two requests of the same id twice',
    section: REQUESTS,
    text: 'The answerer keeps no state by it and puts it on each response as it came, whatever it is.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      link.send({ type: 'requestBlock', height: BEYOND }, 9n)
      link.send({ type: 'requestBlock', height: BEYOND }, 9n)
      await link.next('responseBlock')
      const { requestId } = await link.next('responseBlock')
      expectThat(requestId === 9n, { expected: 'two ResponseBlocks with the request id 9', seen: link.seen })
    }
  },
  {
    id: 'range-linked',
    title: 'answers a range with blocks in ascending height that follow each other',
    section: RANGE,
    text: ASCENDING,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { first, last } = await servedHeights(context, link, 2)
      const { blocks } = await askRange(link, [first, last], 1n)
      expectThat(blocks.length > 0 || first === 0, { expected: `blocks from ${first} on`, seen: 'none' })
      expectLinked(blocks, first)
    }
  },
  {
    id: 'range-end',
    title: 'answers a range with no block above its end',
    section: RANGE,
    text: 'Blocks come in ascending height without gaps, beginning at `start_height`, and none above `end_height`.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { last } = await servedHeights(context, link, 3)
      const one = await askRange(link, [last - 1, last - 1], 1n)
      expectEqual(one.blocks.map(({ height }) => height).join(' '), String(last - 1), 'the heights of a range of one block')
    }
  },
  {
    id: 'range-beyond-tip',
    title: 'answers a range that goes beyond its tip with what it has',
    section: RANGE,
    text: 'Fewer blocks than asked for is legal: the requester asks again, beginning with the next one. No blocks at all means that the answerer does not have the first one.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { last } = await servedHeights(context, link)
      const { blocks } = await askRange(link, [last, last + 500], 1n)
      expectThat(blocks.length > 0, { expected: `block ${last}`, seen: 'no block' })
      expectLinked(blocks, last)
    }
  },
  {
    id: 'range-missing',
    title: 'answers a range that it has nothing of with no blocks and last',
    section: RANGE,
    text: 'A frame without blocks must have `last` set.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { frames, blocks } = await askRange(link, [BEYOND, BEYOND + 10], 3n)
      expectThat(blocks.length === 0 && frames.length === 1, { expected: 'one frame without blocks and with last', seen: link.seen })
    }
  },
  {
    id: 'range-one-last',
    title: 'sends nothing more for a range after the frame with last',
    section: RANGE,
    text: 'The answer is one or more `ResponseBlockRange`, the final one with `last` set.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      await askRange(link, [0, MAX_ASKED - 1], 1n)
      await expectGoesOn(link, 'a range')
      const frames = link.arrivals.flatMap(({ message }) => message?.type === 'responseBlockRange' ? [message.last] : [])
      expectThat(frames.indexOf(true) === frames.length - 1, { expected: 'nothing after the frame with last', seen: link.seen })
    }
  },
  {
    id: 'range-frame-size',
    title: 'puts at most 256 KiB of blocks into a frame, or one block',
    section: RANGE,
    text: 'A frame should hold at most 256 KiB of blocks, or one block that is larger, so that pings and new blocks pass between them.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { first, last } = await servedHeights(context, link, 2)
      const { frames } = await askRange(link, [first, last], 1n)

      for (const { bytes, message: { blocks } } of frames) {
        expectThat(blocks.length <= 1 || bytes.byteLength <= 257 * 1024, {
          expected: 'at most 256 KiB of blocks in a frame', seen: `${blocks.length} blocks in ${bytes.byteLength} bytes`
        })
      }
    }
  },
  {
    id: 'range-same-blocks',
    title: 'serves the same block alone and in a range',
    section: RANGE,
    text: 'All blocks of one answer are of one branch.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const { last } = await servedHeights(context, link, 2)
      const alone = await askBlock(link, last - 1, 1n)
      const { blocks: [inRange] } = await askRange(link, [last - 1, last - 1], 2n)
      expectThat(alone != null && inRange != null, { expected: `block ${last - 1} twice`, seen: link.seen })
      expectEqual(encodeBlock(inRange!), encodeBlock(alone!), `block ${last - 1} in a range`)
    }
  },
  {
    id: 'range-pings-pass',
    title: 'answers a Ping while it serves ranges',
    section: 'Messages',
    text: 'other messages may come between the frames of one response.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.session()
      const ids = [1n, 2n, 3n, 4n]
      ids.forEach((id) => { link.send({ type: 'requestBlockRange', startHeight: 0, endHeight: MAX_ASKED / 4 - 1 }, id) })
      await expectGoesOn(link, 'four requests for ranges')
      const done = (): number => link.arrivals.filter(({ message }) => message?.type === 'responseBlockRange' && message.last).length
      expectThat(await link.until(() => done() === ids.length), { expected: 'four answers with last', seen: link.seen })
    }
  }
]
