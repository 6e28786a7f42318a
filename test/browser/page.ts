import { decodeBlock, decodeTransaction, digestOf, encodeBlock, startNetwork } from 'vibecoin-network'
import { PageChain } from '../../examples/browser/page-chain.ts'
import type { Network, NetworkConfig } from 'vibecoin-network'

// What runs in the page: a node, and a record of what happens to it. Values that go between the page and the test are
// JSON, with bytes as hexadecimal.

/** The config of a node as it comes from the test. */
export interface PageConfig extends Omit<NetworkConfig, 'genesisHash' | 'chain' | 'handlers' | 'privateKey' | 'logger' | 'metrics'> {
  genesisHash: string
  /** The first block of a chain that is kept in step. */
  genesis?: string
}

/** Something that has happened to the node of the page. */
export interface PageEvent { type: string, height?: number, id?: string, peer?: string, reason?: string }

/** What a test does with the page. */
export interface PageControl {
  start (config: PageConfig): Promise<string>
  stop (): Promise<void>
  /** The ready peers, by id. */
  peers (): string[]
  /** Over what the session with a peer goes, and what became of the tries for a direct connection. */
  way (id: string): { address: string, upgrade: string | null } | undefined
  /** The height of the page's chain. */
  height (): number
  /** Resolves with the first event of a type that has happened since the start, and is about this id or height. */
  until (type: string, about?: string | number): Promise<PageEvent>
  /** Forgets what has happened. */
  forget (): void
  broadcast (transaction: string): { queued: number, skipped: number }
  request (height: number): Promise<string | undefined>
  /** The digest of as many bytes as asked for, all 7, and how many MB of them the page hashes in a second. */
  digest (bytes: number): { digest: string, megabytesPerSecond: number }
  /** What `startNetwork` says to a config. */
  refusal (config: Partial<PageConfig>): Promise<string>
  dial (address: string): Promise<string>
  /** Writes something else in place of the identity that is in a database. */
  damage (name: string): Promise<void>
}

/** How long anything that is waited for may take, in ms. */
const PATIENCE_MS = 10_000

let network: Network | undefined
let chain: PageChain | undefined
let events: PageEvent[] = []
const watchers = new Set<() => void>()

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

function record (event: PageEvent): void {
  events.push(event)
  watchers.forEach((watcher) => { watcher() })
}

function watch (node: Network): void {
  node.addEventListener('peer:ready', ({ detail }) => { record({ type: 'peer:ready', peer: detail.id }) })
  node.addEventListener('peer:closed', ({ detail }) => { record({ type: 'peer:closed', peer: detail.peer.id, reason: detail.reason }) })
  node.addEventListener('dial:failed', ({ detail }) => { record({ type: 'dial:failed', id: detail.target, reason: detail.error.message }) })
  node.addEventListener('block', ({ detail }) => { record({ type: 'block', height: detail.block.height }) })
  node.addEventListener('transaction', ({ detail }) => { record({ type: 'transaction', id: toHex(detail.transaction.id) }) })
  node.addEventListener('sync:progress', ({ detail }) => { record({ type: 'sync:progress', height: detail.height }) })
  node.addEventListener('sync:end', ({ detail }) => { record({ type: 'sync:end', height: detail.height }) })
}

function createChain (genesis: string): PageChain {
  return new PageChain({
    genesis: decodeBlock(fromHex(genesis)),
    hashOf: (block) => digestOf(encodeBlock({ ...block, hash: new Uint8Array(32) }))
  })
}

async function outcome (promise: Promise<unknown>): Promise<string> {
  try {
    await promise

    return 'none'
  } catch (err) {
    return err instanceof Error ? `${err.name}: ${err.message}` : String(err)
  }
}

const control: PageControl = {
  async start ({ genesisHash, genesis, ...config }) {
    events = []
    chain = genesis == null ? undefined : createChain(genesis)
    network = await startNetwork({ ...config, genesisHash: fromHex(genesisHash), nodeId: 'page', chain })
    watch(network)
    // those that were ready before anybody listened
    Array.from(network.peers, ({ id }) => { record({ type: 'peer:ready', peer: id }) })

    return network.libp2p.peerId.toString()
  },

  async stop () {
    await network?.stop()
    network = undefined
  },

  peers: () => Array.from(network?.peers ?? [], ({ id }) => id),
  way: (id) => network?.status().peers.filter((peer) => peer.id === id).map(({ address, upgrade }) => ({ address, upgrade }))[0],
  height: () => chain?.tip().height ?? -1,

  async until (type, about) {
    const find = (): PageEvent | undefined => events.find((event) => {
      return event.type === type && (about == null || [event.height, event.id, event.peer].includes(about))
    })

    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        watchers.delete(look)
        reject(new Error(`No ${type} ${about ?? ''} within ${PATIENCE_MS} ms, but ${JSON.stringify(events)}`))
      }, PATIENCE_MS)

      const look = (): void => {
        const found = find()

        if (found != null) {
          clearTimeout(timer)
          watchers.delete(look)
          resolve(found)
        }
      }

      watchers.add(look)
      look()
    })
  },

  forget () { events = [] },

  broadcast (transaction) {
    const { queued, skipped } = network!.broadcast({ type: 'newTransaction', transaction: decodeTransaction(fromHex(transaction)) })

    return { queued, skipped }
  },

  async request (height) {
    const block = await network!.requestBlock(height)

    return block == null ? undefined : toHex(block.hash)
  },

  digest (length) {
    const bytes = new Uint8Array(length).fill(7)
    digestOf(bytes)
    const start = performance.now()
    const digest = digestOf(bytes)

    return { digest: toHex(digest), megabytesPerSecond: length / 1000 / (performance.now() - start) }
  },

  refusal: async ({ genesisHash = '00'.repeat(32), ...config }) => outcome(startNetwork({ genesisHash: fromHex(genesisHash), ...config })),
  dial: async (address) => outcome(network!.connect(address)),

  async damage (name) {
    const request = indexedDB.open(name)
    await new Promise((resolve) => { request.onsuccess = resolve })
    const transaction = request.result.transaction('identity', 'readwrite')
    transaction.objectStore('identity').put(new Uint8Array(68).fill(1), 'key')
    await new Promise((resolve) => { transaction.oncomplete = resolve })
    request.result.close()
  }
}

Object.assign(globalThis, { control })
