import { toWebReport } from './web-report.ts'
import { TransactionTravels } from '../../web/transaction-travels.ts'
import { peerLabel, shortId } from '../output/format.ts'
import { viewOf } from '../../web/node-view.ts'
import type { FollowListener } from '../node/transaction-follower.ts'
import type { Report } from '../output/report.ts'
import type { NetworkStatus } from '../../index.ts'
import type { WebCommand, WebFrame, WebHello, WebNode, WebReport, WebSource } from '../../web/protocol.ts'

/** Options of {@link NodeSource}. */
export interface NodeSourceInit {
  name: string
  makesBlocks: boolean
}

/** Shows a single node to the page, with its peers around it. Nothing can be done to it. */
export class NodeSource implements WebSource {
  readonly #init: NodeSourceInit
  readonly transactions: TransactionTravels = new TransactionTravels()
  readonly #listeners = new Set<(report: WebReport) => void>()
  #status: () => NetworkStatus = () => { throw new Error('The node does not run yet') }

  constructor (init: NodeSourceInit) {
    this.#init = init
  }

  /** Shows the node that tells this from now on. */
  attach (status: () => NetworkStatus): this {
    this.#status = status

    return this
  }

  /** Takes note of what becomes of transactions. */
  get followListener (): FollowListener {
    return {
      onFollowed: ({ id, from, at, value }) => { this.transactions.arrived(id, { node: this.#name, from, at, value }) },
      onSettled: ({ id, height }) => { this.transactions.settled(id, height) }
    }
  }

  get #name (): string {
    return this.#init.name === '' ? 'this node' : this.#init.name
  }

  hello (): WebHello {
    const { node: { network, genesisHash }, addresses } = this.#status()

    return {
      kind: 'node',
      network,
      genesisHash,
      webSocket: addresses.find(({ address }) => address.includes('/ws'))?.address ?? null,
      home: null,
      actions: []
    }
  }

  async frame (): Promise<WebFrame> {
    const status = this.#status()
    const own: WebNode = {
      name: this.#name, id: status.node.peerId, phase: 'running', makesBlocks: this.#init.makesBlocks, side: null, ...viewOf(status)
    }

    return { at: Date.now(), nodes: [own, ...status.peers.map((peer) => peerView(own, peer))] }
  }

  subscribe (listener: (report: WebReport) => void): () => void {
    this.#listeners.add(listener)

    return () => { this.#listeners.delete(listener) }
  }

  /** Takes note of what the node reports. */
  onReport (report: Report): void {
    const shown = toWebReport(report, Date.now())

    if (shown != null) {
      this.#listeners.forEach((listener) => { listener({ ...shown, node: this.#name }) })
    }
  }

  async act ({ action }: WebCommand): Promise<void> {
    throw new Error(`This page shows a node, and cannot ${action} it`)
  }
}

/** A peer as the node sees it: all that is known of it is its session. */
function peerView (own: WebNode, { id, nodeId, bestHeight }: NetworkStatus['peers'][number]): WebNode {
  const name = peerLabel({ id, nodeId })

  return {
    name: name === own.name ? shortId(id) : name,
    id,
    phase: 'running',
    makesBlocks: false,
    side: null,
    ...viewOf(undefined),
    // the hash of its tip is not known, but where it is as high as this node it most likely has the same
    tip: own.tip?.height === bestHeight ? own.tip : { height: bestHeight, hash: '' }
  }
}
