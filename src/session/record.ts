import { Traffic } from './traffic.ts'
import type { BroadcastMessage } from '../types/message.ts'

type ItemType = BroadcastMessage['type']

/** What all sessions together have received and sent. */
export interface TrafficTotals { readonly in: Traffic, readonly out: Traffic }

/** Of most sessions there is nothing to tell. */
const NONE: Readonly<Record<string, never>> = Object.freeze({})

/** What there was in one session so far. The node counts it as it comes, in plain numbers, and puts it together when it is asked. */
export class SessionRecord {
  /** Whole messages that have come. */
  readonly in: Traffic
  /** Whole messages that were handed to the stream. */
  readonly out: Traffic
  /** New and good items that the peer has brought. */
  readonly useful: Record<ItemType, number> = { newBlock: 0, newTransaction: 0 }
  #lastUsefulAt: Partial<Record<ItemType, number>> | undefined
  #offences: Record<string, number> | undefined
  /** Calls of the application's handlers that have ended, and how long they took in all, in ms by the clock. */
  readonly handlers: { calls: number, ms: number } = { calls: 0, ms: 0 }

  /** What is sent and received counts for `totals` too. */
  constructor (totals?: TrafficTotals) {
    this.in = new Traffic(totals?.in)
    this.out = new Traffic(totals?.out)
  }

  /** When it last brought such an item, by the clock. */
  get lastUsefulAt (): Readonly<Partial<Record<ItemType, number>>> { return this.#lastUsefulAt ?? NONE }

  /** Offences, by kind. */
  get offences (): Readonly<Record<string, number>> { return this.#offences ?? NONE }

  /** Takes note that the peer has brought a new and good item. */
  noteUseful (type: ItemType, now: number): void {
    this.useful[type]++
    this.#lastUsefulAt ??= {}
    this.#lastUsefulAt[type] = now
  }

  /** Takes note of an offence. There are a few kinds of them. */
  noteOffence (offence: string): void {
    this.#offences ??= {}
    this.#offences[offence] = (this.#offences[offence] ?? 0) + 1
  }

  /** Takes note of a call of a handler that has ended. */
  noteHandled (ms: number): void {
    this.handlers.calls++
    this.handlers.ms += ms
  }
}
