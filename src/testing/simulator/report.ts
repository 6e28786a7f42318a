import type { SimulatedNode } from './node/node.ts'
import type { SimulatedItem } from './world/items.ts'
import type { Ban } from '../../types/ban.ts'

/** What a simulation has come to. The same seed gives the same report, on every machine. */
export interface SimulationReport {
  /** What all chance came from. */
  readonly seed: string
  /** The SHA-256 of all packets, with their times, in hexadecimal. */
  readonly hash: string
  /** How long it took, in ms of virtual time. */
  readonly duration: number
  /** How many things happened. */
  readonly events: number
  /** How many packets there were. */
  readonly packets: number
  /** The blocks and transactions of the script, the first one first. */
  readonly items: readonly SimulatedItem[]
  /** The nodes, by their index. */
  readonly nodes: readonly NodeReport[]
}

/** What became of a node. */
export interface NodeReport {
  /** Its number, from 0. */
  readonly index: number
  /** Whether it ran at the end. */
  readonly isRunning: boolean
  /** Ready sessions. */
  readonly peers: { readonly inbound: number, readonly outbound: number }
  /** The height of its chain, where the simulation has made it. */
  readonly height: number | undefined
  /** Bytes that it has received, as they are on the wire. */
  readonly received: number
  /** Bytes that it has sent, as they are on the wire. */
  readonly sent: number
  /** Messages that came, by type. */
  readonly messages: Readonly<Record<string, number>>
  /** The bans that it had at the end. */
  readonly bans: readonly Ban[]
}

/** What became of a node so far. */
export function reportOf (node: SimulatedNode): NodeReport {
  const peers = node.isRunning ? [...node.network.peers] : []

  return {
    index: node.index,
    isRunning: node.isRunning,
    peers: {
      inbound: peers.filter(({ direction }) => direction === 'inbound').length,
      outbound: peers.filter(({ direction }) => direction === 'outbound').length
    },
    height: node.hasChain ? node.chain.height : undefined,
    received: node.received,
    sent: node.sent,
    messages: node.messages,
    bans: node.isRunning ? node.network.peers.bans : []
  }
}

/** How many messages of a type came to these nodes. */
export function messagesOf (nodes: readonly SimulatedNode[], type: string): number {
  return nodes.reduce((sum, { messages }) => sum + (messages[type] ?? 0), 0)
}
