import type { GossipInit, GossipKind, GossipNode } from './node.ts'

/** Starts a node of a kind. What is not asked for is not loaded. */
export async function startNode (kind: GossipKind, init: GossipInit): Promise<GossipNode> {
  switch (kind) {
    case 'ours': return (await import('./ours.ts')).startOurs(init)
    case 'oursOlder': return (await import('./ours.ts')).startOurs(init, { features: [] })
    case 'raw': return (await import('./raw.ts')).startRaw(init)
    default: return (await import('./gossipsub.ts')).startGossipsub(init, kind === 'gossipsubSigned')
  }
}
