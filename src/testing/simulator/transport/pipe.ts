import type { Host } from './host.ts'
import type { Packet, PacketLane } from './packet.ts'
import type { World } from './world.ts'
import type { Process } from '../time/process.ts'

/** Bytes of a write that count as they are. Each byte above stands for as many as the scale of the simulation says. */
export const UNSCALED_BYTES = 4096

/** The header that Yamux puts in front of data. */
export const MUXER_BYTES = 12

/** What Noise adds to a message: its length, and the tag of the cipher. */
const CIPHER_BYTES = 18

/** The largest message of Noise without what it adds. */
const CIPHER_CHUNK_BYTES: number = 65_535 - 16

/** What so many bytes of a write stand for. */
export function scaledBytes (bytes: number, scale: number): number {
  return bytes <= UNSCALED_BYTES ? bytes : UNSCALED_BYTES + (bytes - UNSCALED_BYTES) * scale
}

/** What bytes are on the wire, with what encryption and muxer add. */
export function wireBytes (bytes: number): number {
  return bytes + MUXER_BYTES + CIPHER_BYTES * Math.ceil((bytes + MUXER_BYTES) / CIPHER_CHUNK_BYTES)
}

/** The two ends of a {@link Pipe}: hosts, and the runs of their nodes between which it is. */
export interface PipeInit {
  world: World
  from: Host
  to: Host
  source: Process
  target: Process
  /** Called in `target` with each packet that has come. */
  onPacket: (packet: Packet) => void
  /** Called in `source` when the other end knows nothing of the connection. */
  onReset: () => void
}

/**
 * One direction of a connection. What is sent arrives in order, after its latency and as fast as both hosts allow. While the two hosts are
 * cut off from each other it waits, as TCP would send it again.
 */
export class Pipe implements PacketLane {
  readonly target: Process
  readonly #init: PipeInit
  readonly #latency: number
  #lastArrival = 0
  #held: Packet[] = []

  constructor (init: PipeInit) {
    this.target = init.target
    this.#init = init
    this.#latency = init.world.latency(init.from, init.to)
  }

  /** How long a byte takes at least, in ms. */
  get latency (): number {
    return this.#latency
  }

  /** Sends a packet. It arrives in the process at the other end, if that still runs then. */
  send (packet: Packet): void {
    const { world, from, to, source, target } = this.#init

    if (this.#held.length > 0 || world.isCut(from, to)) {
      this.#held.push(packet)
      return
    }

    if (!target.isAlive) {
      this.#reset()
      return
    }

    from.sent += packet.bytes
    source.spend(packet.bytes * from.cost.perByte)
    from.uplink.send(packet, Math.max(world.time.now, source.busyUntil))
  }

  /** Sends what was held while nothing could pass. */
  release (): void {
    const held = this.#held
    this.#held = []
    held.forEach((packet) => { this.send(packet) })
  }

  onLeft (packet: Packet, time: number): void {
    const { world, to } = this.#init
    this.#lastArrival = Math.max(to.receiveAt(time + this.#latency, packet.bytes), this.#lastArrival)
    world.time.schedule(packet, this.#lastArrival)
  }

  onArrival (packet: Packet): void {
    const { to, target, onPacket } = this.#init
    to.received += packet.bytes
    target.spend(to.cost.perMessage + packet.bytes * to.cost.perByte)
    onPacket(packet)
  }

  /** Tells the sender that the node at the other end is another one by now, if that machine is there. */
  #reset (): void {
    const { world, from, to, source, onReset } = this.#init

    world.time.at(world.time.now + 2 * this.#latency, () => {
      if (to.isUp && !world.isCut(from, to)) {
        onReset()
      }
    }, source)
  }
}
