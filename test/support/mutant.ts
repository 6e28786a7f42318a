import { startNetworkWith } from '../../src/start-network.ts'
import { encodeFrame, FrameReader } from '../../src/codec/frame.ts'
import { decodeMessage, encodeMessage, PROTOCOL_ID } from '../../src/index.ts'
import { FEATURES } from '../../src/types/features.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'
import type { WireMessage } from '../../src/types/message.ts'
import type { Clock } from '../../src/util/clock.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/** More than any frame of a check. */
const MAX_BYTES = 64 * 1024 * 1024

/** A message on its way through a stream of a mutant. */
export interface Passing {
  message: WireMessage | undefined
  requestId: bigint | undefined
  /** As it is encoded. */
  bytes: Uint8Array
  /** The rule that it breaks, by its name in the grammar. */
  rule: string | undefined
  /** The stream that it goes through. */
  stream: MutantStream
}

/** What becomes of a message: others in its place, none at all, or itself where it is `undefined`. */
export type Change = (passing: Passing) => (WireMessage | Uint8Array)[] | undefined

/** What is broken in a node. */
export interface Mutation {
  config?: Partial<NetworkConfig>
  clock?: Clock
  /** Changes what the node sends. */
  sent?: Change
  /** Changes what the node gets. */
  received?: Change
  /** Changes bytes that the node gets, before they are cut into frames; none where it gives `undefined`. */
  receivedBytes?: (bytes: Uint8Array, stream: MutantStream) => Uint8Array | undefined
  /** Called with each stream. */
  onStream?: (stream: MutantStream) => void
  /** Called when the node has started. What it returns is called when it has stopped. */
  onStart?: (node: Mutant) => (() => void) | undefined
  /** Called with each connection. */
  onConnection?: (connection: Connection, node: Mutant) => void
}

/** The insides of libp2p that a mutant changes: a real stream, and the registrar. */
interface Insides extends Stream { onData: (data: Uint8Array | Uint8ArrayList) => void }
interface Registrar { getHandler: (protocol: string) => { handler: (stream: Stream, connection: Connection) => void, options?: object } }

/** A stream of a mutant: everything passes the mutation. */
export class MutantStream {
  readonly stream: Stream
  readonly connection: Connection
  readonly node: Mutant
  /** What a mutation remembers of it. */
  readonly notes = new Map<string, unknown>()
  readonly #send: Stream['send']
  readonly #onData: Insides['onData']

  constructor (stream: Stream, connection: Connection, node: Mutant) {
    this.stream = stream
    this.connection = connection
    this.node = node
    const inside = stream as Insides
    this.#send = stream.send.bind(stream)
    this.#onData = inside.onData.bind(inside)
    const { sent, received, receivedBytes } = node.mutation

    if (sent != null) {
      stream.send = this.#through(sent, (bytes) => this.#send(bytes))
    }

    if (received != null) {
      inside.onData = this.#through(received, (bytes) => { this.#onData(bytes) })
    } else if (receivedBytes != null) {
      inside.onData = (data) => {
        const bytes = receivedBytes(data.subarray(), this)

        if (bytes != null) {
          this.#onData(bytes)
        }
      }
    }
  }

  /** Sends a message past the mutation. */
  say (message: WireMessage | Uint8Array): void {
    if (this.stream.writeStatus === 'writable') {
      this.#send(toFrame(message))
    }
  }

  #through<Result> (change: Change, pass: (bytes: Uint8Array) => Result): (data: Uint8Array | Uint8ArrayList) => Result | true {
    const reader = new FrameReader({ maxBytes: () => MAX_BYTES })

    return (data) => {
      const frames: Uint8Array[] = []

      try {
        for (const bytes of reader.cut(data)) {
          frames.push(...this.#change(change, bytes).map(toFrame))
        }
      } catch {
        // no frame: what is wrong with it is for the node to find out
        frames.push(data.subarray())
      }

      return frames.length === 0 ? true : pass(Buffer.concat(frames))
    }
  }

  #change (change: Change, bytes: Uint8Array): (WireMessage | Uint8Array)[] {
    try {
      return change({ ...decodeMessage(bytes, FEATURES), bytes, rule: undefined, stream: this }) ?? [bytes]
    } catch (err) {
      const rule = (err as { rule?: string }).rule ?? 'unknown'

      return change({ message: undefined, requestId: undefined, bytes, rule, stream: this }) ?? [bytes]
    }
  }
}

/** A real node with something broken, by a change of what passes its streams, or of its options. */
export class Mutant {
  readonly mutation: Mutation
  readonly network: Network
  readonly genesisHash: Uint8Array
  readonly streams: MutantStream[] = []
  #undo: (() => void) | undefined

  private constructor (mutation: Mutation, network: Network, genesisHash: Uint8Array) {
    this.mutation = mutation
    this.network = network
    this.genesisHash = genesisHash
  }

  static async start (config: NetworkConfig, mutation: Mutation): Promise<Mutant> {
    const extras = mutation.clock == null ? {} : { clock: mutation.clock }
    const network = await startNetworkWith({ ...config, ...mutation.config }, undefined, extras)
    const mutant = new Mutant(mutation, network, config.genesisHash)
    const { libp2p } = network
    const { registrar } = (libp2p as unknown as { components: { registrar: Registrar } }).components
    const { handler, options } = registrar.getHandler(PROTOCOL_ID)
    await libp2p.unhandle(PROTOCOL_ID)
    await libp2p.handle(PROTOCOL_ID, (stream, connection) => {
      mutant.#add(stream, connection)
      handler(stream, connection)
    }, options)

    mutant.#undo = mutation.onStart?.(mutant)
    libp2p.addEventListener('connection:open', ({ detail: connection }) => { mutant.#watch(connection) })

    return mutant
  }

  get address (): string { return this.network.libp2p.getMultiaddrs()[0]!.toString() }

  async stop (): Promise<void> {
    await this.network.stop()
    this.#undo?.()
  }

  #add (stream: Stream, connection: Connection): void {
    const mutant = new MutantStream(stream, connection, this)
    this.streams.push(mutant)
    this.mutation.onStream?.(mutant)
  }

  /** Streams that the node opens pass the mutation too. */
  #watch (connection: Connection): void {
    this.mutation.onConnection?.(connection, this)
    const open = connection.newStream.bind(connection)
    connection.newStream = async (protocols, options) => {
      const stream = await open(protocols, options)

      if (stream.protocol === PROTOCOL_ID) {
        this.#add(stream, connection)
      }

      return stream
    }
  }
}

/** A message in a frame. */
export function toFrame (message: WireMessage | Uint8Array): Uint8Array {
  return encodeFrame(message instanceof Uint8Array ? message : encodeMessage(message), MAX_BYTES)
}
