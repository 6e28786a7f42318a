import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import { FaultTolerance } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { pickServiceConfig, resolveConfig } from './config/resolve.ts'
import { ServiceNetwork } from './network.ts'
import { broadcastAll } from './broadcast-stream.ts'
import { describeType } from './config/checks.ts'
import { ConfigError, errorMessage } from './errors.ts'
import { assertRuntime } from './util/runtime.ts'
import { createService } from './service/index.ts'
import { isolatedLogger } from './service/isolate/logger.ts'
import { isolatedMetrics } from './service/isolate/metrics.ts'
import { announceSeeds } from './libp2p/discovery/announce-seeds.ts'
import { boundIdentify } from './libp2p/patches/bounded-identify.ts'
import { connectionLimits } from './libp2p/gate/gate-limits.ts'
import { createGate } from './libp2p/gate/gate.ts'
import { guardEncrypter, guardProtector, guardTransport } from './libp2p/patches/guard/guard.ts'
import { createIdentities } from './libp2p/gate/identities.ts'
import { loadStack } from './libp2p/load.ts'
import { Listening } from './libp2p/transport/listening.ts'
import { createMuxer } from './libp2p/transport/muxer.ts'
import { noiseCrypto } from './libp2p/patches/noise-crypto.ts'
import { mergeParts } from './libp2p/part.ts'
import { memoryBans, openBans } from './store/bans/bans.ts'
import { tryKey } from './store/identity/decode-key.ts'
import { loadIdentity } from './store/identity/identity.ts'
import { memoryKnownPeers, openKnownPeers } from './store/known-peers/known-peers.ts'
import type { NetworkConfig, ResolvedNetworkConfig } from './config/resolve.ts'
import type { Network } from './network.ts'
import type { SessionManager } from './peers/manager/manager.ts'
import type { VibeCoin, VibeCoinComponents, VibeCoinExtras } from './service/api.ts'
import type { VibeCoinService } from './service/service.ts'
import type { GateOwner } from './libp2p/gate/gate.ts'
import type { BanStore } from './types/ban.ts'
import type { KnownPeers } from './types/known-peers.ts'
import type { Message } from './types/message.ts'
import type { IdentifyComponents } from '@libp2p/identify'
import type { Libp2p, Logger, Metrics, PrivateKey } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

/**
 * How long `stop()` takes at most, apart from the chain.
 *
 * @remarks The node cuts the connections that are left.
 */
export const STOP_TIMEOUT_MS = 2000

/** When `stop` gives up on ending connections in peace, in ms. */
const ABORT_AFTER_MS = 1500

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

/** Streams that a peer may have open on one connection: of ours, of those that help to connect, and of other services. */
export const MAX_INBOUND_STREAMS = 64

/**
 * Starts a VibeCoin node: encrypted, listening, and dialling its seeds.
 *
 * What `outgoing` yields is broadcast. Throws a `ConfigError` for an option that cannot be used, a `StorageError` for a
 * `dataDir` that cannot, and a `ListenError` for an address that cannot be listened on.
 */
export async function startNetwork (config: NetworkConfig, outgoing?: AsyncIterable<Message>): Promise<Network> {
  return startNetworkWith(config, outgoing)
}

/** What tests have in place of what a node takes by itself. */
type TestExtras = Pick<VibeCoinExtras, 'locationOfIp' | 'clock'>

/** {@link startNetwork} for tests, whose nodes are all on one machine and have to count as being elsewhere, by a clock of theirs. */
export async function startNetworkWith (
  config: NetworkConfig, outgoing?: AsyncIterable<Message>, extras: TestExtras = {}
): Promise<Network> {
  assertRuntime()
  const resolved = resolveConfig(config)
  const warnings: string[] = []
  let onWarning = (warning: string): void => { warnings.push(warning) }
  const { dataDir } = resolved
  await checkKey(resolved.privateKey)
  const privateKey = resolved.privateKey ?? (dataDir == null ? undefined : await loadIdentity(dataDir, { onWarning }))
  const stores = await openStores(dataDir, (warning) => { onWarning(warning) })

  try {
    const libp2p = await listenAll({ ...resolved, privateKey }, stores, extras)
    const log = libp2p.logger.forComponent('vibecoin:network')
    onWarning = (warning) => { log.error(warning) }
    warnings.forEach(onWarning)

    return createNetwork({ libp2p, stores, outgoing, log })
  } catch (err) {
    await closeStores(stores)
    throw err
  }
}

/** An identity with which no handshake would succeed is refused here, and not by every peer. */
async function checkKey (key: PrivateKey | undefined): Promise<void> {
  if (key == null) {
    return
  }

  try {
    await tryKey(key)
  } catch (err) {
    throw new ConfigError(`Expected \`privateKey\` to be a private key that signs: ${errorMessage(err)}`, { cause: err })
  }
}

type Services = { vibecoin: VibeCoin, identify: unknown }

/** What is kept between two runs. */
interface Stores { knownPeers: KnownPeers, bans: BanStore }

async function openStores (dataDir: string | undefined, onWarning: (warning: string) => void): Promise<Stores> {
  if (dataDir == null) {
    return { knownPeers: memoryKnownPeers(), bans: memoryBans() }
  }

  const knownPeers = await openKnownPeers(dataDir, { onWarning })

  try {
    return { knownPeers, bans: await openBans(dataDir, { onWarning }) }
  } catch (err) {
    await knownPeers.close()
    throw err
  }
}

async function closeStores ({ knownPeers, bans }: Stores): Promise<void> {
  await Promise.all([knownPeers.close(), bans.close()])
}

/** Starts the libp2p node. It listens on all of its addresses, or is stopped again. */
async function listenAll (...[config, stores, extras]: Parameters<typeof libp2pOptions>): Promise<Libp2p<Services>> {
  const listening = new Listening()
  const { transports = [], ...options } = await libp2pOptions(config, stores, extras)
  const libp2p = await createLibp2p<Services>({
    ...options,
    transports: transports.map((create) => listening.watch(create)),
    // libp2p would let some of the addresses go, and stop with a text for others
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL }
  })
  const error = listening.error(config.listen)

  if (error != null) {
    await stopInTime(libp2p)
    throw error
  }

  return libp2p
}

async function libp2pOptions (
  config: ResolvedNetworkConfig, stores: Stores, extras: TestExtras
): Promise<Libp2pOptions<Services>> {
  const { maxInbound, maxOutbound, maxPendingHandshakes, maxInboundRate, reservedPeers } = config
  let service: VibeCoinService | undefined
  const gate = createGate({ maxInboundRate, owner: () => service == null ? undefined : gateOwner(service.peers), ...extras })
  const stack = mergeParts([await loadStack(config, extras), gate, createIdentities(config, extras)])
  const bootstrapList = config.seedPeers.filter((address) => address.includes('/p2p/'))

  return {
    ...(config.privateKey == null ? {} : { privateKey: config.privateKey }),
    ...(config.logger == null ? {} : { logger: isolatedLogger(config.logger) }),
    ...(config.metrics == null ? {} : { metrics: guardMetrics(config.metrics) }),
    addresses: { listen: [...config.listen], announce: [...config.announce] },
    nodeInfo: { userAgent: config.userAgent },
    transports: stack.connectionProtector == null ? stack.transports.map(guardTransport) : stack.transports,
    connectionEncrypters: [guardEncrypter(noise(noiseCrypto == null ? {} : { crypto: noiseCrypto }))],
    streamMuxers: [createMuxer({
      maxInboundStreams: MAX_INBOUND_STREAMS,
      streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES, maxReadBufferLength: STREAM_BUFFER_BYTES }
    })],
    peerDiscovery: [...stack.peerDiscovery, ...bootstrapList.length === 0 ? [] : [announceSeeds(bootstrapList)]],
    ...(stack.connectionProtector == null ? {} : { connectionProtector: guardProtector(stack.connectionProtector) }),
    ...(stack.connectionGater == null ? {} : { connectionGater: stack.connectionGater }),
    // sessions are counted by us, and a refused peer is told why: libp2p's limit only stands behind ours
    connectionManager: {
      ...connectionLimits(maxInbound + maxOutbound + maxPendingHandshakes + reservedPeers.length),
      inboundConnectionThreshold: maxInboundRate,
      dialTimeout: config.dialTimeout,
      maxPeerAddrsToDial: 8,
      addressDialTimeout: Math.min(ADDRESS_DIAL_TIMEOUT_MS, config.dialTimeout),
      ...(Object.keys(stack.resolvers).length === 0 ? {} : { resolvers: stack.resolvers }),
      reconnectRetries: 0
    },
    // it ends a connection at the first ping that is missed; the sessions have pings of their own
    connectionMonitor: { enabled: false },
    services: {
      ...stack.services,
      identify: (components: IdentifyComponents) => boundIdentify(identify({ runOnConnectionOpen: false })(components)),
      // libp2p listens before it gives its parts away
      vibecoin: (components: VibeCoinComponents) => {
        service = createService(pickServiceConfig(config), {
          ...stores, ...extras, peerSources: stack.peerSources, localAddresses: stack.localAddresses
        })(components)

        return service
      }
    }
  }
}

/** Who may connect, and which connections are needed. */
function gateOwner (peers: SessionManager): GateOwner {
  return {
    isBanned: (who) => peers.isKeptOut(who),
    hasSession: ({ remotePeer, remoteAddr }) => peers.get(remotePeer.toString())?.address === remoteAddr.toString()
  }
}

/** libp2p uses them too, where an exception would end connections. */
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

interface NetworkParts {
  libp2p: Libp2p<Services>
  stores: Stores
  outgoing: AsyncIterable<Message> | undefined
  log: Logger
}

function createNetwork ({ libp2p, stores, outgoing, log }: NetworkParts): Network {
  const service = libp2p.services.vibecoin
  const stopping = new AbortController()

  if (outgoing != null) {
    void broadcastAll(service, { outgoing, signal: stopping.signal, log })
  }

  return new ServiceNetwork({
    libp2p,
    service,
    stop: async () => {
      stopping.abort()

      try {
        await stopInTime(libp2p)
        // a write under way may take longer than all the rest
        await (service as VibeCoinService).chain.whenLeft()
      } finally {
        await closeStores(stores)
      }
    }
  })
}

/** Stops libp2p; what does not end in peace is aborted. */
async function stopInTime (libp2p: Libp2p): Promise<void> {
  const abort = setTimeout(() => {
    libp2p.getConnections().forEach((connection) => { connection.abort(new Error('The node is stopping')) })
  }, ABORT_AFTER_MS)

  const deadline = Promise.withResolvers<void>()
  const giveUp = setTimeout(deadline.resolve, STOP_TIMEOUT_MS)

  try {
    await Promise.race([libp2p.stop(), deadline.promise])
  } finally {
    clearTimeout(abort)
    clearTimeout(giveUp)
  }
}
