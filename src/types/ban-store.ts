import type { Ban } from './ban.ts'

/**
 * Where bans are kept between two runs. Bans that have ended are kept too, for as long as their offences are remembered.
 * At most 100,000; beyond that the half that ends first is forgotten.
 */
export interface BanStore {
  /** Every ban that is kept. */
  load (): Promise<readonly Ban[]>

  /**
   * Adds the ban, or replaces that of the same subject; done once it is on disk. Bans that come while others are being
   * written are written together. Throws a `StorageError` when it cannot be written.
   */
  save (ban: Ban): Promise<void>

  /** Forgets the ban, if it is kept. Throws a `StorageError` when that cannot be written. */
  remove (subject: string): Promise<void>

  /** Writes what is under way and lets go of the disk. Afterwards every method but this one throws a `NotRunningError`. */
  close (): Promise<void>
}
