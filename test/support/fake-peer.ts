import assert from 'node:assert/strict'
import { encodeBlock, writeItem, writeRange } from '../../src/codec/items/items.ts'
import { DisconnectedError } from '../../src/errors.ts'
import { Requests } from '../../src/session/requests.ts'
import type { Session } from '../../src/session/session.ts'
import type { RequestInit } from '../../src/session/requests.ts'
import type { SendBudget } from '../../src/session/limits/send-budget.ts'
import type { Block } from '../../src/types/block.ts'
import type { DisconnectReason, RequestBlockMessage, RequestBlockRangeMessage } from '../../src/types/message.ts'
import type { FakeClock } from './fake-clock.ts'

export const REQUEST_TIMEOUT = 10_000

/** What a peer was asked. */
export type Question = (RequestBlockMessage | RequestBlockRangeMessage) & { id: bigint }

/** A peer whose answers are in the hands of the test. Requests are those of a real session. */
export class FakePeer {
  readonly id: string
  readonly asked: Question[] = []
  bestHeight = 29
  lowestHeight = 0
  isRelayed = false
  state = 'ready'
  /** What it was told at the end. */
  closed: DisconnectReason | undefined
  rtt: number | undefined
  /** What it may be asked for; anything where there is none. */
  budget: SendBudget | undefined
  /** What it is found to have done. */
  violation: Error | undefined
  /** Called with each question as it is asked. */
  onAsk: (question: Question) => void = () => {}
  readonly #peers: Map<string, FakePeer>
  readonly #requests: Requests

  constructor (id: string, peers: Map<string, FakePeer>, clock: FakeClock) {
    this.id = id
    this.#peers = peers
    this.#requests = new Requests({ clock, timeout: REQUEST_TIMEOUT })
    peers.set(id, this)
  }

  /** As what is tested sees it. */
  get session (): Session {
    return this as unknown as Session
  }

  get underWay (): number {
    return this.#requests.size
  }

  get last (): Question {
    return this.asked.at(-1)!
  }

  /** The first and the last height of each question. */
  get heights (): [number, number][] {
    return this.asked.map((question) => {
      return question.type === 'requestBlock' ? [question.height, question.height] : [question.startHeight, question.endHeight]
    })
  }

  async request (init: RequestInit): Promise<void> {
    await this.#requests.start(init)
  }

  send (priority: string, message: RequestBlockMessage | RequestBlockRangeMessage, id: bigint): boolean {
    assert.equal(priority, 'control')
    const question = { ...message, id }
    this.asked.push(question)
    this.onAsk(question)

    return true
  }

  /** Answers a question for a range with a frame. Resolves when more may be sent. */
  async sendRange (blocks: Block[], last: boolean, { id } = this.last): Promise<void> {
    await this.#respond('responseBlockRange', id, writeRange(blocks.map(encodeBlock), last))
  }

  /** Answers a question for a block. */
  async sendBlock (block: Block | undefined, { id } = this.last): Promise<void> {
    await this.#respond('responseBlock', id, writeItem(block == null ? undefined : encodeBlock(block)))
  }

  close (reason: DisconnectReason): void {
    this.closed = reason
    this.disconnect()
  }

  disconnect (): void {
    this.state = 'closed'
    this.#peers.delete(this.id)
    this.#requests.end(new DisconnectedError('The session has ended', { byRemote: true }))
  }

  /** From now on answers every question from `blocks`, at most `cap` at a time. */
  serve (blocks: readonly Block[], cap = Infinity): this {
    this.onAsk = (question) => {
      queueMicrotask(() => {
        if (question.type === 'requestBlock') {
          void this.sendBlock(blocks[question.height], question)
        } else {
          const { startHeight, endHeight } = question
          void this.sendRange(blocks.slice(startHeight, Math.min(endHeight + 1, startHeight + cap)), true, question)
        }
      })
    }

    return this
  }

  async #respond (type: 'responseBlock' | 'responseBlockRange', id: bigint, body: Uint8Array): Promise<void> {
    try {
      await this.#requests.onResponse(type, id, Uint8Array.from(body))
    } catch (err) {
      this.violation = err as Error
      this.disconnect()
    }
  }
}
