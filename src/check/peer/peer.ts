import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { bareMuxer } from './bare-muxer.ts'
import { observedNoise } from './encrypters.ts'
import { Link } from './link.ts'
import { guardMuxer } from '../../libp2p/patches/guard/guard.ts'
import { RawPeer } from '../../testing/raw-peer/raw-peer.ts'
import { Changes } from '../../testing/wait/changes.ts'
import { PROTOCOL_ID } from '../../types/message.ts'
import type { BareMuxer } from './bare-muxer.ts'
import type { LinkInit } from './link.ts'
import type { IdOrder } from '../../testing/raw-peer/identity.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'

/** How far a dial has got: each stands for what is under way, `-choice` for multistream-select. */
export type Layer = 'tcp' | 'noise-choice' | 'noise' | 'yamux-choice' | 'yamux'

/** Steps of libp2p in a dial, and what begins with them. */
const STEPS: Readonly<Record<string, Layer>> = {
  'upgrader:encrypt-outbound-connection': 'noise-choice',
  'upgrader:multiplex-outbound-connection': 'yamux-choice'
}

/** Options of {@link CheckPeer}. */
export interface CheckPeerInit extends Omit<LinkInit, 'stream' | 'connection'> {
  /** The multiaddr of the target. */
  target: string
  /** The local IP address to dial from. The operating system chooses where there is none. */
  source?: string | undefined
  /** Where its peer id stands among others. @default anywhere */
  order?: IdOrder | undefined
  /** Multiaddrs to listen at. @default none */
  listen?: string[]
  /** Whether it shows the key of another peer, and signs with its own. @default false */
  forges?: boolean
  /** Whether it speaks Yamux by hand, in {@link CheckPeer.openBare}, and opens no streams. @default false */
  isBare?: boolean
}

/** One identity of the tester. It speaks no protocol but that of the network. */
export class CheckPeer {
  readonly #raw: RawPeer
  readonly #init: CheckPeerInit
  /** Streams that the target has opened. */
  readonly #accepted: Link[] = []
  readonly #changes = new Changes()
  #layer: Layer = 'tcp'
  #attempts = 0
  #bare: BareMuxer | undefined

  private constructor (raw: RawPeer, init: CheckPeerInit) {
    this.#raw = raw
    this.#init = init
  }

  static async start (init: CheckPeerInit): Promise<CheckPeer> {
    const { source, order, listen = [], target, patience, forges = false, isBare = false } = init
    const shownKey = forges ? (await generateKeyPair('Ed25519')).publicKey : undefined
    const dialOpts: object = source == null ? {} : { localAddress: source }
    const transports: NonNullable<Libp2pOptions['transports']> = [tcp({ dialOpts }), ...await webSockets([target, ...listen])]
    const progress: { onNoise?: () => void, onAttempt?: () => void, onMuxer?: (muxer: BareMuxer) => void } = {}
    const raw = await RawPeer.start({
      within: patience,
      keepsOpen: true,
      ...order == null ? {} : { order },
      // the guard splits frames of Yamux over 1 MiB, which other implementations refuse
      libp2p: {
        transports,
        addresses: { listen },
        connectionEncrypters: [observedNoise({ onBegin: () => progress.onNoise?.(), shownKey })],
        streamMuxers: [isBare ? bareMuxer((muxer) => progress.onMuxer?.(muxer)) : guardMuxer(yamux())],
        connectionGater: {
          denyInboundConnection: () => {
            progress.onAttempt?.()

            return false
          }
        }
      }
    })
    const peer = new CheckPeer(raw, init)
    progress.onNoise = () => { peer.#layer = 'noise' }
    progress.onMuxer = (muxer) => { peer.#bare = muxer }
    progress.onAttempt = () => {
      peer.#attempts++
      peer.#changes.notify()
    }
    init.signal.addEventListener('abort', () => { peer.#changes.notify() }, { once: true })
    // in the place of sessions that keep only what was not asked for yet
    await raw.libp2p.handle(PROTOCOL_ID, (stream, connection) => { peer.#onStream(stream, connection) }, {
      force: true, maxInboundStreams: Infinity, maxOutboundStreams: Infinity
    })

    return peer
  }

  /** What its last dial has got to. */
  get layer (): Layer { return this.#layer }

  /** The address that it dials from; `undefined` where the operating system chooses. */
  get source (): string | undefined { return this.#init.source }

  /** Its peer id. */
  get id (): string { return this.#raw.id }

  /** Connections to it that were begun, whatever became of them. */
  get attempts (): number { return this.#attempts }

  /** Where it listens, with its id. */
  get addresses (): string[] { return this.#raw.libp2p.getMultiaddrs().map(String) }

  /** The same as a handshake has it. */
  get binaryAddresses (): Uint8Array[] { return this.#raw.libp2p.getMultiaddrs().map(({ bytes }) => bytes) }

  /** Opens a connection, also where there is one. */
  async dial (): Promise<Connection> {
    const { target, patience, signal } = this.#init

    this.#layer = 'tcp'

    return this.#raw.libp2p.dial(multiaddr(target), {
      force: true,
      signal: AbortSignal.any([signal, AbortSignal.timeout(2 * patience)]),
      onProgress: ({ type }) => { this.#layer = STEPS[type] ?? this.#layer }
    })
  }

  /** Opens a stream and says nothing, over a connection of its own unless there is one to use. */
  async open (connection?: Connection): Promise<Link> {
    const { patience, signal } = this.#init
    const over = connection ?? await this.dial()
    const stream = await over.newStream(PROTOCOL_ID, {
      maxOutboundStreams: Infinity, signal: AbortSignal.any([signal, AbortSignal.timeout(patience)])
    })

    return new Link({ ...this.#init, stream, connection: over })
  }

  /** Opens a connection, over which nothing is said but what a check says. */
  async openBare (): Promise<BareMuxer> {
    await this.dial()

    return this.#bare!
  }

  /** Resolves when a connection to it was begun, or after `ms`; with whether there is one. */
  async attempted (ms: number): Promise<boolean> {
    return await this.#until(() => this.#attempts > 0 || undefined, ms) ?? false
  }

  /** The next stream that the target opens; `undefined` where it opens none in `ms`. */
  async accept (ms: number): Promise<Link | undefined> {
    return this.#until(() => this.#accepted.shift(), ms)
  }

  async stop (): Promise<void> {
    this.#raw.libp2p.getConnections().forEach((connection) => { connection.abort(new Error('The check is done')) })
    await this.#raw.stop()
  }

  async #until<T> (probe: () => T | undefined, ms: number): Promise<T | undefined> {
    return this.#changes.tryUntil(() => {
      this.#init.signal.throwIfAborted()

      return probe()
    }, ms)
  }

  #onStream (stream: Stream, connection: Connection): void {
    this.#accepted.push(new Link({ ...this.#init, stream, connection }))
    this.#changes.notify()
  }
}

/** WebSockets, where an address needs them. */
async function webSockets (addresses: string[]): Promise<NonNullable<Libp2pOptions['transports']>> {
  if (!addresses.some((address) => /\/wss?(\/|$)/.test(address))) {
    return []
  }

  const { webSockets } = await import('@libp2p/websockets')

  return [webSockets()]
}
