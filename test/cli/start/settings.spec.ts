import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'smol-toml'
import { createProgram, membersOf, typeOf } from '../../declarations.ts'
import { resolveConfig } from '../../../src/config/resolve.ts'
import { readEnvironment } from '../../../src/cli/settings/environment.ts'
import { resolveSettings } from '../../../src/cli/settings/given.ts'
import { readSettingsFile } from '../../../src/cli/settings/file.ts'
import { toNetworkConfig } from '../../../src/cli/start/network-config.ts'
import { renderConfig } from '../../../src/cli/start/print-config.ts'
import { FILE_SETTINGS, START_SETTINGS, VARIABLE_SETTINGS } from '../../../src/cli/start/settings.ts'
import { createPrivateNetworkKey } from '../../../src/index.ts'
import { useTempDir } from '../../support/temp-dir.ts'
import type { Resolved } from '../../../src/cli/settings/given.ts'
import type { Setting } from '../../../src/cli/settings/setting.ts'
import type { SettingsConfig } from '../../../src/cli/start/network-config.ts'
import type { StartOptions } from '../../../src/cli/start/settings.ts'

const INDEX = fileURLToPath(new URL('../../../src/index.ts', import.meta.url))
const TLS = join(import.meta.dirname, '..', '..', 'integration', 'tls')

/** Options that take what only a program has, or that the command decides itself. */
const FOR_APPLICATIONS = ['chain', 'dataDir', 'genesisHash', 'handlers', 'logger', 'metrics', 'privateKey', 'signal']

function settings (env: Record<string, string>): Resolved<StartOptions> {
  return resolveSettings(START_SETTINGS, { environment: readEnvironment(VARIABLE_SETTINGS, env) })
}

async function config (env: Record<string, string>): Promise<SettingsConfig> {
  return toNetworkConfig(settings(env))
}

describe('cli/start/settings', () => {
  const path = useTempDir()

  it('have every option of the network that a text can say', function () {
    this.timeout(60_000)
    const program = createProgram([INDEX])
    const options = (name: string): string[] => membersOf(typeOf(program, name))
    const covered = new Set(Object.values<Setting>(START_SETTINGS).flatMap(({ option }) => option ?? []))
    // the files of the certificate and of the key, the mode of the DHT, and the features, are settings that become options
    const missing = options('NetworkConfig').filter((name) => ![...covered].some((option) => option === name || option.startsWith(`${name}.`)))

    assert.deepEqual(missing.filter((name) => !FOR_APPLICATIONS.includes(name)), ['features', 'pool', 'privateNetworkKey', 'tls'])
    assert.deepEqual(options('NatOptions').filter((name) => !covered.has(`nat.${name}`)), [])
    assert.deepEqual(options('BandwidthOptions').filter((name) => !covered.has(`bandwidth.${name}`)), [])
    assert.deepEqual(options('LimitOptions').filter((name) => !covered.has(`limits.${name}`)), [])
    assert.deepEqual(options('RateLimitOptions').filter((name) => !covered.has(`rateLimits.${name}`)), [])
    assert.deepEqual(options('DiscoveryOptions').filter((name) => !covered.has(`discovery.${name}`)), ['dht'])
  })

  it('become the options of the network', async () => {
    await writeFile(path('swarm.key'), createPrivateNetworkKey())
    const { tls, privateNetworkKey, ...options } = await config({
      VIBECOIN_NAME: 'a', VIBECOIN_NETWORK: 'net', VIBECOIN_LISTEN: '/ip4/127.0.0.1/tcp/0', VIBECOIN_MAX_INBOUND: '0', VIBECOIN_UPLOAD: '1MB',
      VIBECOIN_RELAY: 'true', VIBECOIN_AUTONAT: 'false', VIBECOIN_MDNS: 'true', VIBECOIN_DHT: 'auto', VIBECOIN_DIAL_TIMEOUT: '2.5', VIBECOIN_DNS_SEED: 'a.example',
      VIBECOIN_TLS_CERT: join(TLS, 'cert.pem'), VIBECOIN_TLS_KEY: join(TLS, 'key.pem'), VIBECOIN_PRIVATE_NETWORK_KEY: path('swarm.key')
    })

    assert.deepEqual(options, {
      nodeId: 'a', network: 'net', admin: true, listen: ['/ip4/127.0.0.1/tcp/0'], seedPeers: [], maxInbound: 0, bandwidth: { upload: 1_000_000 },
      nat: { relay: true, autonat: false }, discovery: { mdns: true, dht: true }, dialTimeout: 2500, dnsSeeds: ['a.example'], pingInterval: 5000
    })
    assert.match(tls?.key ?? '', /PRIVATE KEY/)
    assert.match(privateNetworkKey ?? '', /^\/key\/swarm\/psk/)
  })

  it('have the limits of one peer and of parts, and the features', async () => {
    const { limits, rateLimits, features } = await config({
      VIBECOIN_LIMIT_SERVED_BYTES: '1MiB', VIBECOIN_LIMIT_SEEN_DURATION: '60', VIBECOIN_LIMIT_BANS: '5', VIBECOIN_RATE_PINGS: '0.5/3',
      VIBECOIN_RATE_BYTES: '1MB/4MB', VIBECOIN_RATE_TRANSACTIONS: 'none', VIBECOIN_FEATURE: 'peers,compact-blocks'
    })

    assert.deepEqual(limits, { servedBytes: 1_048_576, seenDuration: 60_000, bans: 5 })
    assert.deepEqual(rateLimits, {
      pings: { perSecond: 0.5, burst: 3 },
      bytes: { perSecond: 1_000_000, burst: 4_000_000 },
      transactions: { perSecond: Infinity, burst: Infinity }
    })
    assert.deepEqual(features, ['peers', 'compact-blocks'])
    assert.deepEqual((await config({ VIBECOIN_FEATURE: 'none' })).features, [])
    assert.equal((await config({})).features, undefined)
  })

  it('have no feature where a file has an empty list of them', async () => {
    await writeFile(path('node.toml'), 'feature = []')
    const resolved = resolveSettings(START_SETTINGS, { file: await readSettingsFile(FILE_SETTINGS, path('node.toml')) })
    assert.deepEqual((await toNetworkConfig(resolved)).features, [])
  })

  const wrong: [Record<string, string>, RegExp][] = [
    [{ VIBECOIN_RATE_PINGS: '1' }, /^Expected VIBECOIN_RATE_PINGS to be how much a second and at once, such as 1000\/10000, or none, got `1`$/],
    [{ VIBECOIN_RATE_PINGS: '1/2/3' }, /^Expected VIBECOIN_RATE_PINGS to be how much/],
    [{ VIBECOIN_RATE_PINGS: '0/2' }, /^Expected VIBECOIN_RATE_PINGS to be a number above 0, or Infinity, got 0$/],
    [{ VIBECOIN_RATE_PINGS: '1/0' }, /^Expected VIBECOIN_RATE_PINGS to be a number from 1, or Infinity, got 0$/],
    [{ VIBECOIN_LIMIT_SERVED_BLOCKS: '1025' }, /^Expected VIBECOIN_LIMIT_SERVED_BLOCKS to be an integer from 1 to 1024, got 1025$/],
    [{ VIBECOIN_LIMIT_OUTBOX_SOFT_BYTES: '8MiB' }, /^Expected VIBECOIN_LIMIT_OUTBOX_SOFT_BYTES to be less than --limit-outbox-hard-bytes \(8388608\), got 8388608$/],
    [{ VIBECOIN_FEATURE: 'none,peers' }, /^Expected VIBECOIN_FEATURE to be none alone, or the names of features$/],
    [{ VIBECOIN_FEATURE: 'tea' }, /^Expected VIBECOIN_FEATURE to be one of none, .*, got `tea`$/],
    [{ VIBECOIN_MAX_INBOUND: '10001' }, /^Expected VIBECOIN_MAX_INBOUND to be an integer from 0 to 10000, got 10001$/],
    [{ VIBECOIN_SEED: '/ip4/1.2.3.4/tcp/5,/ip4/1.2.3.4/frob/5' }, /^Expected VIBECOIN_SEED to be a multiaddr such as .*frob/],
    [{ VIBECOIN_DIAL_TIMEOUT: '0.009' }, /^Expected VIBECOIN_DIAL_TIMEOUT to be a number of seconds from 0\.01 to 86400, got `0\.009`$/],
    [{ VIBECOIN_DIAL_TIMEOUT: '86400.1' }, /^Expected VIBECOIN_DIAL_TIMEOUT to be a number of seconds from 0\.01 to 86400, got `86400\.1`$/],
    [{ VIBECOIN_RECONNECT_DELAY: '301' }, /^Expected VIBECOIN_RECONNECT_DELAY to be at most --max-reconnect-delay \(300000\), got 301000$/],
    [{ VIBECOIN_RESERVED: '/ip4/1.2.3.4/tcp/5' }, /^Expected VIBECOIN_RESERVED to be a multiaddr that ends with/],
    [{ VIBECOIN_LISTEN: '/ip4/127.0.0.1/tcp/0/tls/ws' }, /^Expected --tls-cert with the certificate for "/],
    [{ VIBECOIN_TLS_CERT: '/cert.pem' }, /^Expected --tls-key with VIBECOIN_TLS_CERT$/],
    [{ VIBECOIN_TLS_KEY: '/key.pem' }, /^Expected --tls-cert with VIBECOIN_TLS_KEY$/],
    [{ VIBECOIN_PRIVATE_NETWORK_KEY: '/missing/swarm.key' }, /^Could not read the file of VIBECOIN_PRIVATE_NETWORK_KEY$/],
    [{ VIBECOIN_PRIVATE_NETWORK_KEY: join(TLS, 'cert.pem') }, /^Expected VIBECOIN_PRIVATE_NETWORK_KEY to be the text of a swarm key file/],
    [{ VIBECOIN_UPLOAD: '1' }, /^Expected VIBECOIN_UPLOAD to be /]
  ]

  for (const [env, message] of wrong) {
    it(`name what is wrong as the operator wrote it: ${Object.keys(env).join(', ')}=${Object.values(env)[0]?.slice(0, 30) ?? ''}`, async () => {
      await assert.rejects(config(env), { name: 'UsageError', message })
    })
  }

  it('have the range of durations that the network has', async () => {
    const { dialTimeout, maxReconnectDelay } = await config({ VIBECOIN_DIAL_TIMEOUT: '0.01', VIBECOIN_MAX_RECONNECT_DELAY: '86400' })
    assert.deepEqual([dialTimeout, maxReconnectDelay], [10, 86_400_000])

    for (const dialTimeout of [9, 86_400_001]) {
      assert.throws(() => resolveConfig({ genesisHash: new Uint8Array(32), dialTimeout }), { name: 'ConfigError' })
    }
  })

  describe('printed as a file', () => {
    it('say where each came from', async () => {
      await writeFile(path('node.toml'), 'name = "seed"')
      const text = renderConfig(resolveSettings(START_SETTINGS, {
        flag: new Map([['relay', { texts: ['true'], place: { label: '--relay', directory: '' } }]]),
        environment: readEnvironment(VARIABLE_SETTINGS, { VIBECOIN_BAN_DURATION: '60' }),
        file: await readSettingsFile(FILE_SETTINGS, path('node.toml'))
      }))
      const lines = text.split('\n')

      for (const line of [
        'relay = true   # --relay', 'ban-duration = 60   # VIBECOIN_BAN_DURATION', `name = "seed"   # ${path('node.toml')}`, 'max-inbound = 32   # default',
        '# upload =   # no cap'
      ]) {
        assert(lines.includes(line), `${line}\n\n${text}`)
      }
    })

    it('are a file that gives the same settings', async () => {
      const before = settings({ VIBECOIN_SEED: '/ip4/1.2.3.4/tcp/5', VIBECOIN_UPLOAD: '1MB', VIBECOIN_BAN_DURATION: '0.5', VIBECOIN_DATA_DIR: '/data', VIBECOIN_RATE_BYTES: '0.5/4' })
      const text = renderConfig(before)
      await writeFile(path('node.toml'), text)
      const after = resolveSettings(START_SETTINGS, { file: await readSettingsFile(FILE_SETTINGS, path('node.toml')) })

      assert.equal(after.options.dataDir, '/data')
      assert.deepEqual(parse(renderConfig(after)), parse(text))
      assert.deepEqual((await toNetworkConfig(after)).seedPeers, ['/ip4/1.2.3.4/tcp/5'])
    })
  })
})
