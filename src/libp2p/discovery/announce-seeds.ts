import { bootstrap } from '@libp2p/bootstrap'
import type { BootstrapComponents } from '@libp2p/bootstrap'
import type { PeerDiscovery } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

/** libp2p's bootstrap, which tells the rest of libp2p of the seeds, but does not dial them: dialling is for the slots to allow. */
export function announceSeeds (list: string[]): (components: BootstrapComponents) => PeerDiscovery {
  return ({ logger, peerStore, connectionManager }) => bootstrap({ list })({
    logger,
    peerStore,
    connectionManager: Object.assign(Object.create(connectionManager) as ConnectionManager, {
      openConnection: async () => Promise.resolve(undefined)
    })
  })
}
