import type { WebNode } from './protocol.ts'
import type { NetworkStatus } from '../types/status.ts'

/** Bans of a node that the page shows, the first ones. */
const MAX_SHOWN_BANS = 16

/** What the page shows of a node that was asked for its status; the rest where it was not. */
export function viewOf (status: NetworkStatus | undefined): Omit<WebNode, 'name' | 'id' | 'phase' | 'makesBlocks' | 'side'> {
  if (status == null) {
    return { tip: null, behind: 0, sync: null, slots: null, known: null, pool: null, compactBlocks: 0, bans: [], peers: [] }
  }

  const { tip, sync, slots: { inbound, outbound }, known: { reached, heardOf }, memory, bandwidth, bans, peers } = status

  return {
    tip: tip == null ? null : { height: tip.height, hash: tip.hash },
    behind: sync.behind,
    sync: sync.progress == null
      ? null
      : { from: sync.progress.from, height: sync.progress.height, to: sync.progress.to, blocksPerSecond: sync.progress.blocksPerSecond },
    slots: { inbound: [inbound.used, inbound.limit], outbound: [outbound.used, outbound.limit] },
    known: { reached, heardOf },
    pool: memory.transactionPool.items,
    compactBlocks: bandwidth.in.byType.compactBlock?.messages ?? 0,
    bans: bans.first.slice(0, MAX_SHOWN_BANS).map(({ subject, reason }) => ({ subject, reason })),
    peers: peers.map(({ id, nodeId, direction, rtt, bytes, isRelayed }) => ({
      id, name: nodeId, direction, rtt, bytesIn: bytes.in, bytesOut: bytes.out, isRelayed
    }))
  }
}
