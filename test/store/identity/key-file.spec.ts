import assert from 'node:assert/strict'
import { link, readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { useTempDir } from '../../support/temp-dir.ts'
import { createKeyFile, readKeyFile } from '../../../src/store/identity/key-file.ts'

const OURS = new Uint8Array([1, 2, 3])
const THEIRS = new Uint8Array([4, 5, 6])

const hasModes = process.platform !== 'win32'

function failWith (code: string): () => Promise<void> {
  return async () => { throw Object.assign(new Error(code), { code }) }
}

describe('store/identity/key-file', () => {
  const path = useTempDir()

  it('reads nothing where nothing is', async () => {
    assert.equal(await readKeyFile(path('key')), undefined)
  })

  it('reads what it has written', async () => {
    assert.equal(await createKeyFile(path('key'), OURS), true)
    assert.deepEqual(new Uint8Array((await readKeyFile(path('key')))!), OURS)
  })

  it('never writes over a file', async () => {
    await writeFile(path('key'), THEIRS)

    assert.equal(await createKeyFile(path('key'), OURS), false)
    assert.deepEqual(new Uint8Array(await readFile(path('key'))), THEIRS)
    assert.deepEqual(await readdir(path()), ['key'])
  })

  it('never writes over a file that appears while the key is written', async () => {
    const created = await createKeyFile(path('key'), OURS, async (existing, target) => {
      await writeFile(target, THEIRS)
      await link(existing, target)
    })

    assert.equal(created, false)
    assert.deepEqual(new Uint8Array(await readFile(path('key'))), THEIRS)
  })

  for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']) {
    it(`writes the file directly where links fail with ${code}`, async () => {
      assert.equal(await createKeyFile(path('key'), OURS, failWith(code)), true)
      assert.deepEqual(new Uint8Array(await readFile(path('key'))), OURS)
      assert.equal((await stat(path('key'))).mode & (hasModes ? 0o777 : 0), hasModes ? 0o600 : 0)
      assert.deepEqual(await readdir(path()), ['key'])
    })

    it(`never writes over a file where links fail with ${code}`, async () => {
      await writeFile(path('key'), THEIRS)

      assert.equal(await createKeyFile(path('key'), OURS, failWith(code)), false)
      assert.deepEqual(new Uint8Array(await readFile(path('key'))), THEIRS)
    })
  }

  it('fails for any other reason, and leaves nothing behind', async () => {
    await assert.rejects(createKeyFile(path('key'), OURS, failWith('EDQUOT')), { code: 'EDQUOT' })
    assert.deepEqual(await readdir(path()), [])
  })
})
