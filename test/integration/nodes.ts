import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { eventually, turns } from '../support/eventually.ts'
import { sampleChain, sampleNodeInfo } from '../support/sample.ts'
import { readEnvelope, writeEnvelope } from '../../src/codec/envelope.ts'
import { encodeFrame, FrameReader } from '../../src/codec/frame.ts'
import { decodeMessage, encodeMessage, PROTOCOL_ID, startNetwork } from '../../src/index.ts'
import type {
  Message, MessageType, Network, NetworkConfig, NodeInfo, Peer, VibeCoinEvents, WireMessage
} from '../../src/index.ts'
import type { Session } from '../../src/session/session.ts'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'
import type { AddressInfo } from 'node:net'

/** How long anything that is waited for may take, in ms. */
export const DEADLINE_MS = 10_000

/** Of every sample chain. */
export const GENESIS_HASH: Uint8Array = sampleChain(1)[0]!.hash

/** Larger than any frame in a test. */
const MAX_RAW_BYTES = 16 * 1024 * 1024

const running = new Set<Network>()
const rawPeers = new Set<RawPeer>()

/** Tests have more pings than a node usually takes. */
const MANY_PINGS = { pings: { perSecond: Infinity, burst: Infinity } }

/** Starts a node on loopback, with patience for many connections from one host and many pings. Stopped by {@link stopNodes}. */
export async function startNode (config: Partial<NetworkConfig> = {}, outgoing?: AsyncIterable<Message>): Promise<Network> {
  const network = await startNetwork({
    listen: ['/ip4/127.0.0.1/tcp/0'],
    network: 'vibecoin-test',
    genesisHash: GENESIS_HASH,
    maxInboundRate: 1000,
    reconnectDelay: 100,
    maxReconnectDelay: 500,
    ...config,
    rateLimits: { ...MANY_PINGS, ...config.rateLimits }
  }, outgoing)

  running.add(network)

  return network
}

/** Stops every node that was started. For `afterEach`. */
export async function stopNodes (): Promise<void> {
  const networks = [...running]
  const raw = [...rawPeers]
  running.clear()
  rawPeers.clear()
  await Promise.all(networks.map(async (network) => { await network.stop() }))
  await Promise.all(raw.map(async ({ libp2p }) => { await libp2p.stop() }))
}

/** The address of a node, with its peer id. */
export function addressOf (network: Network): string {
  return network.libp2p.getMultiaddrs()[0]!.toString()
}

/** Resolves with the next event of a kind. */
export async function nextEvent<Type extends keyof VibeCoinEvents> (
  network: Network, type: Type, accept: (detail: VibeCoinEvents[Type]['detail']) => boolean = () => true
): Promise<VibeCoinEvents[Type]['detail']> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      network.removeEventListener(type, listener)
      reject(new Error(`No ${type} within ${DEADLINE_MS} ms`))
    }, DEADLINE_MS)

    const listener = ({ detail }: CustomEvent<VibeCoinEvents[Type]['detail']>): void => {
      if (accept(detail)) {
        clearTimeout(timer)
        network.removeEventListener(type, listener)
        resolve(detail)
      }
    }

    network.addEventListener(type, listener)
  })
}

/** Makes a session from one node to another. */
export async function connect (from: Network, to: Network): Promise<{ there: Peer, here: Peer }> {
  const ready = nextEvent(to, 'peer:ready', (peer) => peer.id === from.libp2p.peerId.toString())
  const there = await from.connect(addressOf(to))

  return { there, here: await ready }
}

/** Resolves when all that was sent between these nodes has come, and nothing more is sent for it. */
export async function untilQuiet (nodes: Network[]): Promise<void> {
  const isQuiet = (): boolean => nodes.every((node) => nodes.every((other) => {
    const peer = node.peers.get(other.libp2p.peerId.toString())
    const there = other.peers.get(node.libp2p.peerId.toString())

    return peer?.bytesOut === there?.bytesIn && (peer == null || sessionOf(node, other).bufferedBytes.out === 0)
  }))

  for (let quiet = 0; quiet < 5;) {
    await turns(2)
    await eventually(isQuiet, 'everything to arrive')
    quiet++
  }
}

/** TCP ports that were free just now. */
export async function freePorts (count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => { server.once('listening', resolve) })

    return server
  }))

  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async (server) => { await new Promise((resolve) => { server.close(resolve) }) }))

  return ports
}

/** The session behind a peer that a test may look into. */
export function sessionOf (network: Network, other: { libp2p: Libp2p }): Session {
  const peer = network.peers.get(other.libp2p.peerId.toString())
  assert(peer != null, 'there is a ready session')

  return peer as Session
}

/** The stream of the session that a node has with another one. */
export function streamOf (network: Network, other: { libp2p: Libp2p }): Stream {
  const streams = network.libp2p.getConnections(other.libp2p.peerId).flatMap((connection) => connection.streams)
  const stream = streams.find(({ protocol }) => protocol === PROTOCOL_ID)
  assert(stream != null, 'there is a stream of the session')

  return stream
}

/** The next event of a kind that is about one peer. */
export async function nextOf<Type extends 'peer:closed' | 'peer:refused'> (
  network: Network, type: Type, other: { libp2p: Libp2p }
): Promise<VibeCoinEvents[Type]['detail']> {
  return nextEvent(network, type, ({ peer }) => peer.id === other.libp2p.peerId.toString())
}

/** Parts for a libp2p node on loopback that is not made by startNetwork. */
export const LIBP2P_PARTS: Pick<Libp2pOptions, 'transports' | 'connectionEncrypters' | 'streamMuxers' | 'connectionMonitor'> = {
  transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionMonitor: { enabled: false }
}

/** A libp2p node without the service: what it says is said by a test. Stopped by {@link stopNodes}. */
export class RawPeer {
  readonly libp2p: Libp2p
  /** Sessions that were opened by others. */
  readonly accepted: RawSession[] = []

  private constructor (libp2p: Libp2p) {
    this.libp2p = libp2p
  }

  /** Starts it, listening on loopback. */
  static async start (): Promise<RawPeer> {
    const libp2p = await createLibp2p({ ...LIBP2P_PARTS, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
    const raw = new RawPeer(libp2p)
    await libp2p.handle(PROTOCOL_ID, (stream) => { raw.accepted.push(new RawSession(stream)) })
    rawPeers.add(raw)

    return raw
  }

  get id (): string { return this.libp2p.peerId.toString() }
  get address (): string { return this.libp2p.getMultiaddrs()[0]!.toString() }

  /** Opens a stream to a node and says nothing. */
  async open (network: Network): Promise<RawSession> {
    return new RawSession(await this.libp2p.dialProtocol(multiaddr(addressOf(network)), PROTOCOL_ID))
  }

  /** Opens a session with a node; resolves when it is ready there. */
  async connect (network: Network, node: Partial<NodeInfo> = {}): Promise<RawSession> {
    const ready = nextEvent(network, 'peer:ready', ({ id }) => id === this.id)
    const session = await this.open(network)
    session.send({ type: 'handshake', node: rawNodeInfo(node) })
    await session.next('handshake')
    await ready

    return session
  }
}

/** What a {@link RawPeer} that belongs to the network says of itself. */
export function rawNodeInfo (node: Partial<NodeInfo> = {}): NodeInfo {
  return sampleNodeInfo({ network: 'vibecoin-test', genesisHash: GENESIS_HASH, listenAddrs: [], bestHeight: 0, ...node })
}

/** A message of a certain type, as a {@link RawSession} got it. */
export interface RawMessage<Type extends MessageType> {
  message: Extract<WireMessage, { type: Type }>
  requestId: bigint | undefined
  /** The body as it came. */
  body: Uint8Array
  /** Bytes of the frame. */
  frameBytes: number
}

/** The remote end of a session, in the hands of a test. */
export class RawSession {
  readonly stream: Stream
  readonly #frames: Uint8Array[] = []

  constructor (stream: Stream) {
    this.stream = stream
    void this.#read().catch(() => {})
  }

  send (message: WireMessage, requestId?: bigint): void {
    this.stream.send(encodeFrame(encodeMessage(message, requestId), MAX_RAW_BYTES))
  }

  /** Sends a body that is encoded already. */
  sendBody (type: MessageType, body: Uint8Array, requestId?: bigint): void {
    this.stream.send(encodeFrame(writeEnvelope(type, body, requestId), MAX_RAW_BYTES))
  }

  /** The next message of one of these types. Those before it are dropped. */
  async nextOf<Type extends MessageType> (...types: Type[]): Promise<RawMessage<Type>> {
    const frame = await this.#nextFrame(types)
    const { message, requestId } = decodeMessage(frame)

    return { message: message as RawMessage<Type>['message'], requestId, body: readEnvelope(frame).body, frameBytes: frame.byteLength }
  }

  /** The next message of this type. Those before it are dropped. */
  async next<Type extends MessageType> (type: Type): Promise<RawMessage<Type>> {
    return this.nextOf(type)
  }

  /** The body of the next message of this type, which is not decoded. */
  async nextBody (type: MessageType): Promise<Uint8Array> {
    return readEnvelope(await this.#nextFrame([type])).body
  }

  async #nextFrame (types: MessageType[]): Promise<Uint8Array> {
    return eventually(() => {
      for (let frame = this.#frames.shift(); frame != null; frame = this.#frames.shift()) {
        const { type } = readEnvelope(frame)

        if (type != null && types.includes(type)) {
          return frame
        }
      }

      return undefined
    }, types.join(' or '))
  }

  async #read (): Promise<void> {
    for await (const frame of new FrameReader({ maxBytes: () => MAX_RAW_BYTES }).read(this.stream)) {
      this.#frames.push(frame)
    }

    // like any peer: a node that ends a session waits for that, though not for long
    await this.stream.close()
  }
}
