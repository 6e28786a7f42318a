import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_HANDSHAKE_FRAME_BYTES, MAX_LISTEN_ADDR_BYTES, MAX_LISTEN_ADDRS } from '../../src/codec/limits.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { resolveServiceConfig } from '../../src/config/resolve.ts'
import { localNode } from '../../src/service/local-node.ts'
import { ForkSchedule } from '../../src/session/fork-schedule.ts'
import { sampleHash } from '../support/sample.ts'
import type { Feature } from '../../src/types/features.ts'

const CONFIG = resolveServiceConfig({ features: [], genesisHash: sampleHash('genesis'), nodeId: 'local' })
const TIP = { height: 7, hash: sampleHash('tip') }
const STATE = { tip: TIP, lowestHeight: 0, forks: undefined }
const ID = '/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

function told (...addresses: string[]): string[] {
  return localNode(CONFIG, STATE, addresses.map((address) => multiaddr(address))).listenAddrs.map((bytes) => multiaddr(bytes).toString())
}

/** An address whose binary form has this many bytes. */
function addressOf (byteLength: number): string {
  const address = (name: string): string => `/dns4/${name}/tcp/8765`
  const rest = multiaddr(address('x')).bytes.byteLength - 1
  // the length of a name takes a second byte from 128 on
  const length = byteLength - rest - (byteLength - rest > 128 ? 1 : 0)

  return address('a'.repeat(length))
}

describe('service/local-node', () => {
  it('says who the node is and how far its chain goes', () => {
    assert.deepEqual(localNode(CONFIG, STATE, []), {
      protocolVersion: 1, network: 'vibecoin-main', genesisHash: sampleHash('genesis'), nodeId: 'local', userAgent: CONFIG.userAgent,
      listenAddrs: [], bestHeight: 7, bestHash: sampleHash('tip')
    })
  })

  it('says which blocks it keeps and which forks it has passed, where there is something to say', () => {
    const forks = new ForkSchedule(CONFIG.genesisHash, [7, 9])
    const { lowestHeight, forkId } = localNode(CONFIG, { tip: TIP, lowestHeight: 3, forks }, [])

    assert.deepEqual({ lowestHeight, forkId }, { lowestHeight: 3, forkId: forks.idAt(7) })
    assert.equal(forkId?.next, 9)
  })

  it('offers the features that it is to offer', () => {
    const offered = (features: Feature[]): bigint | undefined =>
      localNode(resolveServiceConfig({ genesisHash: CONFIG.genesisHash, features }), STATE, []).features

    assert.deepEqual([offered([]), offered(['peers', 'short-digests'])], [undefined, 5n])
  })

  it('tells the first 16 addresses', () => {
    const addresses = Array.from({ length: MAX_LISTEN_ADDRS + 1 }, (_, i) => `/ip4/10.0.0.${i + 1}/tcp/8765`)
    assert.deepEqual(told(...addresses.slice(0, MAX_LISTEN_ADDRS)), addresses.slice(0, MAX_LISTEN_ADDRS))
    assert.deepEqual(told(...addresses), addresses.slice(0, MAX_LISTEN_ADDRS))
  })

  it('leaves away what is longer than 192 bytes, and does not count it', () => {
    const [fits, tooLong] = [addressOf(MAX_LISTEN_ADDR_BYTES), addressOf(MAX_LISTEN_ADDR_BYTES + 1)]
    assert.deepEqual([multiaddr(fits).bytes.byteLength, multiaddr(tooLong).bytes.byteLength], [192, 193])
    assert.deepEqual(told(tooLong, fits), [fits])
    const short = Array.from({ length: MAX_LISTEN_ADDRS }, (_, i) => `/ip4/10.0.0.${i + 1}/tcp/8765`)
    assert.deepEqual(told(tooLong, ...short), short)
  })

  it('tells a long address without the peer id that libp2p has put behind it', () => {
    const address = addressOf(MAX_LISTEN_ADDR_BYTES)
    assert.deepEqual(told(`${address}${ID}`, `/ip4/10.0.0.1/tcp/8765${ID}`), [address, `/ip4/10.0.0.1/tcp/8765${ID}`])
    assert.deepEqual(told(`${addressOf(MAX_LISTEN_ADDR_BYTES + 1)}${ID}`, ID), [ID])
  })

  it('fits into a handshake however much there is to say', () => {
    const names = { nodeId: 'n'.repeat(64), userAgent: 'u'.repeat(256), network: 'w'.repeat(64) }
    const config = resolveServiceConfig({ genesisHash: sampleHash('genesis'), ...names })
    const addresses = Array.from({ length: 20 }, () => multiaddr(addressOf(MAX_LISTEN_ADDR_BYTES)))
    const height = Number.MAX_SAFE_INTEGER
    const forks = new ForkSchedule(CONFIG.genesisHash, [height])
    const node = localNode(config, { tip: { ...TIP, height: height - 1 }, lowestHeight: height, forks }, addresses)
    assert.equal(node.listenAddrs.length, MAX_LISTEN_ADDRS)
    assert.ok(encodeMessage({ type: 'handshake', node }).byteLength <= MAX_HANDSHAKE_FRAME_BYTES)
  })
})
