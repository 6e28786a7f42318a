import { composeGaters } from './gate/gaters.ts'
import type { AddressTests, GatewayStatus } from '../types/status.ts'
import type { UpgradeState } from '../types/peer.ts'
import type { PeerSource } from '../types/peer-source.ts'
import type { MultiaddrResolver } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

/** What an option of the config adds to the libp2p node. */
export interface StackPart {
  transports?: NonNullable<Libp2pOptions['transports']>
  peerDiscovery?: NonNullable<Libp2pOptions['peerDiscovery']>
  services?: Record<string, (components: never) => unknown>
  connectionProtector?: NonNullable<Libp2pOptions['connectionProtector']>
  connectionGater?: NonNullable<Libp2pOptions['connectionGater']>
  /** Asked for peers when the known ones do not fill the outbound slots. */
  peerSources?: PeerSource[]
  /** Resolvers of addresses that are looked up before a dial, by the name of their first part. */
  resolvers?: Record<string, MultiaddrResolver>
  /** What came of asking peers to dial an address of this node. */
  testsOf?: (address: string) => AddressTests | undefined
  /** The router before this node. */
  gatewayOf?: () => GatewayStatus
  /** Whether the node tries to get a direct connection to a peer that it has reached through a relay. */
  upgradeOf?: (id: string) => UpgradeState | undefined
}

/** What one part has at most. */
type SinglePart = 'connectionProtector' | 'connectionGater' | 'gatewayOf'

/** Several parts as one. */
export function mergeParts (parts: readonly StackPart[]): Required<Omit<StackPart, SinglePart>> & StackPart {
  const gateway = parts.find(({ gatewayOf }) => gatewayOf != null)
  const protector = parts.find(({ connectionProtector }) => connectionProtector != null)
  const gaters = parts.flatMap(({ connectionGater }) => connectionGater ?? [])

  return {
    transports: parts.flatMap(({ transports }) => transports ?? []),
    peerDiscovery: parts.flatMap(({ peerDiscovery }) => peerDiscovery ?? []),
    peerSources: parts.flatMap(({ peerSources }) => peerSources ?? []),
    resolvers: Object.assign({}, ...parts.map(({ resolvers }) => resolvers ?? {})) as Required<StackPart>['resolvers'],
    testsOf: (address) => parts.map(({ testsOf }) => testsOf?.(address)).find((tests) => tests != null),
    upgradeOf: (id) => parts.map(({ upgradeOf }) => upgradeOf?.(id)).find((state) => state != null),
    services: Object.assign({}, ...parts.map(({ services }) => services ?? {})) as Required<StackPart>['services'],
    ...(gateway?.gatewayOf == null ? {} : { gatewayOf: gateway.gatewayOf }),
    ...(protector == null ? {} : { connectionProtector: protector.connectionProtector }),
    ...(gaters.length === 0 ? {} : { connectionGater: composeGaters(gaters) })
  }
}
