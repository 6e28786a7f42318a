import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { NetworkConfig } from '../../src/index.ts'

const CHILD_FILE = fileURLToPath(new URL('../support/child-modules.ts', import.meta.url))

const SWARM_KEY = `/key/swarm/psk/1.0.0/\n/base16/\n${'00'.repeat(32)}`

/** What only those need who ask for it: packages, and files of our own. */
const OPTIONAL = [
  '@libp2p/kad-dht', '@libp2p/ping', '@libp2p/mdns', 'multicast-dns', '@libp2p/circuit-relay-v2', '@libp2p/dcutr', '@libp2p/autonat-v2',
  '@libp2p/upnp-nat', '@libp2p/webrtc', 'node-datachannel', '@chainsafe/libp2p-quic', '@libp2p/websockets', 'ws', 'dns-seeds', 'dns-lookup', 'dnsaddr', 'dht', 'mdns', 'nat',
  'relay', 'responder', 'port-mapping', 'port-mapper', 'hole-punch', 'webrtc', 'guard-channels', 'private-network', 'web-socket', 'quic'
]

/** Those of {@link OPTIONAL} that a node with these options has loaded. */
async function loadedWith (config: Partial<NetworkConfig>): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD_FILE, JSON.stringify(config)], { maxBuffer: 16 * 1024 * 1024 })
  const urls = JSON.parse(stdout) as string[]
  assert.ok(urls.some((url) => url.includes('/src/start-network.ts')) && urls.some((url) => url.includes('/node_modules/libp2p/')), 'modules are seen')

  return OPTIONAL.filter((name) => {
    return urls.some((url) => url.includes(`/node_modules/${name}/`) || (url.includes('/src/libp2p/') && url.endsWith(`/${name}.ts`)))
  })
}

describe('libp2p/on-demand', function () {
  this.timeout(30_000)

  it('is nothing of what it was not asked for', async () => {
    assert.deepEqual(await loadedWith({}), [])
  })

  const dnsServers = ['127.0.0.1:1']
  const options: [what: string, config: Partial<NetworkConfig>, modules: string[]][] = [
    ['seeds by host name', { dnsSeeds: ['seed.invalid'], dnsServers }, ['dns-seeds', 'dns-lookup', 'dnsaddr']],
    ['seeds in TXT records', { seedPeers: ['/dnsaddr/seed.invalid'], dnsServers }, ['dns-seeds', 'dns-lookup', 'dnsaddr']],
    ['a DHT', { discovery: { dht: true } }, ['@libp2p/kad-dht', '@libp2p/ping', 'dht']],
    ['multicast DNS', { discovery: { mdns: true } }, ['@libp2p/mdns', 'multicast-dns', 'mdns']],
    ['WebSockets', { listen: ['/ip4/127.0.0.1/tcp/0/ws'] }, ['@libp2p/websockets', 'ws', 'web-socket']],
    ['QUIC', { listen: ['/ip4/127.0.0.1/udp/0/quic-v1'] }, ['@chainsafe/libp2p-quic', 'quic']],
    ['a private network', { privateNetworkKey: SWARM_KEY }, ['private-network']]
  ]

  for (const [what, config, modules] of options) {
    it(`is what it takes where it is asked for ${what}, and nothing else`, async () => {
      assert.deepEqual((await loadedWith(config)).sort(), [...modules].sort())
    })
  }

  it('is the STUN responder where the node is a relay, and WebRTC where it is asked for', async () => {
    const relay = await loadedWith({ nat: { relayServer: true } })
    assert.ok(relay.includes('responder') && !relay.includes('@libp2p/webrtc') && !relay.includes('guard-channels'))
    const node = await loadedWith({ nat: { relay: true, webrtc: true } })
    assert.deepEqual(['@libp2p/webrtc', 'node-datachannel', 'webrtc', 'guard-channels'].filter((name) => !node.includes(name)), [])
    assert.ok(!node.includes('responder') && !node.includes('hole-punch'))
  })

  it('is what asks routers for ports where it is asked for that', async () => {
    const loaded = await loadedWith({ nat: { upnp: true } })

    assert.deepEqual(loaded.sort(), ['@libp2p/upnp-nat', 'nat', 'port-mapper', 'port-mapping'])
  })

  it('is what it takes to be reached behind a NAT where it is asked for that', async () => {
    const loaded = await loadedWith({ nat: { relay: true, holePunch: true, autonat: true } })

    assert.deepEqual(['@libp2p/circuit-relay-v2', '@libp2p/dcutr', '@libp2p/autonat-v2', 'nat'].filter((name) => !loaded.includes(name)), [])
    assert.ok(!loaded.includes('@libp2p/kad-dht') && !loaded.includes('@libp2p/upnp-nat'))
  })
})
