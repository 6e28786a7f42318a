import { decodeMessage, encodeMessage } from '../../../src/index.ts'
import type { Block, WireMessage } from '../../../src/index.ts'
import type { Tamper } from '../../../src/testing/index.ts'

/** Bytes that are no message. */
const GARBAGE = Uint8Array.of(255, 255, 255)

/** Ways to be a bad peer. */
export const BAD = {
  /** Sends bytes that are no message in the place of each fourth one. */
  garbage: (): Tamper => {
    let count = 0

    return (message) => ++count % 4 === 0 ? [GARBAGE] : [message]
  },
  /** Announces, and sends no block. */
  withholding: (): Tamper => (message) => typeOf(message) === 'newBlock' ? [] : [message],
  /** Says nothing but its handshake. */
  mute: (): Tamper => (message) => typeOf(message) === 'handshake' ? [message] : [],
  /** Sends every message twice. */
  echo: (): Tamper => (message) => typeOf(message) === 'handshake' ? [message] : [message, message],
  /** Sends blocks whose hash is not theirs, in broadcasts and answers. */
  forging: (): Tamper => (message) => {
    const { message: decoded, requestId } = decodeMessage(message)

    return [decoded == null ? message : encodeMessage(forged(decoded), requestId)]
  }
} as const

function typeOf (message: Uint8Array): WireMessage['type'] | undefined {
  return decodeMessage(message).message?.type
}

function forged (message: WireMessage): WireMessage {
  switch (message.type) {
    case 'newBlock': return { ...message, block: forgedBlock(message.block) }
    case 'responseBlock': return message.block == null ? message : { ...message, block: forgedBlock(message.block) }
    case 'responseBlockRange': return { ...message, blocks: message.blocks.map(forgedBlock) }
    default: return message
  }
}

/** Another state, under the same hash: a node that verifies finds out. */
function forgedBlock (block: Block): Block {
  return { ...block, stateRoot: block.stateRoot.map((byte) => byte ^ 0xff) }
}
