import assert from 'node:assert/strict'
import fc from 'fast-check'
import { backoffDelay, backoffPolicies, failureKind } from '../../../src/connect/dial/redial-delay.ts'
import { DISCONNECT_REASONS } from '../../../src/types/message.ts'
import type { FailureKind } from '../../../src/connect/dial/redial-delay.ts'
import type { Backoff } from '../../../src/util/backoff.ts'
import type { DisconnectReason } from '../../../src/types/message.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('connect/dial/redial-delay', () => {
  const policies = backoffPolicies({ reconnectDelay: SECOND, maxReconnectDelay: 300 * SECOND })

  describe('backoffDelay', () => {
    // kind, failures in a row, and the delay for a random number of 0, 0.5 and 1
    const table: [kind: FailureKind, failures: number, delays: [number, number, number]][] = [
      ['unreachable', 1, [100, 500, SECOND]],
      ['unreachable', 2, [100, SECOND, 2 * SECOND]],
      ['unreachable', 3, [100, 2 * SECOND, 4 * SECOND]],
      ['unreachable', 9, [100, 128 * SECOND, 256 * SECOND]],
      ['unreachable', 10, [100, 150 * SECOND, 300 * SECOND]],
      ['unreachable', 50, [100, 150 * SECOND, 300 * SECOND]],
      ['full', 1, [30 * SECOND, 30 * SECOND, MINUTE]],
      ['full', 2, [MINUTE, MINUTE, 2 * MINUTE]],
      ['full', 6, [16 * MINUTE, 16 * MINUTE, 32 * MINUTE]],
      ['full', 7, [30 * MINUTE, 30 * MINUTE, HOUR]],
      ['full', 50, [30 * MINUTE, 30 * MINUTE, HOUR]],
      ['incompatible', 1, [30 * MINUTE, 30 * MINUTE, HOUR]],
      ['incompatible', 2, [30 * MINUTE, 30 * MINUTE, HOUR]],
      ['incompatible', 50, [30 * MINUTE, 30 * MINUTE, HOUR]],
      ['unwanted', 1, [30 * MINUTE, 30 * MINUTE, HOUR]],
      ['unwanted', 2, [HOUR, HOUR, 2 * HOUR]],
      ['unwanted', 5, [8 * HOUR, 8 * HOUR, 16 * HOUR]],
      ['unwanted', 6, [12 * HOUR, 12 * HOUR, DAY]],
      ['unwanted', 50, [12 * HOUR, 12 * HOUR, DAY]]
    ]

    for (const [kind, failures, delays] of table) {
      it(`waits ${delays.join(', ')} ms after failure ${failures} of kind ${kind}, for a draw of 0, 0.5 and 1`, () => {
        assert.deepEqual([0, 0.5, 1].map((random) => backoffDelay(policies[kind], failures, random)), delays)
      })
    }

    it('draws evenly between the floor and the ceiling', () => {
      assert.deepEqual([0.25, 0.75].map((random) => backoffDelay(policies.unreachable, 5, random)), [4 * SECOND, 12 * SECOND])
      assert.deepEqual([0.25, 0.75].map((random) => backoffDelay(policies.full, 1, random)), [30 * SECOND, 45 * SECOND])
    })

    it('takes no failure at all like the first one', () => {
      assert.equal(backoffDelay(policies.unreachable, 0, 1), backoffDelay(policies.unreachable, 1, 1))
    })

    it('keeps to a configured delay that is shorter than the usual floor', () => {
      const { unreachable } = backoffPolicies({ reconnectDelay: 10, maxReconnectDelay: 50 })

      assert.deepEqual([0, 0.5, 1].map((random) => backoffDelay(unreachable, 1, random)), [10, 10, 10])
      assert.deepEqual([0, 0.5, 1].map((random) => backoffDelay(unreachable, 9, random)), [50, 50, 50])
    })

    const policy = fc.record({ first: fc.integer({ min: 10, max: DAY }), more: fc.integer({ min: 0, max: DAY }) })
      .map(({ first, more }): Backoff => ({ first, longest: first + more }))
    const failures = fc.integer({ min: 1, max: 5000 })
    const random = fc.double({ min: 0, max: 1, noNaN: true })

    it('has a ceiling that never falls from one failure to the next', () => {
      fc.assert(fc.property(policy, failures, (policy, failures) => {
        assert.ok(backoffDelay(policy, failures + 1, 1) >= backoffDelay(policy, failures, 1))
      }))
    })

    it('has a floor that never falls from one failure to the next', () => {
      fc.assert(fc.property(policy, failures, (policy, failures) => {
        assert.ok(backoffDelay(policy, failures + 1, 0) >= backoffDelay(policy, failures, 0))
      }))
    })

    it('doubles its ceiling until it meets the longest wait', () => {
      fc.assert(fc.property(policy, failures, (policy, failures) => {
        const doubled = Math.min(policy.longest, 2 * backoffDelay(policy, failures, 1))

        assert.equal(backoffDelay(policy, failures + 1, 1), doubled)
      }))
    })

    it('is never longer than the longest wait, and never none at all', () => {
      fc.assert(fc.property(policy, failures, random, (policy, failures, random) => {
        const delay = backoffDelay(policy, failures, random)

        assert.ok(delay <= policy.longest, `${delay} is over ${policy.longest}`)
        assert.ok(delay >= Math.min(100, policy.first), `${delay} is too short`)
      }))
    })
  })

  describe('backoffPolicies', () => {
    it('lets the configuration set the pace for whom it could not reach, and nothing else', () => {
      assert.deepEqual(backoffPolicies({ reconnectDelay: 5, maxReconnectDelay: 7 }), {
        unreachable: { first: 5, longest: 7 },
        full: { first: MINUTE, longest: HOUR },
        incompatible: { first: HOUR, longest: HOUR },
        unwanted: { first: HOUR, longest: DAY }
      })
    })
  })

  describe('failureKind', () => {
    const kinds: Record<DisconnectReason, FailureKind> = {
      UNSPECIFIED: 'full',
      SHUTDOWN: 'unreachable',
      PROTOCOL_VIOLATION: 'unwanted',
      INCOMPATIBLE_VERSION: 'incompatible',
      TOO_MANY_CONNECTIONS: 'full',
      DUPLICATE_CONNECTION: 'unreachable',
      TIMEOUT: 'unreachable',
      WRONG_NETWORK: 'incompatible',
      BANNED: 'unwanted',
      RATE_LIMITED: 'full',
      TOO_SLOW: 'unreachable',
      WRONG_FORK: 'incompatible'
    }

    for (const reason of Object.keys(DISCONNECT_REASONS) as DisconnectReason[]) {
      it(`takes ${reason} for ${kinds[reason]}`, () => {
        assert.equal(failureKind(reason), kinds[reason])
      })
    }

    it('takes a connection that just broke for unreachable', () => {
      assert.equal(failureKind(undefined), 'unreachable')
    })
  })
})
