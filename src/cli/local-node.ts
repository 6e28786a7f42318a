import { join } from 'node:path'
import { startNetwork } from '../index.ts'
import { ChainDb } from './chain-db.ts'
import { Follower } from './follower.ts'
import { cleanText, errorText, peerLabel, toHex } from './format.ts'
import { BlockMaker } from './maker.ts'
import { Mempool } from './mempool.ts'
import { watchNetwork } from './network-reports.ts'
import { createRules, verifyTransaction } from './rules.ts'
import { Ticker } from './ticker.ts'
import { Wallet } from './wallet.ts'
import type { Block, Network, Peer, Transaction, Verdict } from '../index.ts'
import type { StartOptions } from './args.ts'
import type { Progress } from './follower.ts'
import type { NodeReporter, Traffic } from './network-reports.ts'
import type { Status } from './report.ts'
import type { Rules } from './rules.ts'

/** Often enough for a table to show a round trip soon. */
const PING_INTERVAL_MS = 5000
const CHECK_INTERVAL_MS = 1000
const PROGRESS_INTERVAL_MS = 100

const MAX_DETAIL_LENGTH = 120

/**
 * A node of a test network: the network, a chain in LevelDB, and what makes and follows its blocks.
 */
export class LocalNode {
  readonly #options: StartOptions
  readonly #report: NodeReporter
  readonly #rules: Rules
  readonly #chain: ChainDb
  readonly #network: Network
  readonly #follower: Follower
  readonly #mempool = new Mempool()
  readonly #tickers: Ticker[] = []
  #traffic: () => Traffic = () => ({ bytesIn: 0, bytesOut: 0 })
  #progress: Progress | undefined
  #progressAt = -Infinity

  private constructor (parts: { options: StartOptions, report: NodeReporter, rules: Rules, chain: ChainDb, network: Network }) {
    this.#options = parts.options
    this.#report = parts.report
    this.#rules = parts.rules
    this.#chain = parts.chain
    this.#network = parts.network
    this.#follower = new Follower({
      ...parts,
      onAppend: (block) => { this.#mempool.settle(block.transactions) },
      onProgress: (progress) => { this.#onProgress(progress) },
      onFailure: (reason) => { this.#report('syncFailed', { reason: cleanText(reason, MAX_DETAIL_LENGTH) }) },
      onBadPeer: (peer, reason) => {
        this.#report('rejected', { what: 'block', from: peer, reason })
        this.#network.peers.ban(peer)
      }
    })
  }

  /** Starts a node with its files in `dataDir`. */
  static async start (options: StartOptions, dataDir: string, report: NodeReporter): Promise<LocalNode> {
    const rules = createRules(options.network)
    const chain = await ChainDb.open(join(dataDir, 'chain'), rules.genesis)

    try {
      const network = await startNetwork({
        network: options.network,
        genesisHash: rules.genesis.hash,
        nodeId: options.name,
        chain,
        seedPeers: options.seeds,
        dataDir: join(dataDir, 'network'),
        pingInterval: PING_INTERVAL_MS,
        ...(options.listen.length > 0 ? { listen: options.listen } : {}),
        ...(options.maxInbound != null ? { maxInbound: options.maxInbound } : {}),
        ...(options.maxOutbound != null ? { maxOutbound: options.maxOutbound } : {}),
        ...(options.maxInboundRate != null ? { maxInboundRate: options.maxInboundRate } : {})
      })
      const node = new LocalNode({ options, report, rules, chain, network })
      node.#begin(dataDir)

      return node
    } catch (err) {
      await chain.close()
      throw err
    }
  }

  /** How the node is doing. */
  status (): Status {
    const peers = Array.from(this.#network.peers)
    const { inbound, outbound } = this.#network.peers.counts
    const { height, hash } = this.#chain.tip()

    return {
      inbound,
      outbound,
      height,
      tip: toHex(hash),
      rtt: middle(peers.flatMap(({ rtt }) => rtt ?? [])),
      ...this.#traffic(),
      waiting: this.#mempool.size
    }
  }

  /** Says goodbye to every peer and closes the chain. */
  async stop (): Promise<void> {
    await Promise.all(this.#tickers.map(async (ticker) => { await ticker.stop() }))
    await this.#follower.stop()
    await this.#network.stop()
    await this.#chain.close()
  }

  #begin (dataDir: string): void {
    const { libp2p, router } = this.#network
    const { makeBlocks, makeTransactions, network } = this.#options
    const { height, hash } = this.#chain.tip()

    this.#report('started', {
      id: libp2p.peerId.toString(),
      pid: process.pid,
      addresses: libp2p.getMultiaddrs().map(String),
      network,
      height,
      tip: toHex(hash),
      dataDir
    })
    this.#traffic = watchNetwork(this.#network, this.#report, () => { this.#follower.check() })
    router.handle('newBlock', async (block, peer) => this.#onBlock(block, peer))
    router.handle('newTransaction', (transaction, peer) => this.#onTransaction(transaction, peer))
    this.#every(CHECK_INTERVAL_MS, () => { this.#follower.check() })

    if (makeTransactions != null) {
      const wallet = new Wallet()
      this.#every(makeTransactions * 1000, () => { this.#makeTransaction(wallet) })
    }

    if (makeBlocks != null) {
      const maker = new BlockMaker({
        chain: this.#chain,
        mempool: this.#mempool,
        rules: this.#rules,
        follower: this.#follower,
        onBlock: (block) => { this.#onMade(block) }
      })
      this.#every(makeBlocks * 1000, async () => { await maker.make() })
    }
  }

  async #onBlock (block: Block, peer: Peer): Promise<Verdict> {
    const from = peerLabel(peer)
    const { verdict, reason } = await this.#follower.onBlock(block)

    if (verdict === 'accept') {
      this.#report('block', { ...describeBlock(block), from })
    } else if (verdict === 'reject') {
      this.#report('rejected', { what: 'block', from, reason: reason ?? '' })
    }

    return verdict
  }

  #onTransaction (transaction: Transaction, peer: Peer): Verdict {
    if (this.#mempool.has(transaction)) {
      return 'ignore'
    }

    const from = peerLabel(peer)
    const reason = verifyTransaction(transaction)

    if (reason != null) {
      this.#report('rejected', { what: 'transaction', from, reason })
      return 'reject'
    }

    return this.#addTransaction(transaction, from) ? 'accept' : 'ignore'
  }

  #makeTransaction (wallet: Wallet): void {
    const transaction = wallet.pay()

    if (this.#addTransaction(transaction, '')) {
      this.#network.broadcast({ type: 'newTransaction', transaction })
    }
  }

  #addTransaction (transaction: Transaction, from: string): boolean {
    const added = this.#mempool.add(transaction)

    if (added) {
      this.#report('transaction', { id: toHex(transaction.id), from, waiting: this.#mempool.size })
    }

    return added
  }

  #onMade (block: Block): void {
    this.#report('made', describeBlock(block))
    this.#network.broadcast({ type: 'newBlock', block })
  }

  #onProgress (progress: Progress | undefined): void {
    if (progress == null) {
      const last = this.#progress
      this.#progress = undefined
      this.#progressAt = -Infinity

      if (last != null && last.at > last.from) {
        this.#report('synced', last)
      }

      return
    }

    this.#progress = progress

    if (performance.now() - this.#progressAt >= PROGRESS_INTERVAL_MS) {
      this.#progressAt = performance.now()
      this.#report('syncing', progress)
    }
  }

  #every (interval: number, beat: () => void | Promise<void>): void {
    const onError = (err: unknown): void => { this.#report('problem', { message: cleanText(errorText(err), 500) }) }
    const ticker = new Ticker({ interval, beat, onError })

    this.#tickers.push(ticker)
    ticker.start()
  }
}

function describeBlock ({ height, hash, transactions }: Block): { height: number, hash: string, transactions: number } {
  return { height, hash: toHex(hash), transactions: transactions.length }
}

function middle (values: number[]): number | undefined {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
}
