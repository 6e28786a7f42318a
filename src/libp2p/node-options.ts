import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { CompactDatastore } from './compact-datastore.ts'
import { announceSeeds } from './discovery/announce-seeds.ts'
import { MAX_INBOUND_STREAMS, connectionLimits } from './gate/gate-limits.ts'
import { createGate } from './gate/gate.ts'
import { createIdentities } from './gate/identities.ts'
import { lazyLogger } from './lazy-logger.ts'
import { loadStack } from './load.ts'
import { mergeParts } from './part.ts'
import { boundIdentify } from './patches/bounded-identify.ts'
import { guardEncrypter, guardProtector, guardTransport } from './patches/guard/guard.ts'
import { noiseCrypto } from './patches/noise-crypto.ts'
import { signOnce } from './sign-once.ts'
import { createMuxer } from './transport/muxer.ts'
import { interfaceAddresses } from '../address/interfaces.ts'
import { locationOfIpBeside } from '../address/location.ts'
import { describeType } from '../config/checks.ts'
import { pickServiceConfig } from '../config/resolve.ts'
import { ConfigError } from '../errors.ts'
import { createService } from '../service/index.ts'
import { isolatedLogger } from '../service/isolate/logger.ts'
import { isolatedMetrics } from '../service/metrics/isolated.ts'
import type { GateInit, GateOwner } from './gate/gate.ts'
import type { NetworkConfig, ResolvedNetworkConfig } from '../config/resolve.ts'
import type { SessionManager } from '../peers/manager/manager.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from '../service/api.ts'
import type { VibeCoinService } from '../service/service.ts'
import type { IdentifyComponents } from '@libp2p/identify'
import type { Metrics } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

/**
 * The receive window of a stream.
 *
 * A paused stream goes on receiving what its window allows, into a buffer that resets the stream when it is full. The window has to be the
 * smaller of the two, with room for one more chunk.
 */
export const STREAM_WINDOW_BYTES: number = 2 * 1024 * 1024

/** The buffer of a paused stream. */
export const STREAM_BUFFER_BYTES: number = 4 * 1024 * 1024

/**
 * How long a dial of one address of a peer may take.
 *
 * @remarks The node tries the next address of the peer.
 */
export const ADDRESS_DIAL_TIMEOUT_MS = 3000

/** The services of the node. */
export type Services = { vibecoin: VibeCoin, identify: unknown }

/** What the service of a node gets beside the config. */
export type NodeExtras = Pick<VibeCoinExtras, 'knownPeers' | 'bans' | 'locationOfIp' | 'clock' | 'chance'> & Pick<GateInit, 'mayDial'>

/** The options of the libp2p node that a config asks for: its parts, guarded, and their limits. */
export async function nodeOptions (config: ResolvedNetworkConfig, given: NodeExtras): Promise<Libp2pOptions<Services>> {
  const { maxInbound, maxOutbound, maxBlockOnly, maxPendingHandshakes, maxInboundRate, reservedPeers } = config
  // other rules are for tests
  const extras = { ...given, locationOfIp: given.locationOfIp ?? locationOfIpBeside(interfaceAddresses) }
  let service: VibeCoinService | undefined
  const gate = createGate({ maxInboundRate, owner: () => service == null ? undefined : gateOwner(service.peers), ...extras })
  const stack = mergeParts([await loadStack(config, extras), gate, createIdentities(config, extras)])
  const bootstrapList = config.seedPeers.filter((address) => address.includes('/p2p/'))

  return {
    ...(config.privateKey == null ? {} : { privateKey: config.privateKey }),
    logger: config.logger == null ? lazyLogger() : isolatedLogger(config.logger),
    ...(config.metrics == null ? {} : { metrics: guardMetrics(config.metrics) }),
    addresses: { listen: [...config.listen], announce: [...config.announce] },
    datastore: new CompactDatastore(),
    nodeInfo: { userAgent: config.userAgent },
    transports: stack.connectionProtector == null ? stack.transports.map(guardTransport) : stack.transports,
    connectionEncrypters: [guardEncrypter(signOnce(noise(noiseCrypto == null ? {} : { crypto: noiseCrypto })))],
    streamMuxers: [createMuxer({
      maxInboundStreams: MAX_INBOUND_STREAMS,
      streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES, maxReadBufferLength: STREAM_BUFFER_BYTES }
    })],
    peerDiscovery: [...stack.peerDiscovery, ...bootstrapList.length === 0 ? [] : [announceSeeds(bootstrapList)]],
    ...(stack.connectionProtector == null ? {} : { connectionProtector: guardProtector(stack.connectionProtector) }),
    ...(stack.connectionGater == null ? {} : { connectionGater: stack.connectionGater }),
    // slots count the sessions, and a refused peer is told why: libp2p's limit only stands behind them
    connectionManager: {
      ...connectionLimits(maxInbound + maxOutbound + maxBlockOnly + maxPendingHandshakes + reservedPeers.length),
      // the gate counts, and libp2p would count those of this machine too
      inboundConnectionThreshold: Infinity,
      dialTimeout: config.dialTimeout,
      maxPeerAddrsToDial: 8,
      addressDialTimeout: Math.min(ADDRESS_DIAL_TIMEOUT_MS, config.dialTimeout),
      ...(Object.keys(stack.resolvers).length === 0 ? {} : { resolvers: stack.resolvers }),
      reconnectRetries: 0
    },
    // the monitor ends a connection at the first missed ping, and sessions have pings of their own
    connectionMonitor: { enabled: false },
    services: {
      ...stack.services,
      identify: (components: IdentifyComponents) => boundIdentify(identify({ runOnConnectionOpen: false })(components)),
      // libp2p listens before it gives its parts away
      vibecoin: (components: VibeCoinComponents) => {
        service = createService(pickServiceConfig(config), {
          ...extras, peerSources: stack.peerSources, upgradeOf: stack.upgradeOf, testsOf: stack.testsOf, gatewayOf: stack.gatewayOf
        })(components)

        return service
      }
    }
  }
}

/** Tells the gate which peers are banned, and which connections have a session. */
function gateOwner (peers: SessionManager): GateOwner {
  return {
    isBanned: (who) => peers.isKeptOut(who),
    hasSession: ({ remotePeer, remoteAddr }) => peers.get(remotePeer.toString())?.address === remoteAddr.toString()
  }
}

/** Isolates the metrics of the application: in libp2p an exception would end connections. */
function guardMetrics (create: NonNullable<NetworkConfig['metrics']>): NonNullable<NetworkConfig['metrics']> {
  return (components) => {
    const metrics: unknown = create(components)

    if (typeof metrics !== 'object' || metrics === null) {
      throw new ConfigError(`Expected \`metrics\` to return the metrics of libp2p, got ${describeType(metrics)}`)
    }

    return isolatedMetrics(metrics as Metrics, (name, err) => {
      components.logger.forComponent('vibecoin:network').error('the metric %s failed - %e', name, err)
    })
  }
}
