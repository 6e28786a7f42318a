import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FIRST_REOPEN_MS, LevelHandle, LONGEST_REOPEN_MS } from '../../src/leveldb/handle.ts'
import { findLogDamage } from '../../src/leveldb/log.ts'
import { eventually } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SmallDisk } from '../support/tmpfs.ts'

const KIB = 1024

describe('leveldb/handle', () => {
  let directory: string
  let clock: FakeClock
  let said: string[]
  let handle: LevelHandle<string, string>

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'level-'))
    clock = new FakeClock()
    said = []
  })

  afterEach(async () => {
    await handle.close()
    await rm(directory, { recursive: true, force: true })
  })

  async function open (location: string, check?: () => Promise<void>): Promise<void> {
    handle = await LevelHandle.open<string, string>({
      location,
      title: 'things',
      options: { valueEncoding: 'utf8' },
      sync: true,
      clock,
      ...(check == null ? {} : { check }),
      onFault: () => { said.push('fault') },
      onRestored: () => { said.push('restored') }
    })
  }

  async function put (key: string, value = 'value'): Promise<void> {
    await handle.write([{ type: 'put', key, value }])
  }

  /** Lets the way back be tried, and waits for what comes of it. */
  async function goOn (ms: number): Promise<void> {
    await clock.advance(ms)
    await eventually(() => handle.fault == null || clock.pending > 0, 'a way back')
  }

  it('writes, and has it after it was opened again', async () => {
    await open(join(directory, 'db'))
    await put('a')
    await handle.close()
    await open(join(directory, 'db'))
    assert.equal(await (await handle.reader()).get('a'), 'value')
  })

  it('cannot be opened twice in one process, and can be after it was closed', async () => {
    await open(join(directory, 'db'))
    await assert.rejects(LevelHandle.open({ location: join(directory, 'db'), title: 'things', options: {}, sync: true }), { code: 'LEVEL_LOCKED' })
    await handle.close()
    await open(join(directory, 'db'))
  })

  it('is at fault once its directory is another one, goes back to it, and can be written then', async () => {
    const location = join(directory, 'db')
    await open(location)
    await put('a')
    await rename(location, `${location}-away`)
    await mkdir(location)
    await assert.rejects(put('b'), { name: 'StorageError' })
    await assert.rejects(put('c'), { name: 'StorageError', message: /^Could not write the things in / })
    assert.deepEqual(said, ['fault'])
    await rm(location, { recursive: true })
    await rename(`${location}-away`, location)
    await goOn(FIRST_REOPEN_MS)
    assert.deepEqual(said, ['fault', 'restored'])
    await put('d')
    assert.deepEqual(await (await handle.reader()).keys().all(), ['a', 'b', 'd'])
  })

  it('is tried again with pauses that double, up to a bound, and begins anew after a write', async () => {
    const location = join(directory, 'db')
    await open(location)
    await rename(location, `${location}-away`)
    await assert.rejects(put('a'), { name: 'StorageError' })
    const pauses: number[] = []

    for (let i = 0; i < 8; i++) {
      pauses.push(clock.next!)
      await goOn(clock.next!)
    }

    assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 8000, LONGEST_REOPEN_MS, LONGEST_REOPEN_MS])
    await rename(`${location}-away`, location)
    await goOn(LONGEST_REOPEN_MS)
    assert.equal(handle.fault, undefined)
    await put('a')
    await rename(location, `${location}-away`)
    await assert.rejects(put('b'), { name: 'StorageError' })
    assert.equal(clock.next, FIRST_REOPEN_MS)
    await rename(`${location}-away`, location)
  })

  it('stays at fault where what it has is not what it should have', async () => {
    const location = join(directory, 'db')
    let isWhole = false
    await open(location, async () => { assert.ok(isWhole, 'something is missing') })
    await rename(location, `${location}-away`)
    await assert.rejects(put('a'), { name: 'StorageError' })
    await rename(`${location}-away`, location)
    await goOn(FIRST_REOPEN_MS)
    assert.deepEqual([handle.fault?.message.endsWith('something is missing'), said], [true, ['fault', 'fault']])
    isWhole = true
    await goOn(clock.next!)
    assert.deepEqual(said, ['fault', 'fault', 'restored'])
  })

  describe('on a disk that is full', () => {
    let disk: SmallDisk | undefined

    beforeEach(async function () {
      disk = await SmallDisk.mount(16)

      if (disk == null) {
        console.log('      skipped: only root can mount a small disk')
        await open(join(directory, 'db'))
        this.skip()
      }
    })

    afterEach(async () => {
      await handle.close()
      await disk?.unmount()
    })

    it('acknowledges nothing that it does not have when it is opened again', async () => {
      const location = join(disk!.path, 'db')
      const value = 'x'.repeat(100 * KIB)
      const written: string[] = []
      await open(location)

      const write = async (from: number, to: number): Promise<void> => {
        for (let i = from; i < to; i++) {
          await put(String(i).padStart(4, '0'), value)
          written.push(String(i).padStart(4, '0'))
        }
      }

      await write(0, 20)
      await disk!.fill()
      await assert.rejects(write(20, 40), { name: 'StorageError', message: /No space left on device/ })
      assert.equal(await (await handle.reader()).get('0000'), value)
      // what LevelDB would acknowledge, and lose
      await disk!.clear()
      await assert.rejects(write(40, 45), { name: 'StorageError' })
      await goOn(clock.next!)
      assert.deepEqual(said, ['fault', 'restored'])
      await write(50, 60)
      await handle.close()
      assert.deepEqual(await findLogDamage(location), [])
      await open(location)
      const keys = await (await handle.reader()).keys().all()
      assert.deepEqual(written.filter((key) => !keys.includes(key)), [])
      assert.ok(written.includes('0059') && !written.includes('0040'))
    })
  })
})
