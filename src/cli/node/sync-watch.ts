import { cleanText, errorText } from '../output/format.ts'
import type { Network, Peer, SyncEnd, SyncFault, SyncProgress } from '../../index.ts'
import type { NodeReporter } from './reports.ts'

const MAX_DETAIL_LENGTH = 120
/** It names blocks, a directory, and at its end what is wrong with that. */
const MAX_REASON_LENGTH = 200

/** Options of {@link SyncWatch}. */
export interface SyncWatchInit {
  network: Pick<Network, 'peers' | 'addEventListener' | 'removeEventListener'>
  /** Height of the best block of this node. */
  height: () => number
  report: NodeReporter
}

/**
 * Follows the synchronisation of a network: reports it, and knows whether the chain is behind. Bans peers that send blocks that break the
 * rules.
 */
export class SyncWatch {
  readonly #init: SyncWatchInit
  #syncing = false
  /** Peers whose claimed height was tried: the node waits for it no more. */
  readonly #tried = new WeakSet<Peer>()
  readonly #onProgress = ({ detail }: CustomEvent<SyncProgress>): void => { this.#takeProgress(detail) }
  readonly #onFault = ({ detail }: CustomEvent<SyncFault>): void => { this.#takeFault(detail) }
  readonly #onEnd = ({ detail }: CustomEvent<SyncEnd>): void => { this.#takeEnd(detail) }

  constructor (init: SyncWatchInit) {
    const { network } = init

    this.#init = init
    network.addEventListener('sync:progress', this.#onProgress)
    network.addEventListener('sync:fault', this.#onFault)
    network.addEventListener('sync:end', this.#onEnd)
  }

  /** True while blocks are fetched, and while a peer says to have more that was not found to be wrong. */
  get isBehind (): boolean {
    return this.#syncing || this.#peersAhead().some((peer) => !this.#tried.has(peer))
  }

  /** Reports nothing more: a synchronisation that ends because the node stops has not failed. */
  stop (): void {
    const { network } = this.#init

    network.removeEventListener('sync:progress', this.#onProgress)
    network.removeEventListener('sync:fault', this.#onFault)
    network.removeEventListener('sync:end', this.#onEnd)
  }

  #takeProgress ({ height, ...progress }: SyncProgress): void {
    this.#syncing = true

    // where nothing is left the end says more: peers that cannot be used leave nothing too
    if (height < progress.to) {
      this.#init.report('syncing', { ...progress, at: height })
    }
  }

  #takeFault ({ peer, kind, height, detail }: SyncFault): void {
    const { network, report } = this.#init

    report('fault', { peer: peer.id, name: cleanText(peer.nodeId), kind, height, detail: cleanText(detail, MAX_DETAIL_LENGTH) })

    // peers on another branch may have the better one
    if (kind !== 'unlinked') {
      this.#tried.add(peer)
    }

    if (kind === 'invalid') {
      network.peers.ban(peer.id)
    }
  }

  #takeEnd ({ from, height, reorganised, error }: SyncEnd): void {
    const { report } = this.#init

    this.#syncing = false

    if (error == null) {
      report('synced', { from, at: height, to: height, reorganised })
      return
    }

    this.#peersAhead().forEach((peer) => { this.#tried.add(peer) })
    report('syncFailed', { reason: cleanText(errorText(error), MAX_REASON_LENGTH) })
  }

  #peersAhead (): Peer[] {
    const { network, height } = this.#init

    return Array.from(network.peers).filter((peer) => peer.bestHeight > height())
  }
}
