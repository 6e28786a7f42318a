import { SHORT_ID_BYTES } from './limits.ts'
import { readIndexes } from './wire/indexes.ts'
import { broken } from './wire/rule.ts'
import { scan } from './wire/scan.ts'
import { BODIES, PREFILLED } from './wire/schema.ts'
import type { CompactBlockMessage, Prefilled, RequestTransactionsMessage } from '../types/message.ts'

/** Decodes the body of a `compactBlock`. What is bytes in it is a view. Throws a DecodeError. */
export function decodeCompactBlock (body: Uint8Array): CompactBlockMessage {
  const found = scan(body, BODIES.compactBlock)
  const shortIds = found.bytes(5)
  const prefilled = found.repeated().map(decodePrefilled)
  const count = shortIds.byteLength / SHORT_ID_BYTES + prefilled.length

  prefilled.forEach(({ index }, at) => {
    if (index >= count || index <= (prefilled[at - 1]?.index ?? -1)) {
      broken('index', `Expected the indexes of prefilled transactions to ascend below ${count}, got ${index}`)
    }
  })

  return {
    type: 'compactBlock',
    digest: found.bytes(1),
    before: found.bytes(2),
    after: found.bytes(3),
    nonce: found.bigint(4),
    shortIds,
    prefilled
  }
}

function decodePrefilled (bytes: Uint8Array): Prefilled {
  const found = scan(bytes, PREFILLED)

  return { index: found.number(1), transaction: found.bytes(2) }
}

/** Decodes the body of a `requestTransactions`. Throws a DecodeError. */
export function decodeRequestTransactions (body: Uint8Array): RequestTransactionsMessage {
  const found = scan(body, BODIES.requestTransactions)

  return { type: 'requestTransactions', digest: found.bytes(1), indexes: readIndexes(found.bytes(2)) }
}
