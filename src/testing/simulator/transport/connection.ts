import { StreamResetError, TypedEventEmitter, UnsupportedProtocolError } from '@libp2p/interface'
import { raceSignal } from '../../../util/race-signal.ts'
import { NO_LOG } from './log.ts'
import { Packet } from './packet.ts'
import { MUXER_BYTES, Pipe, wireBytes } from './pipe.ts'
import { SimulatedStream } from './stream.ts'
import type { Host, HostConnection } from './host.ts'
import type { PieceTaker } from './packet.ts'
import type { StreamCarrier } from './stream.ts'
import type { World } from './world.ts'
import type { Process } from '../time/process.ts'
import type { Path } from '../world/trace.ts'
import type { AbortOptions, ConnectionStatus, Logger, MessageStreamDirection, MessageStreamEvents, PeerId, Stream, StreamCloseEvent, StreamHandler } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

const HOUR_MS = 3_600_000

/** Options of {@link SimulatedConnection}. */
interface ConnectionInit {
  world: World
  host: Host
  remote: Host
  process: Process
  remoteProcess: Process
  remoteAddr: Multiaddr
  direction: MessageStreamDirection
  id: string
}

/** One end of a connection between two nodes. */
export class SimulatedConnection extends TypedEventEmitter<Omit<MessageStreamEvents, 'drain' | 'message' | 'end'>> implements HostConnection, StreamCarrier {
  readonly id: string
  readonly world: World
  readonly host: Host
  readonly remote: Host
  readonly remoteAddr: Multiaddr
  readonly remotePeer: PeerId
  readonly direction: MessageStreamDirection
  readonly timeline: { open: number, close?: number }
  readonly multiplexer = 'simulated'
  readonly encryption = 'simulated'
  readonly direct = true
  readonly log: Logger = NO_LOG
  /** A round trip, in ms. */
  readonly rtt: number
  status: ConnectionStatus = 'open'
  streams: SimulatedStream[] = []
  /** The other end, until that has heard of the end of this one. */
  other: SimulatedConnection | undefined
  readonly pipe: Pipe
  readonly #process: Process
  readonly #path: Path
  #streams = 0

  private constructor ({ world, host, remote, process, remoteProcess, remoteAddr, direction, id }: ConnectionInit) {
    super()
    this.id = id
    this.world = world
    this.host = host
    this.remote = remote
    this.remoteAddr = remoteAddr
    this.remotePeer = remote.peerId
    this.direction = direction
    this.timeline = { open: world.time.now }
    this.#process = process
    this.#path = { from: host.index, to: remote.index }
    this.pipe = new Pipe({
      world,
      from: host,
      to: remote,
      source: process,
      target: remoteProcess,
      onPacket: (packet) => { this.#onPacket(packet) },
      onReset: () => { this.onReset() }
    })
    this.rtt = 2 * this.pipe.latency
    host.connections.add(this)
  }

  /** Opens a connection between the nodes that run on two hosts now. Returns the end of `from`, which has dialled. */
  static open (world: World, { from, to, id, seenFrom }: { from: Host, to: Host, id: string, seenFrom: Multiaddr }): SimulatedConnection {
    const [process, remoteProcess] = [from.process!, to.process!]
    const end = new SimulatedConnection({
      world, host: from, remote: to, process, remoteProcess, remoteAddr: to.address, direction: 'outbound', id: `${id}-out`
    })
    const other = new SimulatedConnection({
      world, host: to, remote: from, process: remoteProcess, remoteProcess: process, remoteAddr: seenFrom, direction: 'inbound', id: `${id}-in`
    })
    end.other = other
    other.other = end
    end.#loseSometime()

    return end
  }

  async newStream (protocols: string | string[], { signal }: AbortOptions = {}): Promise<Stream> {
    signal?.throwIfAborted()
    const protocol = [protocols].flat()[0]!
    const { promise, resolve, reject } = Promise.withResolvers<Stream>()
    const stream = this.#create(protocol, 'outbound')

    this.sendControl(() => {
      this.other?.onOpened(stream, (error) => {
        if (error == null) {
          resolve(stream)
        } else {
          stream.abort(error)
          reject(error)
        }
      })
    })
    const onClose = ({ error }: StreamCloseEvent): void => { reject(error ?? new StreamResetError()) }
    stream.addEventListener('close', onClose)

    try {
      return await raceSignal(promise, signal)
    } catch (err) {
      stream.abort(err as Error)
      throw err
    } finally {
      stream.removeEventListener('close', onClose)
    }
  }

  /** Takes a stream that the other end has opened. `answer` is called there, with the error where there is one. */
  onOpened (opened: SimulatedStream, answer: (error?: Error) => void): void {
    const handler = this.host.handlers.get(opened.protocol)

    if (this.status !== 'open') {
      return
    }

    if (handler == null) {
      this.sendControl(() => { answer(new UnsupportedProtocolError('The peer does not speak the protocol')) })
      return
    }

    const stream = this.#create(opened.protocol, 'inbound')
    stream.other = opened
    opened.other = stream
    this.sendControl(() => { answer() })
    this.#handle(handler, stream)
  }

  /** Ends the connection in peace, with its streams. */
  async close (): Promise<void> {
    if (this.status !== 'open') {
      return
    }

    this.status = 'closing'
    await Promise.all(this.streams.map(async (stream) => stream.close().catch(() => {})))
    this.sendControl(() => { this.other?.onEnded() })
    this.#end('closed')
  }

  abort (err: Error): void {
    if (!this.isOver) {
      this.sendControl(() => { this.other?.onEnded(err) })
      this.#end('aborted', err)
    }
  }

  /** Takes note that the other end is gone. */
  onEnded (err?: Error): void {
    this.#end(err == null ? 'closed' : 'reset', err)
  }

  /** Sends what only the muxer sends, and calls `act` at the other end. */
  sendControl (act: () => void): void {
    this.pipe.send(new Packet({ lane: this.pipe, bytes: wireBytes(0), act }))
  }

  /** Sends bytes of a stream, which count as so many, to what takes them at the other end. */
  sendPiece (content: Uint8Array, bytes: number, taker: PieceTaker | undefined): void {
    this.pipe.send(new Packet({ lane: this.pipe, bytes: wireBytes(bytes), content, taker }))
  }

  get isOver (): boolean {
    return this.status !== 'open' && this.status !== 'closing'
  }

  /** Is gone with its node, which hears of nothing. The other end does where the machine is still there to tell. */
  vanish (isTold: boolean): void {
    if (isTold) {
      this.sendControl(() => { this.other?.onReset() })
    }

    this.status = 'aborted'
    this.host.connections.delete(this)
  }

  /** Counts a window update, which needs no event of its own: in a message by itself, or before data that is sent anyway. */
  countUpdate (isAlone: boolean): void {
    const bytes = isAlone ? wireBytes(0) : MUXER_BYTES
    this.host.sent += bytes
    this.remote.received += bytes
  }

  /** Has `run` called at this end at a time that is not over. */
  at (time: number, run: () => void): void {
    this.world.time.at(time, run, this.#process)
  }

  onStreamClosed (stream: SimulatedStream): void {
    this.streams = this.streams.filter((other) => other !== stream)
  }

  /** Takes note that nothing is left at the other end. */
  onReset (): void {
    if (!this.isOver) {
      this.onEnded(new Error('The connection was reset'))
    }
  }

  #onPacket (packet: Packet): void {
    const { time, trace } = this.world
    trace.add(time.now, this.#path, packet.content)

    if (this.other?.isOver === true) {
      this.at(time.now + this.pipe.latency, () => { this.onReset() })
    } else {
      packet.deliver()
    }
  }

  #create (protocol: string, direction: MessageStreamDirection): SimulatedStream {
    const stream = new SimulatedStream({ id: `${this.#streams++}`, protocol, direction, connection: this })
    this.streams.push(stream)

    return stream
  }

  #handle (handler: StreamHandler, stream: SimulatedStream): void {
    try {
      void Promise.resolve(handler(stream, this)).catch((err: unknown) => { stream.abort(err as Error) })
    } catch (err) {
      stream.abort(err as Error)
    }
  }

  #end (status: ConnectionStatus, err?: Error): void {
    if (this.isOver) {
      return
    }

    this.status = status
    this.timeline.close = this.world.time.now
    this.host.connections.delete(this)

    for (const stream of this.streams) {
      stream.onTransportClosed(err)
    }

    this.safeDispatchEvent('close', { detail: undefined })
  }

  /** Breaks for no reason, where the links of the simulation do that. */
  #loseSometime (): void {
    const { lossesPerHour, chance, time } = this.world

    if (lossesPerHour > 0) {
      time.at(time.now - Math.log(1 - chance.random()) * HOUR_MS / lossesPerHour, () => {
        const error = new Error('The connection is lost')
        this.other?.onEnded(error)
        this.onEnded(error)
      })
    }
  }
}
