import type { Lack, TestNode } from './test-node.ts'
import type { ChainSource } from '../../types/chain.ts'

/** A table of nodes, a line each: state, tip, ready peers, and what it lacks. */
export async function reportOf (nodes: readonly TestNode<ChainSource>[], lacks: readonly Lack[]): Promise<string> {
  const numbers = new Map(nodes.map(({ id, index }) => [id, String(index)]))

  const rows = await Promise.all(nodes.map(async (node) => {
    const peers = node.isRunning ? [...node.network.peers].map(({ id }) => numbers.get(id) ?? id.slice(-6)) : []

    return [
      String(node.index), node.isRunning ? 'running' : 'stopped', await tipText(node), peers.join(' ') || 'none',
      lacks.filter(({ index }) => index === node.index).map(({ what }) => what).join('; ')
    ]
  }))

  return layOut([['node', 'state', 'tip', 'peers', 'lacks'], ...rows])
}

async function tipText (node: TestNode<ChainSource>): Promise<string> {
  try {
    const { height, hash } = await node.tip()

    return `${height} ${Buffer.from(hash).toString('hex').slice(0, 8)}`
  } catch (err) {
    return `fails: ${(err as Error).message}`
  }
}

function layOut (rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))

  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')
}
