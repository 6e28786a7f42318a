/** What a node reads and writes: its chain, its bans, or its known peers. */
export type StoreName = 'chain' | 'bans' | 'peers'

/** Trouble of this node's own with what it stores. No peer is to blame for it. */
export interface StorageFault {
  /** What could not be read or written: `'chain'`, `'bans'` or `'peers'`. */
  store: StoreName
  /** What went wrong. */
  error: Error
}
