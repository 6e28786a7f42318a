import { ConfigError } from '../errors.ts'
import type { NatOptions, NetworkConfig } from './options.ts'

/** The default of `listen`: a web page cannot listen. */
export const DEFAULT_LISTEN: readonly string[] = Object.freeze([])

/** The options that ask for what a web page cannot do, each with the reason. */
const REASONS: Partial<Record<keyof NetworkConfig, string>> = {
  listen: 'it cannot accept connections',
  announce: 'it cannot accept connections',
  tls: 'it cannot accept connections',
  dnsSeeds: 'it cannot look names up; give `seedPeers` such as "/dns4/seed.example.org/tcp/443/tls/ws"',
  dnsServers: 'it cannot look names up',
  admin: 'it has no sockets'
}

/** The same for the parts of `nat`. */
const NAT_REASONS: Partial<Record<keyof NatOptions, string>> = {
  relayServer: 'it cannot accept connections',
  holePunch: 'it has no sockets; set `nat.webrtc`',
  autonat: 'it has no address to be tested',
  upnp: 'there is nothing to be opened for it'
}

/** Throws a {@link ConfigError} for an option that a web page cannot use. An empty value, or `false`, asks for nothing. */
export function checkPlatform (config: Readonly<Partial<NetworkConfig>>): void {
  checkEach(config, REASONS, '')
  checkEach(config.nat ?? {}, NAT_REASONS, 'nat.')

  const byName = config.seedPeers?.find((address) => address.startsWith('/dnsaddr/'))

  if (byName != null) {
    throw new ConfigError(`A web page cannot use the seed "${byName}": it cannot look names up`)
  }

  if (config.discovery?.mdns === true) {
    throw new ConfigError('A web page cannot use `discovery.mdns`: it has no access to the local network')
  }
}

function checkEach<Values extends object> (values: Values, reasons: Partial<Record<keyof Values, string>>, prefix: string): void {
  for (const [name, reason] of Object.entries(reasons)) {
    if (asksForSomething(values[name as keyof Values])) {
      throw new ConfigError(`A web page cannot use \`${prefix}${name}\`: ${String(reason)}`)
    }
  }
}

function asksForSomething (value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === true
  }

  return Array.isArray(value) ? value.length > 0 : Object.values(value).some((part) => part !== false && part !== undefined)
}
