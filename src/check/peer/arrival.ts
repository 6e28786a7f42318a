import type { WireMessage } from '../../types/message.ts'
import type { RawClosure } from '../../testing/wait/closure.ts'

/** A frame of the target. */
export interface Arrival {
  /** What is in it; `undefined` for a kind that is not known, and for what breaks the rules. */
  message: WireMessage | undefined
  requestId: bigint | undefined
  /** The encoded message, without its length. */
  bytes: Uint8Array
  /** When it came, in ms since the stream was opened. */
  at: number
  /** Which rule it breaks, in words. */
  fault: string | undefined
}

/** How the target's side of a stream has ended. */
export interface LinkEnd extends RawClosure { at: number }
