import { encodeEntry } from './peer-entry.ts'
import { PeerTable } from './peer-table.ts'
import { NO_STORAGE, WriteQueue } from '../entries/write-queue.ts'
import type { TextStorage } from '../entries/write-queue.ts'
import type { KnownPeer, KnownPeers } from '../../types/known-peers.ts'

/** The name of the contents of a {@link StoredPeers} in messages. */
export const PEERS_TITLE = 'known peers'

/** The known peers, all in memory, and each change written through to `storage`. */
export class StoredPeers implements KnownPeers {
  readonly #table: PeerTable
  readonly #queue: WriteQueue

  constructor (storage: TextStorage, table: PeerTable = new PeerTable()) {
    this.#table = table
    this.#queue = new WriteQueue(storage, PEERS_TITLE)
  }

  // these methods are async so that errors reject

  async load (): Promise<KnownPeer[]> {
    this.#queue.checkOpen()

    return this.#table.list()
  }

  async anchors (): Promise<KnownPeer[]> {
    this.#queue.checkOpen()

    return this.#table.anchors()
  }

  async setAnchors (ids: readonly string[]): Promise<void> {
    this.#queue.checkOpen()
    await this.#write(this.#table.setAnchors(ids))
  }

  async save (peer: KnownPeer): Promise<void> {
    this.#queue.checkOpen()
    const evicted = this.#table.set(peer)
    await this.#write(evicted == null ? [peer.id] : [evicted, peer.id])
  }

  async noteFailure (id: string, time: number): Promise<void> {
    this.#queue.checkOpen()

    if (this.#table.fail(id, time)) {
      await this.#write([id])
    }
  }

  async remove (id: string): Promise<void> {
    this.#queue.checkOpen()
    this.#table.delete(id)
    await this.#write([id])
  }

  async close (): Promise<void> {
    await this.#queue.close()
  }

  /** Writes the current state of these. */
  #write (ids: readonly string[]): Promise<void> {
    return this.#queue.write(this.#entries(ids))
  }

  * #entries (ids: readonly string[]): Iterable<[string, string | undefined]> {
    for (const id of ids) {
      const peer = this.#table.get(id)
      yield [id, peer == null ? undefined : encodeEntry(peer, { isAnchor: this.#table.isMarked(id) })]
    }
  }
}

/** Known peers that are lost when the node stops. */
export function memoryKnownPeers (): KnownPeers {
  return new StoredPeers(NO_STORAGE)
}
