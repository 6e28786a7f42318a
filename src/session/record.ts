import { Traffic } from './traffic.ts'
import type { BroadcastMessage } from '../types/message.ts'

type ItemType = BroadcastMessage['type']

/** What all sessions together have received and sent. */
export interface TrafficTotals { readonly in: Traffic, readonly out: Traffic }

/** What there was in one session so far. The node counts it as it comes, in plain numbers, and puts it together when it is asked. */
export class SessionRecord {
  /** Whole messages that have come. */
  readonly in: Traffic
  /** Whole messages that were handed to the stream. */
  readonly out: Traffic
  /** New and good items that the peer has brought. */
  readonly useful: Record<ItemType, number> = { newBlock: 0, newTransaction: 0 }
  /** When it last brought such an item, by the clock. */
  readonly lastUsefulAt: Partial<Record<ItemType, number>> = {}
  /** Offences, by kind. */
  readonly offences: Record<string, number> = {}
  /** Calls of the application's handlers that have ended, and how long they took in all, in ms by the clock. */
  readonly handlers: { calls: number, ms: number } = { calls: 0, ms: 0 }

  /** What is sent and received counts for `totals` too. */
  constructor (totals?: TrafficTotals) {
    this.in = new Traffic(totals?.in)
    this.out = new Traffic(totals?.out)
  }

  /** Takes note that the peer has brought a new and good item. */
  noteUseful (type: ItemType, now: number): void {
    this.useful[type]++
    this.lastUsefulAt[type] = now
  }

  /** Takes note of an offence. There are a few kinds of them. */
  noteOffence (offence: string): void {
    this.offences[offence] = (this.offences[offence] ?? 0) + 1
  }

  /** Takes note of a call of a handler that has ended. */
  noteHandled (ms: number): void {
    this.handlers.calls++
    this.handlers.ms += ms
  }
}
