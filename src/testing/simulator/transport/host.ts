import { multiaddr } from '@multiformats/multiaddr'
import { Uplink } from './uplink.ts'
import type { Process } from '../time/process.ts'
import type { VirtualTime } from '../time/virtual-time.ts'
import type { Connection, PeerId, StreamHandler } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Changes what a node sends: gets one encoded message and the index of the peer, and returns the messages that leave in its place. */
export type Tamper = (message: Uint8Array, to: number) => readonly Uint8Array[]

/** One end of a connection, at its host. */
export interface HostConnection extends Connection {
  readonly remote: Host
  readonly pipe: { release: () => void }
  /** Is gone with its node, which hears of nothing. The other end does where the machine is still there to tell. */
  vanish: (isTold: boolean) => void
}

/** What the processor of a node spends on what it sends and receives, in ms. */
export interface MessageCost {
  perMessage: number
  perByte: number
}

/** Options of {@link Host}. */
export interface HostInit {
  time: VirtualTime
  index: number
  peerId: PeerId
  ip: string
  port: number
  /** Whether others can dial it. */
  isReachable: boolean
  /** Which hosts it dials, by their index. */
  mayDial?: ((to: number) => boolean) | undefined
  /** In bytes a second. */
  upload: number
  download: number
  cost: MessageCost
  tamper?: Tamper | undefined
}

/** A machine on the simulated network: where a node runs, or ran. */
export class Host {
  readonly index: number
  readonly peerId: PeerId
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly isReachable: boolean
  readonly mayDial: (to: number) => boolean
  readonly address: Multiaddr
  readonly uplink: Uplink
  readonly tamper: Tamper | undefined
  readonly cost: MessageCost
  readonly connections: Set<HostConnection> = new Set<HostConnection>()
  /** The handlers of the protocols that the node speaks. */
  readonly handlers: Map<string, StreamHandler> = new Map<string, StreamHandler>()
  /** Bytes on the wire so far, with what encryption and muxer add. */
  received = 0
  sent = 0
  /** Whether the machine is on, so that it refuses what nobody listens for. */
  isUp = true
  /** The node that runs here now. */
  process: Process | undefined
  readonly #download: number
  #downlinkFreeAt = 0

  constructor (init: HostInit) {
    this.index = init.index
    this.peerId = init.peerId
    this.id = init.peerId.toString()
    this.ip = init.ip
    this.port = init.port
    this.isReachable = init.isReachable
    this.mayDial = init.mayDial ?? (() => true)
    this.address = multiaddr(`/ip4/${init.ip}/tcp/${init.port}/p2p/${this.id}`)
    this.uplink = new Uplink(init.time, init.upload)
    this.tamper = init.tamper
    this.cost = init.cost
    this.#download = init.download
  }

  /** When bytes are complete here whose last one comes to the downlink at a time. */
  receiveAt (time: number, bytes: number): number {
    if (this.#download === Infinity) {
      return time
    }

    this.#downlinkFreeAt = Math.max(time, this.#downlinkFreeAt) + bytes / this.#download * 1000

    return this.#downlinkFreeAt
  }
}
