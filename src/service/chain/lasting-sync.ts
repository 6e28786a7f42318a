import { RequestError } from '../../errors.ts'
import type { SyncResult } from '../../types/sync.ts'

/**
 * How often in a row `sync()` may lose its last peer without a new block in between.
 *
 * @remarks It throws the `RequestError` of the last loss.
 */
export const MAX_IDLE_LOSSES = 3

/**
 * The same while another peer is there when one is lost: peers that come and go on purpose do not end it before one that serves has its
 * turn.
 *
 * @remarks It throws the `RequestError` of the last loss.
 */
export const MAX_LOSSES_BESIDE_PEERS = 8

/** Options of {@link lastingSync}. */
export interface LastingSyncInit {
  /** One synchronisation. */
  sync: () => Promise<SyncResult>
  /** Whether there is another peer to go on with. */
  hasPeers: () => boolean
  /** Resolves when there is a peer. Throws where none comes in time. */
  whenPeer: () => Promise<unknown>
  /** The height of the tip. */
  height: () => number
}

/**
 * Synchronises, and goes on where the last peer is lost and another one is there, or comes back in time. The result is that of all parts
 * together. Throws what the first part throws that ends for another reason, or the loss itself.
 */
export async function lastingSync ({ sync, hasPeers, whenPeer, height }: LastingSyncInit): Promise<SyncResult> {
  const from = height()
  let before = from
  let idleLosses = 0
  let isRetry = false

  for (;;) {
    try {
      const result = await sync()

      return isRetry ? { ...result, from: Math.min(from, result.from) } : result
    } catch (err) {
      const tip = height()
      idleLosses = tip > before ? 0 : idleLosses + 1
      before = tip

      if (!isLoss(err) || idleLosses >= (hasPeers() ? MAX_LOSSES_BESIDE_PEERS : MAX_IDLE_LOSSES)) {
        throw err
      }

      isRetry = true
      // without a peer, what was lost says more than that none has come
      await whenPeer().catch((reason: unknown) => { throw isNoPeers(reason) ? err : reason })
    }
  }
}

function isLoss (err: unknown): boolean {
  return err instanceof RequestError && (err.code === 'DISCONNECTED' || err.code === 'NO_PEERS')
}

function isNoPeers (err: unknown): boolean {
  return err instanceof RequestError && err.code === 'NO_PEERS'
}
