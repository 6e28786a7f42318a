import assert from 'node:assert/strict'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { claimDataDir } from '../../../src/store/network/network-mark.ts'
import { useTempDir } from '../../support/temp-dir.ts'

const ONE = { network: 'one', genesisHash: new Uint8Array(32).fill(1) }
const NOTE = `{"network":"one","genesisHash":"${'01'.repeat(32)}"}\n`

describe('store/network/network-mark', () => {
  const path = useTempDir()
  const file = (): string => path('data', 'network.json')
  const warnings: string[] = []
  const claim = (network = ONE): Promise<void> => claimDataDir(path('data'), network, { onWarning: (text) => { warnings.push(text) } })

  beforeEach(() => { warnings.length = 0 })

  it('notes the network, and takes the directory again', async () => {
    await claim()
    assert.equal(await readFile(file(), 'utf8'), NOTE)
    await claim()
    assert.deepEqual(await readdir(path('data')), ['network.json'])
    assert.deepEqual(warnings, [])
  })

  it('takes a directory of an earlier version, which has no note', async () => {
    await mkdir(path('data', 'peers'), { recursive: true })
    await claim()
    assert.equal(await readFile(file(), 'utf8'), NOTE)
  })

  const others = {
    'of another name': { ...ONE, network: 'two' },
    'with another genesis block': { ...ONE, genesisHash: Uint8Array.of(...ONE.genesisHash.subarray(1), 2) }
  }

  for (const [which, network] of Object.entries(others)) {
    it(`refuses the directory of a network ${which}, and changes nothing of it`, async () => {
      await claim()
      await assert.rejects(claim(network), (err: Error) => {
        assert.equal(err.name, 'StorageError')
        assert.ok(err.message.includes(`it is of the network "one" with the genesis block ${'01'.repeat(32)}`), err.message)
        assert.ok(err.message.includes(`of the network "${network.network}"`) && err.message.endsWith(`remove ${file()}`), err.message)

        return true
      })
      assert.equal(await readFile(file(), 'utf8'), NOTE)
    })
  }

  for (const damaged of ['', '{"network":"o', '{"network":5,"genesisHash":""}', 'null', '[]']) {
    it(`replaces a damaged note with a warning (${JSON.stringify(damaged)})`, async () => {
      await mkdir(path('data'))
      await writeFile(file(), damaged)
      await claim()
      assert.equal(await readFile(file(), 'utf8'), NOTE)
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!, /network\.json is damaged; replaced it with "one"$/)
    })
  }

  it('lets one of two networks have a directory that both want at once', async () => {
    const outcomes = await Promise.allSettled([claim(), claim({ ...ONE, network: 'two' }), claim(), claim({ ...ONE, network: 'two' })])
    const winner = (JSON.parse(await readFile(file(), 'utf8')) as { network: string }).network
    const expected = ['one', 'two', 'one', 'two'].map((name) => name === winner ? 'fulfilled' : 'rejected')
    assert.deepEqual(outcomes.map(({ status }) => status), expected)
  })

  it('refuses a note that cannot be read', async () => {
    await mkdir(file(), { recursive: true })
    await assert.rejects(claim(), { name: 'StorageError', message: /^Could not read the network of the data directory in .*EISDIR/ })
  })
})
