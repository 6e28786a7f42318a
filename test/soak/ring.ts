import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { growChain } from '../support/memory-chain.ts'
import { freePorts } from '../integration/nodes.ts'
import { countListeners, countProcessListeners } from '../integration/node-status.ts'
import { sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { encodeBlock, startNetwork } from '../../src/index.ts'
import { BoundedChain } from './bounded-chain.ts'
import { untilRest } from './rest.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

/** How many nodes there are, and how many of the next ones each dials: nobody is dialled by whom it dials. */
export const NODES = 7
export const OUTBOUND = 2

/** What is left of a session when it has ended is gone after this, in ms. */
const GOODBYE_MS = 700

/** Blocks that are as large as this are announced, and asked for, in bytes; one in so many is: what is kept of them fills up soon. */
const LARGE_PROOF_BYTES = 20_000
const LARGE_ONE_IN = 20

/** What is told of the last things that happened, where something is wrong. */
const MAX_NOTES = 100

/** Where nobody is. Told to others, so that each node dials those that it should. */
const NOWHERE = '/ip4/127.255.255.1/tcp/9'

interface RingNode { config: NetworkConfig, chain: BoundedChain, network: Network, isUp: boolean }

/** What was done. */
export interface Totals { reconnects: number, pings: number, transactions: number, blocks: number, restarts: number }

/** Nodes in this process, each of which dials the next ones. All of them hold one chain, of which the first makes the blocks. */
export class Ring {
  readonly #totals: Omit<Totals, 'pings'> = { reconnects: 0, transactions: 0, blocks: 0, restarts: 0 }
  /** Of nodes before their restarts. */
  #pastPings = 0
  readonly #nodes: RingNode[] = []
  readonly #leaked: Uint8Array[] = []
  readonly #leakBytes: number
  #isFilled = false
  /** What has happened to sessions lately. */
  #notes: string[] = []

  private constructor (leakBytes: number) {
    this.#leakBytes = leakBytes
  }

  static async start ({ leakBytes = 0 }: { leakBytes?: number } = {}): Promise<Ring> {
    const ring = new Ring(leakBytes)
    const [genesis] = sampleChain(1)
    const keys = await Promise.all(Array.from({ length: NODES }, async () => generateKeyPair('Ed25519')))
    const ports = await freePorts(NODES)
    const addresses = ports.map((port, i) => `/ip4/127.0.0.1/tcp/${port}/p2p/${keys[i]!.publicKey.toString()}`)

    for (const [i, privateKey] of keys.entries()) {
      const chain = new BoundedChain(genesis!)
      const config: NetworkConfig = {
        listen: [`/ip4/127.0.0.1/tcp/${ports[i]}`],
        announce: [NOWHERE],
        network: 'vibecoin-soak',
        genesisHash: genesis!.hash,
        privateKey,
        chain,
        seedPeers: Array.from({ length: OUTBOUND }, (_, next) => addresses[(i + 1 + next) % NODES]!),
        maxOutbound: OUTBOUND,
        pingInterval: 200,
        pingTimeout: 10_000,
        reconnectDelay: 10,
        maxReconnectDelay: 200,
        rateLimits: { pings: { perSecond: 100, burst: 1000 } },
        // the pages of a larger table are touched for half an hour, and look like a leak
        limits: { seenDigests: 4096 }
      }

      ring.#nodes.push({ config, chain, network: await ring.#launch(config), isUp: true })
    }

    await ring.rest()
    ring.#isFilled = true

    return ring
  }

  /** What was done until now. */
  get totals (): Totals {
    const pings = this.#nodes.reduce((total, { network, isUp }) => isUp ? total + pingsOf(network) : total, this.#pastPings)

    return { ...this.#totals, pings }
  }

  /** Ready sessions of all nodes. */
  get sessions (): number {
    return this.#nodes.reduce((total, { network }) => total + [...network.peers].length, 0)
  }

  /** Where the first node is, which is never restarted. */
  get firstAddress (): string {
    return this.#nodes[0]!.config.listen![0]!
  }

  /** Handlers of events, of all nodes and of the process. */
  get listeners (): number {
    return this.#nodes.reduce((total, { network }) => total + countListeners(network), countProcessListeners())
  }

  /** Ends a session that a node has: in peace, or by breaking its connection, or its stream. */
  break (node: number, way: 'goodbye' | 'connection' | 'stream'): void {
    const { network } = this.#nodes[node]!
    const [peer] = [...network.peers].filter(({ direction }) => direction === 'outbound')
    const connection = network.libp2p.getConnections().find(({ remotePeer }) => remotePeer.toString() === peer?.id)

    if (peer == null || connection == null) {
      return
    }

    if (way === 'goodbye') {
      network.peers.disconnect(peer.id)
    } else if (way === 'connection') {
      connection.abort(new Error('broken'))
    } else {
      connection.streams.forEach((stream) => { stream.abort(new Error('broken')) })
    }
  }

  /** Stops a node, and starts it again. */
  async restart (node: number): Promise<void> {
    const entry = this.#nodes[node]!
    this.#pastPings += pingsOf(entry.network)
    entry.isUp = false
    await entry.network.stop()
    entry.network = await this.#launch(entry.config)
    entry.isUp = true
    this.#totals.restarts++
  }

  /** Has a node broadcast a transaction, if it is up. */
  sendTransaction (node: number): void {
    const { network, isUp } = this.#nodes[node]!

    if (!isUp) {
      return
    }

    const nonce = this.#totals.transactions++
    network.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: sampleHash(nonce), nonce: BigInt(nonce) }) })
  }

  /** Has the first node, which is never restarted, make a block. */
  makeBlock (): void {
    const { chain, network } = this.#nodes[0]!
    const [, block] = growChain([chain.head], 1, 'soak')
    this.#totals.blocks++
    block!.proof = new Uint8Array(this.#totals.blocks % LARGE_ONE_IN === 0 ? LARGE_PROOF_BYTES : 1)
    chain.append([{ block: block!, bytes: encodeBlock(block!) }])
    network.broadcast({ type: 'newBlock', block: block! })
  }

  /** Waits until all sessions are there, all chains are the same, and what was before is gone. Throws where that takes too long. */
  async rest (): Promise<void> {
    await untilRest(() => this.#isAtRest(), () => this.#describe())
    await delay(GOODBYE_MS)
  }

  async stop (): Promise<void> {
    await Promise.all(this.#nodes.map(async ({ network }) => network.stop()))
  }

  async #launch (config: NetworkConfig): Promise<Network> {
    const network = await startNetwork(config)
    const note = (what: string): void => { this.#notes = [...this.#notes, `${config.listen?.[0]} ${what}`].slice(-MAX_NOTES) }

    network.addEventListener('dial:failed', ({ detail: { target, error, failures, retryIn } }) => {
      note(`could not reach ${target.slice(-6)} ${failures} times, again in ${Math.round(retryIn)} ms: ${error.message}`)
    })
    network.addEventListener('peer:closed', ({ detail: { peer, reason, detail, byRemote } }) => {
      note(`${peer.direction} ${peer.id.slice(-6)} closed: ${reason} ${detail}${byRemote ? ' by remote' : ''}`)
    })
    network.addEventListener('peer:refused', ({ detail: { peer, reason, detail, byRemote } }) => {
      note(`${peer.direction} ${peer.id.slice(-6)} refused: ${reason} ${detail}${byRemote ? ' by remote' : ''}`)
    })
    network.addEventListener('peer:banned', ({ detail: { subject, reason } }) => { note(`bans ${subject}: ${reason}`) })

    network.addEventListener('peer:ready', ({ detail: { direction } }) => {
      if (direction === 'outbound' && this.#isFilled) {
        this.#totals.reconnects++
        this.#leaked.push(...this.#leakBytes === 0 ? [] : [new Uint8Array(this.#leakBytes)])
      }
    })

    return network
  }

  #isAtRest (): boolean {
    const { height } = this.#nodes[0]!.chain.head

    return this.#nodes.every(({ chain, network }) => {
      const { inbound, outbound, pending } = network.peers.counts
      const isFull = inbound === OUTBOUND && outbound === OUTBOUND && pending === 0

      return isFull && chain.head.height === height && network.libp2p.getConnections().length === 2 * OUTBOUND
    })
  }

  #describe (): string {
    return this.#nodes.map(({ chain, network }, i) => {
      const { inbound, outbound, pending } = network.peers.counts

      return `node ${i} has ${inbound} in, ${outbound} out, ${pending} pending, ${network.libp2p.getConnections().length} connections, block ${chain.head.height}`
    }).join('; ') + `\n${this.#notes.join('\n')}`
  }
}

/** Pings that have come to a node since its start. */
function pingsOf (network: Network): number {
  return network.status().bandwidth.in.byType.ping?.messages ?? 0
}
