import assert from 'node:assert/strict'
import { readEnvironment, unknownVariables } from '../../../src/cli/settings/environment.ts'
import { checkNeeded, resolveSettings } from '../../../src/cli/settings/given.ts'
import { settingName, variableName } from '../../../src/cli/settings/setting.ts'
import type { Given } from '../../../src/cli/settings/given.ts'
import type { Settings } from '../../../src/cli/settings/setting.ts'

interface Options { maxInbound: number, seed: string[], relay: boolean, wait?: number, upload?: number, key?: string }

const GROUP = { group: 'All', help: 'Help.' }
const SETTINGS: Settings<Options> = {
  maxInbound: { ...GROUP, kind: { type: 'integer', min: 0, max: 100 }, preset: 32 },
  seed: { ...GROUP, kind: { type: 'address' }, multiple: true, preset: [] },
  relay: { ...GROUP, kind: { type: 'switch' }, preset: false },
  wait: { ...GROUP, kind: { type: 'seconds' } },
  upload: { ...GROUP, kind: { type: 'size' } },
  key: { ...GROUP, kind: { type: 'path' } }
}

function given (label: string, texts: Record<string, string[]>, directory = '/home'): Given {
  return new Map(Object.entries(texts).map(([key, texts]) => [key, { texts, place: { label, directory } }]))
}

describe('cli/settings/given', () => {
  it('spells a name in three ways', () => {
    assert.deepEqual([settingName('maxInboundPerHost'), variableName('maxInboundPerHost')], ['max-inbound-per-host', 'VIBECOIN_MAX_INBOUND_PER_HOST'])
  })

  it('takes a flag before a variable, a variable before a file, and a file before the preset', () => {
    const flag = given('--x', { maxInbound: ['1'] })
    const environment = given('VIBECOIN_X', { maxInbound: ['2'] })
    const file = given('`x` in f', { maxInbound: ['3'] })
    const value = (sources: Parameters<typeof resolveSettings>[1]): unknown[] => {
      const { options, sources: found } = resolveSettings(SETTINGS, sources)

      return [options.maxInbound, found.maxInbound]
    }

    assert.deepEqual(value({ flag, environment, file }), [1, 'flag'])
    assert.deepEqual(value({ environment, file }), [2, 'environment'])
    assert.deepEqual(value({ file }), [3, 'file'])
    assert.deepEqual(value({}), [32, 'default'])
  })

  describe('a setting that has no effect without another one', () => {
    interface Pages { web: boolean, port?: number, isPublic: boolean, names?: string[] }
    const needing: Settings<Pages> = {
      web: { ...GROUP, kind: { type: 'switch' }, preset: false },
      port: { ...GROUP, kind: { type: 'integer' }, needs: 'web' },
      isPublic: { ...GROUP, kind: { type: 'switch' }, preset: false, needs: 'web' },
      names: { ...GROUP, kind: { type: 'text' }, multiple: true, needs: 'port' }
    }
    const check = (texts: Record<string, string[]>): void => { checkNeeded(needing, resolveSettings(needing, { flag: given('--it', texts) })) }

    it('is refused without that one, or where that one is off', () => {
      const alone: Record<string, string[]>[] = [{ port: ['1'] }, { isPublic: ['true'] }, { port: ['1'], web: ['false'] }]

      for (const texts of alone) {
        assert.throws(() => { check(texts) }, { name: 'UsageError', message: 'Expected --web with --it, which has no effect without it' })
      }

      assert.throws(() => { check({ names: ['a'] }) }, { message: /^Expected --port with --it/ })
    })

    it('is taken with it, and where it is off, or was not given', () => {
      const good: Record<string, string[]>[] = [
        {}, { web: ['true'] }, { web: ['true'], port: ['1'], isPublic: ['true'], names: ['a'] }, { isPublic: ['false'] }, { names: [] }
      ]

      for (const texts of good) {
        check(texts)
      }
    })
  })

  it('reads each kind', () => {
    const { options } = resolveSettings(SETTINGS, {
      file: given('f', { seed: ['/ip4/1.2.3.4/tcp/5', '/dnsaddr/a.example'], relay: ['on'], wait: ['1.5'], upload: ['1.5 MiB'], key: ['keys/swarm.key'] }, '/etc/node')
    })

    assert.deepEqual(options, {
      maxInbound: 32, seed: ['/ip4/1.2.3.4/tcp/5', '/dnsaddr/a.example'], relay: true, wait: 1500, upload: 1_572_864, key: '/etc/node/keys/swarm.key'
    })
  })

  it('reads sizes with and without a unit', () => {
    const sizes = ['500000', '500kB', '0.5 MB', '1GiB', '1 b'].map((text) => {
      return resolveSettings(SETTINGS, { flag: given('--upload', { upload: [text] }) }).options.upload
    })

    assert.deepEqual(sizes, [500_000, 500_000, 500_000, 1_073_741_824, 1])
  })

  const wrong: [keyof Options, string[], string][] = [
    ['maxInbound', ['101'], 'Expected HERE to be an integer from 0 to 100, got `101`'],
    ['maxInbound', ['-1'], 'Expected HERE to be an integer from 0 to 100, got `-1`'],
    ['maxInbound', ['1e1'], 'Expected HERE to be an integer from 0 to 100, got `1e1`'],
    ['maxInbound', ['1.5'], 'Expected HERE to be an integer from 0 to 100, got `1.5`'],
    ['maxInbound', [' 4'], 'Expected HERE to be an integer from 0 to 100, got ` 4`'],
    ['maxInbound', ['1', '2'], 'Expected HERE once, got it more often'],
    ['seed', ['/ip4/1.2.3.4/tcp/5', 'seed.example'], 'Expected HERE to be a multiaddr such as /ip4/127.0.0.1/tcp/8765, got `seed.example`'],
    ['relay', ['maybe'], 'Expected HERE to be true or false, got `maybe`'],
    ['wait', ['soon'], 'Expected HERE to be a number of seconds from 0.01 to 86400, got `soon`'],
    ['upload', ['5 parsecs'], 'Expected HERE to be bytes, such as 500000 or 1.5MB, got `5 parsecs`'],
    ['upload', ['1.2.3MB'], 'Expected HERE to be bytes, such as 500000 or 1.5MB, got `1.2.3MB`'],
    ['key', ['a\0b'], 'Expected HERE to be a path, got `a?b`'],
    ['maxInbound', ['x'.repeat(100)], `Expected HERE to be an integer from 0 to 100, got \`${'x'.repeat(80)}\``]
  ]

  for (const [key, texts, message] of wrong) {
    it(`says where a wrong value stands: ${key} ${texts.join(' ').slice(0, 40).replace('\0', '?')}`, () => {
      assert.throws(() => resolveSettings(SETTINGS, { file: given('HERE', { [key]: texts }) }), { name: 'UsageError', message })
    })
  }

  it('refuses a wrong value also where another source goes before it', () => {
    const sources = { flag: given('--max-inbound', { maxInbound: ['1'] }), file: given('f', { maxInbound: ['many'] }) }

    assert.throws(() => resolveSettings(SETTINGS, sources), { name: 'UsageError' })
  })

  describe('variables', () => {
    it('hold lists with commas or spaces, and count as not set where they are empty', () => {
      const found = readEnvironment(SETTINGS, { VIBECOIN_SEED: '/a,/b  /c', VIBECOIN_MAX_INBOUND: '', VIBECOIN_RELAY: '1' })

      assert.deepEqual([...found].map(([key, { texts, place }]) => [key, texts, place.label]), [
        ['seed', ['/a', '/b', '/c'], 'VIBECOIN_SEED'], ['relay', ['1'], 'VIBECOIN_RELAY']
      ])
    })

    it('that are none of a setting get a warning with what was probably meant', () => {
      assert.deepEqual(unknownVariables(SETTINGS, { VIBECOIN_MAX_INBUND: '1', VIBECOIN_PORT_8765_TCP: 'tcp://', VIBECOIN_SEED: '', PATH: '' }), [
        'The variable VIBECOIN_MAX_INBUND is no setting, and has no effect: did you mean VIBECOIN_MAX_INBOUND?',
        'The variable VIBECOIN_PORT_8765_TCP is no setting, and has no effect'
      ])
    })
  })
})
