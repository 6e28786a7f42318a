import { generateKeyPair } from '@libp2p/crypto/keys'
import { countListeners } from '../integration/node-status.ts'
import { freePorts } from '../integration/nodes.ts'
import { sampleChain, sampleHash, sampleTransaction } from '../support/sample.ts'
import { startNetwork } from '../../src/index.ts'
import { untilRest } from './rest.ts'
import type { Network, NetworkConfig } from '../../src/index.ts'

/** What is cut: the circuit, the connection of the called node to its relay, or the relay itself. */
export type Cut = 'circuit' | 'place' | 'relay'

/** The protocol of relays, in all of its versions. */
const CIRCUIT = '/circuit/relay/'

/** A relay, a node that is reachable through it, and one that calls that node, in this process. All of it is cut, and comes back. */
export class Circuits {
  /** What was cut, and what was broadcast through a circuit. */
  readonly totals = { cuts: 0, sent: 0 }
  readonly #relayConfig: NetworkConfig
  readonly #called: Network
  readonly #caller: Network
  #relay: Network

  private constructor (nodes: { relayConfig: NetworkConfig, relay: Network, called: Network, caller: Network }) {
    this.#relayConfig = nodes.relayConfig
    this.#relay = nodes.relay
    this.#called = nodes.called
    this.#caller = nodes.caller
  }

  static async start (): Promise<Circuits> {
    const [port] = await freePorts(1)
    const [relayKey, calledKey] = await Promise.all([generateKeyPair('Ed25519'), generateKeyPair('Ed25519')])
    const relayAddress = `/ip4/127.0.0.1/tcp/${port}/p2p/${relayKey.publicKey.toString()}`
    const circuit = `${relayAddress}/p2p-circuit/p2p/${calledKey.publicKey.toString()}`
    const common: NetworkConfig = {
      network: 'vibecoin-soak-circuits',
      genesisHash: sampleChain(1)[0]!.hash,
      maxOutbound: 1,
      reconnectDelay: 10,
      maxReconnectDelay: 200
    }
    // each has as many slots as there are others that it may have a session with
    const relayConfig: NetworkConfig = {
      ...common, listen: [`/ip4/127.0.0.1/tcp/${port}`], privateKey: relayKey, nat: { relayServer: true }, maxInbound: 2, maxOutbound: 0
    }
    const relay = await startNetwork(relayConfig)
    const called = await startNetwork({
      ...common, listen: ['/ip4/127.0.0.1/tcp/0'], privateKey: calledKey, nat: { relay: true }, seedPeers: [relayAddress]
    })
    const caller = await startNetwork({ ...common, listen: [], nat: { relay: true }, seedPeers: [relayAddress, circuit], maxOutbound: 2 })

    return new Circuits({ relayConfig, relay, called, caller })
  }

  /** Ready sessions of all nodes. */
  get sessions (): number {
    return this.#nodes.reduce((total, { peers }) => total + [...peers].length, 0)
  }

  /** Handlers of events, of all nodes. */
  get listeners (): number {
    return this.#nodes.reduce((total, node) => total + countListeners(node), 0)
  }

  /** Waits until the called node has its place, and each has a session with each other. Throws where that takes too long. */
  async rest (): Promise<void> {
    await untilRest(() => this.#isAtRest, () => this.#describe())
  }

  /** Cuts something, where it is there. */
  async cut (what: Cut): Promise<void> {
    if (what === 'relay') {
      await this.#relay.stop()
      this.#relay = await startNetwork(this.#relayConfig)
    } else {
      const connections = this.#relay.libp2p.getConnections(what === 'place' ? this.#called.libp2p.peerId : this.#caller.libp2p.peerId)
      const streams = connections.flatMap(({ streams }) => streams).filter(({ protocol }) => protocol.includes(CIRCUIT))

      if (what === 'place') {
        connections.forEach((connection) => { connection.abort(new Error('cut')) })
      } else {
        streams.forEach((stream) => { stream.abort(new Error('cut')) })
      }

      if (connections.length === 0 || (what === 'circuit' && streams.length === 0)) {
        return
      }
    }

    this.totals.cuts++
  }

  /** Has the caller broadcast a transaction. */
  send (): void {
    const nonce = this.totals.sent++
    this.#caller.broadcast({ type: 'newTransaction', transaction: sampleTransaction({ id: sampleHash(`circuit ${nonce}`), nonce: BigInt(nonce) }) })
  }

  async stop (): Promise<void> {
    await Promise.all(this.#nodes.map(async (node) => node.stop()))
  }

  get #isAtRest (): boolean {
    const counts = this.#nodes.map(({ libp2p, peers: { counts: { inbound, outbound, pending } } }) => {
      return [inbound, outbound, pending, libp2p.getConnections().length].join()
    })

    return counts.join(' ') === '2,0,0,2 1,1,0,2 0,2,0,2'
  }

  #describe (): string {
    return this.#nodes.map(({ libp2p, peers: { counts: { inbound, outbound, pending } } }, i) => {
      const connections = libp2p.getConnections().map(({ remoteAddr }) => remoteAddr.toString())

      return `${['relay', 'called', 'caller'][i]}: ${inbound} in, ${outbound} out, ${pending} pending, at ${connections.join(', ')}`
    }).join('; ')
  }

  get #nodes (): Network[] {
    return [this.#relay, this.#called, this.#caller]
  }
}
