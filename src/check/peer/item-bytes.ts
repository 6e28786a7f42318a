import { readEnvelope } from '../../codec/envelope.ts'
import type { Arrival } from './arrival.ts'

/** The encoded item in a `NewBlock` or `NewTransaction`: what is inside of field 1, exactly as it came. */
export function itemBytes ({ bytes }: Pick<Arrival, 'bytes'>): Uint8Array {
  const { body } = readEnvelope(bytes)
  let at = 1

  while ((body[at]! & 0x80) !== 0) {
    at++
  }

  return body.subarray(at + 1)
}
