import { eventually } from '../support/eventually.ts'
import { addressOf, GENESIS_HASH, stopNodes } from '../integration/nodes.ts'
import { killPeers, PeerProcess } from './peer-process.ts'
import type { Network } from '../../src/index.ts'
import type { PeerEvent, PeerOptions } from './peer-process.ts'

/** The peer of interop/go, where it was built. */
export const GO_PEER: string = process.env.VIBECOIN_GO_PEER ?? ''

/** How long what moves many bytes may take, in ms. */
export const LONG_MS = 120_000

/** Skips the tests of a `describe` where there is no peer, and cleans up after each. */
export function withGoPeer (): void {
  before(function () {
    if (GO_PEER === '') {
      console.log('    skipped: VIBECOIN_GO_PEER does not name a peer that was built')
      this.skip()
    }
  })

  afterEach(async () => {
    await killPeers()
    await stopNodes()
  })
}

/** Starts a peer of the network of `startNode`. Ended after the test. */
export async function startPeer (options: PeerOptions = {}): Promise<PeerProcess> {
  return PeerProcess.start(GO_PEER, { genesis: GENESIS_HASH, ...options })
}

/** Makes a session that one of the two opens. */
export async function meet (node: Network, peer: PeerProcess, who: 'node' | 'peer' = 'node'): Promise<void> {
  if (who === 'node') {
    await node.connect(peer.address)
  } else {
    await peer.ask({ do: 'dial', address: addressOf(node) })
  }

  await peer.event('ready', (event) => event.peer === idOf(node))
  await eventually(() => node.peers.get(peer.id) != null, 'the session')
}

/** The peer id of a node. */
export function idOf (node: Network): string {
  return node.libp2p.peerId.toString()
}

/** Who has ended a session, and with what reason. */
export function endOf ({ by, reason }: PeerEvent): unknown[] {
  return [by, reason]
}

/** How many sessions a peer has that are ready. */
export function readyOf (peer: PeerProcess): number {
  const count = (kind: string): number => peer.events.filter(({ event }) => event === kind).length

  return count('ready') - count('closed')
}
