import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { createTransports } from '../../../src/libp2p/transport/transports.ts'
import * as browser from '../../../src/libp2p/transport/transports.browser.ts'
import type { NetworkConfig, ResolvedNetworkConfig } from '../../../src/config/resolve.ts'

const resolve = (config: Partial<NetworkConfig>): ResolvedNetworkConfig => resolveConfig({ genesisHash: new Uint8Array(32), ...config })

describe('libp2p/transport/transports', () => {
  describe('in Node.js', () => {
    async function count (config: Partial<NetworkConfig>): Promise<number> {
      return (await createTransports(resolve(config))).transports!.length
    }

    it('are TCP alone where no address needs more', async () => {
      assert.equal(await count({}), 1)
      assert.equal(await count({ seedPeers: ['/ip4/192.0.2.1/tcp/8765'], announce: ['/dns4/wss.example.org/tcp/8765'] }), 1)
    })

    it('are WebSockets too where an address of the config has them', async () => {
      assert.equal(await count({ listen: ['/ip4/0.0.0.0/tcp/8766/ws'] }), 2)
      assert.equal(await count({ seedPeers: ['/dns4/seed.example.org/tcp/443/tls/ws'] }), 2)
      assert.equal(await count({ seedPeers: ['/dns4/seed.example.org/tcp/443/wss'] }), 2)
      assert.equal(await count({ announce: ['/dns4/node.example.org/tcp/443/tls/ws'] }), 2)
    })
  })

  describe('in a web page', () => {
    const SEEDS = ['/ip4/127.0.0.1/tcp/8766/ws', '/dns4/seed.example.org/tcp/80/ws']

    async function isDenied (address: string, seedPeers = SEEDS): Promise<boolean> {
      const { connectionGater } = await browser.createTransports(resolve({ seedPeers }))

      const isDenied = await connectionGater!.denyDialMultiaddr!(multiaddr(address))

      return isDenied
    }

    it('are WebSockets alone', async () => {
      const { transports } = await browser.createTransports(resolve({}))
      assert.equal(transports!.length, 1)
    })

    for (const address of [
      '/ip4/127.0.0.1/tcp/8766/ws', '/ip4/127.0.0.1/tcp/9999/ws', '/dns4/seed.example.org/tcp/81/ws',
      '/dns4/other.example.org/tcp/443/tls/ws', '/ip4/8.8.8.8/tcp/443/tls/ws', '/dns4/other.example.org/tcp/443/wss'
    ]) {
      it(`may dial ${address}`, async () => {
        assert.equal(await isDenied(address), false)
      })
    }

    for (const address of [
      '/dns4/other.example.org/tcp/80/ws', '/ip4/8.8.8.8/tcp/80/ws', '/ip4/127.0.0.2/tcp/443/tls/ws', '/ip4/192.168.1.1/tcp/443/tls/ws',
      '/ip4/10.0.0.1/tcp/80/ws', '/ip6/::1/tcp/443/tls/ws', '/ip6/fe80::1/tcp/443/tls/ws'
    ]) {
      it(`may not dial ${address}`, async () => {
        assert.equal(await isDenied(address), true)
      })
    }

    it('may not dial what a seed does not name, also where there are none', async () => {
      assert.equal(await isDenied('/ip4/127.0.0.1/tcp/8766/ws', []), true)
    })
  })
})
