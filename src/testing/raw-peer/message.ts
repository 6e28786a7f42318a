import { describeFrame } from './describe.ts'
import { UnexpectedMessageError } from '../wait/errors.ts'
import { decodeMessage } from '../../codec/message.ts'
import { FEATURES } from '../../types/features.ts'
import type { RawFrame } from './arrivals.ts'
import type { MessageType, WireMessage } from '../../types/message.ts'

type Of<Type extends MessageType> = Extract<WireMessage, { type: Type }>

/** A message that has come. */
export interface RawMessage<Type extends MessageType = MessageType> {
  /** The message, decoded. */
  message: Of<Type>
  /** The id of a request or an answer. */
  requestId: bigint | undefined
  /** The body as it came. */
  body: Uint8Array
  /** The whole message as it came, without its length. */
  bytes: Uint8Array
  /** How long it is, in bytes. */
  frameBytes: number
}

/** Decodes a frame. Throws an {@link UnexpectedMessageError} where that cannot be done. */
export function decode<Type extends MessageType> (frame: RawFrame): RawMessage<Type> {
  const { requestId, body, bytes, fault } = frame

  try {
    if (fault != null) {
      throw fault
    }

    const { message } = decodeMessage(bytes, FEATURES)

    return { message: message as Of<Type>, requestId, body, bytes, frameBytes: bytes.byteLength }
  } catch (err) {
    const came = [describeFrame(frame)]
    throw new UnexpectedMessageError(`Expected a message that can be decoded, but there came: ${came[0]}`, { waitedFor: 'a message', came, cause: err })
  }
}
