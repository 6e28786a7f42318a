import { decodeBlock, startNetwork } from 'vibecoin-network'
import { readForm } from './form.ts'
import { fromHex, toHex } from './hex.ts'
import { PageChain } from './page-chain.ts'
import { Payments } from './payments.ts'
import { hashBlock, isSigned } from './rules.ts'
import {
  clearForm, onPayment, SHOWN_BLOCKS, showAddress, showBlocks, showNode, showPayments, showPeers, showProblem, showProgress, showSummary,
  showTrouble
} from './view.ts'
import { Wallet } from './wallet.ts'
import type { Block, Network, Verdict } from 'vibecoin-network'

/** How often the peers are shown anew, in ms. */
const REFRESH_MS = 1000

/** Pongs say what peers have read of a payment, and how far they are: they come often here. */
const PING_INTERVAL_MS = 1000

/** A network that has gone is noticed soon. */
const MAX_RECONNECT_DELAY_MS = 5000

/** What the server of the page says of the network: whom to trust with it is decided there. */
interface NetworkDescription {
  network: string
  /** The encoded genesis block in hexadecimal. */
  genesis: string
  seedPeers: string[]
}

async function describeNetwork (): Promise<NetworkDescription> {
  const response = await fetch('network.json')

  return await response.json() as NetworkDescription
}

/** The parts of the wallet, of which the node comes last: what it tells before the others are there waits in the chain. */
class Page {
  #payments: Payments | undefined
  #chain!: PageChain
  #network!: Network
  #lastFailure: string | undefined

  async start (): Promise<void> {
    const description = await describeNetwork()
    const genesis = decodeBlock(fromHex(description.genesis))
    this.#chain = new PageChain({
      genesis,
      hashOf: hashBlock,
      onAppend: (block) => { this.#payments?.onBlock(block) },
      onDrop: (height) => { this.#payments?.onDropped(height) }
    })
    this.#network = await this.#startNetwork(description, genesis)
    const wallet = await Wallet.open(`${description.network}-wallet`)
    const payments = this.#createPayments(wallet)
    payments.restore(await wallet.load())
    this.#chain.latest(Infinity).forEach((block) => { payments.onBlock(block) })
    this.#payments = payments
    this.#watch()
    showAddress(toHex(wallet.address))
    onPayment(async (given) => this.#pay(given, { wallet, payments }))
  }

  async #startNetwork ({ network, seedPeers }: NetworkDescription, genesis: Block): Promise<Network> {
    const node = await startNetwork({
      network,
      genesisHash: genesis.hash,
      seedPeers,
      nodeId: 'wallet',
      // identity and known peers are kept in IndexedDB under this name
      dataDir: network,
      pingInterval: PING_INTERVAL_MS,
      maxReconnectDelay: MAX_RECONNECT_DELAY_MS,
      chain: this.#chain,
      handlers: {
        newTransaction: async (transaction): Promise<Verdict> => {
          if (!await isSigned(transaction)) {
            return 'reject'
          }

          this.#payments?.onTransaction(transaction, Date.now())

          return 'accept'
        },
        pong: (_, { id }) => { this.#payments?.onPong(id) }
      }
    })

    // peers are told when the tab is closed; those who are not find out a little later
    addEventListener('pagehide', () => { void node.stop() })
    // a tab that comes back from the cache of the browser begins anew
    addEventListener('pageshow', ({ persisted }) => { if (persisted) { location.reload() } })

    return node
  }

  #createPayments (wallet: Wallet): Payments {
    const payments = new Payments({
      own: wallet.address,
      broadcast: (transaction) => this.#network.broadcast({ type: 'newTransaction', transaction }),
      peers: () => Array.from(this.#network.peers, ({ id }) => id),
      onChange: () => {
        showPayments(payments.list)
        wallet.save(payments.saved).catch((err: unknown) => { showTrouble(`The payments could not be kept in this browser: ${textOf(err)}`) })
      }
    })

    return payments
  }

  #watch (): void {
    const network = this.#network
    network.addEventListener('peer:ready', () => {
      this.#lastFailure = undefined
      this.#payments?.sendAgain()
      this.#refresh()
    })
    network.addEventListener('peer:closed', ({ detail: { peer } }) => {
      this.#payments?.onClosed(peer.id)
      this.#refresh()
    })
    network.addEventListener('dial:failed', ({ detail }) => {
      this.#lastFailure = detail.error.message
      this.#refresh()
    })
    network.addEventListener('tip', () => { this.#refresh() })
    network.addEventListener('sync:progress', ({ detail }) => { showProgress(detail) })
    network.addEventListener('sync:end', () => { showProgress(undefined) })
    setInterval(() => { this.#refresh() }, REFRESH_MS)
    this.#refresh()

    if ([...network.peers].length > 0) {
      this.#payments?.sendAgain()
    }
  }

  #refresh (): void {
    const peers = Array.from(this.#network.peers)
    const { height } = this.#chain.tip()
    const { state, behind } = this.#network.status().sync
    const step = state === 'behind' ? `, ${behind} behind` : ''
    const count = `${peers.length} ${peers.length === 1 ? 'peer' : 'peers'}`
    showSummary(peers.length === 0 ? `No peer, at block ${height}` : `At block ${height}${step}, with ${count}`)
    showTrouble(peers.length > 0 || this.#lastFailure == null
      ? undefined
      : `This page has no connection to the network. It tries again, and sends what you pay then. (${this.#lastFailure})`)
    showNode(`Its id is ${this.#network.libp2p.peerId.toString()}. It checks the signatures of transactions and the hashes of blocks itself.`)
    showPeers(peers)
    showBlocks(this.#chain.latest(SHOWN_BLOCKS))
  }

  async #pay (given: { recipient: string, value: string }, { wallet, payments }: { wallet: Wallet, payments: Payments }): Promise<void> {
    const order = readForm(given)

    if ('text' in order) {
      showProblem(order)
      return
    }

    try {
      payments.send(await wallet.pay(order.recipient, order.value), Date.now())
      showProblem(undefined)
      clearForm()
    } catch (err) {
      showProblem(`The payment was not made: ${textOf(err)}`)
    }
  }
}

function textOf (err: unknown): string {
  return err instanceof Error ? err.message : String(err)
}

/** What keeps a wallet from starting. */
function troubleOf (err: unknown): string {
  return err instanceof Error && err.name === 'StorageError'
    ? `This wallet cannot be opened: ${err.message}. Another tab may have it: use that one, or a private window.`
    : `This wallet cannot be opened: ${textOf(err)}`
}

new Page().start().catch((err: unknown) => {
  showSummary('not started')
  showTrouble(troubleOf(err))
})
