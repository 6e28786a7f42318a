import type { Host } from './host.ts'
import type { World } from './world.ts'
import type { Process } from '../time/process.ts'

/** Bytes of a write that count as they are. Each byte above stands for as many as the scale of the simulation says. */
export const UNSCALED_BYTES = 4096

/** The header that Yamux puts in front of data. */
const MUXER_BYTES = 12

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
  /** Called in `source` when the other end knows nothing of the connection. */
  onReset: () => void
}

/** What goes through a pipe: bytes, and what happens when they arrive. */
interface Packet { bytes: number, onArrival: () => void }

/**
 * One direction of a connection. What is sent arrives in order, after its latency and as fast as both hosts allow. While the two hosts are
 * cut off from each other it waits, as TCP would send it again.
 */
export class Pipe {
  readonly #init: PipeInit
  readonly #latency: number
  #lastArrival = 0
  #held: Packet[] = []

  constructor (init: PipeInit) {
    this.#init = init
    this.#latency = init.world.latency(init.from, init.to)
  }

  /** How long a byte takes at least, in ms. */
  get latency (): number {
    return this.#latency
  }

  /** Sends as many bytes, as they are on the wire. Calls `onArrival` in the process at the other end, if it still runs then. */
  send (bytes: number, onArrival: () => void): void {
    const { world, from, to, source, target } = this.#init

    if (this.#held.length > 0 || world.isCut(from, to)) {
      this.#held.push({ bytes, onArrival })
      return
    }

    if (!target.isAlive) {
      this.#reset()
      return
    }

    from.sent += bytes
    source.spend(bytes * from.cost.perByte)
    const departure = { lane: this, bytes, onLeft: (time: number) => { this.#onLeft({ bytes, onArrival }, time) } }
    from.uplink.send(departure, Math.max(world.time.now, source.busyUntil))
  }

  /** Sends what was held while nothing could pass. */
  release (): void {
    const held = this.#held
    this.#held = []
    held.forEach(({ bytes, onArrival }) => { this.send(bytes, onArrival) })
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

  #onLeft ({ bytes, onArrival }: Packet, time: number): void {
    const { world, to, target } = this.#init
    this.#lastArrival = Math.max(to.receiveAt(time + this.#latency, bytes), this.#lastArrival)

    world.time.at(this.#lastArrival, () => {
      to.received += bytes
      target.spend(to.cost.perMessage + bytes * to.cost.perByte)
      onArrival()
    }, target)
  }
}
