import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { ClassicLevel } from 'classic-level'
import { DAMAGES } from '../../support/damage.ts'
import { useTempDir } from '../../support/temp-dir.ts'
import { openKnownPeers } from '../../../src/store/known-peers/open-known-peers.ts'
import { memoryKnownPeers } from '../../../src/store/known-peers/stored-peers.ts'
import { MAX_ANCHORS, MAX_KNOWN_PEERS, MAX_SOURCE_PEERS } from '../../../src/store/known-peers/peer-table.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FIRST_REOPEN_MS } from '../../../src/leveldb/handle.ts'
import { systemClock } from '../../../src/util/clock.ts'
import type { Clock } from '../../../src/util/clock.ts'
import type { EntryOptions } from '../../../src/store/entries/entries.ts'
import type { KnownPeer, KnownPeers } from '../../../src/types/known-peers.ts'

const ADDRESS = '/ip4/10.0.0.2/tcp/8765'
const NOW = 1_790_000_000_000
const clock: Clock = { ...systemClock, date: () => NOW }

function peer (id: string, rest: Partial<KnownPeer> = {}): KnownPeer {
  return { id, addresses: [ADDRESS], ...rest }
}

async function idsOf (known: KnownPeers): Promise<string[]> {
  return (await known.load()).map(({ id }) => id)
}

function failOnWarning (message: string): never {
  throw new Error(`Expected no warning, got ${message}`)
}

/** What both kinds do. */
function behavesLikeKnownPeers (open: () => Promise<KnownPeers>): void {
  let known: KnownPeers

  beforeEach(async () => { known = await open() })
  afterEach(async () => { await known.close() })

  /** Fills the table: `p0` has the oldest success. */
  async function fill (): Promise<void> {
    await Promise.all(Array.from({ length: MAX_KNOWN_PEERS }, (_, i) => known.save(peer(`p${i}`, { lastSuccess: 1000 + i }))))
  }

  it('is empty at first', async () => {
    assert.deepEqual(await known.load(), [])
  })

  it('gives what was saved', async () => {
    const saved = peer('a', { lastSuccess: 2, lastFailure: 1, source: 'c000' })
    await known.save(saved)

    assert.deepEqual(await known.load(), [saved])
  })

  for (const toldBy of ['', 'c000', 'y'.repeat(128)]) {
    it(`gives who has told of a peer that was not reached: ${JSON.stringify(toldBy).slice(0, 8)}`, async () => {
      const saved = peer('a', { toldBy })
      await known.save(saved)

      assert.deepEqual(await known.load(), [saved])
    })
  }

  it('takes peers without addresses and without times', async () => {
    await known.save({ id: 'a', addresses: [] })
    await known.save({ id: 'b', addresses: [], lastSuccess: undefined, lastFailure: 0 })

    assert.deepEqual(await known.load(), [{ id: 'a', addresses: [] }, { id: 'b', addresses: [], lastFailure: 0 }])
  })

  it('replaces all that was known of a peer', async () => {
    await known.save(peer('a', { lastSuccess: 2, lastFailure: 1, source: 'c000' }))
    await known.save({ id: 'a', addresses: ['/dnsaddr/a.example'] })

    assert.deepEqual(await known.load(), [{ id: 'a', addresses: ['/dnsaddr/a.example'] }])
  })

  it('forgets what is removed, and takes the removal of an unknown peer', async () => {
    await known.save(peer('a'))
    await known.remove('a')
    await known.remove('b')

    assert.deepEqual(await known.load(), [])
  })

  it('gives the latest success first and those without one last', async () => {
    for (const [id, lastSuccess] of [['never'], ['old', 1], ['new', 3], ['middle', 2], ['epoch', 0]] as [string, number?][]) {
      await known.save(peer(id, { lastSuccess }))
    }

    assert.deepEqual(await idsOf(known), ['new', 'middle', 'old', 'epoch', 'never'])
  })

  it('shares no object with its users', async () => {
    const saved = peer('a')
    await known.save(saved)
    saved.addresses.push('changed')
    await known.setAnchors(['a'])

    for (const loaded of [...await known.load(), ...await known.anchors()]) {
      loaded.addresses.push('changed')
      loaded.lastSuccess = 9
    }

    assert.deepEqual(await known.load(), [peer('a')])
  })

  it('leaves out addresses that are empty, over 512 characters, there already, or the ninth', async () => {
    const longest = '/dnsaddr/'.padEnd(512, 'x')
    const rest = Array.from({ length: 6 }, (_, i) => `/ip4/10.0.0.${i}/tcp/1`)
    await known.save({ id: 'a', addresses: ['', longest, `${longest}x`, ADDRESS, ADDRESS, ...rest, '/the/ninth'] })

    assert.deepEqual((await known.load())[0]!.addresses, [longest, ADDRESS, ...rest])
  })

  for (const id of ['', 'x'.repeat(129), 7, null]) {
    it(`refuses ${JSON.stringify(id).slice(0, 8)} for an id`, async () => {
      await assert.rejects(known.save(peer(id as string)), { name: 'RangeError' })
      assert.deepEqual(await known.load(), [])
    })
  }

  for (const source of ['', 'x'.repeat(129), 7]) {
    it(`refuses ${JSON.stringify(source).slice(0, 8)} for a source`, async () => {
      await assert.rejects(known.save(peer('a', { source: source as string })), { name: 'RangeError' })
      assert.deepEqual(await known.load(), [])
    })
  }

  for (const toldBy of ['x'.repeat(129), 7]) {
    it(`refuses ${JSON.stringify(toldBy).slice(0, 8)} for who has told of it`, async () => {
      await assert.rejects(known.save(peer('a', { toldBy: toldBy as string })), { name: 'RangeError' })
      assert.deepEqual(await known.load(), [])
    })
  }

  it('takes an id and a source of 128 characters', async () => {
    await known.save(peer('x'.repeat(128), { source: 'y'.repeat(128) }))
    assert.equal((await known.load()).length, 1)
  })

  for (const time of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    it(`refuses ${time} for a time`, async () => {
      await assert.rejects(known.save(peer('a', { lastSuccess: time })), { name: 'RangeError' })
      await assert.rejects(known.save(peer('a', { lastFailure: time })), { name: 'RangeError' })
      await assert.rejects(known.noteFailure('a', time), { name: 'RangeError' })
      assert.deepEqual(await known.load(), [])
    })
  }

  it('notes a failure beside what else is known of a peer, and of no other peer', async () => {
    await known.save(peer('a', { lastSuccess: 2, source: 'c000' }))
    await known.noteFailure('a', 3)
    await known.noteFailure('b', 3)

    assert.deepEqual(await known.load(), [peer('a', { lastSuccess: 2, lastFailure: 3, source: 'c000' })])
  })

  it(`holds ${MAX_SOURCE_PEERS} peers of one source, and for one more forgets the oldest success of that source`, async () => {
    await known.save(peer('of no source'))
    await known.save(peer('of another source', { source: 'c001' }))

    for (let i = 0; i < MAX_SOURCE_PEERS; i++) {
      await known.save(peer(`p${i}`, { lastSuccess: 1000 + i, source: 'c000' }))
    }

    assert.equal((await known.load()).length, MAX_SOURCE_PEERS + 2)
    assert.equal(MAX_SOURCE_PEERS, 64)
    await known.save(peer('one more', { lastSuccess: 5000, source: 'c000' }))
    const ids = await idsOf(known)

    assert.equal(ids.length, MAX_SOURCE_PEERS + 2)
    assert.ok(ids.includes('one more') && ids.includes('p1') && !ids.includes('p0'))
  })

  it('does not let a source that is full have one more that never worked', async () => {
    for (let i = 0; i < MAX_SOURCE_PEERS; i++) {
      await known.save(peer(`p${i}`, { lastSuccess: i, source: 'c000' }))
    }

    await known.save(peer('heard of', { source: 'c000' }))
    assert.ok(!(await idsOf(known)).includes('heard of'))
  })

  it('counts a peer for its last source only', async () => {
    for (let i = 0; i <= MAX_SOURCE_PEERS; i++) {
      await known.save(peer(`p${i}`, { source: 'c000' }))
      await known.save(peer(`p${i}`, { source: `c00${1 + i % 2}` }))
    }

    assert.equal((await known.load()).length, MAX_SOURCE_PEERS + 1)
  })

  it('has no anchors at first', async () => {
    assert.deepEqual(await known.anchors(), [])
  })

  it(`makes the first ${MAX_ANCHORS} of those that are known the anchors, and no others`, async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => known.save(peer(id))))
    await known.setAnchors(['nobody', 'c', 'c', 'a', 'b'])
    assert.deepEqual(await known.anchors(), [peer('c'), peer('a')])
    assert.equal(MAX_ANCHORS, 2)

    await known.setAnchors(['b'])
    assert.deepEqual(await known.anchors(), [peer('b')])
    await known.setAnchors([])
    assert.deepEqual(await known.anchors(), [])
  })

  it('has what is known of an anchor by now, and none that was forgotten', async () => {
    await known.save(peer('a'))
    await known.save(peer('b'))
    await known.setAnchors(['a', 'b'])
    await known.save(peer('a', { lastSuccess: 5 }))
    await known.remove('b')
    assert.deepEqual(await known.anchors(), [peer('a', { lastSuccess: 5 })])

    await fill()
    assert.deepEqual(await known.anchors(), [])
  })

  it(`holds ${MAX_KNOWN_PEERS} peers`, async () => {
    await fill()
    assert.equal((await known.load()).length, MAX_KNOWN_PEERS)
  })

  it('forgets the oldest success for one more', async () => {
    await fill()
    await known.save(peer('new', { lastSuccess: 5000 }))
    const ids = await idsOf(known)

    assert.equal(ids.length, MAX_KNOWN_PEERS)
    assert.ok(ids.includes('new') && ids.includes('p1') && !ids.includes('p0'))
  })

  it('forgets no peer for one that is known already', async () => {
    await fill()
    await known.save(peer('p0', { lastSuccess: 5000 }))
    const ids = await idsOf(known)

    assert.equal(ids.length, MAX_KNOWN_PEERS)
    assert.equal(ids[0], 'p0')
  })

  it('forgets no peer that once worked for one that never did', async () => {
    await fill()
    await known.save(peer('heard of', { lastFailure: 9000 }))
    const ids = await idsOf(known)

    assert.equal(ids.length, MAX_KNOWN_PEERS)
    assert.ok(!ids.includes('heard of'))
  })

  it('forgets the first of those that never worked', async () => {
    await known.save(peer('first'))
    await known.save(peer('second'))
    await fill()
    const ids = await idsOf(known)

    assert.equal(ids.length, MAX_KNOWN_PEERS)
    assert.ok(!ids.includes('first') && !ids.includes('second'))
    assert.ok(ids.includes('p0'))
  })

  it('takes everything at once', async () => {
    const work: Promise<void>[] = []

    for (let i = 0; i < 300; i++) {
      work.push(known.save(peer(`p${i % 10}`, { lastSuccess: i })), known.remove(`p${(i + 5) % 10}`))
    }

    await Promise.all(work)
    assert.deepEqual((await known.load()).map(({ lastSuccess }) => lastSuccess), [299, 298, 297, 296, 295])
  })

  it('does nothing more once it is closed, however often that is', async () => {
    const closed = { name: 'NotRunningError' }
    const saving = known.save(peer('a'))
    await Promise.all([known.close(), known.close()])
    await known.close()
    await saving

    await assert.rejects(known.load(), closed)
    await assert.rejects(known.anchors(), closed)
    await assert.rejects(known.setAnchors([]), closed)
    await assert.rejects(known.noteFailure('a', 1), closed)
    await assert.rejects(known.save(peer('b')), closed)
    await assert.rejects(known.remove('a'), closed)
  })
}

describe('store/known-peers/open-known-peers', () => {
  describe('in memory', () => {
    behavesLikeKnownPeers(async () => memoryKnownPeers())
  })

  describe('on disk', () => {
    const path = useTempDir()
    const location = (...parts: string[]): string => path('data', 'peers', ...parts)
    const open = (options?: EntryOptions): Promise<KnownPeers> => openKnownPeers(path('data'), { onWarning: failOnWarning, ...options })

    describe('as in memory', () => { behavesLikeKnownPeers(open) })

    /** Opens, works, closes. */
    async function use<Result> (work: (known: KnownPeers) => Promise<Result>, options?: EntryOptions): Promise<Result> {
      const known = await open(options)

      try {
        return await work(known)
      } finally {
        await known.close()
      }
    }

    /** The same with the database itself. */
    async function useDatabase<Result> (work: (db: ClassicLevel) => Promise<Result>): Promise<Result> {
      await mkdir(path('data'), { recursive: true })
      const db = new ClassicLevel(location())

      try {
        return await work(db)
      } finally {
        await db.close()
      }
    }

    describe('opened again', () => {
      it('has what was saved, and not what was removed', async () => {
        const kept = peer('a', { addresses: [ADDRESS, '/dnsaddr/a.example'], lastSuccess: 2, lastFailure: 1 })

        await use(async (known) => {
          await Promise.all([known.save(kept), known.save(peer('b')), known.remove('b')])
        })

        assert.deepEqual(await use((known) => known.load()), [kept])
      })

      it('has what was being saved when it was closed', async () => {
        const known = await open()
        const saving = Promise.all(Array.from({ length: 50 }, (_, i) => known.save(peer(`p${i}`))))
        await Promise.all([known.close(), saving])

        assert.equal((await use((reopened) => reopened.load())).length, 50)
      })

      it('has the last of many changes of one peer', async () => {
        await use(async (known) => {
          await Promise.all(Array.from({ length: 500 }, (_, i) => known.save(peer('a', { lastSuccess: i }))))
        })

        assert.deepEqual(await use((known) => known.load()), [peer('a', { lastSuccess: 499 })])
      })

      it('has what is over the bound neither in memory nor on disk', async () => {
        await use(async (known) => {
          for (let i = 0; i < MAX_KNOWN_PEERS + 10; i++) {
            void known.save(peer(`p${i}`, { lastSuccess: i }))
          }
        })

        const keys = await useDatabase((db) => db.keys().all())

        assert.equal(keys.length, MAX_KNOWN_PEERS)
        assert.ok(!keys.includes('p9') && keys.includes('p10'))
      })

      it('comes down to the bound when there is more on disk', async () => {
        await useDatabase(async (db) => {
          await db.batch(Array.from({ length: MAX_KNOWN_PEERS + 1 }, (_, i) => ({
            type: 'put', key: `p${i}`, value: JSON.stringify({ v: 1, addresses: [], lastSuccess: 5000 - i })
          })))
        })

        assert.equal((await use((known) => known.load())).length, MAX_KNOWN_PEERS)

        const keys = await useDatabase((db) => db.keys().all())
        assert.equal(keys.length, MAX_KNOWN_PEERS)
        assert.ok(!keys.includes(`p${MAX_KNOWN_PEERS}`))
      })
    })

    it('keeps versioned JSON under the peer id', async () => {
      await use((known) => known.save(peer('a', { lastSuccess: 5 })))

      assert.deepEqual(await useDatabase((db) => db.iterator().all()), [
        ['a', `{"v":2,"addresses":["${ADDRESS}"],"lastSuccess":5}`]
      ])
    })

    it('reads what version 1 wrote', async () => {
      await useDatabase((db) => db.put('a', `{"v":1,"addresses":["${ADDRESS}"],"lastSuccess":5,"lastFailure":6}`))

      assert.deepEqual(await use((known) => known.load()), [peer('a', { lastSuccess: 5, lastFailure: 6 })])
      await use((known) => known.save(peer('a', { lastSuccess: 7 })))
      assert.equal(await useDatabase((db) => db.get('a')), `{"v":2,"addresses":["${ADDRESS}"],"lastSuccess":7}`)
    })

    describe('anchors', () => {
      const marksOnDisk = (): Promise<string[]> => useDatabase(async (db) => {
        return (await db.iterator().all()).filter(([, value]) => value.includes('anchor')).map(([id]) => id)
      })

      beforeEach(async () => {
        await use(async (known) => {
          await Promise.all(['a', 'b', 'c'].map((id) => known.save(peer(id, { source: 'c000' }))))
          await known.setAnchors(['a', 'c'])
        })
      })

      it('are there at the next start, and their marks are gone by then', async () => {
        assert.deepEqual(await marksOnDisk(), ['a', 'c'])
        assert.deepEqual(await use((known) => known.anchors()), [peer('a', { source: 'c000' }), peer('c', { source: 'c000' })])
        assert.deepEqual(await marksOnDisk(), [])
        assert.deepEqual(await use((known) => known.anchors()), [])
        assert.equal((await use(idsOf)).length, 3)
      })

      it('are not marked again by what else is written of them', async () => {
        await use(async (known) => {
          await known.save(peer('a', { lastSuccess: 5 }))
          await known.noteFailure('c', 5)
          assert.deepEqual((await known.anchors()).map(({ id }) => id), ['a', 'c'])
        })

        assert.deepEqual(await marksOnDisk(), [])
      })

      it('are others when others are set, and stay marked while more is written of them', async () => {
        await use(async (known) => {
          await known.setAnchors(['b', 'c'])
          await known.save(peer('c', { lastSuccess: 5 }))
          await known.setAnchors(['c'])
        })

        assert.deepEqual(await marksOnDisk(), ['c'])
      })

      it('are no more than there may be, whatever the disk says', async () => {
        await useDatabase(async (db) => {
          for (let i = 0; i < 10; i++) {
            await db.put(`p${i}`, '{"v":2,"addresses":[],"anchor":true}')
          }
        })

        assert.equal((await use((known) => known.anchors())).length, MAX_ANCHORS)
        assert.deepEqual(await marksOnDisk(), [])
      })
    })

    it('makes the data directory for its owner only', async function () {
      if (process.platform === 'win32') {
        this.skip()
      }

      const umask = process.umask(0)

      try {
        await use((known) => known.load())
      } finally {
        process.umask(umask)
      }

      assert.equal((await stat(path('data'))).mode & 0o777, 0o700)
    })

    it('says which directory cannot be used', async () => {
      await writeFile(path('data'), '')
      await assert.rejects(open(), { name: 'StorageError', message: new RegExp(`^Could not use ${path('data')} as the data directory`) })
    })

    it('says what it could not open when it is no damage', async () => {
      await mkdir(path('data'))
      await writeFile(location(), 'a file of somebody else')

      await assert.rejects(open(), { name: 'StorageError', message: new RegExp(`^Could not open the known peers in ${location()}: ENOTDIR`) })
      assert.equal(await readFile(location(), 'utf8'), 'a file of somebody else')
    })

    it('says that it could not write, works on, and has it all when the disk takes it again', async () => {
      const warnings: string[] = []
      const clock = new FakeClock()
      const known = await openKnownPeers(path('data'), { clock, onWarning: (warning) => { warnings.push(warning) } })
      const value = async (): Promise<never> => { throw new Error('no space left') }
      // in front of the inherited one
      Object.defineProperty(ClassicLevel.prototype, 'batch', { configurable: true, value })

      try {
        await assert.rejects(known.save(peer('a')), { name: 'StorageError', message: /^Could not write .*: no space left$/ })
        await assert.rejects(known.remove('b'), { name: 'StorageError' })
      } finally {
        Reflect.deleteProperty(ClassicLevel.prototype, 'batch')
      }

      // nothing is said to be written before the database was opened again
      await assert.rejects(known.save(peer('b')), { name: 'StorageError', message: /^Could not write the / })
      assert.deepEqual(await idsOf(known), ['a', 'b'])
      await clock.advance(FIRST_REOPEN_MS)
      await eventually(() => warnings.length > 0, 'the disk')
      assert.match(warnings[0]!, /can be written again$/)
      await known.save(peer('c'))
      await known.close()
      assert.deepEqual(await use(idsOf), ['a', 'b', 'c'])
    })

    describe('entries that cannot be used', () => {
      const damaged: Record<string, string> = {
        'is empty': '',
        'is no JSON': '{"v":1,"addr',
        'is no object': '7',
        'is null': 'null',
        'has no version': '{"addresses":[]}',
        'has a version that is no number': '{"v":"1","addresses":[]}',
        'has a version that never was': '{"v":0,"addresses":[]}',
        'has no addresses': '{"v":1}',
        'has an address that is no string': '{"v":1,"addresses":["/x",7]}',
        'has a time that is none': '{"v":1,"addresses":[],"lastSuccess":"now"}',
        'has a negative time': '{"v":1,"addresses":[],"lastFailure":-1}',
        'has a time of minus zero': '{"v":1,"addresses":[],"lastFailure":-0}',
        'has a source that is none': '{"v":2,"addresses":[],"source":7}',
        'has an empty source': '{"v":2,"addresses":[],"source":""}',
        'has a source that is too long': `{"v":2,"addresses":[],"source":"${'x'.repeat(129)}"}`,
        'has no end': `{"v":1,"addresses":["${'x'.repeat(40_000)}"]}`
      }

      async function openWith (entries: Record<string, string>): Promise<{ ids: string[], warnings: string[] }> {
        const warnings: string[] = []

        await useDatabase(async (db) => {
          await db.batch(Object.entries({ good: '{"v":1,"addresses":[]}', ...entries }).map(([key, value]) => ({ type: 'put', key, value })))
        })

        const ids = await use(idsOf, { onWarning: (message) => { warnings.push(message) } })

        return { ids, warnings }
      }

      for (const [what, value] of Object.entries(damaged)) {
        it(`is skipped and counted: it ${what}`, async () => {
          assert.deepEqual(await openWith({ bad: value }), {
            ids: ['good'],
            warnings: [`Skipped known peers in ${location()}: 1 damaged, 0 of a newer version`]
          })
        })
      }

      it('is skipped and counted: its id is too long', async () => {
        const { ids, warnings } = await openWith({ ['x'.repeat(129)]: '{"v":1,"addresses":[]}' })

        assert.deepEqual(ids, ['good'])
        assert.match(warnings.join(), /1 damaged/)
      })

      it('is left for the newer version that wrote it', async () => {
        const newer = '{"v":3,"something":"else"}'
        const { ids, warnings } = await openWith({ newer, bad: '' })

        assert.deepEqual(ids, ['good'])
        assert.deepEqual(warnings, [`Skipped known peers in ${location()}: 1 damaged, 1 of a newer version`])
        assert.equal(await useDatabase((db) => db.get('newer')), newer)
      })

      it('is all there is, and nothing listens', async () => {
        await useDatabase((db) => db.put('bad', ''))
        const known = await openKnownPeers(path('data'))

        assert.deepEqual(await known.load(), [])
        await known.close()
      })

      it('is replaced when the peer is met again', async () => {
        await openWith({ bad: '' })
        await use((known) => known.save(peer('bad')), { onWarning: () => {} })

        assert.deepEqual((await use(idsOf)).sort(), ['bad', 'good'])
      })
    })

    describe('a damaged database', () => {
      async function damage (how: (location: string) => Promise<void>): Promise<void> {
        await useDatabase(async (db) => {
          await db.put('old', '{"v":1,"addresses":[]}')
          // moves the entry from the log, which recovers by itself, to a table
          await db.compactRange('', '\xff')
        })
        await how(location())
      }

      for (const [what, how] of Object.entries(DAMAGES)) {
        it(`is moved aside and begun anew: it ${what}`, async () => {
          await damage(how)
          const before = (await readdir(location())).filter((name) => /^CURRENT$|\.ldb$/.test(name))
          const warnings: string[] = []
          const known = await open({ clock, onWarning: (message) => { warnings.push(message) } })
          const moved = `${location()}.corrupt-${NOW}`

          assert.deepEqual(await known.load(), [])
          assert.equal(warnings.length, 1)
          assert.ok(warnings[0]!.includes(location()) && warnings[0]!.includes(moved), warnings[0])
          const after = await readdir(moved)
          assert.ok(before.every((name) => after.includes(name)))

          await known.save(peer('new'))
          await known.close()
          assert.deepEqual(await use(idsOf), ['new'])
        })
      }

      it('does not replace what was moved aside in the same millisecond', async () => {
        for (let i = 0; i < 3; i++) {
          await damage(DAMAGES['is of another kind']!)
          await use((known) => known.load(), { clock, onWarning: () => {} })
        }

        assert.deepEqual((await readdir(path('data'))).sort(), [
          'peers', `peers.corrupt-${NOW}`, `peers.corrupt-${NOW + 1}`, `peers.corrupt-${NOW + 2}`
        ])
      })

      it('is moved aside without a listener', async () => {
        await damage(DAMAGES['is of another kind']!)
        const known = await openKnownPeers(path('data'))

        assert.deepEqual(await known.load(), [])
        await known.close()
        assert.equal((await readdir(path('data'))).length, 2)
      })
    })

    describe('a database that is open', () => {
      const inUse = (err: Error): boolean => {
        return err.name === 'StorageError' && err.message.includes(`another node is using ${location()}`)
      }

      /** Opens the database in another process: the name of the error, or "opened". */
      async function openElsewhere (): Promise<string> {
        const source = `
          import { openKnownPeers } from '${new URL('../../../src/store/known-peers/open-known-peers.ts', import.meta.url).href}'
          await openKnownPeers(process.argv[1]).then((known) => {
            console.log('opened')
            return known.close()
          }, (err) => { console.log(err.name + ': ' + err.message) })
        `
        const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source, path('data')])

        return stdout.trim()
      }

      it('is refused in the same process, under any name', async function () {
        const known = await open()

        try {
          await assert.rejects(open(), inUse)
          await assert.rejects(openKnownPeers(path('data', '..', 'data')), inUse)

          if (process.platform !== 'win32') {
            await symlink(path('data'), path('link'))
            await assert.rejects(openKnownPeers(path('link')), inUse)
          }
        } finally {
          await known.close()
        }
      })

      it('is refused in another process, also after the same process was refused', async () => {
        await use(async (known) => {
          assert.match(await openElsewhere(), /^StorageError: .*another node is using/)
          await assert.rejects(open(), inUse)
          assert.match(await openElsewhere(), /^StorageError: .*another node is using/)
          await known.save(peer('a'))
        })

        assert.equal(await openElsewhere(), 'opened')
      })

      it('is refused while another process has it, and left as it is', async () => {
        const source = `
          import { openKnownPeers } from '${new URL('../../../src/store/known-peers/open-known-peers.ts', import.meta.url).href}'
          const known = await openKnownPeers(process.argv[1])
          console.log('opened')
          process.stdin.on('end', () => known.close()).resume()
        `
        const holder = spawn(process.execPath, ['--input-type=module', '-e', source, path('data')], { stdio: ['pipe', 'pipe', 'inherit'] })

        try {
          await once(createInterface(holder.stdout), 'line')
          await assert.rejects(open(), inUse)
          await assert.rejects(open(), inUse)
          assert.deepEqual(await readdir(path('data')), ['peers'])
        } finally {
          holder.stdin.end()
          await once(holder, 'exit')
        }

        assert.deepEqual(await use((known) => known.load()), [])
      })

      it('can be opened again after an opening that failed', async () => {
        await mkdir(path('data'))
        await writeFile(location(), '')
        await assert.rejects(open(), { name: 'StorageError' })
        await rm(location())

        assert.deepEqual(await use((known) => known.load()), [])
      })
    })
  })
})
