import { cleanText, dialErrorLabel, peerLabel, toHex } from '../output/format.ts'
import type { Block, Network, Peer, PeerClosure } from '../../index.ts'
import type { NodeEvents } from '../output/report.ts'

/** Takes the reports of a node. */
export type NodeReporter = <Name extends keyof NodeEvents>(event: Name, fields: NodeEvents[Name]) => void

/** Bytes of all sessions since the node started. */
export interface Traffic { bytesIn: number, bytesOut: number }

const MAX_TARGET_LENGTH = 256
const MAX_DETAIL_LENGTH = 120

/**
 * Reports the peers that come and go, and those that are there already, and the blocks that are accepted. Text that peers have chosen is
 * made fit to print. Returns a function that counts the bytes of all sessions.
 */
export function watchNetwork (network: Network, report: NodeReporter): () => Traffic {
  const past: Traffic = { bytesIn: 0, bytesOut: 0 }
  const onPeer = (peer: Peer): void => {
    report('connected', { peer: peer.id, name: cleanText(peer.nodeId), direction: peer.direction, height: peer.bestHeight })
  }

  network.addEventListener('peer:ready', ({ detail }) => { onPeer(detail) })
  network.addEventListener('peer:closed', ({ detail }) => {
    const { id, nodeId, bytesIn, bytesOut } = detail.peer

    past.bytesIn += bytesIn
    past.bytesOut += bytesOut
    report('disconnected', { peer: id, name: cleanText(nodeId), ...describeEnd(detail) })
  })
  network.addEventListener('peer:refused', ({ detail }) => {
    report('refused', { peer: detail.peer.id, ...describeEnd(detail) })
  })
  network.addEventListener('dial:failed', ({ detail: { target, error, failures, retryIn } }) => {
    report('dialFailed', {
      target: cleanText(target, MAX_TARGET_LENGTH),
      error: dialErrorLabel(error.message, MAX_DETAIL_LENGTH),
      failures,
      retryIn
    })
  })

  network.addEventListener('block', ({ detail: { block, peer } }) => {
    report('block', { ...describeBlock(block), from: peerLabel(peer) })
  })

  for (const peer of network.peers) {
    onPeer(peer)
  }

  return () => ({
    bytesIn: Array.from(network.peers).reduce((sum, peer) => sum + peer.bytesIn, past.bytesIn),
    bytesOut: Array.from(network.peers).reduce((sum, peer) => sum + peer.bytesOut, past.bytesOut)
  })
}

/** The part of a report that describes a block. */
export function describeBlock ({ height, hash, transactions }: Block): { height: number, hash: string, transactions: number } {
  return { height, hash: toHex(hash), transactions: transactions.length }
}

function describeEnd ({ reason, byRemote, detail }: PeerClosure): { byRemote: boolean, reason: string, detail: string } {
  return { byRemote, reason: reason ?? '', detail: cleanText(detail, MAX_DETAIL_LENGTH) }
}
