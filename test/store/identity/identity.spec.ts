import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { useTempDir } from '../../support/temp-dir.ts'
import { loadIdentity } from '../../../src/store/identity/identity.ts'
import type { PrivateKey } from '@libp2p/interface'

const idOf = (key: PrivateKey): string => peerIdFromPrivateKey(key).toString()
const hasModes = process.platform !== 'win32'

function failOnWarning (message: string): never {
  throw new Error(`Expected no warning, got ${message}`)
}

async function modeOf (file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}

describe('store/identity/identity', () => {
  const path = useTempDir()
  const file = (): string => path('data', 'identity.key')

  /** Puts a key file in place. Without bytes it is a good one. */
  async function writeKey (bytes?: Uint8Array, mode = 0o600): Promise<PrivateKey> {
    const key = await generateKeyPair('Ed25519')
    await mkdir(path('data'))
    await writeFile(file(), bytes ?? privateKeyToProtobuf(key), { mode })

    return key
  }

  async function assertRefused (why: RegExp): Promise<void> {
    await assert.rejects(loadIdentity(path('data')), (err: Error) => {
      assert.equal(err.name, 'StorageError')
      assert.ok(err.message.includes(file()), err.message)
      assert.match(err.message, why)
      assert.match(err.message, /Restore the file from a backup, or remove it to get a new identity/)

      return true
    })
  }

  it('makes an Ed25519 key and keeps it in the form of libp2p', async () => {
    const key = await loadIdentity(path('data'))

    assert.equal(key.type, 'Ed25519')
    assert.ok(privateKeyFromProtobuf(await readFile(file())).equals(key))
  })

  it('gives the same key again', async () => {
    assert.equal(idOf(await loadIdentity(path('data'))), idOf(await loadIdentity(path('data'))))
  })

  it('makes different keys in different directories', async () => {
    assert.notEqual(idOf(await loadIdentity(path('a'))), idOf(await loadIdentity(path('b'))))
  })

  it('leaves nothing but the key behind', async () => {
    await loadIdentity(path('data'))

    assert.deepEqual(await readdir(path('data')), ['identity.key'])
  })

  it('makes directory and file for their owner only, whatever the umask', async function () {
    if (!hasModes) {
      this.skip()
    }

    const umask = process.umask(0)

    try {
      await loadIdentity(path('deep', 'data'))
    } finally {
      process.umask(umask)
    }

    assert.equal(await modeOf(path('deep')), 0o700)
    assert.equal(await modeOf(path('deep', 'data')), 0o700)
    assert.equal(await modeOf(path('deep', 'data', 'identity.key')), 0o600)
  })

  it('leaves the mode of a directory that is there already', async function () {
    if (!hasModes) {
      this.skip()
    }

    await mkdir(path('data'))
    await chmod(path('data'), 0o755)
    await loadIdentity(path('data'))

    assert.equal(await modeOf(path('data')), 0o755)
  })

  for (const type of ['secp256k1', 'RSA'] as const) {
    it(`reads an existing ${type} key`, async () => {
      const key = await generateKeyPair(type as 'RSA')
      await writeKey(privateKeyToProtobuf(key))

      assert.equal(idOf(await loadIdentity(path('data'))), idOf(key))
    })
  }

  it('follows a link to a key that is kept elsewhere', async function () {
    if (!hasModes) {
      this.skip()
    }

    const key = await generateKeyPair('Ed25519')
    await writeFile(path('secret'), privateKeyToProtobuf(key), { mode: 0o600 })
    await mkdir(path('data'))
    await symlink(path('secret'), file())

    assert.equal(idOf(await loadIdentity(path('data'))), idOf(key))
  })

  describe('a key that others may read', () => {
    for (const mode of [0o644, 0o640, 0o604, 0o610, 0o602]) {
      it(`is closed to them and reported (mode ${mode.toString(8)})`, async function () {
        if (!hasModes) {
          this.skip()
        }

        const key = await writeKey()
        await chmod(file(), mode)
        const warnings: string[] = []
        const onWarning = (message: string): void => { warnings.push(message) }

        assert.equal(idOf(await loadIdentity(path('data'), { onWarning })), idOf(key))
        assert.equal(await modeOf(file()), 0o600)
        assert.equal(warnings.length, 1)
        assert.ok(warnings[0]!.includes(file()) && warnings[0]!.includes(mode.toString(8)), warnings[0])

        await loadIdentity(path('data'), { onWarning })
        assert.equal(warnings.length, 1)
      })
    }

    for (const mode of [0o600, 0o400]) {
      it(`is not what mode ${mode.toString(8)} means`, async function () {
        if (!hasModes) {
          this.skip()
        }

        await writeKey()
        await chmod(file(), mode)
        await loadIdentity(path('data'), { onWarning: failOnWarning })

        assert.equal(await modeOf(file()), mode)
      })
    }

    it('is closed without a listener', async function () {
      if (!hasModes) {
        this.skip()
      }

      await writeKey()
      await chmod(file(), 0o666)
      await loadIdentity(path('data'))

      assert.equal(await modeOf(file()), 0o600)
    })
  })

  describe('a file that is no key', () => {
    const good = generateKeyPair('Ed25519').then(privateKeyToProtobuf)
    const flipBit = async (at: number): Promise<Uint8Array> => (await good).map((byte, i) => i === at ? byte ^ 1 : byte)

    const damaged: Record<string, [make: () => Promise<Uint8Array>, why: RegExp]> = {
      'is empty': [async () => new Uint8Array(0), /it is empty/],
      'is text': [async () => new TextEncoder().encode('-----BEGIN PRIVATE KEY-----'), /identity\.key: ./],
      'is zeros, as after a crash of the disk': [async () => new Uint8Array(68), /identity\.key: ./],
      'ends early': [async () => (await good).subarray(0, 40), /identity\.key: ./],
      'has a flipped bit in its private half': [async () => flipBit(10), /do not belong together/],
      'has a flipped bit in its public half': [async () => flipBit(60), /do not belong together/],
      'is of a type that has no peer id': [async () => privateKeyToProtobuf(await generateKeyPair('ECDSA')), /Unsupported key type/],
      'is far too large': [async () => new Uint8Array(65_537), /it has 65537 bytes/]
    }

    for (const [what, [make, why]] of Object.entries(damaged)) {
      it(`is refused and left as it is: it ${what}`, async () => {
        const bytes = await make()
        await writeKey(bytes)
        await assertRefused(why)

        assert.deepEqual(new Uint8Array(await readFile(file())), new Uint8Array(bytes))
        assert.deepEqual(await readdir(path('data')), ['identity.key'])
      })
    }

    it('is refused: it is a pipe, which is not waited for', async function () {
      if (process.platform === 'win32') {
        this.skip()
      }

      await mkdir(path('data'))
      await promisify(execFile)('mkfifo', [file()])
      await assertRefused(/it is not a file/)
    })

    it('is refused: it is a directory', async () => {
      await mkdir(file(), { recursive: true })
      const mode = await modeOf(file())
      await assertRefused(/it is not a file|EISDIR/)

      assert.equal(await modeOf(file()), mode)
    })

    it('is refused: it is a link that leads nowhere', async function () {
      if (!hasModes) {
        this.skip()
      }

      await mkdir(path('data'))
      await symlink(path('nowhere'), file())
      await assertRefused(/it appeared and went/)
    })

    it('is refused: it may not be read', async function () {
      if (process.getuid == null || process.getuid() === 0) {
        this.skip()
      }

      await writeKey(undefined, 0)
      await assertRefused(/EACCES/)
    })
  })

  it('says which directory cannot be used', async () => {
    await writeFile(path('taken'), '')

    for (const dataDir of [path('taken'), path('taken', 'deeper')]) {
      await assert.rejects(loadIdentity(dataDir), (err: Error) => {
        return err.name === 'StorageError' && err.message.startsWith(`Could not use ${dataDir} as the data directory`)
      })
    }
  })

  it('gives one key to all who start at once in one process', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadIdentity(path('data'))))

    assert.equal(new Set(keys.map(idOf)).size, 1)
    assert.equal(idOf(privateKeyFromProtobuf(await readFile(file()))), idOf(keys[0]!))
    assert.deepEqual(await readdir(path('data')), ['identity.key'])
  })

  it('gives one key to two processes that start at once', async () => {
    const source = `
      import { peerIdFromPrivateKey } from '@libp2p/peer-id'
      import { loadIdentity } from '${new URL('../../../src/store/identity/identity.ts', import.meta.url).href}'
      console.log(peerIdFromPrivateKey(await loadIdentity(process.argv[1])).toString())
    `
    const run = (): Promise<{ stdout: string }> => {
      return promisify(execFile)(process.execPath, ['--input-type=module', '-e', source, path('data')])
    }
    const [first, second] = await Promise.all([run(), run()])

    assert.match(first.stdout, /^12D3KooW/)
    assert.equal(first.stdout, second.stdout)
    assert.equal(idOf(await loadIdentity(path('data'))), first.stdout.trim())
  })
})
