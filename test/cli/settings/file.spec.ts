import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { MAX_FILE_BYTES, readSettingsFile } from '../../../src/cli/settings/file.ts'
import { resolveSettings } from '../../../src/cli/settings/given.ts'
import { settingName } from '../../../src/cli/settings/setting.ts'
import { FILE_SETTINGS, START_SETTINGS } from '../../../src/cli/start/settings.ts'
import { useTempDir } from '../../support/temp-dir.ts'
import type { StartOptions } from '../../../src/cli/start/settings.ts'

describe('cli/settings/file', () => {
  const path = useTempDir()

  async function read (text: string): Promise<StartOptions> {
    await writeFile(path('node.toml'), text)

    return resolveSettings(START_SETTINGS, { file: await readSettingsFile(FILE_SETTINGS, path('node.toml')) }).options
  }

  it('holds texts, numbers, switches and arrays by the names of the flags', async () => {
    const options = await read([
      'name = "seed"', 'max-inbound = 200', 'ban-duration = 0.5', 'upload = "5 MB"', 'download = 1024', 'relay = true', 'auto-sync = false',
      'seed = ["/ip4/1.2.3.4/tcp/5", "/dnsaddr/a.example"]', 'dht = "auto"'
    ].join('\n'))

    const { name, maxInbound, banDuration, upload, download, relay, autoSync, seed, dht } = options

    assert.deepEqual({ name, maxInbound, banDuration, upload, download, relay, autoSync, seed, dht }, {
      name: 'seed', maxInbound: 200, banDuration: 500, upload: 5_000_000, download: 1024, relay: true, autoSync: false,
      seed: ['/ip4/1.2.3.4/tcp/5', '/dnsaddr/a.example'], dht: 'auto'
    })
  })

  it('has paths that are relative to itself', async () => {
    assert.equal((await read('data-dir = "data"')).dataDir, path('data'))
    assert.equal((await read('data-dir = "/data"')).dataDir, '/data')
  })

  it('knows every setting but those of one run', async () => {
    const keys = Object.keys(START_SETTINGS).filter((key) => !(key in FILE_SETTINGS)).map(settingName)

    assert.deepEqual(keys, ['config', 'print-config', 'exit-with-parent'])
    await assert.rejects(read('print-config = true'), { message: /^Unknown key `print-config` in / })
  })

  const wrong: [string, RegExp][] = [
    ['max-inbund = 1', /^Unknown key `max-inbund` in .*node\.toml, did you mean `max-inbound`\?$/],
    ['maxInbound = 1', /^Unknown key `maxInbound` in .*, did you mean `max-inbound`\?$/],
    ['max_inbound = 1', /^Unknown key `max_inbound` in .*, did you mean `max-inbound`\?$/],
    ['frobnicate = 1', /^Unknown key `frobnicate` in .*node\.toml$/],
    ['[nat]\nrelay = true', /^Unknown key `nat` in .*node\.toml/],
    ['__proto__ = 1', /^Could not read .*node\.toml.* as TOML: /],
    ['max-inbound = "many"', /^Expected `max-inbound` in .* to be a number, got a text$/],
    ['max-inbound = 1.5', /^Expected `max-inbound` in .* to be an integer, got `1\.5`$/],
    ['name = 5', /^Expected `name` in .* to be a text, got `5`$/],
    ['relay = "yes"', /^Expected `relay` in .* to be true or false, got a text$/],
    ['relay = 1979-05-27', /^Expected `relay` in .* to be true or false, got a table$/],
    ['seed = "/ip4/1.2.3.4/tcp/5"', /^Expected `seed` in .* to be an array, as in \["\.\.\."\]$/],
    ['name = ["a", "b"]', /^Expected `name` in .* to be one value, got an array$/],
    ['seed = [1]', /^Expected `seed` in .* to be a text, got `1`$/],
    ['seed = ["seed.example"]', /^Expected `seed` in .* to be a multiaddr such as .*, got `seed\.example`$/],
    ['name = "a"\nname = "b"', /^Could not read .*node\.toml:2:\d+ as TOML: /],
    ['name = ', /^Could not read .*node\.toml:1:\d+ as TOML: /]
  ]

  for (const [text, message] of wrong) {
    it(`says what is wrong with ${JSON.stringify(text)}`, async () => {
      await assert.rejects(read(text), { name: 'UsageError', message })
    })
  }

  it('has to be there', async () => {
    await assert.rejects(readSettingsFile(FILE_SETTINGS, path('missing.toml')), {
      name: 'UsageError', message: `Could not read the configuration file ${path('missing.toml')}`
    })
  })

  it('has at most 1 MiB', async () => {
    const rest = 'name = "a"\n#'
    assert.equal((await read(rest.padEnd(MAX_FILE_BYTES, 'x'))).name, 'a')
    await assert.rejects(read(rest.padEnd(MAX_FILE_BYTES + 1, 'x')), { name: 'UsageError', message: /at most 1048576 bytes/ })
  })
})
