import { errorMessage } from '../../src/errors.ts'
import { openBans } from '../../src/store/bans/open-bans.ts'
import { openKnownPeers } from '../../src/store/known-peers/open-known-peers.ts'
import { claimDataDir } from '../../src/store/network/network-mark.ts'
import type { Ban, BanStore } from '../../src/types/ban.ts'
import type { KnownPeer, KnownPeers } from '../../src/types/known-peers.ts'

// What runs in the page of store.spec.ts: what a node keeps, without the node.

/** What is in a database. */
export interface Stored { bans: readonly Ban[], peers: KnownPeer[], anchors: string[], warnings: string[] }

/** What a test does with the page. */
export interface StoreControl {
  /** Opens both parts of a database at once. */
  open (name: string): Promise<Stored>
  save (ban: Ban, peer: KnownPeer): Promise<void>
  close (): Promise<void>
  /** What opening a database is refused with. */
  refusal (name: string): Promise<string>
  /** What came of taking a database for the network of this name: the warnings, or the error. */
  claim (name: string, network: string): Promise<string[]>
  /** Makes a database of some version, with such entries in its object stores. */
  make (name: string, version: number, stores: Record<string, Record<string, unknown>>): Promise<void>
}

let bans: BanStore | undefined
let peers: KnownPeers | undefined

async function open (name: string): Promise<Stored> {
  const warnings: string[] = []
  const onWarning = (message: string): void => { warnings.push(message) }
  const opened = await Promise.all([openBans(name, { onWarning }), openKnownPeers(name, { onWarning })])
  bans = opened[0]
  peers = opened[1]

  return {
    bans: await bans.load(), peers: await peers.load(), anchors: (await peers.anchors()).map(({ id }) => id), warnings: warnings.sort()
  }
}

async function make (name: string, version: number, stores: Record<string, Record<string, unknown>>): Promise<void> {
  const request = indexedDB.open(name, version)

  request.onupgradeneeded = () => {
    for (const [store, entries] of Object.entries(stores)) {
      const created = request.result.createObjectStore(store)
      Object.entries(entries).forEach(([key, value]) => { created.put(value, key) })
    }
  }

  await new Promise<void>((resolve, reject) => {
    request.onsuccess = () => { resolve() }
    request.onerror = () => { reject(request.error!) }
  })
  request.result.close()
}

globalThis.storeControl = {
  open,
  make,

  async claim (name, network) {
    const warnings: string[] = []

    try {
      await claimDataDir(name, { network, genesisHash: new Uint8Array(32) }, { onWarning: (text) => { warnings.push(text) } })

      return warnings
    } catch (err) {
      return [`${(err as Error).name}: ${errorMessage(err)}`]
    }
  },

  async save (ban, peer) {
    await Promise.all([bans!.save(ban), bans!.save({ ...ban, subject: 'b' }), bans!.remove('b'), peers!.save(peer)])
    await peers!.setAnchors([peer.id])
  },

  async close () {
    await Promise.all([bans?.close(), peers?.close()])
  },

  async refusal (name) {
    const opening = [openBans(name), openKnownPeers(name)]

    return (await Promise.all(opening.map((work) => work.then(() => 'opened', errorMessage)))).join('; ')
  }
}
