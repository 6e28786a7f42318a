import { setImmediate } from 'node:timers/promises'
import type { Lack, TestNode } from './test-node.ts'
import type { ChainSource } from '../../types/chain.ts'

/** So many times in a row nothing is on its way, with turns of the event loop in between, in which nodes may send more. */
const LOOKS = 5
const TURNS = 2

/** What is on its way between nodes, or waits to be sent or to be handled: nothing after some turns in which nothing was. */
export async function underWay (nodes: readonly TestNode<ChainSource>[]): Promise<Lack[]> {
  for (let look = 0; look < LOOKS; look++) {
    for (let turn = 0; turn < TURNS; turn++) {
      await setImmediate()
    }

    const found = nodes.flatMap((node) => nodes.flatMap((from) => lackBetween(node, from)))

    if (found.length > 0) {
      return found
    }
  }

  return []
}

/** What a node has not got of another one, or has not handled. */
function lackBetween (node: TestNode<ChainSource>, from: TestNode<ChainSource>): Lack[] {
  const here = node.network.peers.get(from.id)
  const there = from.network.peers.get(node.id)
  const missing = (there?.bytesOut ?? 0) - (here?.bytesIn ?? 0)
  const waiting = (there?.toJSON().waiting.out ?? 0) + (here?.toJSON().waiting.in ?? 0)

  return missing === 0 && waiting === 0 ? [] : [{ index: node.index, what: `${Math.max(missing, waiting)} bytes of ${from.index}` }]
}
