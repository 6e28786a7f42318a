import { announceAddresses, listenAddresses, reservedAddresses, seedAddresses } from './addresses.ts'
import {
  boolean, bytes, choices, describe, describeType, fail, fn, functions, heights, integer, names, objectWith, path, pem, privateKey, text
} from './checks.ts'
import { DEFAULTS } from './defaults.ts'
import { dnsNames, dnsServers } from './dns.ts'
import { bandwidth, limits, rateLimits } from './limit-checks.ts'
import { checkPlatform } from './platform.ts'
import { swarmKey } from './swarm-key.ts'
import { refuseUnknown } from './unknown-option.ts'
import { HASH_BYTES, MAX_FORKS, MAX_NETWORK_BYTES, MAX_NODE_ID_BYTES, MAX_USER_AGENT_BYTES } from '../codec/limits.ts'
import { ConfigError } from '../errors.ts'
import { FEATURES } from '../types/features.ts'
import { HANDLER_TYPES } from '../types/handlers.ts'
import type { Check } from './checks.ts'
import type { DiscoveryOptions, NatOptions, NetworkConfig, ResolvedNetworkConfig, TlsOptions } from './options.ts'
import type { ServiceConfig, ServiceInit } from './service-options.ts'
import type { ChainSource, ChainStore } from '../types/chain.ts'
import type { Handlers } from '../types/handlers.ts'
import type { PoolSource } from '../types/pool.ts'
import type { ComponentLogger } from '@libp2p/interface'

export { DEFAULTS } from './defaults.ts'
export { changeBandwidth } from './limit-checks.ts'
export { createPrivateNetworkKey } from './swarm-key.ts'
export type { Defaults } from './defaults.ts'
export type { DiscoveryOptions, MetricsComponents, NatOptions, NetworkConfig, ResolvedNetworkConfig, TlsOptions } from './options.ts'
export type { BandwidthOptions, LimitOptions, RateLimitOptions, ServiceConfig, ServiceInit } from './service-options.ts'

type Checks<Options> = { readonly [Name in keyof Options]-?: Check<Options[Name]> }

// a day is far below the 2^31 ms at which a timer fires at once
const duration = integer(10, 24 * 60 * 60 * 1000, 'milliseconds')
const count = integer(0, 10_000)

const SERVICE_CHECKS: Checks<ServiceInit> = {
  network: text(1, MAX_NETWORK_BYTES),
  genesisHash: bytes(HASH_BYTES),
  forks: heights(MAX_FORKS),
  features: names(FEATURES),
  nodeId: text(0, MAX_NODE_ID_BYTES),
  userAgent: text(0, MAX_USER_AGENT_BYTES),
  chain: objectWith<ChainSource | ChainStore>(['tip', 'get'], ['range', 'lowestHeight', 'verify', 'append', 'reorganise'], {
    sharesMemory: boolean, verifyConcurrency: integer(1, 1024)
  }),
  pool: objectWith<PoolSource>(['get', 'digests']),
  autoSync: boolean,
  handlers: functions<Partial<Handlers>>(HANDLER_TYPES),
  seedPeers: seedAddresses,
  reservedPeers: reservedAddresses,
  maxOutbound: count,
  maxBlockOnly: count,
  maxInbound: count,
  maxInboundPerHost: integer(1, 10_000),
  maxPendingHandshakes: integer(1, 10_000),
  maxFrameBytes: integer(64 * 1024, 64 * 1024 * 1024),
  handshakeTimeout: duration,
  pingInterval: duration,
  pingTimeout: duration,
  frameTimeout: duration,
  requestTimeout: duration,
  sendTimeout: duration,
  dialTimeout: duration,
  reconnectDelay: duration,
  maxReconnectDelay: duration,
  banDuration: duration,
  rateLimits,
  bandwidth,
  limits
}

const SWITCH = [true, false] as const

const natParts = choices<NatOptions>({
  relay: SWITCH, relayServer: SWITCH, holePunch: SWITCH, webrtc: SWITCH, autonat: SWITCH, upnp: SWITCH
})

const NETWORK_CHECKS: Checks<NetworkConfig> = {
  ...SERVICE_CHECKS,
  listen: listenAddresses,
  announce: announceAddresses,
  dnsSeeds: dnsNames,
  dnsServers,
  discovery: choices<DiscoveryOptions>({ dht: [true, false, 'client', 'server'], mdns: [true, false] }),
  nat: (value, name) => {
    const nat = natParts(value, name)

    for (const part of ['holePunch', 'webrtc'] as const) {
      if (nat[part] === true && nat.relay !== true && nat.relayServer !== true) {
        fail(`${name}.relay`, `true where \`${name}.${part}\` is, which moves sessions away from relays`, describe(nat.relay))
      }
    }

    return nat
  },
  privateNetworkKey: swarmKey,
  tls: pem<TlsOptions>(['cert', 'key']),
  privateKey,
  dataDir: path,
  admin: boolean,
  maxInboundRate: integer(1, 100_000),
  logger: objectWith<ComponentLogger>(['forComponent']),
  metrics: fn,
  signal: objectWith<AbortSignal>(['throwIfAborted', 'addEventListener', 'removeEventListener'])
}

const REQUIRED = 'genesisHash'

/** A node that dials few peers has few block-only sessions beside them, where its operator says nothing else. */
const OUTBOUND_PER_BLOCK_ONLY = 4

/**
 * Checks the options of the service and fills in the defaults. The result is frozen; `init` stays as it is.
 * Throws a {@link ConfigError} that names the option and says what was expected, and for one it does not know, what was
 * probably meant.
 */
export function resolveServiceConfig (init: ServiceInit): ServiceConfig {
  const foreign = Object.keys(init ?? {}).find((name) => !Object.hasOwn(SERVICE_CHECKS, name) && Object.hasOwn(NETWORK_CHECKS, name))

  if (foreign != null) {
    throw new ConfigError(`\`${foreign}\` is an option of \`startNetwork\`, and not of the service: it is a matter of your libp2p node`)
  }

  return resolve<ServiceConfig>(init, SERVICE_CHECKS)
}

/** {@link resolveServiceConfig} for the options of a whole node. */
export function resolveConfig (config: NetworkConfig): ResolvedNetworkConfig {
  const resolved = resolve<ResolvedNetworkConfig>(config, NETWORK_CHECKS)
  checkPlatform(resolved)
  checkAdmin(resolved)
  checkPrivate(resolved)
  checkUdpPorts(resolved)

  return resolved
}

/** The part of a whole node's options that the service takes. */
export function pickServiceConfig (config: ResolvedNetworkConfig): ServiceConfig {
  return Object.freeze(Object.fromEntries(
    Object.entries(config).filter(([name]) => Object.hasOwn(SERVICE_CHECKS, name))
  )) as unknown as ServiceConfig
}

function resolve<Config extends ServiceConfig> (options: unknown, checks: Record<string, Check<unknown>>): Config {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigError(`Expected the config to be an object, got ${describeType(options)}`)
  }

  refuseUnknown(options, Object.keys(checks))

  const given = options as Record<string, unknown>
  const defaults = DEFAULTS as Readonly<Record<string, unknown>>
  const resolved: Record<string, unknown> = {}

  for (const [name, check] of Object.entries(checks)) {
    const value = given[name]

    if (value !== undefined || name === REQUIRED) {
      const checked = check(value, name)
      resolved[name] = Array.isArray(checked) ? Object.freeze(checked) : checked
    } else if (Object.hasOwn(defaults, name)) {
      resolved[name] = defaults[name]
    }
  }

  if (given['maxBlockOnly'] === undefined) {
    resolved['maxBlockOnly'] = Math.min(DEFAULTS.maxBlockOnly, Math.floor(resolved['maxOutbound'] as number / OUTBOUND_PER_BLOCK_ONLY))
  }

  const config = Object.freeze(resolved) as unknown as Config
  checkDelays(config)

  return config
}

function checkAdmin ({ admin, dataDir }: ResolvedNetworkConfig): void {
  if (admin && dataDir == null) {
    throw new ConfigError('Expected `dataDir` with `admin`: the socket lies there')
  }
}

/** A connection that does not begin with the bytes of a private network is not kept out by its key. */
function checkPrivate ({ nat, listen, seedPeers, privateNetworkKey }: ResolvedNetworkConfig): void {
  if (privateNetworkKey != null && nat.webrtc === true) {
    fail('nat.webrtc', 'false with `privateNetworkKey`, which WebRTC has no place for', describe(nat.webrtc))
  }

  for (const [name, addresses] of Object.entries({ listen, seedPeers })) {
    const index = addresses.findIndex((address) => address.includes('/quic-v1'))

    if (privateNetworkKey != null && index >= 0) {
      fail(`${name}[${index}]`, 'an address of TCP or WebSockets with `privateNetworkKey`, which QUIC has no place for', describe(addresses[index]))
    }
  }
}

/** The relay answers STUN on the UDP ports with the numbers of its TCP ports. */
function checkUdpPorts ({ nat, listen }: ResolvedNetworkConfig): void {
  const portOf = (address: string, protocol: string): string => new RegExp(`/${protocol}/([1-9]\\d*)(/|$)`).exec(address)?.[1] ?? ''
  const taken = new Set(listen.map((address) => portOf(address, 'tcp')))
  const index = listen.findIndex((address) => address.includes('/quic-v1') && portOf(address, 'udp') !== '' && taken.has(portOf(address, 'udp')))

  if (nat.relayServer === true && index >= 0) {
    fail(`listen[${index}]`, 'a UDP port other than the TCP ports with `nat.relayServer`, which answers STUN there', describe(listen[index]))
  }
}

function checkDelays ({ reconnectDelay, maxReconnectDelay }: ServiceConfig): void {
  if (reconnectDelay > maxReconnectDelay) {
    fail('reconnectDelay', `at most \`maxReconnectDelay\` (${maxReconnectDelay})`, `${reconnectDelay}`)
  }
}
