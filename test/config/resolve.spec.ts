import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { DEFAULTS, pickServiceConfig, resolveConfig, resolveServiceConfig } from '../../src/config/resolve.ts'
import { VERSION } from '../../src/version.ts'
import type { NetworkConfig, ServiceInit } from '../../src/config/resolve.ts'

const genesisHash = new Uint8Array(32).fill(7)
const privateKey = await generateKeyPair('Ed25519')
const peerId = peerIdFromPrivateKey(privateKey).toString()
const chain = { tip: () => ({ height: 0, hash: genesisHash }), get: () => undefined }
const logger = defaultLogger()
const DAY_MS = 86_400_000
const SEED = '/ip4/10.0.0.2/tcp/8765'

/** What is accepted as it is, and what is refused with which words about it. */
interface Row {
  good: unknown[]
  bad: [value: unknown, expected: string, got: string][]
}

const HEIGHTS = 'an array of at most 256 heights from 1 to 2^53 - 1, in ascending order'
const FEATURE_NAMES = 'an array of different names out of \'short-digests\', \'compact-blocks\', \'peers\''

function integers (min: number, max: number, unit = ''): Row {
  const expected = `an integer from ${min} to ${max}${unit}`

  return {
    good: [min, max],
    bad: [
      [min - 1, expected, String(min - 1)],
      [max + 1, expected, String(max + 1)],
      [min + 0.5, expected, String(min + 0.5)],
      [NaN, expected, 'NaN'],
      [Infinity, expected, 'Infinity'],
      ['8', expected, '"8"'],
      [8n, expected, 'a bigint'],
      [null, expected, 'null']
    ]
  }
}

function durations (): Row {
  return integers(10, DAY_MS, ' (milliseconds)')
}

function texts (min: number, max: number): Row {
  const expected = `a string of ${min === 0 ? 'at most' : `${min} to`} ${max} bytes of UTF-8`

  return {
    good: ['x'.repeat(min), 'x'.repeat(max), 'é'.repeat(max / 2)],
    bad: [
      ...(min > 0 ? [['', expected, 'one of 0 bytes'] as Row['bad'][number]] : []),
      ['x'.repeat(max + 1), expected, `one of ${max + 1} bytes`],
      ['x' + 'é'.repeat(max / 2), expected, `one of ${max + 1} bytes`],
      ['\ud800', expected, 'one with half a surrogate pair'],
      [42, expected, '42'],
      [null, expected, 'null']
    ]
  }
}

const EXAMPLE = 'a multiaddr such as "/ip4/10.0.0.2/tcp/8765"'

/** What no list of addresses takes; the first of two is good, so that the bad one has to be named by its place. */
function addressLists (name: string): Row['bad'] {
  const element = (value: unknown, got: string): Row['bad'][number] => [[SEED, value], `\`${name}[1]\` to be ${EXAMPLE}`, got]

  return [
    ['/ip4/10.0.0.2/tcp/8765', 'an array of multiaddrs', '"/ip4/10.0.0.2/tcp/8765"'],
    [null, 'an array of multiaddrs', 'null'],
    [{ 0: SEED, length: 1 }, 'an array of multiaddrs', 'an object'],
    element(42, '42'),
    element(undefined, 'undefined'),
    element(multiaddr(SEED), 'a Multiaddr object: give its text, `String(address)`'),
    element('', '"" (it is empty)'),
    element('/', '"/" (it is empty)'),
    element('10.0.0.2:8765', '"10.0.0.2:8765" (String multiaddr must start with "/")'),
    element('/ip4/10.0.0.256/tcp/8765', '"/ip4/10.0.0.256/tcp/8765" (Invalid IPv4 address "10.0.0.256")'),
    element('/ip4/10.0.0.2/tcp/65536', '"/ip4/10.0.0.2/tcp/65536" (Value must be smaller'),
    element('/ip4/10.0.0.2/tpc/8765', '"/ip4/10.0.0.2/tpc/8765" (Protocol tpc was unknown)'),
    element(`${SEED}/p2p/nobody`, `"${SEED}/p2p/nobody" (`),
    element(`${SEED}/p2p/${'x'.repeat(60)}`, 'a string of 87 bytes (')
  ]
}

function undialable (name: string): Row['bad'] {
  const row = (address: string, why: string): Row['bad'][number] => {
    return [[SEED, address], `\`${name}[1]\` to be an address that can be dialled`, `"${address}" (${why}`]
  }

  return [
    row('/ip4/0.0.0.0/tcp/8765', 'no machine has this IP address'),
    row('/ip4/0.1.2.3/tcp/8765', 'no machine has this IP address'),
    row('/ip4/224.0.0.1/tcp/8765', 'no machine has this IP address'),
    row('/ip4/255.255.255.255/tcp/8765', 'no machine has this IP address'),
    row('/ip6/::/tcp/8765', 'no machine has this IP address'),
    row('/ip6/::ffff:0:0/tcp/8765', 'no machine has this IP address'),
    row('/ip6/ff02::1/tcp/8765', 'no machine has this IP address'),
    row('/ip4/10.0.0.2/tcp/0', 'port 0 means "any free port"'),
    row('/dns4/seed.example.org/tcp/0', 'port 0 means "any free port"'),
    row('/ip4/10.0.0.2', 'it has no port'),
    row('/dns/seed.example.org', 'it has no port'),
    row('/tcp/8765', 'it does not begin with an IP address or a DNS name'),
    row(`/p2p/${peerId}`, 'it does not begin with an IP address or a DNS name')
  ]
}

const dialable = [
  [],
  [SEED],
  [`${SEED}/p2p/${peerId}`],
  ['/ip4/223.255.255.255/tcp/1', '/ip4/1.0.0.0/tcp/65535', '/ip4/127.0.0.1/tcp/8765'],
  ['/ip6/::1/tcp/8765', '/ip6/fe80::1/tcp/8765', '/ip6zone/eth0/ip6/fe80::1/tcp/8765'],
  ['/dns4/seed.example.org/tcp/8765', '/dns/seed.example.org/tcp/443/tls/ws', '/ip4/10.0.0.2/udp/8765/quic-v1'],
  ['/dnsaddr/seed.example.org', `/dnsaddr/seed.example.org/p2p/${peerId}`]
]

/** That many bytes in binary form: 5 of the host, 3 of the port, 5 around the path, and the path. */
function longAddress (bytes: number): string {
  return `/ip4/10.0.0.2/tcp/8765/http-path/${'x'.repeat(bytes - 5 - 3 - 5)}`
}

const POOL_METHODS = 'an object with the functions `get`, `digests`'
const CHAIN_METHODS = 'an object with the functions `tip`, `get`, ' +
  'optionally `range`, optionally `lowestHeight`, optionally `verify`, optionally `append`, optionally `reorganise`'

const SERVICE_ROWS: Record<keyof ServiceInit, Row> = {
  network: texts(1, 64),
  genesisHash: {
    good: [new Uint8Array(32)],
    bad: [
      [undefined, 'a Uint8Array of 32 bytes', 'undefined'],
      [null, 'a Uint8Array of 32 bytes', 'null'],
      [new Uint8Array(31), 'a Uint8Array of 32 bytes', 'a Uint8Array of 31 bytes'],
      [new Uint8Array(33), 'a Uint8Array of 32 bytes', 'a Uint8Array of 33 bytes'],
      [new ArrayBuffer(32), 'a Uint8Array of 32 bytes', 'an object'],
      ['07'.repeat(32), 'a Uint8Array of 32 bytes', `"${'07'.repeat(32)}"`]
    ]
  },
  forks: {
    good: [[], [1], [1, 2, Number.MAX_SAFE_INTEGER], Array.from({ length: 256 }, (_, index) => index + 1)],
    bad: [
      [[0], HEIGHTS, '0 at index 0'],
      [[5, 5], HEIGHTS, '5 at index 1'],
      [[5, 4], HEIGHTS, '4 at index 1'],
      [[1.5], HEIGHTS, '1.5 at index 0'],
      [[2 ** 53], HEIGHTS, '9007199254740992 at index 0'],
      [['1'], HEIGHTS, '"1" at index 0'],
      [Array.from({ length: 257 }, (_, index) => index + 1), HEIGHTS, '257 heights'],
      [7, HEIGHTS, '7'],
      [null, HEIGHTS, 'null']
    ]
  },
  features: {
    good: [[], ['peers'], ['compact-blocks', 'short-digests', 'peers']],
    bad: [
      ['peers', FEATURE_NAMES, '"peers"'],
      [['peers', 'peers'], FEATURE_NAMES, '"peers" at index 1'],
      [['short-digests', 'else'], FEATURE_NAMES, '"else" at index 1'],
      [[1], FEATURE_NAMES, '1 at index 0'],
      [null, FEATURE_NAMES, 'null']
    ]
  },
  nodeId: texts(0, 64),
  userAgent: texts(0, 256),
  chain: {
    good: [
      chain, { ...chain, range: () => [] }, { ...chain, range: undefined },
      { ...chain, append: () => {}, verify: () => {}, reorganise: () => false },
      { ...chain, sharesMemory: false }, { ...chain, sharesMemory: true }, { ...chain, sharesMemory: undefined },
      { ...chain, verifyConcurrency: 1 }, { ...chain, verifyConcurrency: 1024 }, { ...chain, verifyConcurrency: undefined }
    ],
    bad: [
      [null, CHAIN_METHODS, 'null'],
      ['chain', CHAIN_METHODS, 'a string'],
      [{ tip: chain.tip }, '`chain.get` to be a function', 'undefined'],
      [{ get: chain.get, tip: 7 }, '`chain.tip` to be a function', '7'],
      [{ ...chain, range: [] }, '`chain.range` to be a function', 'an array'],
      [{ ...chain, range: null }, '`chain.range` to be a function', 'null'],
      [{ ...chain, append: {} }, '`chain.append` to be a function', 'an object'],
      [{ ...chain, append: () => {}, verify: true }, '`chain.verify` to be a function', 'true'],
      [{ ...chain, append: () => {}, reorganise: 1 }, '`chain.reorganise` to be a function', '1'],
      [{ ...chain, sharesMemory: 0 }, '`chain.sharesMemory` to be true or false', '0'],
      [{ ...chain, verifyConcurrency: 0 }, '`chain.verifyConcurrency` to be an integer from 1 to 1024', '0'],
      [{ ...chain, verifyConcurrency: 1025 }, '`chain.verifyConcurrency` to be an integer from 1 to 1024', '1025'],
      [{ ...chain, verifyConcurrency: '8' }, '`chain.verifyConcurrency` to be an integer from 1 to 1024', '"8"']
    ]
  },
  pool: {
    good: [{ get: () => undefined, digests: () => [] }],
    bad: [
      [null, POOL_METHODS, 'null'],
      ['pool', POOL_METHODS, 'a string'],
      [{ get: () => undefined }, '`pool.digests` to be a function', 'undefined'],
      [{ digests: () => [] }, '`pool.get` to be a function', 'undefined']
    ]
  },
  autoSync: {
    good: [true, false],
    bad: [
      [1, 'true or false', '1'],
      ['yes', 'true or false', '"yes"'],
      [null, 'true or false', 'null']
    ]
  },
  handlers: {
    good: [{}, { newBlock: () => 'accept' }, { newBlock: undefined, ping: () => {} }],
    bad: [
      [null, 'an object with functions under any of', 'null'],
      [() => {}, 'an object with functions under any of', 'a function'],
      [{ newBlock: 'accept' }, '`handlers.newBlock` to be a function', '"accept"'],
      [{ handshake: () => {} }, 'an object with functions under any of', '`handshake`']
    ]
  },
  seedPeers: { good: dialable, bad: [...addressLists('seedPeers'), ...undialable('seedPeers')] },
  reservedPeers: {
    good: [[], [`${SEED}/p2p/${peerId}`], Array.from({ length: 256 }, (_, i) => `/ip4/10.0.0.${i}/tcp/8765/p2p/${peerId}`)],
    bad: [
      ...addressLists('reservedPeers'),
      ...undialable('reservedPeers'),
      [[SEED], '`reservedPeers[0]` to be a multiaddr that ends with `/p2p/` and a peer id', `"${SEED}"`],
      [
        Array.from({ length: 257 }, (_, i) => `/ip4/10.0.1.${i % 256}/tcp/${i + 1}/p2p/${peerId}`),
        'an array of at most 256 multiaddrs', 'one of 257'
      ]
    ]
  },
  maxOutbound: integers(0, 10_000),
  maxBlockOnly: integers(0, 10_000),
  maxInbound: integers(0, 10_000),
  maxInboundPerHost: integers(1, 10_000),
  maxPendingHandshakes: integers(1, 10_000),
  maxFrameBytes: integers(65_536, 67_108_864),
  handshakeTimeout: durations(),
  pingInterval: durations(),
  pingTimeout: durations(),
  frameTimeout: durations(),
  requestTimeout: durations(),
  sendTimeout: durations(),
  dialTimeout: durations(),
  reconnectDelay: durations(),
  maxReconnectDelay: durations(),
  banDuration: durations(),
  rateLimits: {
    good: [DEFAULTS.rateLimits, { ...DEFAULTS.rateLimits, bytes: { perSecond: 0.5, burst: 1 } }],
    bad: [
      [null, 'an object', 'null'],
      [{ pings: 5 }, '`rateLimits.pings` to be an object', '5'],
      [{ pings: { perSecond: 0, burst: 1 } }, '`rateLimits.pings.perSecond` to be a number above 0, or Infinity', '0'],
      [{ pings: { perSecond: 1 } }, '`rateLimits.pings.burst` to be a number from 1, or Infinity', 'undefined'],
      [{ pings: { perSecond: 1, burst: 0.9 } }, '`rateLimits.pings.burst` to be a number from 1, or Infinity', '0.9']
    ]
  },
  bandwidth: {
    good: [DEFAULTS.bandwidth, { upload: 1024, download: 2048, peerUpload: 1e12, peerDownload: Infinity }],
    bad: [
      [1024, 'an object', '1024'],
      [{ upload: 1023 }, '`bandwidth.upload` to be a number from 1024, or Infinity', '1023'],
      [{ peerDownload: NaN }, '`bandwidth.peerDownload` to be a number from 1024, or Infinity', 'NaN']
    ]
  },
  limits: {
    good: [DEFAULTS.limits, { ...DEFAULTS.limits, servedBlocks: 1, servedBytes: 65_536, servedRequests: 64, bans: 100_000 }],
    bad: [
      [[], 'an object', 'an array'],
      [{ servedBlocks: 0 }, '`limits.servedBlocks` to be an integer from 1 to 1024', '0'],
      [{ servedBlocks: 1025 }, '`limits.servedBlocks` to be an integer from 1 to 1024', '1025'],
      [{ seenDigests: 512 }, '`limits.seenDigests` to be a power of two from 1024 to 1048576', '512'],
      [{ seenDigests: 1025 }, '`limits.seenDigests` to be a power of two from 1024 to 1048576', '1025'],
      [{ seenDuration: 999 }, '`limits.seenDuration` to be an integer from 1000 to 86400000 (milliseconds)', '999'],
      [
        { outboxSoftBytes: 1_048_576, outboxHardBytes: 1_048_576 },
        '`limits.outboxSoftBytes` to be less than `outboxHardBytes` (1048576)', '1048576'
      ]
    ]
  }
}

const NETWORK_ROWS: Record<Exclude<keyof NetworkConfig, keyof ServiceInit>, Row> = {
  listen: {
    good: [[], ['/ip4/0.0.0.0/tcp/0'], ['/ip6/::/tcp/8765', '/ip4/127.0.0.1/tcp/8765'], ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/tcp/0']],
    bad: addressLists('listen')
  },
  announce: {
    good: [...dialable, [longAddress(192)], Array.from({ length: 16 }, (_, i) => `/ip4/10.0.0.${i}/tcp/8765`)],
    bad: [
      ...addressLists('announce'),
      ...undialable('announce'),
      [[SEED, longAddress(193)], '`announce[1]` to be a multiaddr of at most 192 bytes', 'one of 193'],
      [Array.from({ length: 17 }, (_, i) => `/ip4/10.0.0.${i}/tcp/8765`), 'an array of at most 16 multiaddrs', 'one of 17']
    ]
  },
  signal: {
    good: [new AbortController().signal, AbortSignal.abort()],
    bad: [
      [null, 'an object with the functions `throwIfAborted`, `addEventListener`, `removeEventListener`', 'null'],
      [new AbortController(), '`signal.throwIfAborted` to be a function', 'undefined']
    ]
  },
  privateKey: {
    good: [privateKey, await generateKeyPair('secp256k1'), await generateKeyPair('RSA')],
    bad: [
      [null, 'a libp2p private key', 'null'],
      ['correct horse battery staple', 'a libp2p private key', 'a string'],
      [new Uint8Array(64), 'a libp2p private key', 'an object'],
      [privateKey.publicKey, 'a libp2p private key', 'an object'],
      [{ type: 'Ed25519', raw: new Uint8Array(64), sign: () => {} }, 'a libp2p private key', 'an object with a part of what one has'],
      [await generateKeyPair('ECDSA'), 'a libp2p private key (Ed25519, secp256k1 or RSA)', 'one of type "ECDSA"']
    ]
  },
  dataDir: {
    good: ['.', '/var/lib/vibecoin', 'a b'],
    bad: [
      ['', 'the path of a directory', '""'],
      ['a\0b', 'the path of a directory', '"a\\u0000b"'],
      [new URL('file:///tmp'), 'the path of a directory', 'an object'],
      [null, 'the path of a directory', 'null']
    ]
  },
  dnsSeeds: {
    good: [[], ['seed.example.org'], ['localhost', 'a-1.b'], Array.from({ length: 16 }, (_, i) => `seed${i}.example.org`)],
    bad: [
      ['seed.example.org', 'an array of host names', '"seed.example.org"'],
      [null, 'an array of host names', 'null'],
      [Array.from({ length: 17 }, (_, i) => `seed${i}.example.org`), 'an array of at most 16 host names', 'one of 17'],
      ...['', 'a b', '-a', 'a-', 'a..b', '10.0.0.1', '/dns4/a', 'x'.repeat(64)].map((entry): Row['bad'][number] => {
        return [['a', entry], '`dnsSeeds[1]` to be a host name such as "seed.example.org"', JSON.stringify(entry)]
      }),
      [[7], '`dnsSeeds[0]` to be a host name such as "seed.example.org"', '7']
    ]
  },
  dnsServers: {
    good: [[], ['127.0.0.1'], ['10.0.0.53:5353', '[::1]:53', '::1', '2001:db8::1']],
    bad: [
      ['127.0.0.1', 'an array of IP addresses', '"127.0.0.1"'],
      ...['', 'ns.example.org', '256.0.0.1', '127.0.0.1:65536', '[::1', '127.0.0.1:'].map((entry): Row['bad'][number] => {
        return [[entry], '`dnsServers[0]` to be the IP address of a DNS server, such as "10.0.0.53" or "[::1]:5353"', JSON.stringify(entry)]
      })
    ]
  },
  discovery: {
    good: [{}, { dht: true }, { dht: 'client', mdns: true }, { dht: 'server' }, { dht: false, mdns: undefined }],
    bad: [
      [true, 'an object with any of `dht`, `mdns`', 'true'],
      [null, 'an object with any of `dht`, `mdns`', 'null'],
      [{ dth: true }, 'an object with any of `dht`, `mdns`', '`dth`'],
      [{ toString: true }, 'an object with any of `dht`, `mdns`', '`toString`'],
      [JSON.parse('{ "__proto__": true }'), 'an object with any of `dht`, `mdns`', '`__proto__`'],
      [{ dht: 'servant' }, '`discovery.dht` to be one of true, false, "client", "server"', '"servant"'],
      [{ mdns: 1 }, '`discovery.mdns` to be one of true, false', '1']
    ]
  },
  nat: {
    good: [
      {}, { relay: true, relayServer: true, holePunch: true, webrtc: true, autonat: true, upnp: true }, { relay: false },
      { relay: true, holePunch: true }, { relayServer: true, holePunch: true }, { holePunch: false }
    ],
    bad: [
      [{ holePunch: true }, '`nat.relay` to be true where `nat.holePunch` is, which moves sessions away from relays', 'undefined'],
      [{ holePunch: true, relay: false, relayServer: false }, '`nat.relay` to be true where `nat.holePunch` is, which moves sessions away from relays', 'false'],
      [{ webrtc: true }, '`nat.relay` to be true where `nat.webrtc` is, which moves sessions away from relays', 'undefined'],
      [[], 'an object with any of `relay`, `relayServer`, `holePunch`, `webrtc`, `autonat`, `upnp`', 'an array'],
      [{ upnp: 'yes' }, '`nat.upnp` to be one of true, false', '"yes"'],
      [{ constructor: true }, 'an object with any of `relay`, `relayServer`, `holePunch`, `webrtc`, `autonat`, `upnp`', '`constructor`'],
      [{ stun: true }, 'an object with any of `relay`, `relayServer`, `holePunch`, `webrtc`, `autonat`, `upnp`', '`stun`']
    ]
  },
  privateNetworkKey: {
    good: [`/key/swarm/psk/1.0.0/\n/base16/\n${'0a'.repeat(32)}`, `/key/swarm/psk/1.0.0/\r\n/base16/\r\n${'0A'.repeat(32)}\n`],
    bad: [
      ['', 'the text of a swarm key file', 'something else'],
      ['0a'.repeat(32), 'the text of a swarm key file', 'something else'],
      [`/key/swarm/psk/1.0.0/\n/base16/\n${'0a'.repeat(31)}`, 'the text of a swarm key file', 'something else'],
      [new Uint8Array(95), 'the text of a swarm key file', 'something else']
    ]
  },
  tls: {
    good: [{ cert: '-----BEGIN CERTIFICATE-----', key: '-----BEGIN PRIVATE KEY-----' }],
    bad: [
      [null, 'an object with `cert` and `key` as PEM', 'undefined for `cert`'],
      [{ cert: '-----BEGIN CERTIFICATE-----' }, 'an object with `cert` and `key` as PEM', 'undefined for `key`'],
      [{ cert: 'cert.pem', key: 'key.pem' }, 'an object with `cert` and `key` as PEM', 'a string for `cert`']
    ]
  },
  admin: { good: [false], bad: [['yes', '`admin` to be true or false', '"yes"']] },
  maxInboundRate: integers(1, 100_000),
  logger: {
    good: [logger],
    bad: [
      [console.log, 'an object with the function `forComponent`', 'a function'],
      [console, '`logger.forComponent` to be a function', 'undefined'],
      [null, 'an object with the function `forComponent`', 'null']
    ]
  },
  metrics: {
    good: [() => { throw new Error('not called') }],
    bad: [[{}, 'a function', 'an object'], [true, 'a function', 'true'], [null, 'a function', 'null']]
  }
}

type Resolve = (options: never) => object

/** The other options that an option needs at its limits. */
const COMPANIONS: Record<string, object> = {
  reconnectDelay: { maxReconnectDelay: DAY_MS },
  maxReconnectDelay: { reconnectDelay: 10 }
}

function resolveWith (resolve: Resolve, name: string, value: unknown): Record<string, unknown> {
  return resolve({ genesisHash, ...COMPANIONS[name], [name]: value } as never) as Record<string, unknown>
}

function testRows (resolve: Resolve, rows: Record<string, Row>): void {
  for (const [name, { good, bad }] of Object.entries(rows)) {
    it(`takes what \`${name}\` can be`, () => {
      for (const value of good) {
        assert.deepEqual(resolveWith(resolve, name, value)[name], value)
      }
    })

    it(`refuses what \`${name}\` cannot be, and says what was expected`, () => {
      for (const [value, expected, got] of bad) {
        assert.throws(() => resolveWith(resolve, name, value), (err: Error) => {
          assert.equal(err.name, 'ConfigError')
          const message = expected.startsWith('`') ? `Expected ${expected}` : `Expected \`${name}\` to be ${expected}`
          assert.ok(err.message.startsWith(message), `${err.message}\nshould start with\n${message}`)
          assert.ok(err.message.includes(`, got ${got}`), `${err.message}\nshould say\ngot ${got}`)

          return true
        })
      }
    })
  }
}

describe('config/resolve', () => {
  describe('resolveServiceConfig', () => {
    testRows(resolveServiceConfig, SERVICE_ROWS)

    it('says of the options of a whole node whose they are', () => {
      for (const name of Object.keys(NETWORK_ROWS)) {
        assert.throws(() => resolveServiceConfig({ genesisHash, [name]: undefined }), {
          name: 'ConfigError',
          message: `\`${name}\` is an option of \`startNetwork\`, and not of the service: it is a matter of your libp2p node`
        })
      }
    })
  })

  describe('resolveConfig', () => {
    testRows(resolveConfig, { ...SERVICE_ROWS, ...NETWORK_ROWS })
  })

  describe('what both do', () => {
    it('fills in every default', () => {
      assert.deepEqual(resolveConfig({ genesisHash }), { ...DEFAULTS, genesisHash })
    })

    it('takes undefined for "not given"', () => {
      const names = [...Object.keys(SERVICE_ROWS), ...Object.keys(NETWORK_ROWS)]
      const nothing = Object.fromEntries(names.map((name) => [name, undefined]))

      assert.deepEqual(resolveConfig({ ...nothing, genesisHash }), { ...DEFAULTS, genesisHash })
    })

    it('refuses what is no object', () => {
      for (const [value, got] of [[undefined, 'undefined'], [null, 'null'], ['x', 'a string'], [[], 'an array'], [7, 'a number']]) {
        assert.throws(() => resolveConfig(value as never), {
          name: 'ConfigError',
          message: `Expected the config to be an object, got ${got as string}`
        })
      }
    })

    it('names the option that was probably meant', () => {
      const typos = {
        maxInbund: 'maxInbound',
        MaxInbound: 'maxInbound',
        max_inbound: 'maxInbound',
        seedPeer: 'seedPeers',
        listenn: 'listen',
        genesishash: 'genesisHash',
        pingTimout: 'pingTimeout',
        datadir: 'dataDir'
      }

      for (const [typo, meant] of Object.entries(typos)) {
        assert.throws(() => resolveConfig({ genesisHash, [typo]: 1 }), {
          name: 'ConfigError',
          message: `Unknown option \`${typo}\`, did you mean \`${meant}\`?`
        })
      }
    })

    it('names the options that have the word in them, or are in it', () => {
      const words = { peers: '`seedPeers` or `reservedPeers`', listenAddresses: '`listen`', seeds: '`dnsSeeds`', frame: '`maxFrameBytes` or `frameTimeout`' }

      for (const [word, meant] of Object.entries(words)) {
        assert.throws(() => resolveConfig({ genesisHash, [word]: 1 }), {
          name: 'ConfigError', message: `Unknown option \`${word}\`, did you mean ${meant}?`
        })
      }
    })

    it('does not guess when nothing is near', () => {
      for (const key of ['colour', 'x', '', 'toString', '__proto__', 'constructor']) {
        const config = { genesisHash, ...JSON.parse(`{"${key}": 1}`) as object }
        Object.defineProperty(config, key, { value: 1, enumerable: true })

        assert.throws(() => resolveConfig(config), { name: 'ConfigError', message: `Unknown option \`${key}\`` })
      }
    })

    it('cuts a name of any length short in the message', () => {
      assert.throws(() => resolveConfig({ genesisHash, ['x'.repeat(1_000_000)]: 1 }), {
        name: 'ConfigError',
        message: `Unknown option \`${'x'.repeat(64)}\``
      })
    })

    it('holds reconnectDelay to maxReconnectDelay, also when one of them is the default', () => {
      const message = (delay: number, max: number): object => ({
        name: 'ConfigError',
        message: `Expected \`reconnectDelay\` to be at most \`maxReconnectDelay\` (${max}), got ${delay}`
      })

      assert.equal(resolveConfig({ genesisHash, reconnectDelay: 5000, maxReconnectDelay: 5000 }).reconnectDelay, 5000)
      assert.throws(() => resolveConfig({ genesisHash, reconnectDelay: 5001, maxReconnectDelay: 5000 }), message(5001, 5000))
      assert.throws(() => resolveConfig({ genesisHash, reconnectDelay: 300_001 }), message(300_001, 300_000))
      assert.throws(() => resolveConfig({ genesisHash, maxReconnectDelay: 999 }), message(1000, 999))
    })

    it('has fewer block-only sessions where there are few outbound ones, and as many as the operator says', () => {
      const most = (init: object): number => resolveServiceConfig({ genesisHash, ...init }).maxBlockOnly

      assert.deepEqual([0, 1, 3, 4, 7, 8, 100].map((maxOutbound) => most({ maxOutbound })), [0, 0, 0, 1, 1, 2, 2])
      assert.deepEqual([most({}), most({ maxBlockOnly: 0 }), most({ maxOutbound: 0, maxBlockOnly: 5 })], [2, 0, 5])
    })

    it('removes duplicate seeds, also those that are written differently', () => {
      const seedPeers = [SEED, '/dnsaddr/a.example', SEED, `${SEED}/`, '/ip6/0:0::1/tcp/1', '/ip6/::1/tcp/1', `${SEED}/ipfs/${peerId}`, `${SEED}/p2p/${peerId}`]

      assert.deepEqual(resolveConfig({ genesisHash, seedPeers }).seedPeers, [
        SEED, '/dnsaddr/a.example', '/ip6/::1/tcp/1', `${SEED}/p2p/${peerId}`
      ])
    })

    it('never shows a private key that came in the wrong form', () => {
      for (const secret of ['hunter2', new Uint8Array([1, 2, 3]), { raw: 'hunter2' }]) {
        assert.throws(() => resolveConfig({ genesisHash, privateKey: secret as never }), (err: Error) => {
          return !err.message.includes('hunter2') && !err.message.includes('1,2,3')
        })
      }
    })

    it('changes nothing of what it is given', () => {
      const config = {
        genesisHash: Uint8Array.from(genesisHash),
        seedPeers: [SEED, SEED],
        listen: ['/ip4/0.0.0.0/tcp/1/'],
        announce: [SEED],
        chain,
        maxInbound: undefined
      }
      const before = structuredClone({ ...config, chain: undefined })

      resolveConfig(config)

      assert.deepEqual({ ...config, chain: undefined }, before)
      assert.ok(![config, config.seedPeers, config.listen, config.announce, config.chain].some(Object.isFrozen))
    })

    it('takes a frozen config', () => {
      const config = Object.freeze({ genesisHash, seedPeers: Object.freeze([SEED]) })

      assert.deepEqual(resolveConfig(config).seedPeers, [SEED])
    })

    it('gives a frozen config that later changes to the input do not reach', () => {
      const input = { genesisHash: Uint8Array.from(genesisHash), seedPeers: [SEED], listen: [SEED], announce: [SEED] }
      const config = resolveConfig(input)

      input.genesisHash.fill(0)
      input.seedPeers.push('/dnsaddr/b.example')

      assert.ok([config, config.seedPeers, config.listen, config.announce].every(Object.isFrozen))
      assert.deepEqual(config.genesisHash, genesisHash)
      assert.deepEqual(config.seedPeers, [SEED])
    })

    it('keeps the very objects that are not plain data', () => {
      const config = resolveConfig({ genesisHash, chain, privateKey, logger })

      assert.equal(config.chain, chain)
      assert.equal(config.privateKey, privateKey)
      assert.equal(config.logger, logger)
    })

    it('takes a chain that is an instance of a class', () => {
      class Chain {
        tip (): { height: number, hash: Uint8Array } { return { height: 0, hash: genesisHash } }
        get (): undefined {}
      }

      assert.ok(resolveConfig({ genesisHash, chain: new Chain() }).chain instanceof Chain)
    })
  })

  describe('pickServiceConfig', () => {
    it('leaves what the service takes', () => {
      const config = resolveConfig({ genesisHash, chain, maxInbound: 3, dataDir: '/x', privateKey })

      assert.deepEqual(pickServiceConfig(config), resolveServiceConfig({ genesisHash, chain, maxInbound: 3 }))
      assert.deepEqual(resolveServiceConfig(pickServiceConfig(config)), pickServiceConfig(config))
      assert.ok(Object.isFrozen(pickServiceConfig(config)))
    })
  })

  describe('DEFAULTS', () => {
    /** The options in the source of the interfaces: name, whether it is optional, and its `@default`. */
    const options = readOptions(['service-options', 'options'].map((name) => {
      return readFileSync(new URL(`../../src/config/${name}.ts`, import.meta.url), 'utf8')
    }).join(''))
    const documented = options.filter(({ optional, defaultText }) => optional && defaultText !== 'undefined')

    it('is what the documentation of each option says', () => {
      for (const { name, defaultText } of documented) {
        assert.deepEqual(parseDefault(defaultText), (DEFAULTS as Record<string, unknown>)[name], `@default of \`${name}\``)
      }
    })

    it('has exactly the options that have a default', () => {
      assert.deepEqual(Object.keys(DEFAULTS).sort(), documented.map(({ name }) => name).sort())
    })

    it('is documented for every optional option and no other', () => {
      for (const { name, optional, defaultText } of options) {
        assert.equal(defaultText !== '', optional, `\`${name}\` ${optional ? 'ends with @default' : 'has no @default'}`)
      }
    })

    it('covers the same options as the tables of this test', () => {
      assert.deepEqual(
        options.map(({ name }) => name).sort(),
        [...Object.keys(SERVICE_ROWS), ...Object.keys(NETWORK_ROWS)].sort()
      )
    })

    it('takes no WebRTC and no QUIC in a private network, which they have no place for', () => {
      const privateNetworkKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'0a'.repeat(32)}`
      const quic = '/ip4/127.0.0.1/udp/8765/quic-v1'

      for (const [config, name] of [
        [{ nat: { relay: true, webrtc: true } }, 'nat.webrtc'], [{ listen: [SEED, quic] }, 'listen[1]'], [{ seedPeers: [quic] }, 'seedPeers[0]']
      ] as const) {
        resolveConfig({ genesisHash, ...config })
        assert.throws(() => resolveConfig({ genesisHash, privateNetworkKey, ...config }), {
          name: 'ConfigError', message: new RegExp(`^Expected \`${name.replace(/[[\].]/g, '\\$&')}\` to be `)
        })
      }
    })

    it('takes no QUIC on the port at which a relay answers STUN', () => {
      const listen = ['/ip4/0.0.0.0/tcp/8765', '/ip4/0.0.0.0/udp/8765/quic-v1']
      resolveConfig({ genesisHash, listen })
      resolveConfig({ genesisHash, nat: { relayServer: true }, listen: [listen[0]!, '/ip4/0.0.0.0/udp/8766/quic-v1'] })
      resolveConfig({ genesisHash, nat: { relayServer: true }, listen: ['/ip4/0.0.0.0/tcp/0', '/ip4/0.0.0.0/udp/0/quic-v1'] })
      assert.throws(() => resolveConfig({ genesisHash, nat: { relayServer: true }, listen }), {
        name: 'ConfigError', message: /^Expected `listen\[1\]` to be a UDP port other than the TCP ports/
      })
    })

    it('is frozen, all of it', () => {
      assert.ok(Object.isFrozen(DEFAULTS))
      assert.ok(Object.values(DEFAULTS).every(Object.isFrozen))
      assert.ok(Object.values(DEFAULTS.rateLimits).every(Object.isFrozen))
    })

    it('passes its own checks', () => {
      assert.deepEqual(resolveConfig({ ...DEFAULTS, genesisHash }), { ...DEFAULTS, genesisHash })
    })
  })
})

interface DocumentedOption { name: string, optional: boolean, defaultText: string }

function readOptions (source: string): DocumentedOption[] {
  const interfaces = [...source.matchAll(/^export interface (?:ServiceInit|NetworkConfig)\b[^{]*\{\n(.*?)^\}/gms)]
  assert.equal(interfaces.length, 2)

  return interfaces.flatMap(([, body = '']) => {
    return [...body.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}(\w+)(\??):/gms)].map(([, doc = '', name = '', mark]) => ({
      name,
      optional: mark === '?',
      defaultText: /@default (.*?)\s*$/.exec(doc)?.[1] ?? ''
    }))
  })
}

/** A `@default` is JSON with single quotes and underscores in numbers. */
function parseDefault (text: string): unknown {
  // an object that is too long to be said twice
  if (text.startsWith('DEFAULTS.')) {
    return (DEFAULTS as unknown as Record<string, object>)[text.slice('DEFAULTS.'.length)]
  }

  const json = /^[\d_]+$/.test(text) ? text.replaceAll('_', '') : text.replaceAll('\'', '"').replaceAll('<version>', VERSION)

  return JSON.parse(json)
}
