import { lastNode } from './scenarios/last-node.ts'
import { SHAPES, spreading } from './scenarios/spreading.ts'
import type { Benchmark } from './benchmark.ts'

/** The most bytes for each byte of a transaction, by the number of peers. */
const MOST = { 8: 1.6, 24: 2, 40: 2.5 } as const

const DEGREES = [8, 24, 40] as const

const nodesOf = (degree: typeof DEGREES[number]): number => degree === 40 ? 48 : 25

/** What small transactions cost in networks of three degrees, and how long they take, beside the same without short digests. */
export const SPREADING: readonly Benchmark[] = [
  ...DEGREES.flatMap((degree) => [20, 200].map((perSecond): Benchmark => ({
    name: `spread-${degree}-${perSecond}`,
    about: `400-byte transactions through ${nodesOf(degree)} nodes with ${degree} peers each, ${perSecond} in a second: bytes for each byte, and processor time`,
    figures: { received: 'times', cpu: 'ms' },
    maxRounds: 2,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: spreading('ours', { shape: SHAPES[degree], perSecond }), aims: { received: { atMost: MOST[degree] } } },
      {
        label: 'ours, without short digests',
        measure: spreading('oursOlder', { shape: SHAPES[degree], perSecond }),
        aims: { cpu: { atMost: 0.7 } }
      },
      { label: 'gossipsub, unsigned', measure: spreading('gossipsub', { shape: SHAPES[degree], perSecond }) }
    ]
  }))),
  ...DEGREES.map((degree): Benchmark => virtual(degree)),
  ...DEGREES.map((degree): Benchmark => virtual(degree, 20))
]

/** The same in a simulation, one transaction after the other, or so many a second. */
function virtual (degree: typeof DEGREES[number], perSecond?: number): Benchmark {
  const init = { degree, nodes: nodesOf(degree), ...perSecond == null ? {} : { pauseMs: 1000 / perSecond } }
  const pace = perSecond == null ? 'one by one' : `${perSecond} in a second`

  return {
    name: perSecond == null ? `last-node-${degree}` : `last-node-${degree}-${perSecond}`,
    about: `transactions, ${pace}, through ${init.nodes} simulated nodes with about ${degree} peers each, over links of 50 ms: when the last node has them, ` +
      'bytes for each byte, and messages for each',
    figures: { p50: 'ms', p99: 'ms', received: 'times', messages: 'times' },
    maxRounds: 1,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: lastNode(init), aims: { received: { atMost: MOST[degree] } } },
      {
        label: 'ours, without short digests',
        measure: lastNode({ ...init, features: [] }),
        aims: { p50: { atMost: 1.5 }, p99: { atMost: 2 }, messages: { atMost: 0.7 } }
      }
    ]
  }
}
