import { dialErrorLabel } from '../output/format.ts'
import type { AddressStatus, GatewayStatus, NetworkStatus } from '../../index.ts'

/**
 * What `doctor` has found: others can reach the node, they cannot, it cannot tell, no peer was reached, or the node cannot listen at all.
 */
export type Verdict = 'reachable' | 'unreachable' | 'unknown' | 'offline' | 'cannot-listen'

/** What `doctor` says. */
export interface Diagnosis {
  verdict: Verdict
  /** One sentence that says so. */
  summary: string
  /** What it was seen by. */
  findings: string[]
  /** What the operator can do; empty where nothing is to be done. */
  advice: string[]
  addresses: AddressStatus[]
  /** Ready peers. */
  peers: number
}

/** What of a status {@link diagnose} looks at. */
export type Examined = Pick<NetworkStatus, 'addresses' | 'gateway'> & {
  peers: readonly unknown[]
  dials: { targets: readonly Pick<NetworkStatus['dials']['targets'][number], 'target' | 'lastError'>[] }
}

/** Dials that are told of where no peer was reached, the first ones. */
const MAX_FAILED_DIALS = 8
const MAX_ERROR_COLUMNS = 200

/** Whether it is known what others can do: `doctor` need not wait any longer. */
export function isClear ({ addresses }: Pick<Examined, 'addresses'>): boolean {
  return addresses.some(wasReached)
}

/** What else is known of the machine. */
export interface Machine {
  /** Whether the machine has a public IPv6 address, on which the node may listen or not. */
  hasPublicIp6: boolean
}

/** Tells from the status of a node whether others reach it. */
export function diagnose (status: Examined, machine: Machine): Diagnosis {
  const { addresses, peers } = status
  const missesIp6 = machine.hasPublicIp6 && !addresses.some(({ address, source, scope }) => {
    return source === 'listen' && scope === 'public' && address.startsWith('/ip6/')
  })
  const facts = { addresses, peers: peers.length, findings: findingsOf(status, { missesIp6 }) }
  const listenThere = missesIp6 ? ['Have the node listen on IPv6 too: --listen /ip6/::/tcp/8765 beside the others.'] : []
  const mapped = addresses.some(({ source }) => source === 'ip-mapping')

  if (addresses.some(wasReached)) {
    const advice = mapped ? ['Start the node with --upnp, so that the gateway opens the port again.'] : []

    return { ...facts, verdict: 'reachable', summary: 'Other nodes can reach this node.', advice }
  }

  if (peers.length === 0) {
    return {
      ...facts,
      verdict: 'offline',
      summary: 'No peer was reached, so it cannot be told whether others reach this node.',
      advice: [
        ...listenThere,
        'Look whether the seeds are right and run the same network (--seed, --network).',
        'Look whether a firewall keeps this machine from opening connections to their ports.'
      ]
    }
  }

  if (addresses.some(({ tests }) => (tests?.missed ?? 0) > 0)) {
    return { ...facts, verdict: 'unreachable', summary: 'Other nodes cannot reach this node.', advice: [...listenThere, ...adviceFor(status)] }
  }

  return {
    ...facts,
    verdict: 'unknown',
    summary: 'No peer has tried to reach this node, so it cannot be told whether others do.',
    advice: [...listenThere, ...adviceFor(status), 'Have one of the seeds run with --autonat: it then tries what this command asks for.']
  }
}

const NO_IP6 = 'This machine has a public IPv6 address, and the node does not listen there.'

function wasReached ({ isTested, tests }: AddressStatus): boolean {
  return isTested || (tests?.reached ?? 0) > 0
}

function findingsOf ({ addresses, peers, gateway, dials }: Examined, { missesIp6 }: { missesIp6: boolean }): string[] {
  const isPublic = addresses.some(({ source, scope }) => source === 'listen' && scope === 'public')
  const mapped = addresses.find(({ source }) => source === 'ip-mapping')
  const observed = addresses.find(({ source }) => source === 'observed')
  const tested = addresses.filter(({ isTested, tests }) => isTested || tests != null)

  return [
    `${peers.length === 1 ? '1 peer' : `${peers.length} peers`} reached.`,
    ...(peers.length === 0 ? failedDials(dials) : []),
    isPublic ? 'This machine has a public address.' : missesIp6 ? NO_IP6 : 'This machine has no public address: it is behind a router.',
    ...(gateway == null || isPublic && mapped == null ? [] : [gatewayFinding(gateway, mapped)]),
    ...(observed != null ? [`Peers see this node at ${bare(observed.address)}.`] : []),
    ...tested.map(({ address, isTested, tests }) => {
      const missed = tests?.missed ?? 0

      return isTested || (tests?.reached ?? 0) > 0
        ? `A peer has dialled ${bare(address)}, and got through.`
        : `${missed === 1 ? '1 peer has' : `${missed} peers have`} dialled ${bare(address)} in vain.`
    })
  ]
}

/** Why the seeds were not reached. */
function failedDials ({ targets }: Examined['dials']): string[] {
  const failed = targets.flatMap(({ target, lastError }) => {
    return lastError == null ? [] : `${bare(target)} was not reached: ${dialErrorLabel(lastError, MAX_ERROR_COLUMNS)}.`
  })

  return failed.slice(0, MAX_FAILED_DIALS)
}

/** What the router has done. */
function gatewayFinding ({ protocol, problem }: GatewayStatus, mapped: AddressStatus | undefined): string {
  return mapped == null
    ? `No gateway has opened the port: ${problem ?? 'none has answered'}${protocol == null ? ', and none speaks UPnP IGD 2' : ''}.`
    : `The gateway leads ${bare(mapped.address)} to this node${protocol == null ? '' : ` (${protocol})`}.`
}

function adviceFor ({ addresses }: Examined): string[] {
  const ports = addresses.flatMap(({ address, source }) => source === 'listen' ? portOf(address) ?? [] : [])
  const port = [...new Set(ports)].join(' and ') || 'TCP port 8765'
  const isPublic = addresses.some(({ source, scope }) => source === 'listen' && scope === 'public')

  return isPublic
    ? [`Let ${port} through the firewall of this machine, or of its provider.`]
    : [
        `Have the router forward ${port} to this machine, and start the node with --announce and the outer address.`,
        'Or start it with --relay --hole-punch --webrtc: others then reach it through peers that are relays.'
      ]
}

/** The port that a node listens on: "UDP port 8765" of an address of QUIC. */
function portOf (address: string): string | undefined {
  const [, protocol, port] = /\/(tcp|udp)\/(\d+)/.exec(address) ?? []

  return protocol == null ? undefined : `${protocol.toUpperCase()} port ${port}`
}

/** An address without the peer id at its end. */
function bare (address: string): string {
  return address.replace(/\/p2p\/[^/]+$/, '')
}
