import { Heard } from './heard.ts'
import { NodeEvents } from './node-events.ts'
import { decodeBlock } from '../../codec/items/items.ts'
import { ConfigError, NotRunningError } from '../../errors.ts'
import { startNetworkWith } from '../../start-network.ts'
import { MemoryChain } from '../chain/memory-chain.ts'
import type { EventDetail, EventType } from './node-events.ts'
import type { Within } from '../wait/changes.ts'
import type { GrowOptions } from '../chain/sample.ts'
import type { NetworkConfig } from '../../config/options.ts'
import type { Network } from '../../network.ts'
import type { Peer } from '../../types/peer.ts'
import type { Block, Tip, Transaction } from '../../types/block.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { Multiaddr } from '@multiformats/multiaddr'

/** Events of a node after which a test looks again at what it waits for. */
const EVENTS = ['peer:ready', 'peer:closed', 'sync:progress', 'sync:end'] as const

/** What a node lacks of what a test waits for. */
export interface Lack { index: number, what: string }

/** Options of {@link TestNode}. */
export interface TestNodeInit<Chain extends ChainSource> {
  /** Its number, from 0. */
  index: number
  /** Its peer id. */
  id: string
  /** Its chain, which outlives a kill. */
  chain: Chain
  /** What its config is at each start. */
  config: () => NetworkConfig
  /** Whether it may dial an address now. */
  mayDial: (address: Multiaddr) => boolean
  /** Called after anything has changed. */
  onChange: () => void
  /** Waits until a condition holds, which is looked at after each change. */
  wait: (lack: Lack, condition: () => boolean, options?: Within) => Promise<void>
}

/** One node of a {@link TestNetwork}, through kills and restarts. */
export class TestNode<Chain extends ChainSource = MemoryChain> {
  /** Its number, from 0. */
  readonly index: number
  /** Its peer id, which stays the same. */
  readonly id: string
  /** Its chain, which outlives a kill. */
  readonly chain: Chain
  readonly #init: TestNodeInit<Chain>
  readonly #heard: Heard
  readonly #events = new NodeEvents()
  #network: Network | undefined

  constructor (init: TestNodeInit<Chain>) {
    this.index = init.index
    this.id = init.id
    this.chain = init.chain
    this.#init = init
    this.#heard = new Heard(init.onChange)
  }

  /** Whether it runs: it was not killed or stopped. */
  get isRunning (): boolean { return this.#network != null }

  /** The node itself, another one after each restart. Throws a `NotRunningError` while it does not run. */
  get network (): Network {
    if (this.#network == null) {
      throw new NotRunningError(`Node ${this.index} does not run: restart it first`)
    }

    return this.#network
  }

  /** Where it listens, with its peer id. Throws a `ConfigError` where its options have it listen nowhere. */
  get address (): string {
    const [address] = this.addresses

    if (address == null) {
      throw new ConfigError(`Expected node ${this.index} to listen: its options say \`listen: []\``)
    }

    return address
  }

  /** All addresses that it listens at, each with its peer id. */
  get addresses (): string[] { return this.network.libp2p.getMultiaddrs().map(String) }

  /** The best block of its chain. */
  async tip (): Promise<Tip> {
    return this.chain.tip()
  }

  /** Its session with another node or a raw peer, as soon as it is ready. */
  async peer (other: { id: string }, options?: Within): Promise<Peer> {
    const find = (): Peer | undefined => this.#network?.peers.get(other.id)
    await this.#init.wait({ index: this.index, what: `a session with ${other.id}` }, () => find()?.state === 'ready', options)

    return find()!
  }

  /** Resolves with the next event of a kind that `accept` takes, also one after a restart. */
  async once<Type extends EventType> (
    type: Type, accept: (detail: EventDetail<Type>) => boolean = () => true, options?: Within
  ): Promise<EventDetail<Type>> {
    const found: EventDetail<Type>[] = []
    const stop = this.on(type, (detail) => {
      if (found.length === 0 && accept(detail)) {
        found.push(detail)
        this.#init.onChange()
      }
    })

    try {
      await this.#init.wait({ index: this.index, what: `the event ${type}` }, () => found.length > 0, options)

      return found[0]!
    } finally {
      stop()
    }
  }

  /** Calls a listener at each event of a kind, also after restarts. Returns what ends that. */
  on<Type extends EventType> (type: Type, listener: (detail: EventDetail<Type>) => void): () => void {
    return this.#events.on(type, listener)
  }

  /** Makes a block on top of its chain, appends and broadcasts it. For nodes with a {@link MemoryChain}. */
  mine (fork?: string, options?: GrowOptions): Block {
    const { chain } = this

    if (!(chain instanceof MemoryChain)) {
      throw new ConfigError('Expected a node with a MemoryChain: append and broadcast a block of your own chain')
    }

    const block = chain.mine(fork ?? `node ${this.index}`, options)
    this.network.broadcast({ type: 'newBlock', block })

    return block
  }

  /** Broadcasts a transaction. */
  send (transaction: Transaction): void {
    this.network.broadcast({ type: 'newTransaction', transaction })
  }

  /** Whether it has accepted an item of a peer, has broadcast it, or has it on its chain. */
  async hasHeard (item: Block | Transaction): Promise<boolean> {
    if (this.#heard.has(item) || !('prevHash' in item)) {
      return this.#heard.has(item)
    }

    const stored = await this.chain.get(item.height)

    return stored != null && Buffer.compare((stored instanceof Uint8Array ? decodeBlock(stored) : stored).hash, item.hash) === 0
  }

  /** Starts it. @internal */
  async start (): Promise<void> {
    const network = await startNetworkWith(this.#init.config(), undefined, { mayDial: this.#init.mayDial })
    this.#heard.watch(network)
    this.#events.watch(network)
    EVENTS.forEach((type) => { network.addEventListener(type, this.#init.onChange) })
    this.#network = network
    this.#init.onChange()
  }

  /** Stops it. @internal */
  async stop (): Promise<void> {
    const network = this.#network
    this.#network = undefined
    this.#init.onChange()
    await network?.stop()
  }
}
