/** What a node reads and writes: its chain, its bans, its known peers, or the pool of the application. */
export type StoreName = 'chain' | 'bans' | 'peers' | 'pool'

/** Trouble of this node's own with what it stores. No peer is to blame for it. */
export interface StorageFault {
  /** What could not be read or written: `'chain'`, `'bans'`, `'peers'` or `'pool'`. */
  store: StoreName
  /** What went wrong. */
  error: Error
}
