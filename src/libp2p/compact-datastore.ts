import { MemoryDatastore } from 'datastore-core/memory'

type Put = MemoryDatastore['put']

/**
 * What libp2p knows of peers, each record in memory of its own. What libp2p gives are views of a pool of Node.js: one of 300 bytes
 * would keep 64 KiB for as long as libp2p knows its peer.
 */
export class CompactDatastore extends MemoryDatastore {
  override put (...[key, value, options]: Parameters<Put>): ReturnType<Put> {
    return super.put(key, new Uint8Array(value), options)
  }
}
