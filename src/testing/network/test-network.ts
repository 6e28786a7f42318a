/// <reference lib="esnext.disposable" preserve="true" />
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { describeItem } from './heard.ts'
import { lacksItem, lacksSession, lacksStep } from './lacks.ts'
import { addressAt, nodeConfig, placeAt, withoutId } from './node-config.ts'
import { checkKind, sidesOf } from './partition.ts'
import { underWay } from './quiet.ts'
import { ADDED_OPTIONS, MAX_TEST_NODES, resolveSettings } from './settings.ts'
import { TestNode } from './test-node.ts'
import { edgesOf } from './topology.ts'
import { NetworkWaits } from './waits.ts'
import { Wires } from './wires.ts'
import { keyFromSeed } from '../raw-peer/identity.ts'
import { RawPeer } from '../raw-peer/raw-peer.ts'
import { WITHIN_MS } from '../wait/changes.ts'
import { refuseUnknown } from '../../config/unknown-option.ts'
import { ConfigError, NotRunningError } from '../../errors.ts'
import type { Lack } from './test-node.ts'
import type { AddedNode, NodesOf, TestNetworkInit, TestNetworkSettings } from './settings.ts'
import type { Edge } from './topology.ts'
import type { PartitionKind } from './partition.ts'
import type { MemoryChain } from '../chain/memory-chain.ts'
import type { RawPeerInit } from '../raw-peer/raw-peer.ts'
import type { Within } from '../wait/changes.ts'
import type { Block, Transaction } from '../../types/block.ts'
import type { ChainSource } from '../../types/chain.ts'
import type { PrivateKey } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Real nodes in this process, over TCP on loopback. What goes over an edge goes through a proxy, which can be cut and slowed down.
 *
 * Each wait has a deadline. Its error has a table that says which node lacks what. Dispose of the network when the test is over.
 */
export class TestNetwork<
  Chain extends ChainSource = MemoryChain, Nodes extends readonly TestNode<Chain>[] = readonly TestNode<Chain>[]
> {
  /** The nodes that are there, by their index. */
  readonly #nodes: TestNode<Chain>[] = []
  readonly #settings: TestNetworkSettings<Chain>
  readonly #wires: Wires
  readonly #waits: NetworkWaits
  readonly #rawPeers: RawPeer[] = []
  #isDisposed = false

  private constructor (settings: TestNetworkSettings<Chain>) {
    this.#settings = settings
    this.#wires = new Wires({ placeOf: (index) => this.#node(index).isRunning ? placeAt(this.#node(index).addresses[0]) : undefined })
    this.#waits = new NetworkWaits(this.#nodes)
  }

  /** Starts one: see {@link createTestNetwork}. @internal */
  static async start<Chain extends ChainSource, Nodes extends readonly TestNode<Chain>[]> (
    init: TestNetworkInit<Chain>
  ): Promise<TestNetwork<Chain, Nodes>> {
    const settings = await resolveSettings(init)
    const { nodes, seed, topology } = settings
    const edges = edgesOf(topology, nodes, seed)
    const network = new TestNetwork<Chain, Nodes>(settings)
    const keys = await Promise.all(Array.from({ length: nodes }, async (_, index) => keyFromSeed(`${seed} ${index}`)))
    keys.forEach((key) => network.#make(key, {}))

    try {
      await Promise.all(edges.map(async (edge) => { await network.#wires.lay(edge) }))
      await network.#wires.whileHeld(async () => { await Promise.all(network.#nodes.map(async (node) => { await node.start() })) })
      await network.untilConnected()

      return network
    } catch (err) {
      await network.dispose()
      throw err
    }
  }

  /** Its nodes, by their index. The compiler knows how many these are where `nodes` says that in a number. */
  get nodes (): Nodes { return this.#nodes as readonly TestNode<Chain>[] as Nodes }

  /** What the identities and a random topology are made from. */
  get seed (): string | number { return this.#settings.seed }

  /** Which node dials which. */
  get edges (): Edge[] { return this.#wires.edges }

  /** Starts one more node, which comes last among the others. Resolves when it has a session with each of those that it dials. */
  async add (added: AddedNode<Chain> = {}): Promise<TestNode<Chain>> {
    this.#checkOpen()
    refuseUnknown(added, Object.keys(ADDED_OPTIONS))
    const { to = [], ...init } = added
    const index = this.#nodes.length

    if (index >= MAX_TEST_NODES) {
      throw new ConfigError(`Expected at most ${MAX_TEST_NODES} nodes, and there are as many`)
    }

    to.forEach((other) => this.#node(other))
    const node = this.#make(await keyFromSeed(`${this.seed} ${index}`), init)
    await Promise.all(to.map(async (other) => this.#wires.lay([index, other])))
    await node.start()
    await this.#until('sessions of the new node', async () => this.#lacksAt(to.map((other) => [index, other])))

    return node
  }

  /** Adds an edge: node `from` dials node `to` from now on. Resolves when they have a session. */
  async connect (from: number, to: number): Promise<void> {
    const node = this.#node(from)
    const link = this.#wires.joins(from, to) ? undefined : await this.#wires.lay([from, to])
    const port = link?.port ?? this.#wires.portsFrom(from).find((wire) => wire.to === to)?.port

    if (port == null) {
      throw new ConfigError(`Expected no edge from node ${to} to node ${from}, which are connected by it`)
    }

    await node.network.connect(addressAt(port, this.#node(to).id))
    await this.#until('a session at the new edge', async () => lacksSession(node, this.#node(to)))
  }

  /**
   * Cuts the network in two or more: nothing passes between nodes of different groups. Those that no group names are one more group. It
   * takes the place of an earlier partition.
   */
  partition (groups: readonly (readonly number[])[], options: { kind?: PartitionKind } = {}): void {
    refuseUnknown(options, ['kind'])
    const { kind = 'cut' } = options
    checkKind(kind)
    this.#wires.partition(sidesOf(groups, this.#nodes.length), kind)

    for (const node of this.#running) {
      for (const connection of node.network.libp2p.getConnections()) {
        const other = this.#nodes.find(({ id }) => id === connection.remotePeer.toString())

        // those that a test has made without an edge
        if (other != null && kind === 'cut' && this.#wires.isApart(node.index, other.index)) {
          connection.abort(new Error('Cut by the test'))
        }
      }
    }
  }

  /** Ends the partition. The nodes dial each other again by themselves. */
  heal (): void {
    this.#wires.heal()
  }

  /** Makes edges slower by `ms` in each direction: all, or those between two nodes. Returns what takes that back. */
  delay (ms: number, between?: Edge): () => void {
    return this.#wires.delay(ms, between)
  }

  /** Ends a node without a word: its peers see their connections break. Its chain stays. */
  async kill (index: number): Promise<void> {
    const node = this.#node(index)
    this.#wires.isolate(index)
    node.network.libp2p.getConnections().forEach((connection) => { connection.abort(new Error('Killed by the test')) })
    await node.stop()
  }

  /** Stops a node, which says goodbye to its peers. */
  async stop (index: number): Promise<void> {
    await this.#node(index).stop()
  }

  /** Starts a node again with the same identity and chain, after it was killed or stopped, or after stopping it. */
  async restart (index: number): Promise<void> {
    this.#checkOpen()
    const node = this.#node(index)
    await node.stop()
    this.#wires.rejoin(index)
    await node.start()
  }

  /** Starts a peer that says whatever the test wants. It ends with the network. */
  async rawPeer (init?: RawPeerInit): Promise<RawPeer> {
    this.#checkOpen()
    const peer = await RawPeer.start({ ...this.#settings.within == null ? {} : { within: this.#settings.within }, ...init })
    this.#rawPeers.push(peer)

    return peer
  }

  /** Resolves when all running nodes have the same tip, and it is the highest that any of them has. */
  async untilInStep (options?: Within): Promise<void> {
    await this.#until('all nodes in step', async () => lacksStep(this.#running), options)
  }

  /** Resolves when all running nodes have accepted an item, or have broadcast it themselves, or have it on their chain. */
  async untilHeard (item: Block | Transaction, options?: Within): Promise<void> {
    const what = describeItem(item)

    await this.#until(`all nodes to hear ${what}`, async () => lacksItem(this.#running, item, what), options)
  }

  /** Resolves when all nodes that run and have an edge have a session, but for those that a partition keeps apart. */
  async untilConnected (options?: Within): Promise<void> {
    await this.#until('a session at each edge', async () => this.#lacksAt(this.edges), options)
  }

  /**
   * Resolves when nothing is on its way between nodes that run, and nothing waits to be sent or read. What a node sends later by itself,
   * such as an announcement that waits for others, it does not see.
   */
  async untilQuiet (options?: Within): Promise<void> {
    await this.#until('nothing to be on its way', async () => underWay(this.#running), options)
  }

  /** Resolves when `condition` gives true. It is asked again after each event of a node, and now and then. */
  async until (waitedFor: string, condition: () => boolean | Promise<boolean>, options?: Within): Promise<void> {
    await this.#until(waitedFor, async () => await condition() ? [] : [{ index: -1, what: waitedFor }], options)
  }

  /** Stops everything. May be called again. */
  async dispose (): Promise<void> {
    this.#isDisposed = true
    const peers = this.#rawPeers.splice(0)
    await Promise.all([...this.#nodes, ...peers].map(async (one) => { await one.stop() }))
    await this.#wires.close()
  }

  /** Does what {@link dispose} does, for `await using network = await createTestNetwork()`. */
  async [Symbol.asyncDispose] (): Promise<void> {
    await this.dispose()
  }

  get #running (): TestNode<Chain>[] {
    return this.#nodes.filter(({ isRunning }) => isRunning)
  }

  #node (index: number): TestNode<Chain> {
    const node = this.#nodes[index]

    if (node == null) {
      throw new ConfigError(`Expected a node from 0 to ${this.#nodes.length - 1}, got ${index}`)
    }

    return node
  }

  /** Sessions that lack at edges between nodes that run and are not apart. */
  #lacksAt (edges: readonly Edge[]): Lack[] {
    return edges.filter(([a, b]) => this.#node(a).isRunning && this.#node(b).isRunning && !this.#wires.isApart(a, b))
      .flatMap(([a, b]) => lacksSession(this.#node(a), this.#node(b)))
  }

  #checkOpen (): void {
    if (this.#isDisposed) {
      throw new NotRunningError('The test network was disposed of. Wait for what the test needs before that')
    }
  }

  async #until (waitedFor: string, lacks: () => Promise<readonly Lack[]>, options: Within = {}): Promise<void> {
    this.#checkOpen()
    refuseUnknown(options, ['within'])
    const { within = this.#settings.within ?? WITHIN_MS } = options
    await this.#waits.until({ waitedFor, lacks, within })
  }

  /** Makes a node, which comes last. */
  #make (privateKey: PrivateKey, { chain: given, options }: AddedNode<Chain>): TestNode<Chain> {
    const { genesisHash, chainOf, optionsOf } = this.#settings
    const index = this.#nodes.length
    const chain = given ?? chainOf(index)
    const node = new TestNode({
      index,
      id: peerIdFromPrivateKey(privateKey).toString(),
      chain,
      config: () => nodeConfig({
        index, privateKey, genesisHash, chain,
        nodes: this.#nodes.length,
        dials: this.#wires.portsFrom(index).map(({ to, port }) => ({ port, id: this.#node(to).id })),
        options: { ...optionsOf(index), ...options }
      }),
      mayDial: (address) => this.#mayDial(index, address),
      onChange: () => { this.#waits.notify() },
      wait: async (lack, condition, within) => this.#until(lack.what, async () => condition() ? [] : [lack], within)
    })
    this.#nodes.push(node)

    return node
  }

  /** A node dials others over their edge alone, and not at all across a partition. Peers tell where they listen. */
  #mayDial (index: number, address: Multiaddr): boolean {
    const text = address.toString()
    const other = this.#running.find((node) => node.index !== index && node.addresses.some((own) => withoutId(text) === withoutId(own)))

    return other == null || !(this.#wires.joins(index, other.index) || this.#wires.isApart(index, other.index))
  }
}

/**
 * Starts a network of real nodes for a test. Resolves when each edge has a session.
 *
 * Throws a `ConfigError` for an option that cannot be used, and a `WaitTimeoutError` where an edge gets no session in time.
 */
export async function createTestNetwork<Chain extends ChainSource = MemoryChain, const Count extends number = 3> (
  init: TestNetworkInit<Chain, Count> = {}
): Promise<TestNetwork<Chain, NodesOf<TestNode<Chain>, Count>>> {
  return TestNetwork.start(init)
}
