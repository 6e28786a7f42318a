import { knownBodies, readEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame, FrameReader } from '../../src/codec/frame.ts'
import { encodeMessage, decodeBody } from '../../src/codec/message.ts'
import { readItem } from '../../src/codec/items/items.ts'
import { UNKNOWN_LOCATION } from '../../src/address/location.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { Session } from '../../src/session/session.ts'
import type { SendBudget } from '../../src/session/limits/send-budget.ts'
import type { Frame, Priority } from '../../src/session/send/send-queue.ts'
import type { WireMessage } from '../../src/types/message.ts'
import type { Feature } from '../../src/types/features.ts'
import type { Direction } from '../../src/types/peer.ts'
import type { Location } from '../../src/address/location.ts'

const MAX_BYTES = 64 * 1024 * 1024

/** What was queued for a peer, opened. */
export interface Queued {
  priority: Priority
  type: string | undefined
  /** The block or transaction as it was encoded. */
  item: Uint8Array | undefined
  /** Of a `have` or `want`, in hexadecimal. */
  digests: string[] | undefined
  /** The same of the short ones. */
  shortDigests: string[] | undefined
  frame: Frame
}

/** A session as the relay sees it: it keeps what is queued for the peer. */
export class FakeSession {
  readonly id: string
  readonly direction: Direction
  readonly location: Location
  /** What it has sent, in bytes. */
  bytesIn = 0
  readonly queue: Queued[] = []
  /** Frames that were looked for to be taken back. */
  readonly cancelled: Frame[] = []
  /** So much waits that no transaction is taken, and nothing large is begun. */
  isBusy = false
  /** Takes nothing at all. */
  isFull = false
  isRelayed = false
  isBlockOnly = false
  features: readonly Feature[] = []
  /** What it may be sent; anything where there is none. */
  budget: SendBudget | undefined

  readonly outbox: { readonly belowMark: boolean, cancel: (priority: Priority, frame: Frame) => boolean }

  constructor (id: string, direction: Direction = 'inbound', location: Location = UNKNOWN_LOCATION) {
    this.id = id
    this.location = location
    this.direction = direction
    const isBelowMark = (): boolean => !this.isBusy
    this.outbox = {
      get belowMark () { return isBelowMark() },
      cancel: (priority, frame) => {
        this.cancelled.push(frame)
        const at = this.queue.findIndex((queued) => queued.priority === priority && queued.frame === frame)

        return at >= 0 && this.queue.splice(at, 1).length === 1
      }
    }
  }

  /** As the type that is expected. */
  get session (): Session {
    return this as unknown as Session
  }

  send (priority: Priority, message: WireMessage): boolean {
    return this.sendFrame(priority, encodeFrame(encodeMessage(message)))
  }

  sendFrame (priority: Priority, frame: Frame): boolean {
    if (this.isFull || (this.isBusy && priority === 'transaction')) {
      return false
    }

    this.queue.push({ priority, ...open(frame), frame })

    return true
  }

  /** The types of what is queued. */
  get types (): (string | undefined)[] {
    return this.queue.map(({ type }) => type)
  }
}

function open (frame: Frame): Pick<Queued, 'type' | 'item' | 'digests' | 'shortDigests'> {
  const [body] = new FrameReader({ maxBytes: () => MAX_BYTES }).cut(frame.slice())
  const envelope = readEnvelope(body!, knownBodies(FEATURES))
  const { type } = envelope

  if (type === 'have' || type === 'want') {
    const { digests, shortDigests = new Uint8Array(0) } = decodeBody(type, envelope.body)

    return {
      type,
      item: undefined,
      digests: digests.map((digest) => Buffer.from(digest).toString('hex')),
      shortDigests: Buffer.from(shortDigests).toString('hex').match(/.{32}/g) ?? []
    }
  }

  const hasItem = type === 'newBlock' || type === 'newTransaction' || type === 'responseBlock'

  return { type, item: hasItem ? readItem(envelope.body) : undefined, digests: undefined, shortDigests: undefined }
}
