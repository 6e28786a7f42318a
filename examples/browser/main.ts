import { decodeBlock, startNetwork } from 'vibecoin-network'
import { fromHex, toHex } from './hex.ts'
import { PageChain } from './page-chain.ts'
import { hashBlock, Wallet } from './rules.ts'
import { onPayment, SHOWN_BLOCKS, showBlocks, showPeers, showProgress, showStatus, showTransaction } from './view.ts'
import type { Block, Network } from 'vibecoin-network'

/** How often the table of the peers is brought up to date, in ms. */
const REFRESH_MS = 1000

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

async function start (): Promise<void> {
  const description = await describeNetwork()
  const genesis = decodeBlock(fromHex(description.genesis))
  const chain = new PageChain({ genesis, hashOf: hashBlock })

  const network = await startNetwork({
    network: description.network,
    genesisHash: genesis.hash,
    seedPeers: description.seedPeers,
    nodeId: 'web page',
    // identity and known peers are kept in IndexedDB under this name
    dataDir: description.network,
    chain,
    handlers: {
      newTransaction: (transaction) => { showTransaction(`received ${toHex(transaction.id)}: ${transaction.value}`) }
    }
  })

  watch(network, chain)
  const wallet = await Wallet.create()
  onPayment((recipient, value) => { void pay(network, wallet, { recipient, value }) })
}

function watch (network: Network, chain: PageChain): void {
  const refresh = (): void => {
    const peers = Array.from(network.peers)
    const tip: Block | undefined = chain.latest(1)[0]
    showStatus(`${network.libp2p.peerId.toString()}: ${peers.length} peers, height ${tip?.height ?? 0}`)
    showPeers(peers)
    showBlocks(chain.latest(SHOWN_BLOCKS))
  }

  network.addEventListener('peer:ready', refresh)
  network.addEventListener('peer:closed', refresh)
  network.addEventListener('sync:progress', ({ detail }) => { showProgress(detail) })
  network.addEventListener('sync:end', () => { showProgress(undefined) })
  setInterval(refresh, REFRESH_MS)
  refresh()

  // peers are told when the tab is closed; those who are not find out a little later
  addEventListener('pagehide', () => { void network.stop() })
  // a tab that comes back from the cache of the browser begins anew
  addEventListener('pageshow', ({ persisted }) => { if (persisted) { location.reload() } })
}

async function pay (network: Network, wallet: Wallet, { recipient, value }: { recipient: string, value: number }): Promise<void> {
  const transaction = await wallet.pay(fromHex(recipient), BigInt(value))
  const { queued } = network.broadcast({ type: 'newTransaction', transaction })
  showTransaction(`sent ${toHex(transaction.id)}: ${value}, to ${queued} peers`)
}

start().catch((err: unknown) => { showStatus(String(err)) })
