import { bytesEqual } from '../../util/bytes.ts'
import type { Lack, TestNode } from './test-node.ts'
import type { Block, Transaction } from '../../types/block.ts'
import type { ChainSource } from '../../types/chain.ts'

/** What running nodes lack of the highest tip that one of them has. */
export async function lacksStep (nodes: readonly TestNode<ChainSource>[]): Promise<Lack[]> {
  const tips = await Promise.all(nodes.map(async (node) => ({ node, tip: await node.tip() })))
  const [first, ...others] = tips.map(({ tip }) => tip)

  if (first == null) {
    return [{ index: -1, what: 'a node that runs' }]
  }

  const best = others.reduce((a, b) => b.height > a.height ? b : a, first)

  return tips.filter(({ tip }) => !bytesEqual(tip.hash, best.hash)).map(({ node: { index }, tip }) => ({
    index, what: tip.height === best.height ? `the block of others at height ${best.height}` : `${best.height - tip.height} blocks`
  }))
}

/** The sessions with each other that two nodes lack. */
export function lacksSession (a: TestNode<ChainSource>, b: TestNode<ChainSource>): Lack[] {
  return [[a, b], [b, a]].flatMap(([node, other]) => {
    return node!.network.peers.get(other!.id)?.state === 'ready' ? [] : [{ index: node!.index, what: `a session with ${other!.index}` }]
  })
}

/** What nodes lack that have not heard an item, which is `what` in words. */
export async function lacksItem (nodes: readonly TestNode<ChainSource>[], item: Block | Transaction, what: string): Promise<Lack[]> {
  const heard = await Promise.all(nodes.map(async (node) => ({ node, has: await node.hasHeard(item) })))

  return heard.filter(({ has }) => !has).map(({ node: { index } }) => ({ index, what }))
}
