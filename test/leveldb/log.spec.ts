import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ClassicLevel } from 'classic-level'
import { crc32c } from '../../src/leveldb/crc32c.ts'
import { findLogDamage } from '../../src/leveldb/log.ts'

describe('leveldb/log', () => {
  let location: string
  let log: string

  beforeEach(async () => {
    location = await mkdtemp(join(tmpdir(), 'level-log-'))
    const db = new ClassicLevel(location)

    for (let i = 0; i < 60; i++) {
      // some records are in one block, some in several, and some end just before the end of one
      await db.put(String(i), 'x'.repeat(i * 331 % 90_000))
    }

    await db.close()
    log = join(location, (await readdir(location)).find((name) => name.endsWith('.log'))!)
  })

  afterEach(async () => {
    await rm(location, { recursive: true })
  })

  it('counts CRC-32C as it is defined', () => {
    assert.equal(crc32c(Buffer.from('_123456789_'), 1, 10), 0xe3069283)
  })

  it('is whole as LevelDB writes it, and where there is no database', async () => {
    assert.deepEqual(await findLogDamage(location), [])
    assert.deepEqual(await findLogDamage(join(location, 'nothing')), [])
  })

  it('is whole where its end was not written, wherever that is', async () => {
    const { byteLength } = await readFile(log)

    for (let cut = 1; cut < 2000; cut += 37) {
      await truncate(log, byteLength - cut)
      assert.deepEqual(await findLogDamage(location), [], `${cut} bytes less`)
    }
  })

  it('is damaged where a byte of it is another one, whichever', async () => {
    const bytes = await readFile(log)

    for (let at = 0; at < bytes.byteLength; at += 9973) {
      await writeFile(log, bytes.map((byte, i) => i === at ? byte ^ 1 : byte))
      assert.equal((await findLogDamage(location)).length, 1, `byte ${at}`)
    }
  })

  it('is damaged where it is zeros', async () => {
    await writeFile(log, new Uint8Array(100_000))
    assert.match((await findLogDamage(location))[0]!, /is damaged at byte 0$/)
  })

  it('is damaged where the block with the beginning of a record is missing', async () => {
    const bytes = await readFile(log)
    await writeFile(log, bytes.subarray(32 * 1024))
    assert.equal((await findLogDamage(location)).length, 1)
  })

  it('is missing where it was removed', async () => {
    await rm(log)
    assert.deepEqual(await findLogDamage(location), ['there is no log'])
  })

  it('cannot be used where it is a directory', async () => {
    await rm(log)
    await mkdir(log)
    await assert.rejects(findLogDamage(location), { message: `${log} is not a file` })
  })

  it('cannot be used where it is a pipe, which is not waited for', async function () {
    if (process.platform === 'win32') {
      this.skip()
    }

    await rm(log)
    await promisify(execFile)('mkfifo', [log])
    await assert.rejects(findLogDamage(location), { message: `${log} is not a file` })
  })

  it('cannot be used where it is a link to itself', async () => {
    await rm(log)
    await symlink(log, log)
    await assert.rejects(findLogDamage(location), { message: `${log} cannot be read` })
  })
})
