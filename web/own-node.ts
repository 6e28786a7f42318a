import { button, create, find } from './dom.ts'
import { formatTime, shorten } from './format.ts'
import type { WebHello } from '../src/web/protocol.ts'
import type { Network } from 'vibecoin-network'

/** Events of the page's own node that are shown, the last ones. */
const SHOWN_EVENTS = 6

/** The page as a node of the network: it joins over a WebSocket, hears blocks and transactions for itself, and calls a node at home. */
export class OwnNode {
  readonly #section = find('own')
  readonly #state = find('own-state')
  readonly #events = find('own-events')
  #hello: WebHello | undefined
  #network: Network | undefined
  readonly #call: HTMLButtonElement
  readonly #counts = { blocks: 0, transactions: 0 }

  constructor () {
    const join = button('Join the network', async () => this.#toggle())
    join.id = 'join'
    this.#call = button('', async () => this.#callHome())
    this.#call.id = 'call'
    this.#call.hidden = true
    find('join').replaceWith(join, this.#call)
  }

  /** Takes note of where the network can be joined. */
  set hello (hello: WebHello) {
    this.#hello = hello
    this.#section.hidden = hello.webSocket == null
    this.#showCall()

    if (this.#network == null) {
      this.#say('The page can join with a node of its own, in this browser. It hears blocks itself, and not from the server.')
    }
  }

  async #toggle (): Promise<void> {
    if (this.#network != null) {
      await this.#network.stop()
      this.#network = undefined
      this.#showCall()
      find('join').textContent = 'Join the network'
      this.#say('The node of this page has left the network.')
      return
    }

    try {
      await this.#join()
      find('join').textContent = 'Leave the network'
    } catch (err) {
      this.#say(`Could not join: ${err instanceof Error ? err.message : String(err)}`)
    }
  }

  async #join (): Promise<void> {
    const { webSocket, network, genesisHash, home } = this.#hello!
    this.#say('Loading the node…')
    const { startNetwork } = await import('vibecoin-network')
    const node = await startNetwork({
      network,
      genesisHash: Uint8Array.from(genesisHash.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)),
      nodeId: 'web page',
      listen: [],
      seedPeers: [webSocket!],
      nat: home == null ? {} : { relay: true, webrtc: true }
    })
    this.#network = node
    this.#showCall()
    node.addEventListener('peer:ready', ({ detail }) => { this.#add(`session with ${detail.nodeId}${wayOf(detail.address)}`) })
    node.addEventListener('peer:closed', ({ detail: { peer, reason } }) => { this.#add(`lost ${peer.nodeId}: ${reason ?? 'the connection broke'}`) })
    node.addEventListener('dial:failed', ({ detail }) => { this.#add(`could not reach the network: ${detail.error.message}`) })
    node.addEventListener('block', ({ detail: { block, peer } }) => {
      this.#counts.blocks++
      this.#add(`heard block ${block.height} from ${peer.nodeId}`)
    })
    node.addEventListener('transaction', () => {
      this.#counts.transactions++
      this.#showCounts()
    })
    this.#showCounts()
  }

  /** Offers to call the node that the page cannot dial. */
  #showCall (): void {
    const home = this.#hello?.home
    this.#call.hidden = this.#network == null || home == null
    this.#call.textContent = `Call ${home?.name ?? ''}, which no page can dial`
  }

  async #callHome (): Promise<void> {
    const { name, address } = this.#hello!.home!
    this.#add(`calls ${name} through a relay`)

    try {
      await this.#network?.connect(address)
    } catch (err) {
      this.#add(`could not reach ${name}: ${err instanceof Error ? err.message : String(err)}`)
    }
  }

  #add (text: string): void {
    this.#events.prepend(create('li', {}, create('time', {}, formatTime(Date.now())), text))
    this.#events.children[SHOWN_EVENTS]?.remove()
    this.#showCounts()
  }

  #showCounts (): void {
    if (this.#network != null) {
      const { blocks, transactions } = this.#counts
      const peers = [...this.#network.peers].length
      this.#say(`${shorten(this.#network.libp2p.peerId.toString())} has ${peers} ${peers === 1 ? 'session' : 'sessions'}, and has heard ${blocks} blocks and ${transactions} transactions.`)
    }
  }

  #say (text: string): void {
    this.#state.textContent = text
  }
}

/** Over what a session goes, where that is no WebSocket to the peer itself. */
function wayOf (address: string): string {
  return address.includes('/webrtc') ? ', directly over WebRTC' : address.includes('/p2p-circuit') ? ', through a relay' : ''
}
