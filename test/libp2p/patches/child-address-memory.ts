// Prints how many bytes an address takes in memory: as it is parsed, and with the texts that the patch gives it. Needs --expose-gc.
import { multiaddr } from '@multiformats/multiaddr'
import { flatAddress } from '../../../src/libp2p/patches/address-text.ts'

const PEER = '12D3KooWFWEJXYBPC19yQPaq45SzgBxXMJvRzVugFiB5GHj478z3'
const COUNT = 2000

function bytesOf (create: () => unknown): number {
  // what is compiled is compiled before
  const kept: unknown[] = [create()]
  globalThis.gc?.()
  const before = process.memoryUsage().heapUsed

  while (kept.length <= COUNT) {
    kept.push(create())
  }

  globalThis.gc?.()

  return kept.length === COUNT + 1 ? (process.memoryUsage().heapUsed - before) / COUNT : NaN
}

const create = (): ReturnType<typeof multiaddr> => multiaddr('/ip4/127.0.0.1/tcp/8765').encapsulate(`/p2p/${PEER}`)
console.log(JSON.stringify([bytesOf(create), bytesOf(() => flatAddress(create()))]))
