import { multiaddr } from '@multiformats/multiaddr'
import { blockSource } from './chain/block-source.ts'
import { ChainSync } from './chain/chain-sync.ts'
import { Dispatch } from './dispatch/dispatch.ts'
import { Enforcement } from './enforcement.ts'
import { ExternalAddress } from './external-address.ts'
import { HandlerTable } from './dispatch/handlers.ts'
import { Importer } from './dispatch/importer.ts'
import { judgeHandshake } from './judge-handshake.ts'
import { LocalChain } from './chain/local-chain.ts'
import { localNode } from './local-node.ts'
import { Validator } from './dispatch/validator.ts'
import { interfaceAddresses } from '../address/interfaces.ts'
import { locationOf, locationOfIpBeside } from '../address/location.ts'
import { ADDRESS_RULES } from '../address/scope.ts'
import { Throttle } from '../bandwidth/throttle.ts'
import { peerKeyOf } from '../connect/connection.ts'
import { Connectivity } from '../connect/connectivity.ts'
import { libp2pRecords } from '../address/peer-records.ts'
import { Gossip } from '../gossip/gossip.ts'
import { ApplicationPool } from '../gossip/transactions/application-pool.ts'
import { SessionManager } from '../peers/manager/manager.ts'
import { ForkSchedule } from '../session/fork-schedule.ts'
import { Traffic } from '../session/traffic.ts'
import { BlockClient } from '../sync/download/client.ts'
import { BlockServer } from '../sync/serve/server.ts'
import type { VibeCoinComponents, VibeCoinExtras } from './api.ts'
import type { LocationOfIp } from '../address/location.ts'
import type { Waits } from './waits.ts'
import type { ServiceMetrics } from './metrics/metrics.ts'
import type { ImporterInit } from './dispatch/importer.ts'
import type { Reports } from './reports/reports.ts'
import type { ServiceConfig } from '../config/resolve.ts'
import type { TrafficTotals } from '../session/record.ts'
import type { ManagerInit } from '../peers/manager/types.ts'
import type { Chance } from '../util/chance.ts'
import type { Clock } from '../util/clock.ts'
import type { Logger } from '@libp2p/interface'

/** What the parts of the service have in common. */
export interface PartsInit {
  components: VibeCoinComponents
  config: ServiceConfig
  extras: VibeCoinExtras
  clock: Clock
  chance: Chance
  log: Logger
  metrics: ServiceMetrics
  reports: Reports
  /** Callers that wait for peers, or until the node is in step. */
  waits: Waits
  isRunning: () => boolean
  /** The signal that ends every dial. Throws where the service does not run. */
  signal: () => AbortSignal
}

/** {@link PartsInit}, and where this node and its peers are. */
interface Placed extends PartsInit {
  localAddresses: () => Iterable<string>
  locationOfIp: LocationOfIp
}

/** The parts of the service. */
export interface Parts {
  chain: LocalChain
  handlers: HandlerTable
  enforcement: Enforcement
  external: ExternalAddress
  throttle: Throttle
  totals: TrafficTotals
  peers: SessionManager
  gossip: Gossip
  client: BlockClient
  chainSync: ChainSync
  dispatch: Dispatch
  connectivity: Connectivity
}

/**
 * Builds the parts of the service, each after those that it needs. A part that tells another one of events before that one
 * exists is attached to later: see `SessionManager.attach` and `BlockImport.attach`.
 */
export function buildParts (given: PartsInit): Parts {
  const init = place(given)
  const { components, config, extras, clock, log, metrics, reports } = init
  const { genesisHash, maxFrameBytes, limits } = config
  const syncLog = components.logger.forComponent('vibecoin:sync')
  const onStoreError = (err: unknown): void => { reports.onStorageError('chain', err) }
  const forks = config.forks == null ? undefined : new ForkSchedule(genesisHash, config.forks)
  const chain = new LocalChain({ chain: config.chain, genesisHash, clock, log, onCalled: metrics.chainCalled, onError: onStoreError })
  const handlers = new HandlerTable({
    handlers: config.handlers, clock, log, onHandled: metrics.handled, onError: (type) => { metrics.handlerFailed(type) }
  })
  const importer = buildImporter(init, { chain, handlers, onStoreError })
  const enforcement = buildEnforcement(init)
  const external = new ExternalAddress({ components, rules: extras.addressRules ?? ADDRESS_RULES, clock, log })
  const throttle = new Throttle({ clock, limits: config.bandwidth })
  const totals = { in: new Traffic(), out: new Traffic() }
  const peers = buildPeers(init, { chain, enforcement, external, throttle, totals, forks })
  const gossip = buildGossip(init, { chain, importer, enforcement, peers })
  const chainSync = buildChainSync(init, { chain, importer, enforcement, peers, gossip })
  const source = blockSource(handlers, chain.source, clock)
  const connectivity = buildConnectivity(init, { chain, enforcement, peers, external, forks })
  enforcement.penalties.subscribePardons((subject) => { connectivity.onUnbanned(subject) })
  const server = new BlockServer({
    ...{ source, clock, log: syncLog, onError: onStoreError, maxFrameBytes, limits },
    onServed: (make) => { reports.onServed(make) }
  })

  return {
    chain,
    handlers,
    enforcement,
    external,
    throttle,
    totals,
    peers,
    gossip,
    client: new BlockClient({ peers, clock }),
    chainSync,
    dispatch: new Dispatch({ gossip, server, sync: chainSync, handlers, exchange: connectivity.exchange }),
    connectivity
  }
}

/** Both forms of the node go by the same rule: an address of this machine is never taken for a host on the internet. */
function place (init: PartsInit): Placed {
  const { extras: { localAddresses = interfaceAddresses, locationOfIp }, clock } = init

  return { ...init, localAddresses, locationOfIp: locationOfIp ?? locationOfIpBeside(localAddresses, () => clock.now()) }
}

function buildImporter (
  { components, clock, metrics }: PartsInit, { chain, handlers, onStoreError }: Pick<Parts, 'chain' | 'handlers'> & Pick<ImporterInit, 'onStoreError'>
): Importer {
  return new Importer({
    chain: chain.source,
    validator: new Validator(handlers),
    clock,
    log: components.logger.forComponent('vibecoin:sync'),
    onTip: (tip, dropped) => {
      chain.tip.note(tip)

      if (dropped > 0) {
        metrics.reorganised(dropped)
      }
    },
    onStoreError
  })
}

function buildEnforcement ({ config, extras, locationOfIp, clock, log, metrics, reports }: Placed): Enforcement {
  return new Enforcement({
    config,
    clock,
    log,
    metrics,
    locationOfIp,
    store: extras.bans,
    onStoreError: (err) => { reports.onStorageError('bans', err) },
    onBan: (ban) => { reports.onBan(ban) }
  })
}

function buildPeers (
  { components, config, extras, locationOfIp, clock, chance, metrics }: Placed,
  { chain, enforcement, external, throttle, totals, forks }: Pick<Parts, 'chain' | 'enforcement' | 'external' | 'throttle' | 'totals'> & {
    forks: ForkSchedule | undefined
  }
): SessionManager {
  const init: ManagerInit = {
    local: peerKeyOf(components.peerId),
    config,
    forks,
    clock,
    chance,
    log: components.logger.forComponent('vibecoin:peer'),
    penalties: enforcement.penalties,
    reserved: enforcement.reserved,
    throttle,
    totals,
    meters: metrics,
    localNode: async (address) => {
      const tip = await chain.tip.read()

      return localNode(config, { tip, lowestHeight: chain.tip.lowestHeight, forks }, external.addressesFor(address))
    },
    bestHeight: () => chain.tip.height,
    upgradeOf: extras.upgradeOf,
    locationOf: (address) => locationOf(multiaddr(address), locationOfIp),
    hostOf: (ip) => locationOfIp(ip).host
  }

  return new SessionManager(init)
}

function buildChainSync (
  { components, config, clock, reports, waits, isRunning }: PartsInit,
  { chain, importer, enforcement, peers, gossip }: Pick<Parts, 'chain' | 'enforcement' | 'peers' | 'gossip'> & { importer: Importer }
): ChainSync {
  const chainSync = new ChainSync({
    importer,
    gossip,
    peers,
    isAuto: config.autoSync,
    clock,
    log: components.logger.forComponent('vibecoin:sync'),
    onProgress: (progress) => {
      reports.onProgress(progress)
      void chain.tip.read()
    },
    onEnd: (end) => { reports.onSyncEnd(end) },
    tip: () => chain.knownTip,
    onStep: (state, facts) => {
      reports.onStep(state, facts)
      waits.check()
    },
    onStoreError: (err) => { reports.onStorageError('chain', err) },
    onFault: (fault) => {
      reports.onFault(fault)
      enforcement.onFault(peers.get(fault.peer.id), fault)
    }
  })

  chain.tip.subscribe((tip) => {
    peers.closeForked(tip.height)

    // the first one of a run has not moved
    if (isRunning()) {
      reports.onTip(tip)
      chainSync.onTip()
    }
  })

  return chainSync
}

function buildGossip (
  { config, clock, chance, metrics, reports }: PartsInit,
  { chain, importer, enforcement, peers }: { chain: LocalChain, importer: Importer, enforcement: Enforcement, peers: SessionManager }
): Gossip {
  return new Gossip({
    clock,
    chance,
    maxFrameBytes: config.maxFrameBytes,
    application: ApplicationPool.of(config.pool, {
      clock, maxFrameBytes: config.maxFrameBytes, onError: (err) => { reports.onStorageError('pool', err) }
    }),
    maxPeers: peers.slots.mostReady + config.reservedPeers.length,
    seen: { digests: config.limits.seenDigests, duration: config.limits.seenDuration },
    importer,
    onOutcome: (message, from, outcome) => {
      if (outcome === 'accept') {
        from.noteUseful(message.type)
      }

      if (outcome === 'accept' && message.type === 'newBlock') {
        from.noteHeight(message.block.height)
        void chain.tip.read()
      }

      reports.onOutcome(message, from, outcome)
      enforcement.onOutcome(from, outcome)
    },
    onTimeline: (timeline) => { reports.onTimeline(timeline) },
    onTransactionTimeline: (timeline) => { reports.onTransactionTimeline(timeline) },
    hasTransactionTimelines: () => reports.hasTransactionTimelines,
    onRefused: (type, from, error) => { enforcement.onRefused(type, from, error) },
    onThrottled: (type) => { metrics.heldBack(type) },
    onCounted: (what, count) => { metrics.shortDigests(what, count) },
    onRepeated: (type, bytes) => { metrics.repeated(type, bytes) },
    onCompact: (outcome) => { metrics.compact(outcome) }
  })
}

function buildConnectivity (
  { config, extras, reports, ...init }: Placed,
  { chain, enforcement, peers, external, forks }: Pick<Parts, 'chain' | 'enforcement' | 'peers' | 'external'> & {
    forks: ForkSchedule | undefined
  }
): Connectivity {
  return new Connectivity({
    ...init,
    knownPeers: extras.knownPeers,
    peerSources: extras.peerSources,
    config,
    peers,
    tip: () => chain.latestTip,
    onReached: (session, target) => { enforcement.onReached(session, target) },
    onStoreError: (err) => { reports.onStorageError('peers', err) },
    onFailure: (failure) => { reports.onDialFailure(failure) },
    onDialEnd: (make) => { reports.onDialEnd(make) },
    records: extras.peerRecords ?? libp2pRecords(init.components.privateKey),
    addressesFor: (peer) => external.addressesFor(peer),
    rules: extras.addressRules ?? ADDRESS_RULES,
    judge: (info) => judgeHandshake(info, { config, forks, height: chain.tip.height }),
    onForged: (session) => { enforcement.onForged(session) }
  })
}
