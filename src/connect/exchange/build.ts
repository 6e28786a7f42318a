import { PeerExchange } from './exchange.ts'
import { Feelers } from './feelers.ts'
import { knownPeersStatus } from './known-status.ts'
import { probe } from './probe.ts'
import type { PeerExchangeInit } from './exchange.ts'
import type { FeelersInit } from './feelers.ts'
import type { ProbeInit } from './probe.ts'
import type { Dialer } from '../dial/dialer.ts'
import type { PeerFeed } from '../targets/peer-feed.ts'
import type { KnownPeersStatus } from '../../types/exchange-status.ts'
import type { PeerId } from '@libp2p/interface'

/** Options of {@link buildExchange}. */
export interface ExchangeInit extends
  Omit<PeerExchangeInit, 'dialer' | 'filter' | 'localId' | 'onRecord' | 'peers'>, Pick<FeelersInit, 'peers' | 'config'>, Pick<ProbeInit, 'judge'> {
  components: { peerId: PeerId } & Pick<ProbeInit, 'connectionManager'>
}

/** The parts that ask peers for others, tell of them, and try them. */
export interface ExchangeParts {
  exchange: PeerExchange
  feelers: Feelers
  status: () => KnownPeersStatus
}

/** Builds the parts that ask peers for others, tell of them and try them, over the targets of a dialer. */
export function buildExchange (init: ExchangeInit, dialer: Dialer, feed: PeerFeed): ExchangeParts {
  const { components: { connectionManager, peerId }, clock, judge } = init
  const { targets } = dialer
  const exchange = new PeerExchange({
    ...init, dialer, filter: feed.filter, localId: peerId.toString(), onRecord: (target) => { feed.rememberTarget(target) }
  })
  const feelers = new Feelers({
    ...init,
    targets,
    probe: async (peer, signal) => probe({ connectionManager, clock, judge, hasSession: (id) => init.peers.get(id) != null }, peer, signal),
    tellable: () => exchange.tellable,
    onReached: (target, session) => {
      feed.rememberTarget(target)

      if (target.record == null && session != null) {
        void exchange.askForRecord(session)
      }

      dialer.fill()
    },
    onFailure: (target) => { feed.onFailure(target) }
  })

  return { exchange, feelers, status: () => knownPeersStatus(targets, exchange, feelers) }
}
