import { createRules } from '../node/rules.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import type { Parent, Rules } from '../node/rules.ts'

// Runs on other threads: it imports as little as it can.

/** Blocks that follow each other. What is in it is copied to the thread, or moved there. */
export interface VerifyTask {
  /** The name of the network whose rules count. */
  network: string
  /** The block before the first. */
  parent: Parent
  /** The encoded blocks, one after the other. */
  bytes: Uint8Array
  /** Where each of them ends, as an offset in `bytes`. */
  ends: number[]
}

const rulesOf = new Map<string, Rules>()

/** Why each of these blocks cannot come after the one before; `undefined` for one that can. */
export function verifyTask ({ network, parent, bytes, ends }: VerifyTask): (string | undefined)[] {
  const rules = rulesOf.get(network) ?? createRules(network)
  rulesOf.set(network, rules)
  let before = parent

  return ends.map((end, index) => {
    const block = decodeBlock(bytes.subarray(ends[index - 1] ?? 0, end))
    const reason = rules.verifyBlock(block, before)
    before = block

    return reason
  })
}
