import { SETTLE_MS, TestNetwork } from './propagation.ts'
import { sleep } from '../workers/wait.ts'
import { withWorkers } from '../workers/worker-group.ts'
import type { Shape } from './propagation.ts'
import type { Figures, Scale } from '../benchmark.ts'
import type { GossipKind } from '../programs/gossip/node.ts'

/** An encoded transaction. */
const BYTES = 400

/** How long transactions are sent, in seconds. */
const SECONDS = 3

/** Transactions of which the first bytes are not counted. */
const WARM_UP = 2

/** What is announced later counts too, in ms. */
const LATER_MS = 1500

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

/** Networks of 25 nodes with 8 and 24 peers each, and of 48 nodes with 40, by the number of peers. */
export const SHAPES: Readonly<Record<8 | 24 | 40, Shape>> = {
  8: { processes: 5, perProcess: 5, strides: [1, 3, 7, 11] },
  24: { processes: 5, perProcess: 5, strides: upTo(12) },
  40: { processes: 4, perProcess: 12, strides: upTo(20) }
}

/** What goes through which network. */
export interface Spread { shape: Shape, perSecond: number }

/**
 * Transactions of 400 bytes, so many a second, each from another node: `received` is what a node receives for each of their bytes, on its
 * TCP connections, and `cpu` the processor time of all nodes for each transaction, in ms.
 */
export function spreading (kind: GossipKind, { shape, perSecond }: Spread): (scale: Scale) => Promise<Figures> {
  return async ({ isQuick }) => withWorkers(async (workers) => {
    const network = new TestNetwork(shape)
    await network.start(kind, workers)
    await network.connect()
    await sleep(SETTLE_MS)
    await network.publish({ type: 'newTransaction', bytes: BYTES, count: WARM_UP, intervalMs: 0 }, 0)
    await sleep(LATER_MS)
    const count = perSecond * (isQuick ? 1 : SECONDS)
    const before = { received: await network.received(), cpu: await network.cpu() }
    await network.publish({ type: 'newTransaction', bytes: BYTES, count, intervalMs: 1000 / perSecond }, WARM_UP)
    await sleep(LATER_MS)

    return {
      received: (await network.received() - before.received) / network.size / count / BYTES,
      cpu: (await network.cpu() - before.cpu) / count
    }
  })
}
