import assert from 'node:assert/strict'
import { settleHedge } from '../../../src/sync/download/hedging.ts'
import type { SpanRequest } from '../../../src/sync/download/span-request.ts'

/** Two requests for the same span, by what they have gained. */
function hedge (first: number, second: number, isComplete = false): { first: SpanRequest, second: SpanRequest } {
  const span = { isComplete, requests: new Set<unknown>() }
  const [a, b] = [{ span, startedAt: 0, gained: first }, { span, startedAt: 1, gained: second }]
  span.requests.add(a).add(b)

  return { first: a as unknown as SpanRequest, second: b as unknown as SpanRequest }
}

describe('sync/download/hedging', () => {
  it('is lost by the first where it has sent nothing when the second has', () => {
    const { first, second } = hedge(0, 1)
    assert.deepEqual(settleHedge(second), { loser: first, isLate: true })
  })

  it('is not lost by the second because the first has sent something: a trickle wins nothing', () => {
    const { first } = hedge(1, 0)
    assert.equal(settleHedge(first), undefined)
  })

  it('goes on while both send', () => {
    const { first, second } = hedge(3, 4)
    assert.deepEqual([settleHedge(first), settleHedge(second)], [undefined, undefined])
  })

  it('ends when it is complete, and the first is late only where it has sent less', () => {
    const slower = hedge(3, 4, true)
    assert.deepEqual(settleHedge(slower.second), { loser: slower.first, isLate: true })
    const faster = hedge(4, 3, true)
    assert.deepEqual(settleHedge(faster.first), { loser: faster.second, isLate: false })
    assert.deepEqual(settleHedge(faster.second), { loser: faster.first, isLate: false })
  })

  it('is none where one alone is to send it', () => {
    const { first, second } = hedge(1, 0)
    first.span.requests.delete(second)
    assert.equal(settleHedge(first), undefined)
  })
})
