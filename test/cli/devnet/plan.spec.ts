import assert from 'node:assert/strict'
import { addressOf, planNodes, planSchedule } from '../../../src/cli/devnet/plan.ts'

const PORTS = Array.from({ length: 50 }, (_, i) => 9001 + i)

describe('cli/devnet/plan', () => {
  for (let count = 2; count <= 50; count++) {
    it(`gives each of ${count} nodes what it needs`, () => {
      const nodes = planNodes(PORTS.slice(0, count))
      const indices = (wanted: (node: typeof nodes[number]) => boolean): number[] => nodes.flatMap((node, i) => wanted(node) ? [i] : [])

      assert.equal(nodes.length, count)
      assert.deepEqual(indices((node) => node.makesBlocks), [0])
      assert.deepEqual(indices((node) => node.joinsLate), [count - 1])
      assert.deepEqual(indices((node) => node.isKilled), [count === 2 ? 1 : count - 2])
      assert.deepEqual(nodes[0]?.seeds, [])
      assert.deepEqual(nodes.map(({ port }) => port), PORTS.slice(0, count))
      assert.equal(new Set(nodes.map(({ name }) => name)).size, count)

      nodes.slice(1).forEach(({ seeds }, i) => {
        const earlier = PORTS.slice(0, i + 1).map(addressOf)
        assert.equal(new Set(seeds).size, seeds.length)
        assert(seeds.length >= Math.min(i + 1, 2) && seeds.length <= 3)
        assert(seeds.every((seed) => earlier.includes(seed)))
      })
    })
  }

  it('has a relay and a node at home for a page, where there is WebRTC', () => {
    const rolesOf = (nodes: ReturnType<typeof planNodes>): unknown[] => nodes.map(({ isRelay, isHome }) => [isRelay, isHome])
    assert.deepEqual(rolesOf(planNodes([1, 2, 3], { webSocketPort: 4, hasWebRtc: true })), [[true, false], [false, true], [false, false]])
    assert.deepEqual(rolesOf(planNodes([1, 2], { webSocketPort: 4 })), [[false, false], [false, false]])
    assert.deepEqual(rolesOf(planNodes([1, 2], { hasWebRtc: true })), [[false, false], [false, false]])
  })

  it('is no star: a node is a seed of few others', () => {
    const seeds = planNodes(PORTS).flatMap((node) => node.seeds)
    const most = Math.max(...PORTS.map((port) => seeds.filter((seed) => seed === addressOf(port)).length))
    assert(most <= 4, `${most}`)
  })

  it('puts everything before the end of a short run, and gives a long one time', () => {
    assert.deepEqual(planSchedule(3), { joinAt: 1, killAt: 2, restartAfter: 0 })
    assert.deepEqual(planSchedule(12), { joinAt: 5, killAt: 8, restartAfter: 2 })
    assert.deepEqual(planSchedule(undefined), planSchedule(12))
  })
})
