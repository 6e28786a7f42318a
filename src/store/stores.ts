import { memoryBans, openBans } from './bans/open-bans.ts'
import { memoryKnownPeers, openKnownPeers } from './known-peers/open-known-peers.ts'
import type { BanStore } from '../types/ban.ts'
import type { KnownPeers } from '../types/known-peers.ts'

/** What the node keeps between two runs. */
export interface Stores {
  knownPeers: KnownPeers
  bans: BanStore
}

/** Opens the stores in a directory, all or none; in memory where there is no directory. */
export async function openStores (dataDir: string | undefined, onWarning: (warning: string) => void): Promise<Stores> {
  if (dataDir == null) {
    return { knownPeers: memoryKnownPeers(), bans: memoryBans() }
  }

  const knownPeers = await openKnownPeers(dataDir, { onWarning })

  try {
    return { knownPeers, bans: await openBans(dataDir, { onWarning }) }
  } catch (err) {
    await knownPeers.close()
    throw err
  }
}

/** Closes the stores. */
export async function closeStores ({ knownPeers, bans }: Stores): Promise<void> {
  await Promise.all([knownPeers.close(), bans.close()])
}
