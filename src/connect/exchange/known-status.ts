import type { PeerExchange } from './exchange.ts'
import type { Feelers } from './feelers.ts'
import type { Target } from '../targets/target.ts'
import type { KnownPeersStatus } from '../../types/exchange-status.ts'

/** The two parts of the peers that the node may dial, and what was heard and told. */
export function knownPeersStatus (
  targets: Iterable<Readonly<Target>>, { tellable, counts }: Pick<PeerExchange, 'tellable' | 'counts'>, feelers: Pick<Feelers, 'status'>
): KnownPeersStatus {
  const all = [...targets]
  const reached = all.filter(({ lastSuccess }) => lastSuccess >= 0).length

  return { reached, heardOf: all.length - reached, tellable, feelers: feelers.status, exchange: { ...counts } }
}
