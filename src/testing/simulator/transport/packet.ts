import type { Departure } from './uplink.ts'
import type { Event, Processor } from '../time/event.ts'

/** What takes the bytes of a stream at the other end. */
export interface PieceTaker { onPiece: (bytes: Uint8Array) => void }

/** One direction of a connection, which packets go through. */
export interface PacketLane {
  /** Where packets arrive. */
  readonly target: Processor
  /** Called with the time at which the last byte of a packet has left. */
  onLeft: (packet: Packet, time: number) => void
  /** Called in the process that takes the packet, when it is there. */
  onArrival: (packet: Packet) => void
}

/** What a packet carries, beside a number of bytes. */
export interface PacketInit {
  lane: PacketLane
  /** How many bytes it has on the wire. */
  bytes: number
  /** Bytes of a stream, which `taker` takes. */
  content?: Uint8Array
  taker?: PieceTaker | undefined
  /** What it has happen, where it has no bytes of a stream. */
  act?: () => void
}

/**
 * What is under way from one end of a connection to the other. A simulation makes millions of packets, so each is its own departure from
 * the uplink, and its own event.
 */
export class Packet implements Departure, Event {
  at = 0
  order = 0
  readonly process: Processor
  run: ((this: Event) => void) | undefined = arrive
  readonly lane: PacketLane
  readonly bytes: number
  readonly content: Uint8Array | undefined
  readonly #taker: PieceTaker | undefined
  readonly #act: (() => void) | undefined

  constructor ({ lane, bytes, content, taker, act }: PacketInit) {
    this.process = lane.target
    this.lane = lane
    this.bytes = bytes
    this.content = content
    this.#taker = taker
    this.#act = act
  }

  onLeft (time: number): void { this.lane.onLeft(this, time) }

  /** Has happen at the other end what it is for. */
  deliver (): void {
    if (this.content == null) {
      this.#act?.()
    } else {
      this.#taker?.onPiece(this.content)
    }
  }
}

function arrive (this: Event): void {
  const packet = this as Packet
  packet.lane.onArrival(packet)
}
