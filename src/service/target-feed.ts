import { multiaddr } from '@multiformats/multiaddr'
import { claimedAddresses } from './claimed-addresses.ts'
import { peerIdOf, withoutPeerId } from './connection.ts'
import type { VibeCoinComponents } from './api.ts'
import type { Dialer } from './dialer.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../peer/handler.ts'
import type { KnownPeers } from '../types/known-peers.ts'
import type { Logger, PeerInfo } from '@libp2p/interface'

/** What {@link TargetFeed} is made with. */
export interface TargetFeedInit {
  components: Pick<VibeCoinComponents, 'addressManager' | 'connectionManager' | 'events'>
  seedPeers: readonly string[]
  knownPeers: KnownPeers | undefined
  dialer: Dialer
  clock: Clock
  log: Logger
}

/** Tells the dialer whom it may dial: seeds, peers of an earlier run, those that libp2p discovers, and those who dial us. */
export class TargetFeed {
  readonly #init: TargetFeedInit

  constructor (init: TargetFeedInit) {
    this.#init = init
  }

  /** Listens to what libp2p discovers. */
  start (): void {
    this.#init.components.events.addEventListener('peer:discovery', this.#onDiscovery)
  }

  stop (): void {
    this.#init.components.events.removeEventListener('peer:discovery', this.#onDiscovery)
  }

  /** Adds the seeds but ourselves, and those who are known from an earlier run. */
  async load (): Promise<void> {
    const { components: { addressManager }, seedPeers, knownPeers, dialer } = this.#init
    const own = new Set([...addressManager.getListenAddrs(), ...addressManager.getAddresses()].map(withoutPeerId))

    for (const address of seedPeers.filter((address) => !own.has(withoutPeerId(multiaddr(address))))) {
      dialer.add('seed', { peerId: peerIdOf(address), addresses: [address] })
    }

    for (const { id, addresses } of await knownPeers?.load() ?? []) {
      dialer.add('known', { peerId: id, addresses })
    }
  }

  /** Takes note of a session that is ready: whoever dialled us may be dialled too. */
  onReady (session: Session): void {
    const addresses = session.direction === 'inbound' ? claimedAddresses(session) : []

    if (addresses.length > 0) {
      this.#init.dialer.add('discovered', { peerId: session.id, addresses })
    }
  }

  /** Remembers a peer for the next run. */
  remember ({ id, address, direction }: Session): void {
    const { knownPeers, clock, log } = this.#init

    // the address that an inbound peer comes from is not one that it can be dialled at
    if (direction === 'inbound') {
      return
    }

    knownPeers?.save({ id, addresses: [address], lastSuccess: clock.date() }).catch((err: unknown) => {
      log.error('could not remember %s - %e', id, err)
    })
  }

  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => {
    const { components: { connectionManager }, dialer } = this.#init

    // libp2p also tells of peers that have just connected to us: where they say that they are is not a discovery
    if (detail.multiaddrs.length > 0 && connectionManager.getConnections(detail.id).length === 0) {
      dialer.add('discovered', { peerId: detail.id.toString(), addresses: detail.multiaddrs.map(String) })
    }
  }
}
