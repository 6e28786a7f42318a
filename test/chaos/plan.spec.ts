import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DURATIONS_MS, KINDS, MAX_NODES, MIN_NODES, nodesOut, OUT_SHARE, planIncidents } from './plan.ts'

const ANY = fc.record({
  seconds: fc.integer({ min: 5, max: 120 }),
  nodes: fc.integer({ min: MIN_NODES, max: MAX_NODES }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 })
})

describe('chaos/plan', () => {
  it('is the same for the same seed, and another one for another', () => {
    const options = { seconds: 60, nodes: 12, seed: 1 }

    assert.deepEqual(planIncidents(options), planIncidents(options))
    assert.notDeepEqual(planIncidents(options), planIncidents({ ...options, seed: 2 }))
  })

  it('has everything in it that can go wrong', () => {
    const kinds = new Set(planIncidents({ seconds: 20, nodes: 5, seed: 1 }).map(({ kind }) => kind))

    assert.deepEqual([...kinds].sort(), [...KINDS].sort())
  })

  it('is over in time, in order, and lasts as long as each kind should', () => {
    fc.assert(fc.property(ANY, (options) => {
      const plan = planIncidents(options)
      assert(plan.length > 0)
      assert.deepEqual(plan.map(({ at }) => at), plan.map(({ at }) => at).sort((a, b) => a - b))

      for (const { kind, at, ms } of plan) {
        const [least, most] = DURATIONS_MS[kind]
        assert(ms >= least && ms <= most, `${kind} for ${ms} ms`)
        assert(at + ms <= options.seconds * 1000, `${kind} from ${at} for ${ms} ms`)
      }
    }), { numRuns: 30 })
  })

  it('never has more than a third of the nodes down or paused, and no node twice', () => {
    fc.assert(fc.property(ANY, (options) => {
      const plan = planIncidents(options)

      plan.forEach(({ kind, at, nodes }, i) => {
        if (kind === 'kill' || kind === 'pause') {
          const before = nodesOut(plan.slice(0, i), at)
          assert.equal(before.has(nodes[0]!), false)
          assert(before.size < Math.max(1, Math.floor(options.nodes / OUT_SHARE)))
        }
      })
    }), { numRuns: 30 })
  })

  it('names nodes that there are: one, the two ends of a link, or at most half of all', () => {
    fc.assert(fc.property(ANY, (options) => {
      for (const { kind, nodes } of planIncidents(options)) {
        assert.equal(new Set(nodes).size, nodes.length)
        assert(nodes.every((node) => node >= 0 && node < options.nodes))
        assert(kind === 'partition'
          ? nodes.length >= 1 && nodes.length <= options.nodes / 2
          : nodes.length === (kind === 'kill' || kind === 'pause' ? 1 : 2))
      }
    }), { numRuns: 30 })
  })
})
