import assert from 'node:assert/strict'
import { BROKEN_NODES } from './mutations.ts'
import { check, TARGET, withChain } from './targets.ts'
import { CHECKS } from '../../../src/check/checks/index.ts'
import { Mutant } from '../../support/mutant.ts'
import type { BrokenNode } from './broken/broken-node.ts'

/** Nodes that are checked at a time. */
const LANES = 12

/** How long a target may leave open what is not agreed on, in ms. Nodes that are not broken take 10 s at most. */
const AGREEMENT_MS = 15_000

/** Whether a check needs a target that has no blocks: one with a chain asks for the parents of invented ones. */
function needsNoChain ({ check }: BrokenNode): boolean {
  return check.startsWith('relay-')
}

/** How long the check of a broken node lasts where all is well, in ms: the longest are begun first. */
function duration ({ check }: BrokenNode): number {
  return CHECKS.find(({ id }) => id === check)?.lasts ?? 0
}

/** What the check that is named for a broken node says of it. */
async function judge (broken: BrokenNode): Promise<string> {
  const mutant = await Mutant.start(needsNoChain(broken) ? TARGET : withChain(), broken.mutation)

  try {
    const { results } = await check(mutant.address, ({ id }) => id === broken.check, { patience: 3000, agreement: AGREEMENT_MS })
    assert.equal(results.length, 1, `there is a check ${broken.check}`)

    return results[0]!.verdict
  } finally {
    await mutant.stop()
  }
}

describe('integration/check/broken-nodes', function () {
  this.timeout(240_000)

  it('are each found by the check that is named for what is wrong', async () => {
    assert.ok(BROKEN_NODES.length >= 30, `${BROKEN_NODES.length} broken nodes`)
    const left = BROKEN_NODES.toSorted((a, b) => duration(b) - duration(a))
    const missed: string[] = []

    await Promise.all(Array.from({ length: LANES }, async () => {
      for (let broken = left.shift(); broken != null; broken = left.shift()) {
        const verdict = await judge(broken)

        if (verdict !== (broken.isSkipped === true ? 'skipped' : 'failed')) {
          missed.push(`a node that ${broken.what}: ${broken.check} says ${verdict}`)
        }
      }
    }))

    assert.deepEqual(missed, [])
  })
})
