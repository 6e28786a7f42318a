import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { multiaddr } from '@multiformats/multiaddr'
import { eventually } from '../support/eventually.ts'
import { addressOf, connect, DEADLINE_MS, GENESIS_HASH, nextEvent, rawNodeInfo, sessionOf } from '../integration/nodes.ts'
import { locationOfIp } from '../support/loopback-hosts.ts'
import { growChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { PROTOCOL_ID } from '../../src/index.ts'
import { startNetworkWith } from '../../src/start-network.ts'
import { RawPeer } from '../../src/testing/index.ts'
import type { DisconnectReason, MessageType, Network, NetworkConfig, NodeInfo, PeerClosure, RateLimits } from '../../src/index.ts'
import type { Session } from '../../src/session/session.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { RawSession } from '../../src/testing/index.ts'

/** How long an honest peer may wait for a pong and for a block, whatever others do, in ms. */
export const HONEST_MS = 2000

/** What the honest peer and the victim grant each other, which is asked to answer all the time. An attack on these limits sets its own. */
const PROBE_RATES: Pick<RateLimits, 'pings' | 'blocks'> = {
  pings: { perSecond: 10_000, burst: 10_000 },
  blocks: { perSecond: 10_000, burst: 10_000 }
}

/** Every kind of message. */
export const WIRE_TYPES = [
  'handshake', 'newBlock', 'newTransaction', 'requestBlock', 'responseBlock', 'requestBlockRange', 'responseBlockRange', 'ping', 'pong',
  'disconnect', 'have', 'want'
] as const satisfies MessageType[]

/** Between two times that the honest peer asks, during an attack, in ms. */
const PROBE_INTERVAL_MS = 50

/** Between two bytes of whoever sends them one by one, in ms. */
const TRICKLE_MS = 50

/** How a session with an attacker is to end. */
export interface Fate {
  /** What the attacker is told; `undefined` where the connection just broke, which is the attacker's doing. */
  reason: DisconnectReason | undefined
  isBanned: boolean
}

/** Those who attack, each at a host in a network of its own. */
export class Attacker {
  readonly host: string
  readonly #raw: RawPeer
  readonly #victim: Network

  private constructor (raw: RawPeer, host: string, victim: Network) {
    this.#raw = raw
    this.host = host
    this.#victim = victim
  }

  static async start (host: string, victim: Network): Promise<Attacker> {
    return new Attacker(await RawPeer.start({ host, node: rawNodeInfo() }), host, victim)
  }

  get libp2p (): Libp2p { return this.#raw.libp2p }
  get id (): string { return this.#raw.id }

  /** Where the victim can dial it. */
  get address (): string { return this.#raw.address }

  /** Sessions that were opened by the victim. */
  get accepted (): readonly RawSession[] { return this.#raw.accepted }

  /** Opens a connection, also where there is one. */
  async dial (): Promise<Connection> {
    return this.#raw.dial(this.#victim)
  }

  /** Opens a stream over the connection there is, or a new one, that nobody reads from. */
  async stream (): Promise<Stream> {
    return this.libp2p.dialProtocol(multiaddr(addressOf(this.#victim)), PROTOCOL_ID)
  }

  /** Opens a stream over a connection of its own and says nothing: one that there is may be about to be closed. */
  async open (): Promise<RawSession> {
    return this.#raw.open(this.#victim)
  }

  /** Opens a session; resolves when it is ready at the victim. */
  async connect (node?: Partial<NodeInfo>): Promise<RawSession> {
    return this.#raw.connect(this.#victim, node)
  }

  async stop (): Promise<void> {
    await this.#raw.stop()
  }
}

/** A real node that is attacked, a real node that it has to serve meanwhile, and those who attack. */
export class Scene {
  readonly victim: Network
  readonly honest: Network
  readonly #attackers: Attacker[] = []
  /** Sessions that have ended and were not looked at yet. */
  readonly #closures: PeerClosure[] = []
  readonly #honestSessions: readonly Session[]
  readonly #pongs = new Set<bigint>()
  #probes = 0
  #hosts = 0

  private constructor (victim: Network, honest: Network) {
    this.victim = victim
    this.honest = honest
    this.#honestSessions = [sessionOf(victim, honest), sessionOf(honest, victim)]
    honest.router.handle('pong', ({ nonce }) => { this.#pongs.add(nonce) })
    const onEnd = ({ detail }: CustomEvent<PeerClosure>): void => { this.#closures.push(detail) }
    victim.addEventListener('peer:closed', onEnd)
    victim.addEventListener('peer:refused', onEnd)
  }

  /** `config` is that of the victim; `honest` is what the other node has instead. */
  static async start (config: Partial<NetworkConfig> = {}, honest: Partial<NetworkConfig> = {}): Promise<Scene> {
    const common: NetworkConfig = {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      network: 'vibecoin-test',
      genesisHash: GENESIS_HASH,
      maxInboundRate: 1000,
      ...config,
      rateLimits: { ...PROBE_RATES, ...config.rateLimits }
    }
    const nodes = await Promise.all([
      startNetworkWith(common, undefined, { locationOfIp }),
      // its pings are those of a test: it has not asked for the pongs by itself
      startNetworkWith({ ...common, ...honest, rateLimits: { ...common.rateLimits, others: PROBE_RATES.pings } })
    ])
    await connect(nodes[1], nodes[0])

    return new Scene(...nodes)
  }

  /** Someone new, at a host of its own unless said otherwise. Stopped with the scene. */
  async attacker (host: string = this.#nextHost()): Promise<Attacker> {
    const attacker = await Attacker.start(host, this.victim)
    this.#attackers.push(attacker)

    return attacker
  }

  /** The victim's session with an attacker, which is ready. */
  sessionWith (attacker: Attacker): Session {
    return sessionOf(this.victim, attacker)
  }

  /** The honest peer still has the session that it had, its ping is answered, and a block passes each way, all in HONEST_MS. */
  async expectHonestServed (): Promise<void> {
    await this.expectServed(async (probe) => {
      await Promise.all([this.#pass(this.honest, this.victim, `${probe} there`), this.#pass(this.victim, this.honest, `${probe} back`)])
    })
  }

  /** The same with something else than those blocks: for a victim whose chain does not take them. */
  async expectServed (served: (probe: number) => Promise<void>): Promise<void> {
    const probe = ++this.#probes
    const since = performance.now()
    await Promise.all([this.#ping(probe), served(probe)])
    const ms = performance.now() - since
    assert.ok(ms < HONEST_MS, `the honest peer has waited ${ms} ms`)
    assert.deepEqual(this.#honestSessions.map(({ state }) => state), ['ready', 'ready'])
  }

  /** How long the honest peer waits for a pong now, in ms. */
  async timePong (): Promise<number> {
    const since = performance.now()
    await this.#ping(++this.#probes)

    return performance.now() - since
  }

  /** {@link expectHonestServed} again and again until an attack is over, and once more. */
  async expectHonestServedDuring<T> (attack: Promise<T>, { least = 1 }: { least?: number } = {}): Promise<T> {
    const under = { way: true }
    const over = (): void => { under.way = false }
    attack.then(over, over)

    for (let served = 0; served < least || under.way; served++) {
      const next = performance.now() + PROBE_INTERVAL_MS
      await this.expectHonestServed()
      await eventually(() => !under.way || performance.now() >= next, 'the next probe')
    }

    await this.expectHonestServed()

    return attack
  }

  /** The next end of a session with an attacker. */
  async endOf ({ id }: Attacker): Promise<PeerClosure> {
    return eventually(() => {
      const at = this.#closures.findIndex(({ peer }) => peer.id === id)

      return at < 0 ? undefined : this.#closures.splice(at, 1)[0]
    }, `the end of a session with ${id}`, { timeout: DEADLINE_MS })
  }

  /** A session with an attacker ends like this, and nothing of it is left in memory. Returns how it ended. */
  async expectFate (attacker: Attacker, { reason, isBanned }: Fate): Promise<PeerClosure> {
    const closure = await this.endOf(attacker)
    const session = closure.peer as Session
    assert.deepEqual({ reason: closure.reason, byRemote: closure.byRemote }, { reason, byRemote: reason == null }, closure.detail)
    assert.equal(this.victim.peers.isBanned(attacker.id), isBanned, closure.detail)
    assert.equal(this.victim.peers.isBanned(attacker.host), isBanned, closure.detail)
    await session.finished
    assert.deepEqual(session.bufferedBytes, { in: 0, out: 0 })

    return closure
  }

  /** Lets an attacker in again as if nothing had been. */
  forgive ({ id, host }: Attacker): void {
    this.victim.peers.unban(id)
    this.victim.peers.unban(host)
    const others = this.#closures.filter(({ peer }) => peer.id !== id)
    this.#closures.splice(0, Infinity, ...others)
  }

  /** Every slot is free but that of the honest peer, and every other connection is closed. */
  async expectNobodyElse (): Promise<void> {
    await eventually(() => this.victim.peers.counts.pending === 0 && this.victim.peers.counts.inbound === 1, 'free slots', { timeout: DEADLINE_MS })
    const id = this.honest.libp2p.peerId
    await eventually(() => this.victim.libp2p.getConnections().every(({ remotePeer }) => remotePeer.equals(id)), 'no other connection', {
      timeout: DEADLINE_MS
    })
    assert.deepEqual(this.victim.peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
  }

  /** Stops everybody. For `after`. */
  async stop (): Promise<void> {
    await Promise.all([this.victim.stop(), this.honest.stop()])
    await Promise.all(this.#attackers.map(async (attacker) => { await attacker.stop() }))
  }

  /** Taken at once: several attackers may be on their way at a time. */
  #nextHost (): string {
    const which = this.#hosts++

    return `127.${100 + which % 100}.${Math.floor(which / 100)}.1`
  }

  async #ping (probe: number): Promise<void> {
    const [, there] = this.#honestSessions
    there!.send('control', { type: 'ping', nonce: BigInt(probe), bestHeight: 0 })
    await eventually(() => this.#pongs.delete(BigInt(probe)), 'a pong for the honest peer', { timeout: DEADLINE_MS })
  }

  /** A block that nobody has seen goes from one to the other. */
  async #pass (from: Network, to: Network, name: string): Promise<void> {
    const block = growChain(sampleChain(1), 1, `honest ${name}`).at(-1)!
    const passed = nextEvent(to, 'block', ({ block: { hash } }) => Buffer.compare(hash, block.hash) === 0)
    from.broadcast({ type: 'newBlock', block })
    await passed
  }
}

/** Sends bytes one by one, with a pause after each, until the stream is closed. Returns what stops it, and says how many were sent. */
export function trickle (stream: Stream, bytes: Uint8Array): () => number {
  let sent = 0
  const timer = setInterval(() => {
    if (sent < bytes.byteLength && stream.writeStatus === 'writable') {
      stream.send(bytes.subarray(sent, ++sent))
    }
  }, TRICKLE_MS)

  return () => {
    clearInterval(timer)

    return sent
  }
}

/** What is in use after a garbage collection, in bytes: objects, and buffers outside of the heap. */
export function usedBytes (): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  // buffers are let go of after the first
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()

  return heapUsed + arrayBuffers
}
