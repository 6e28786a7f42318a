import { randomBytes } from 'node:crypto'
import type { RawSession } from '../../testing/raw-peer/raw-session.ts'
import type { Transaction } from '../../index.ts'

/** Transactions that a flood sends, all at once: more than a node takes of one peer. */
const FLOOD_TRANSACTIONS = 25_000

/** How many of them it makes without a break. */
const TURN_TRANSACTIONS = 200

/** How long a hostile peer goes on, in ms. */
const LIFETIME_MS = 40_000

/** What a hostile peer does. */
export type Hostility = 'flood' | 'attack'

/**
 * Has a stranger connect to the node at a multiaddr, and do what no honest peer does. It sends more transactions than a node takes, none of
 * which is signed, or a frame that breaks the protocol. Resolves when it is connected. It goes by itself.
 */
export async function spawnHostilePeer (hostility: Hostility, address: string): Promise<void> {
  const { RawPeer } = await import('../../testing/raw-peer/raw-peer.ts')
  const peer = await RawPeer.start({ node: { nodeId: `hostile (${hostility})` }, listen: false })

  try {
    const session = await peer.connect(address)

    if (hostility === 'attack') {
      // a frame of no bytes, which the protocol forbids
      session.sendBytes(Uint8Array.of(0))
    } else {
      void flood(session).catch(() => {})
    }
  } catch (err) {
    await peer.stop()
    throw err
  }

  setTimeout(() => { void peer.stop() }, LIFETIME_MS).unref()
}

async function flood (session: RawSession): Promise<void> {
  for (let sent = 0; sent < FLOOD_TRANSACTIONS && session.closure == null; sent++) {
    session.send({ type: 'newTransaction', transaction: junk() })

    if (sent % TURN_TRANSACTIONS === 0) {
      await session.drained()
    }
  }
}

function junk (): Transaction {
  return {
    id: randomBytes(32), sender: randomBytes(32), recipient: randomBytes(32), value: 1n, nonce: 0n, gasPrice: 1n, gasLimit: 1n,
    data: new Uint8Array(0), signature: new Uint8Array(64)
  }
}
