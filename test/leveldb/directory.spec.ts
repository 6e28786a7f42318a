import assert from 'node:assert/strict'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCommandDir } from '../../src/cli/command-dir.ts'
import { openDatabase } from '../../src/cli/chain/layout.ts'
import { makeDirectory } from '../../src/leveldb/directory.ts'
import { ensureDataDir } from '../../src/store/data-dir.ts'
import { useTempDir } from '../support/temp-dir.ts'
import { SmallDisk } from '../support/tmpfs.ts'

/** All that makes a data directory. */
const OPENERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'the directory of a network': ensureDataDir,
  'the directory of a command': openCommandDir,
  'the directory of a chain': async (path) => openDatabase(path, {})
}

describe('leveldb/directory', () => {
  const path = useTempDir()

  it('makes a directory with those above it, and takes one that is there', async () => {
    await makeDirectory(path('a', 'b'))
    await makeDirectory(path('a', 'b'))
    assert.ok((await stat(path('a', 'b'))).isDirectory())
  })

  for (const [what, open] of Object.entries(OPENERS)) {
    it(`says that a file has the name (${what})`, async () => {
      await writeFile(path('file'), '')
      await assert.rejects(open(path('file')), { name: 'StorageError', message: /there is a file of this name: give another directory: EEXIST/ })
      await assert.rejects(open(path('file', 'data')), { name: 'StorageError', message: /a part of the path is a file: give another directory: ENOTDIR/ })
    })
  }

  describe('on a read-only file system', () => {
    let disk: SmallDisk | undefined

    beforeEach(async function () {
      disk = await SmallDisk.mount(1)

      if (disk == null) {
        this.skip()
      }

      await disk.forbidWriting()
    })

    afterEach(async () => disk?.unmount())

    for (const [what, open] of Object.entries(OPENERS)) {
      it(`says so (${what})`, async () => {
        for (const parts of [['data'], ['not', 'there', 'yet']]) {
          await assert.rejects(open(join(disk!.path, ...parts)), { name: 'StorageError', message: /the file system is read-only: mount it for writing.*: EROFS/ })
        }
      })
    }
  })
})
