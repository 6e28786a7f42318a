import { bytesToHex } from '../util/bytes.ts'
import type { WantedItem } from './fetch/announcer.ts'
import type { Block } from '../types/block.ts'
import type { BlockSteps, BlockTimeline, TimelineStep } from '../types/timeline.ts'
import type { Clock } from '../util/clock.ts'

/** A block that has just come. */
export interface ArrivedBlock {
  block: Block
  /** Of the encoded block. */
  bytes: number
  /** The id of the peer that has sent it. */
  from: string
  /** What the node waited for, where it did. */
  wanted: WantedItem | undefined
}

/** The steps of a block that has come just now. The application may give its memory away later: nothing here is a view of it. */
export function firstSteps ({ block: { height, hash, transactions }, bytes, from, wanted }: ArrivedBlock, clock: Clock): BlockSteps {
  return {
    ...{ height, hash: new Uint8Array(hash), transactions: transactions.length, bytes },
    announced: wanted?.announced,
    asked: wanted?.answered,
    received: { at: clock.now(), peer: from },
    judged: undefined,
    appended: undefined
  }
}

/** The record of a block that was relayed just now to so many peers. */
export function timelineOf (steps: BlockSteps, peers: number, clock: Clock): BlockTimeline {
  const now = clock.now()
  const epoch = clock.date() - now
  const dated = (at: number): number => Math.round(epoch + at)
  const datedStep = ({ at, peer }: TimelineStep): TimelineStep => ({ at: dated(at), peer })
  const { height, hash, transactions, bytes, announced, asked, received, judged = now, appended } = steps

  return {
    ...{ height, hash: bytesToHex(hash), transactions, bytes, from: received.peer },
    ...(announced == null ? {} : { announced: datedStep(announced) }),
    ...(asked == null ? {} : { asked: datedStep(asked) }),
    received: datedStep(received),
    judged: dated(judged),
    ...(appended == null ? {} : { appended: dated(appended) }),
    relayed: { at: dated(now), peers }
  }
}
