import { checkBannable, pickBan, reasonFor } from './pick-ban.ts'
import { isPeerMatch, pickPeer } from './pick-peer.ts'
import { address, onlyThese, optionalNumber, optionalText, text } from './params.ts'
import { VERSION } from '../version.ts'
import type { BlockLog } from './block-log.ts'
import type { Network } from '../network.ts'

/** What a method answers, for the parameters of a request. `signal` is aborted when the connection has ended. */
export type Method = (params: Readonly<Record<string, unknown>>, signal: AbortSignal) => unknown

/** The methods of the admin socket, by name. */
export type Methods = Readonly<Record<string, Method>>

/** What is known of the process of a node. */
export interface ProcessStatus {
  /** Of this package. */
  version: string
  /** Its process id. */
  pid: number
  /** The directory that the node keeps its files in. */
  dataDir: string
  /** When this was taken, in ms since the process started. */
  at: number
  /** Processor time since the process started, in ms. */
  cpu: number
  /** Memory of the process in bytes. */
  rss: number
  /** Memory of its JavaScript objects in bytes. */
  heapUsed: number
}

/** What the methods act on. */
export interface MethodsInit {
  network: Network
  dataDir: string
  blocks: BlockLog
}

/** The methods for a node. */
export function createMethods ({ network, dataDir, blocks }: MethodsInit): Methods {
  return { ...readMethods({ network, dataDir, blocks }), ...peerMethods(network), ...banMethods(network), ...bandwidthMethods(network) }
}

function readMethods ({ network, dataDir, blocks }: MethodsInit): Methods {
  return {
    status: without(() => network.status()),
    process: without(() => processStatus(dataDir)),
    dials: without(() => network.status().dials),
    sources: without(() => network.status().sources),
    blocks: without(() => blocks.list)
  }
}

function peerMethods (network: Network): Methods {
  return {
    peers: without(() => network.peers.toJSON()),
    peer: (params) => {
      onlyThese(params, ['peer'])

      return pickPeer(network.peers, text(params, 'peer')).toJSON()
    },
    connect: async (params, signal) => {
      onlyThese(params, ['address'])
      const peer = await network.connect(address(params, 'address'), { signal })

      return peer.toJSON()
    },
    disconnect: (params) => {
      onlyThese(params, ['peer'])
      const { id } = pickPeer(network.peers, text(params, 'peer'))

      return { peer: id, disconnected: network.peers.disconnect(id, 'The operator has ended the session') }
    }
  }
}

function banMethods (network: Network): Methods {
  const { peers } = network

  return {
    bans: without(() => peers.bans),
    ban: (params) => {
      onlyThese(params, ['subject', 'duration', 'reason'])
      const given = text(params, 'subject')
      const isReady = Array.from(peers).some((peer) => isPeerMatch(peer, given))
      const { id: subject, nodeId = '' } = isReady ? pickPeer(peers, given) : { id: checkBannable(given) }
      const why = optionalText(params, 'reason')
      const reason = nodeId === '' ? why : reasonFor(nodeId, why)
      peers.ban(subject, { duration: optionalNumber(params, 'duration'), reason })

      return peers.bans.find((ban) => ban.subject === subject) ?? { subject }
    },
    unban: (params) => {
      onlyThese(params, ['subject'])
      const subject = pickBan(peers.bans, text(params, 'subject'))

      return { subject, unbanned: peers.unban(subject) }
    }
  }
}

function bandwidthMethods (network: Network): Methods {
  return {
    bandwidth: without(() => network.status().bandwidth),
    setBandwidth: (params) => {
      const names = ['upload', 'download', 'peerUpload', 'peerDownload']
      onlyThese(params, names)
      // null takes a cap away: JSON has no Infinity
      const changes = Object.fromEntries(Object.keys(params).map((name) => [name, optionalNumber(params, name) ?? Infinity]))
      network.setBandwidth(changes)

      return network.status().bandwidth.limits
    }
  }
}

function processStatus (dataDir: string): ProcessStatus {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()

  return { version: VERSION, pid: process.pid, dataDir, at: process.uptime() * 1000, cpu: (user + system) / 1000, rss, heapUsed }
}

/** A method that takes no parameters. */
function without (answer: () => unknown): Method {
  return (params) => {
    onlyThese(params, [])

    return answer()
  }
}
