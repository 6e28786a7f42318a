import { FaultTolerance } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { interfaceFamilies } from './address/interfaces.ts'
import { broadcastAll } from './broadcast-stream.ts'
import { describeType } from './config/checks.ts'
import { resolveConfig } from './config/resolve.ts'
import { ConfigError, errorMessage } from './errors.ts'
import { nodeOptions } from './libp2p/node-options.ts'
import { Listening } from './libp2p/transport/listening.ts'
import { ServiceNetwork } from './network.ts'
import { tryKey } from './store/identity/decode-key.ts'
import { loadIdentity } from './store/identity/identity.ts'
import { claimDataDir } from './store/network/network-mark.ts'
import { closeStores, openStores } from './store/stores.ts'
import { systemClock } from './util/clock.ts'
import { assertRuntime } from './util/runtime.ts'
import type { NetworkConfig, ResolvedNetworkConfig } from './config/resolve.ts'
import type { NodeExtras, Services } from './libp2p/node-options.ts'
import type { Network } from './network.ts'
import type { VibeCoinExtras } from './service/api.ts'
import type { VibeCoinService } from './service/service.ts'
import type { Stores } from './store/stores.ts'
import type { Message } from './types/message.ts'
import type { Clock } from './util/clock.ts'
import type { Libp2p, Logger, PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * How long `stop()` takes at most, apart from the chain.
 *
 * @remarks The node cuts the connections that are left.
 */
export const STOP_TIMEOUT_MS = 2000

/** When `stop` begins to abort the connections that have not ended in peace, in ms. */
const ABORT_AFTER_MS = 1200

/**
 * Starts a VibeCoin node: encrypted, listening, and dialling its seeds.
 *
 * What `outgoing` yields is broadcast. Throws a `ConfigError` for an option that cannot be used, a `StorageError` for a
 * `dataDir` that cannot or a `chain` that fails, and a `ListenError` for an address that cannot be listened on.
 */
export async function startNetwork (config: NetworkConfig, outgoing?: AsyncIterable<Message>): Promise<Network> {
  return startNetworkWith(config, outgoing)
}

/**
 * What tests put in the place of what a node takes by itself. The types of node-options are not named here: they would lead the
 * compiler of an application through the inside of libp2p.
 */
type TestExtras = Pick<VibeCoinExtras, 'locationOfIp' | 'clock' | 'chance' | 'knownPeers'> & { mayDial?: (address: Multiaddr) => boolean }

/** {@link startNetwork} for tests, whose nodes are all on one machine: another rule for locations, another clock, and other chance. */
export async function startNetworkWith (
  config: NetworkConfig, outgoing?: AsyncIterable<Message>, extras: TestExtras = {}
): Promise<Network> {
  assertRuntime()
  const resolved = resolveConfig(config)
  const { dataDir, signal } = resolved
  signal?.throwIfAborted()

  if (outgoing != null && typeof (outgoing as Partial<typeof outgoing>)[Symbol.asyncIterator] !== 'function') {
    throw new ConfigError(`Expected \`outgoing\` to be an async iterable, got ${describeType(outgoing)}`)
  }

  const warnings = new Warnings()
  const onWarning = (warning: string): void => { warnings.add(warning) }
  await checkKey(resolved.privateKey)

  if (dataDir != null) {
    await claimDataDir(dataDir, resolved, { onWarning })
  }

  const privateKey = resolved.privateKey ?? (dataDir == null ? undefined : await loadIdentity(dataDir, { onWarning }))
  const stores = await openStores(dataDir, onWarning)

  try {
    const libp2p = await startNode({ ...resolved, privateKey }, { ...stores, ...extras })
    const clock = extras.clock ?? systemClock
    await stopIfAborted(libp2p, clock, signal)
    const log = libp2p.logger.forComponent('vibecoin:network')
    warnings.writeTo(log)

    return await withAdmin(resolved, { libp2p, stores, outgoing, clock, log, signal })
  } catch (err) {
    await closeStores(stores)
    throw err
  }
}

/** The warnings of the stores: kept until there is a logger, which the node has. */
class Warnings {
  readonly #kept: string[] = []
  #log: Logger | undefined

  add (warning: string): void {
    if (this.#log == null) {
      this.#kept.push(warning)
    } else {
      this.#log.error(warning)
    }
  }

  writeTo (log: Logger): void {
    this.#log = log
    this.#kept.splice(0).forEach((warning) => { log.error(warning) })
  }
}

/** Throws for an identity that cannot sign: every peer would refuse its handshake. */
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

/** Starts the libp2p node. It listens on all of its addresses, or is stopped again. */
async function startNode (config: ResolvedNetworkConfig, extras: NodeExtras): Promise<Libp2p<Services>> {
  const listening = new Listening()
  const { transports = [], ...options } = await nodeOptions(config, extras)
  const libp2p = await createLibp2p<Services>({
    ...options,
    transports: transports.map((create) => listening.watch(create)),
    // libp2p would let some of the addresses go, and stop with a text for others
    transportManager: { faultTolerance: FaultTolerance.NO_FATAL }
  })
  const error = listening.error(config.listen, interfaceFamilies())

  if (error != null) {
    await stopInTime(libp2p, extras.clock ?? systemClock)
    throw error
  }

  return libp2p
}

interface NetworkParts {
  libp2p: Libp2p<Services>
  stores: Stores
  outgoing: AsyncIterable<Message> | undefined
  clock: Clock
  log: Logger
  signal: AbortSignal | undefined
  /** Ends what asks the network from outside. */
  onStop?: () => Promise<void>
}

/** Throws the reason of a signal that was aborted while the node started, and stops the node. */
async function stopIfAborted (libp2p: Libp2p, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) {
    await stopInTime(libp2p, clock)
    signal.throwIfAborted()
  }
}

/** The network, with its admin socket where the options ask for one: what a node does not ask for it does not load. */
async function withAdmin ({ admin, dataDir }: ResolvedNetworkConfig, parts: NetworkParts): Promise<Network> {
  if (!admin || dataDir == null) {
    return createNetwork(parts)
  }

  let close = async (): Promise<void> => {}
  const network = createNetwork({ ...parts, onStop: async () => close() })

  try {
    const { openAdmin } = await import('./admin/admin.ts')
    ;({ close } = await openAdmin(network, dataDir))

    if (parts.signal?.aborted === true) {
      await close()
      parts.signal.throwIfAborted()
    }

    return network
  } catch (err) {
    await network.stop()
    throw err
  }
}

function createNetwork ({ libp2p, stores, outgoing, clock, log, signal, onStop = async () => {} }: NetworkParts): Network {
  const service = libp2p.services.vibecoin
  const stopping = new AbortController()

  if (outgoing != null) {
    void broadcastAll(service, { outgoing, signal: stopping.signal, clock, log })
  }

  const onAbort = (): void => { network.stop().catch((err: unknown) => { log.error('could not stop - %e', err) }) }
  const network: Network = new ServiceNetwork({
    libp2p,
    service,
    stop: async () => {
      signal?.removeEventListener('abort', onAbort)
      stopping.abort()

      try {
        await Promise.all([onStop(), stopInTime(libp2p, clock)])
        // a write under way may take longer than all the rest
        await (service as VibeCoinService).chain.whenLeft()
      } finally {
        await closeStores(stores)
      }
    }
  })
  signal?.addEventListener('abort', onAbort, { once: true })

  return network
}

/** Stops libp2p, and aborts the connections that do not end in peace. */
async function stopInTime (libp2p: Libp2p, clock: Clock): Promise<void> {
  const abort = clock.setTimeout(() => {
    libp2p.getConnections().forEach((connection) => { connection.abort(new Error('The node is stopping')) })
  }, ABORT_AFTER_MS)

  const deadline = Promise.withResolvers<void>()
  const giveUp = clock.setTimeout(deadline.resolve, STOP_TIMEOUT_MS)

  try {
    await Promise.race([libp2p.stop(), deadline.promise])
  } finally {
    clock.clearTimeout(abort)
    clock.clearTimeout(giveUp)
  }
}
