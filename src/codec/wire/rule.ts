import { DecodeError } from '../../errors.ts'

/** The rules of docs/protocol.md for bytes, by the names that they have there. */
export type WireRule =
  | 'frame-length' | 'frame-size'
  | 'tag' | 'wire-type' | 'length' | 'end' | 'varint' | 'known-type' | 'width' | 'once' | 'required'
  | 'hash' | 'safe-integer' | 'text' | 'size' | 'count' | 'order' | 'index' | 'empty-range' | 'item-size'

/** Throws a {@link DecodeError} that names the rule. */
export function broken (rule: WireRule, message: string): never {
  throw new DecodeError(message, { rule })
}
