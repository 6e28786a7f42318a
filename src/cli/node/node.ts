import { join } from 'node:path'
import { startNetwork } from '../../index.ts'
import { ChainDb } from '../chain/chain.ts'
import { BlockVerifier } from '../chain/verifier.ts'
import { cleanText, errorText, peerLabel, toHex } from '../output/format.ts'
import { BlockMaker } from './maker.ts'
import { loadPages } from './pages.ts'
import { addTransaction, judge } from './judge-transaction.ts'
import { Mempool } from './mempool.ts'
import { describeBlock, watchNetwork } from './reports.ts'
import { createRules } from './rules.ts'
import { SyncWatch } from './sync-watch.ts'
import { Ticker } from '../output/ticker.ts'
import { TransactionFollower } from './transaction-follower.ts'
import { Wallet } from './wallet.ts'
import type { Block, Handlers, Network, NetworkStatus, Peer, StorageFault, Transaction } from '../../index.ts'
import type { Pages } from './pages.ts'
import type { HttpOptions, HttpServer } from '../../http/http.ts'
import type { NodeReporter, Traffic } from './reports.ts'
import type { ParentCommand } from './parent-command.ts'
import type { Status } from '../output/report.ts'
import type { Rules } from './rules.ts'
import type { SettingsConfig } from '../start/network-config.ts'
import type { FollowListener } from './transaction-follower.ts'
import type { StartOptions } from '../start/settings.ts'

/** What a node is started with. */
export interface LocalNodeOptions extends Pick<StartOptions, 'network' | 'makeBlocks' | 'makeTransactions'> {
  /** Checked. */
  config: SettingsConfig
  /** Where pages over HTTP are served; none are without it. */
  pages?: HttpOptions | undefined
}

/** The parts of a node that exist before its network. */
interface NodeParts {
  options: LocalNodeOptions
  dataDir: string
  report: NodeReporter
  rules: Rules
  chain: ChainDb
  verifier: BlockVerifier
  mempool: Mempool
  follower: TransactionFollower
  pages: Pages | undefined
}

/**
 * A node of a test network: the network, which synchronises a chain in LevelDB with its peers, and the makers of blocks and transactions.
 */
export class LocalNode {
  readonly #parts: NodeParts
  readonly #network: Network
  readonly #sync: SyncWatch
  readonly #traffic: () => Traffic
  readonly #tickers: Ticker[] = []
  readonly #wallet = new Wallet()
  #server: HttpServer | undefined

  private constructor (parts: NodeParts, network: Network) {
    const { chain, report } = parts

    this.#parts = parts
    this.#network = network
    this.#reportStart()
    this.#traffic = watchNetwork(network, report)
    network.addEventListener('storage:fault', ({ detail }) => { this.#onStorageFault(detail) })
    this.#sync = new SyncWatch({ network, report, height: () => chain.head.height })
  }

  /** Starts a node with its files in `dataDir`. */
  static async start (options: LocalNodeOptions, dataDir: string, report: NodeReporter): Promise<LocalNode> {
    const rules = createRules(options.network)
    const mempool = new Mempool()
    const follower = new TransactionFollower()
    const senders = new WeakMap<Block, Peer>()
    const pages = options.pages == null ? undefined : await loadPages(options.pages)
    const verifier = new BlockVerifier({ network: options.network, rules })
    const chain = await ChainDb.open(join(dataDir, 'chain'), {
      genesis: rules.genesis,
      concurrency: verifier.concurrency,
      verifyBlock: (block, parent, bytes) => verifier.verify(block, parent, bytes)
    }, {
      onAppend: (block) => {
        mempool.settle(block.transactions)
        follower.append(block)
      },
      onDrop: (block) => {
        mempool.restore(block.transactions)
        follower.drop(block)
      },
      onTrouble: (message) => { report('problem', { message: cleanText(message, 500) }) },
      onInvalid: (block, reason) => {
        const sender = senders.get(block)

        if (sender != null) {
          report('rejected', { what: 'block', from: peerLabel(sender), reason })
        }
      }
    })

    const parts = { options, dataDir, report, rules, chain, verifier, mempool, follower, pages }
    let node: LocalNode

    try {
      node = new LocalNode(parts, await startNetworkOf(parts, {
        // the chain decides; it does not know the sender of the block
        newBlock: (block, peer) => { senders.set(block, peer) },
        newTransaction: (transaction, peer) => judge(transaction, { from: peerLabel(peer), ...parts })
      }))
    } catch (err) {
      await verifier.close()
      await chain.close()
      throw err
    }

    try {
      await node.#serve()
    } catch (err) {
      await node.stop()
      throw err
    }

    node.#begin()

    return node
  }

  /** The status of the node. */
  status (): Status {
    const peers = Array.from(this.#network.peers)
    const { inbound, outbound } = this.#network.peers.counts
    const { height, hash } = this.#parts.chain.tip()

    return {
      inbound,
      outbound,
      height,
      tip: toHex(hash),
      rtt: middle(peers.flatMap(({ rtt }) => rtt ?? [])),
      ...this.#traffic(),
      waiting: this.#parts.mempool.size
    }
  }

  /** All that the network tells of itself. */
  networkStatus (): NetworkStatus {
    return this.#network.status()
  }

  /** Calls the listener with the ways of transactions from now on: of a few a second, and of those that it is told to follow. */
  followTransactions (listener: FollowListener): void {
    this.#parts.follower.start(listener)
  }

  /** Does what the devnet that has started this node tells it to. */
  obey (command: ParentCommand): void {
    const { follower, report } = this.#parts

    switch (command.command) {
      case 'watch':
        this.followTransactions({
          onFollowed: (transaction) => { report('followed', transaction) },
          onSettled: (transaction) => { report('settled', transaction) }
        })
        break
      case 'follow':
        follower.follow(command.id)
        break
      case 'pay':
        this.#pay()
    }
  }

  /** Says goodbye to every peer and closes the chain. */
  async stop (): Promise<void> {
    await Promise.all(this.#tickers.map(async (ticker) => { await ticker.stop() }))
    this.#sync.stop()
    await this.#network.stop()
    await this.#server?.close()
    await this.#parts.verifier.close()
    await this.#parts.chain.close()
  }

  #reportStart (): void {
    const { options: { network }, dataDir, report, chain } = this.#parts
    const { libp2p } = this.#network
    const { height, hash } = chain.tip()

    report('started', {
      id: libp2p.peerId.toString(),
      pid: process.pid,
      addresses: libp2p.getMultiaddrs().map(String),
      network,
      height,
      tip: toHex(hash),
      dataDir
    })
  }

  /** Serves the pages over HTTP, where any are asked for. */
  async #serve (): Promise<void> {
    const { pages, report } = this.#parts

    if (pages != null) {
      this.#server = await pages.serve(this.#network)
      report('serving', { url: this.#server.url })
    }
  }

  #begin (): void {
    const { options: { makeBlocks, makeTransactions }, ...parts } = this.#parts

    if (makeTransactions != null) {
      this.#every(makeTransactions * 1000, () => { this.#broadcastPayment(this.#wallet.pay()) })
    }

    if (makeBlocks != null) {
      const maker = new BlockMaker({
        ...parts,
        isBehind: () => this.#sync.isBehind,
        onBlock: (block) => { this.#onMade(block) }
      })
      this.#every(makeBlocks * 1000, async () => { await maker.make() })
    }
  }

  #broadcastPayment (transaction: Transaction): void {
    if (addTransaction(transaction, { from: '', ...this.#parts })) {
      this.#network.broadcast({ type: 'newTransaction', transaction })
    }
  }

  /** Pays something, and has it followed. */
  #pay (): void {
    const payment = this.#wallet.pay()
    const id = toHex(payment.id)
    this.#parts.report('paid', { id })
    this.#parts.follower.follow(id)
    this.#broadcastPayment(payment)
  }

  #onMade (block: Block): void {
    this.#parts.report('made', describeBlock(block))
    this.#network.broadcast({ type: 'newBlock', block })
  }

  /** Checks the chain after it gave blocks that may not be sent to peers. */
  #onStorageFault ({ store, error }: StorageFault): void {
    const { chain, report } = this.#parts
    report('problem', { message: cleanText(`trouble with the ${store}: ${errorText(error)}`, 500) })

    if (store === 'chain') {
      void chain.repair(errorText(error))
    }
  }

  #every (interval: number, beat: () => void | Promise<void>): void {
    const onError = (err: unknown): void => { this.#parts.report('problem', { message: cleanText(errorText(err), 500) }) }
    const ticker = new Ticker({ interval, beat, onError })

    this.#tickers.push(ticker)
    ticker.start()
  }
}

async function startNetworkOf ({ options, dataDir, rules, chain, pages }: NodeParts, handlers: Partial<Handlers>): Promise<Network> {
  return startNetwork({
    ...options.config,
    ...(pages == null ? {} : { metrics: pages.metrics }),
    genesisHash: rules.genesis.hash,
    chain,
    handlers,
    dataDir: join(dataDir, 'network')
  })
}

function middle (values: number[]): number | undefined {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
