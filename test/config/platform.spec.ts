import assert from 'node:assert/strict'
import { DEFAULT_LISTEN, checkPlatform } from '../../src/config/platform.ts'
import * as browser from '../../src/config/platform.browser.ts'
import type { NetworkConfig } from '../../src/index.ts'

const tls = { cert: '-----BEGIN CERTIFICATE-----', key: '-----BEGIN PRIVATE KEY-----' }

describe('config/platform', () => {
  describe('in Node.js', () => {
    it('listens where nothing else is said', () => {
      assert.deepEqual(DEFAULT_LISTEN, ['/ip4/0.0.0.0/tcp/8765'])
    })

    it('wants a certificate for addresses with TLS', () => {
      for (const address of ['/ip4/0.0.0.0/tcp/443/tls/ws', '/ip4/0.0.0.0/tcp/443/wss']) {
        assert.throws(() => { checkPlatform({ listen: [address] }) }, { name: 'ConfigError', message: /^Expected `tls`/ })
        checkPlatform({ listen: [address], tls })
      }

      checkPlatform({ listen: ['/ip4/0.0.0.0/tcp/80/ws'] })
    })
  })

  describe('in a web page', () => {
    it('does not listen', () => {
      assert.deepEqual(browser.DEFAULT_LISTEN, [])
    })

    const refused: [option: string, config: Partial<NetworkConfig>][] = [
      ['listen', { listen: ['/ip4/127.0.0.1/tcp/1/ws'] }],
      ['announce', { announce: ['/ip4/127.0.0.1/tcp/1/ws'] }],
      ['tls', { tls }],
      ['dnsSeeds', { dnsSeeds: ['seed.example.org'] }],
      ['dnsServers', { dnsServers: ['192.0.2.1'] }],
      ['nat.relayServer', { nat: { relayServer: true } }],
      ['nat.holePunch', { nat: { relay: true, holePunch: true } }],
      ['nat.autonat', { nat: { autonat: true } }],
      ['nat.upnp', { nat: { upnp: true } }],
      ['discovery.mdns', { discovery: { mdns: true } }]
    ]

    for (const [option, config] of refused) {
      it(`refuses \`${option}\`, and says why`, () => {
        assert.throws(() => { browser.checkPlatform(config) }, { name: 'ConfigError', message: new RegExp(`^A web page cannot use \`${option}\`: .`) })
      })
    }

    it('refuses seeds whose addresses would have to be looked up', () => {
      assert.throws(() => { browser.checkPlatform({ seedPeers: ['/dns4/a.example.org/tcp/1/ws', '/dnsaddr/b.example.org'] }) }, {
        name: 'ConfigError', message: 'A web page cannot use the seed "/dnsaddr/b.example.org": it cannot look names up'
      })
    })

    it('takes what asks for nothing, and what a page can do', () => {
      browser.checkPlatform({
        listen: [], announce: [], dnsSeeds: [], dnsServers: [], nat: { relay: true, webrtc: true, upnp: false }, discovery: { mdns: false, dht: 'client' },
        seedPeers: ['/ip4/127.0.0.1/tcp/1/ws'], dataDir: 'node'
      })
      browser.checkPlatform({})
    })
  })
})
