import { ConfigError } from '../errors.ts'
import type { NetworkConfig } from './options.ts'

/** The default of `listen`: a web page cannot listen. */
export const DEFAULT_LISTEN: readonly string[] = Object.freeze([])

/** The options that ask for what a web page cannot do, each with the reason. */
const REASONS: Partial<Record<keyof NetworkConfig, string>> = {
  listen: 'it cannot accept connections',
  announce: 'it cannot accept connections',
  tls: 'it cannot accept connections',
  dnsSeeds: 'it cannot look names up; give `seedPeers` such as "/dns4/seed.example.org/tcp/443/tls/ws"',
  dnsServers: 'it cannot look names up',
  nat: 'there is nothing to be opened for it',
  admin: 'it has no sockets'
}

/** Throws a {@link ConfigError} for an option that a web page cannot use. An empty value, or `false`, asks for nothing. */
export function checkPlatform (config: Readonly<Partial<NetworkConfig>>): void {
  for (const [name, reason] of Object.entries(REASONS)) {
    const value = config[name as keyof NetworkConfig]

    if (asksForSomething(value)) {
      throw new ConfigError(`A web page cannot use \`${name}\`: ${reason}`)
    }
  }

  const byName = config.seedPeers?.find((address) => address.startsWith('/dnsaddr/'))

  if (byName != null) {
    throw new ConfigError(`A web page cannot use the seed "${byName}": it cannot look names up`)
  }

  if (config.discovery?.mdns === true) {
    throw new ConfigError('A web page cannot use `discovery.mdns`: it has no access to the local network')
  }
}

function asksForSomething (value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === true
  }

  return Array.isArray(value) ? value.length > 0 : Object.values(value).some((part) => part !== false && part !== undefined)
}
