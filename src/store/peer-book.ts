import { PeerTable } from './peer-table.ts'
import { NotRunningError } from '../errors.ts'
import type { KnownPeer, KnownPeers } from '../types/known-peers.ts'

/** Where a {@link PeerBook} keeps what it holds. */
export interface PeerStorage {
  /** Writes these peers under their ids, all or none; `undefined` removes one. Never called while it is under way. */
  write (changes: Map<string, Readonly<KnownPeer> | undefined>): Promise<void>
  /** Called once, after the last write. */
  close (): Promise<void>
}

/**
 * The known peers, all in memory, and each change written through to `storage`. While one write is under way the changes
 * after it are collected into the next.
 */
export class PeerBook implements KnownPeers {
  readonly #storage: PeerStorage
  readonly #table: PeerTable
  /** The ids of what has changed since the last write began. */
  readonly #changed = new Set<string>()
  /** The write under way, or the last one. Never rejects. */
  #current: Promise<void> = Promise.resolve()
  /** The write after that, if there is anything for it. */
  #next: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor (storage: PeerStorage, table: PeerTable = new PeerTable()) {
    this.#storage = storage
    this.#table = table
  }

  // async, here and below: what these throw is a rejection

  async load (): Promise<KnownPeer[]> {
    this.#checkOpen()

    return this.#table.list()
  }

  async save (peer: KnownPeer): Promise<void> {
    this.#checkOpen()
    const evicted = this.#table.set(peer)

    if (evicted != null) {
      this.#changed.add(evicted)
    }

    await this.#write(peer.id)
  }

  async remove (id: string): Promise<void> {
    this.#checkOpen()
    this.#table.delete(id)
    await this.#write(id)
  }

  async close (): Promise<void> {
    this.#closing ??= (this.#next ?? this.#current).catch(() => {}).then(() => this.#storage.close())
    await this.#closing
  }

  #checkOpen (): void {
    if (this.#closing != null) {
      throw new NotRunningError('The known peers are closed')
    }
  }

  #write (id: string): Promise<void> {
    this.#changed.add(id)
    this.#next ??= this.#current.then(() => this.#writeNow())

    return this.#next
  }

  #writeNow (): Promise<void> {
    const changes = new Map([...this.#changed].map((id) => [id, this.#table.get(id)]))
    this.#changed.clear()
    this.#next = undefined

    const written = this.#storage.write(changes)
    this.#current = written.catch(() => {})

    return written
  }
}

/** Known peers that are lost when the node stops. */
export function memoryKnownPeers (): KnownPeers {
  return new PeerBook({ write: async () => {}, close: async () => {} })
}
