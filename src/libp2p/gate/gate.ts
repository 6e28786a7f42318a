import { systemClock } from '../../util/clock.ts'
import { hostOf, lastPeerId } from '../../address/multiaddr.ts'
import { locationOf, locationOfIp } from '../../address/location.ts'
import { BoundedWaiters } from '../../address/host-limits.ts'
import { MAX_HALF_OPEN, MAX_HALF_OPEN_PER_HOST } from './gate-limits.ts'
import { MAX_RATED_HOSTS } from '../../address/host-rates.ts'
import { Refusals } from './refusals.ts'
import { SessionlessConnections } from './sessionless.ts'
import { HostRates } from '../../address/host-rates.ts'
import type { Clock } from '../../util/clock.ts'
import type { StackPart } from '../part.ts'
import type { SessionlessComponents } from './sessionless.ts'
import type { Location, LocationOfIp } from '../../address/location.ts'
import type { Connection, ConnectionGater, Metrics, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Who is kept out, and which connections are needed. */
export interface GateOwner {
  /** Whether a peer id or a host, as in `Location`, is kept out now. */
  isBanned (who: { id?: string, host?: string }): boolean
  /** Whether a ready session uses a connection. */
  hasSession (connection: Connection): boolean
}

/** What {@link createGate} is given. */
export interface GateInit {
  /** `undefined` until the service has started: no peer is banned until then, and no connection idle. */
  owner: () => GateOwner | undefined
  /** Connections that others open in a second from one host. Those of this machine itself are not counted. */
  maxInboundRate: number
  clock?: Clock
  locationOfIp?: LocationOfIp
  /** Which addresses the node may dial. A test has a rule: the node dials any by itself. */
  mayDial?: (address: Multiaddr) => boolean
}

/**
 * Who may connect: banned hosts are refused before encryption, banned peers after it, and neither is dialled. Connections that
 * are not encrypted yet, and those without a session, are bounded so that those of one host or netgroup make room for those of others.
 */
export function createGate (
  { clock = systemClock, locationOfIp: rule = locationOfIp, mayDial = () => true, ...init }: GateInit
): Required<Pick<StackPart, 'connectionGater' | 'services'>> {
  const refusals = new Refusals()
  const parts = { ...init, refusals, mayDial, clock, locationOfIp: rule }

  return {
    connectionGater: { ...gateBanned(parts), ...gateInbound(parts) },
    services: {
      sessionless: (components: SessionlessComponents & { metrics?: Metrics }) => {
        if (components.metrics != null) {
          refusals.register(components.metrics)
        }

        const onCut = (): void => { refusals.count('sessionless') }

        return new SessionlessConnections({ components, owner: init.owner, clock, locationOfIp: rule, onCut })
      }
    }
  }
}

/** The parts of a gate. */
type GateParts = Required<GateInit> & { refusals: Refusals }

/** What is refused because of who is at the other end. */
function gateBanned ({ owner, refusals, mayDial, locationOfIp }: Omit<GateParts, 'clock' | 'maxInboundRate'>): ConnectionGater {
  const isBanned = (...peers: PeerId[]): boolean => peers.some((peer) => owner()?.isBanned({ id: peer.toString() }) === true)

  return {
    denyDialPeer: isBanned,
    // a peer that is never banned may be on the host of one that is
    denyDialMultiaddr: (address) => {
      return !mayDial(address) || isHostBanned(owner(), locationOf(address, locationOfIp).host, lastPeerId(address))
    },
    denyOutboundEncryptedConnection: (peer) => isBanned(peer),
    denyInboundEncryptedConnection: (peer) => refusals.countIf(isBanned(peer), 'banned-peer'),
    denyInboundRelayReservation: isBanned,
    denyInboundRelayedConnection: (_relay, peer) => isBanned(peer),
    denyOutboundRelayedConnection: isBanned
  }
}

/** What is refused because of where it comes from, and how many wait to be encrypted. */
function gateInbound ({ owner, refusals, maxInboundRate, clock, locationOfIp }: Omit<GateParts, 'mayDial'>): ConnectionGater {
  const rates = new HostRates({ perSecond: maxInboundRate, maxHosts: MAX_RATED_HOSTS, clock })
  // one for all: a listener of each connection would stay for as long as that does
  const onClose = ({ target }: Event): void => { halfOpen.delete(target as MultiaddrConnection) }
  const halfOpen = new BoundedWaiters<MultiaddrConnection>({ max: MAX_HALF_OPEN, maxPerHost: MAX_HALF_OPEN_PER_HOST }, (connection) => {
    refusals.count('half-open')
    connection.abort(new Error('Too many connections are not encrypted yet'))
  })

  return {
    denyInboundConnection: (connection) => {
      const location = locationOf(connection.remoteAddr, locationOfIp)
      const origin = originOf(connection.remoteAddr, location)

      if (
        refusals.countIf(isHostBanned(owner(), location.host), 'banned-host') ||
        refusals.countIf(origin != null && !rates.take(origin), 'rate')
      ) {
        return true
      }

      connection.addEventListener('close', onClose, { once: true })
      halfOpen.add(connection, location)

      return false
    },

    denyInboundUpgradedConnection: (_peer, connection) => {
      connection.removeEventListener('close', onClose)
      halfOpen.delete(connection)

      return false
    }
  }
}

/**
 * What is counted as one where connections are counted: a public host, or the IP address of a private one, whose /64 may be that of many.
 * `undefined` for this machine itself, and behind a relay.
 */
function originOf (address: Multiaddr, { host, netgroup }: Location): string | undefined {
  return host == null || netgroup != null ? host : hostOf(address)
}

function isHostBanned (owner: GateOwner | undefined, host: string | undefined, id?: string): boolean {
  return host != null && owner?.isBanned(id == null ? { host } : { id, host }) === true
}
