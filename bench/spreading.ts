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
  ...DEGREES.map((degree): Benchmark => ({
    name: `last-node-${degree}`,
    about: `a transaction through ${nodesOf(degree)} simulated nodes with ${degree} peers each, over links of 50 ms: when the last node has it`,
    figures: { p50: 'ms', p99: 'ms' },
    maxRounds: 1,
    isQuick: false,
    contenders: [
      { label: 'ours', measure: lastNode({ degree, nodes: nodesOf(degree) }) },
      {
        label: 'ours, without short digests',
        measure: lastNode({ degree, nodes: nodesOf(degree), features: [] }),
        aims: { p50: { atMost: 1.5 }, p99: { atMost: 2 } }
      }
    ]
  }))
]
