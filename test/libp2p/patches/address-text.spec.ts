import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { multiaddr } from '@multiformats/multiaddr'
import { flatAddress } from '../../../src/libp2p/patches/address-text.ts'

const PEER = '12D3KooWFWEJXYBPC19yQPaq45SzgBxXMJvRzVugFiB5GHj478z3'

/** So many that what other tests leave to the collector weighs little. */
const COUNT = 20_000

/** What such an address takes in memory, in bytes. */
function bytesOf (create: () => unknown): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // what is compiled is compiled before
  const kept: unknown[] = [create()]
  collect()
  const before = process.memoryUsage().heapUsed

  while (kept.length <= COUNT) {
    kept.push(create())
  }

  collect()
  const bytes = (process.memoryUsage().heapUsed - before) / COUNT
  assert.equal(kept.length, COUNT + 1)

  return bytes
}

describe('libp2p/patches/address-text', () => {
  it('leaves an address what it is, in less memory', () => {
    const create = (): ReturnType<typeof multiaddr> => multiaddr('/ip4/127.0.0.1/tcp/8765').encapsulate(`/p2p/${PEER}`)
    const text = create().toString()
    const asParsed = bytesOf(create)
    const flat = bytesOf(() => flatAddress(create()))

    assert.equal(flatAddress(create()).toString(), text)
    assert.ok(asParsed - flat > 500, `${asParsed} bytes and ${flat}: multiaddr has changed, and the patch is not needed any more`)
  })
})
