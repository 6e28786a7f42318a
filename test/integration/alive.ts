import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import type { Network, Peer, PeerClosure } from '../../src/index.ts'

/** More than one ping and pong take, in bytes. */
const FEW_PINGS_BYTES = 60

/** Waits until pings have gone both ways a few times. Fails where a session ends meanwhile. */
export async function whenAlive (peers: Iterable<Peer>): Promise<void> {
  await Promise.all([...peers].map(async (peer) => {
    const { bytesIn, bytesOut } = peer
    const isAlive = (): boolean => peer.bytesIn > bytesIn + FEW_PINGS_BYTES && peer.bytesOut > bytesOut + FEW_PINGS_BYTES
    await eventually(() => peer.state === 'closed' || isAlive(), 'pings and pongs')
    assert.equal(peer.state, 'ready')
  }))
}

/** The sessions of a node that end from now on. */
export function closuresOf (network: Network): PeerClosure[] {
  const closures: PeerClosure[] = []
  network.addEventListener('peer:closed', ({ detail }) => { closures.push(detail) })

  return closures
}
