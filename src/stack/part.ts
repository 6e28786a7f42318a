import type { Libp2pOptions } from 'libp2p'

/** What an option of the config adds to the libp2p node. */
export interface StackPart {
  transports?: NonNullable<Libp2pOptions['transports']>
  peerDiscovery?: NonNullable<Libp2pOptions['peerDiscovery']>
  services?: Record<string, (components: never) => unknown>
  connectionProtector?: NonNullable<Libp2pOptions['connectionProtector']>
}

/** Several parts as one. */
export function mergeParts (parts: readonly StackPart[]): Required<Omit<StackPart, 'connectionProtector'>> & StackPart {
  const protector = parts.find(({ connectionProtector }) => connectionProtector != null)

  return {
    transports: parts.flatMap(({ transports }) => transports ?? []),
    peerDiscovery: parts.flatMap(({ peerDiscovery }) => peerDiscovery ?? []),
    services: Object.assign({}, ...parts.map(({ services }) => services ?? {})) as Required<StackPart>['services'],
    ...(protector == null ? {} : { connectionProtector: protector.connectionProtector })
  }
}
