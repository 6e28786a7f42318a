import assert from 'node:assert/strict'
import { mkdir, readdir, truncate } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { DAMAGES } from '../../support/damage.ts'
import { useTempDir } from '../../support/temp-dir.ts'
import { Bans } from '../../../src/peers/penalties/bans.ts'
import { BanTable, MAX_STORED_BANS } from '../../../src/store/bans/ban-table.ts'
import { memoryBans, openBans } from '../../../src/store/bans/open-bans.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { systemClock } from '../../../src/util/clock.ts'
import type { Clock } from '../../../src/util/clock.ts'
import type { EntryOptions } from '../../../src/store/entries/entries.ts'
import type { Ban, BanStore } from '../../../src/types/ban.ts'

const NOW = 1_790_000_000_000
const clock: Clock = { ...systemClock, date: () => NOW }
const ENTRY = '{"v":1,"kind":"peer","until":5,"duration":7,"reason":"r","offences":1,"manual":false}'

function ban (subject: string, rest: Partial<Ban> = {}): Ban {
  return { subject, kind: 'peer', until: 5, duration: 7, reason: 'r', offences: 1, isManual: false, ...rest }
}

function failOnWarning (message: string): never {
  throw new Error(`Expected no warning, got ${message}`)
}

async function subjectsOf (store: BanStore): Promise<string[]> {
  return (await store.load()).map(({ subject }) => subject).sort()
}

/** What both kinds do. */
function behavesLikeBans (open: () => Promise<BanStore>): void {
  let store: BanStore

  beforeEach(async () => { store = await open() })
  afterEach(async () => { await store.close() })

  it('is empty at first', async () => {
    assert.deepEqual(await store.load(), [])
  })

  it('gives what was saved, and the last that was saved of a subject', async () => {
    const saved = [ban('192.0.2.1', { kind: 'host', isManual: true, offences: 0 }), ban('a', { until: 8.64e15, reason: '' })]
    await Promise.all([ban('a'), ...saved].map((one) => store.save(one)))

    assert.deepEqual((await store.load()).toSorted((a, b) => a.subject < b.subject ? -1 : 1), saved)
  })

  it('forgets what is removed, and takes the removal of an unknown subject', async () => {
    await store.save(ban('a'))
    await Promise.all([store.remove('a'), store.remove('b')])

    assert.deepEqual(await store.load(), [])
  })

  it('does nothing more once it is closed, however often that is', async () => {
    const closed = { name: 'NotRunningError' }
    const saving = store.save(ban('a'))
    await Promise.all([store.close(), store.close()])
    await saving

    await assert.rejects(store.load(), closed)
    await assert.rejects(store.save(ban('b')), closed)
    await assert.rejects(store.remove('a'), closed)
  })
}

describe('store/bans/open-bans', () => {
  describe('in memory', () => {
    behavesLikeBans(async () => memoryBans())
  })

  describe('in a table', () => {
    it('has room for so many, and then only for the half that ends last', () => {
      const table = new BanTable(4)

      for (const until of [3, 1, 4, 2]) {
        assert.deepEqual(table.set(ban(`b${until}`, { until })), [])
      }

      assert.deepEqual(table.set(ban('b4', { until: 4 })), [])
      assert.deepEqual(table.set(ban('b5', { until: 5 })), ['b1', 'b2', 'b3'])
      assert.deepEqual(table.list().map(({ subject }) => subject), ['b4', 'b5'])
      assert.equal(MAX_STORED_BANS, 100_000)
    })
  })

  describe('on disk', () => {
    const path = useTempDir()
    const location = (): string => path('data', 'bans')
    const open = (options?: EntryOptions): Promise<BanStore> => openBans(path('data'), { onWarning: failOnWarning, ...options })

    /** Opens, works, closes. */
    async function use<Result> (work: (store: BanStore) => Promise<Result>, options?: EntryOptions): Promise<Result> {
      const store = await open(options)

      try {
        return await work(store)
      } finally {
        await store.close()
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

    describe('as in memory', () => { behavesLikeBans(open) })

    it('keeps versioned JSON under the subject', async () => {
      await use((store) => store.save(ban('a')))
      assert.deepEqual(await useDatabase((db) => db.iterator().all()), [['a', ENTRY]])
    })

    it('has what was saved when it is opened again, and not what was removed', async () => {
      const kept = ban('a', { kind: 'host', until: 9, duration: 1.5, reason: 'äöü"', offences: 3, isManual: true })
      await use(async (store) => { await Promise.all([store.save(kept), store.save(ban('b')), store.remove('b')]) })

      assert.deepEqual(await use((store) => store.load()), [kept])
    })

    it('has what was being saved when it was closed', async () => {
      const store = await open()
      const saving = Promise.all(Array.from({ length: 500 }, (_, i) => store.save(ban(`b${i}`))))
      await Promise.all([store.close(), saving])

      assert.equal((await use(subjectsOf)).length, 500)
    })

    it('is refused while it is open', async () => {
      await use(async () => {
        await assert.rejects(open(), (err: Error) => {
          return err.name === 'StorageError' && err.message.startsWith('Could not open the bans: another node is using')
        })
      })
    })

    it('keeps what a node bans through its end', async () => {
      const fake = new FakeClock()

      await use(async (store) => {
        const bans = new Bans({ clock: fake, store })
        bans.add('a', { kind: 'peer', reason: 'r' })
        bans.add('b', { kind: 'peer', reason: 'by hand', duration: Infinity, isManual: true })
      })

      await use(async (store) => {
        const bans = new Bans({ clock: fake, store })
        await bans.load()
        assert.deepEqual(['a', 'b', 'c'].map((subject) => bans.has(subject)), [true, true, false])
      })
    })

    describe('entries that cannot be used', () => {
      const change = (field: string, value: unknown): string => JSON.stringify({ ...JSON.parse(ENTRY) as object, [field]: value })

      const damaged: Record<string, string> = {
        'is empty': '',
        'is cut off': ENTRY.slice(0, -1),
        'is no object': '7',
        'is an array': '[]',
        'has no version': change('v', undefined),
        'has a version that never was': change('v', 0),
        'is of no kind': change('kind', 'group'),
        'has no end': change('until', undefined),
        'ends before time began': change('until', -1),
        'has no duration': change('duration', null),
        'has a duration that is none': change('duration', 0),
        'has a reason that is none': change('reason', 7),
        'has a reason that is too long': change('reason', 'x'.repeat(129)),
        'has a number of offences that is none': change('offences', 1.5),
        'was wanted by nobody knows whom': change('manual', 'yes'),
        'is too large': `${ENTRY.slice(0, -1)},"more":"${'x'.repeat(2000)}"}`
      }

      async function openWith (entries: Record<string, string>): Promise<{ subjects: string[], warnings: string[] }> {
        const warnings: string[] = []

        await useDatabase(async (db) => {
          await db.batch(Object.entries({ good: ENTRY, ...entries }).map(([key, value]) => ({ type: 'put', key, value })))
        })

        const subjects = await use(subjectsOf, { onWarning: (message) => { warnings.push(message) } })

        return { subjects, warnings }
      }

      it('are none of these', async () => {
        const entries = { ['x'.repeat(128)]: change('reason', '\u0001'.repeat(128)), other: change('more', 'than was known') }
        assert.deepEqual((await openWith(entries)).warnings, [])
      })

      for (const [what, value] of Object.entries(damaged)) {
        it(`is skipped and counted: it ${what}`, async () => {
          assert.deepEqual(await openWith({ bad: value }), {
            subjects: ['good'],
            warnings: [`Skipped bans in ${location()}: 1 damaged, 0 of a newer version`]
          })
        })
      }

      it('is skipped and counted: its subject is too long', async () => {
        assert.deepEqual((await openWith({ ['x'.repeat(129)]: ENTRY })).subjects, ['good'])
      })

      it('is left for the newer version that wrote it', async () => {
        const newer = '{"v":2,"something":"else"}'
        const { subjects, warnings } = await openWith({ newer })

        assert.deepEqual(subjects, ['good'])
        assert.deepEqual(warnings, [`Skipped bans in ${location()}: 0 damaged, 1 of a newer version`])
        assert.equal(await useDatabase((db) => db.get('newer')), newer)
      })
    })

    describe('a damaged database', () => {
      for (const [what, damage] of Object.entries(DAMAGES)) {
        it(`is moved aside and begun anew: it ${what}`, async () => {
          await useDatabase(async (db) => {
            await db.put('old', ENTRY)
            // moves the entry from the log, which recovers by itself, to a table
            await db.compactRange('', '\xff')
          })
          await damage(location())
          const warnings: string[] = []
          const options = { clock, onWarning: (message: string): void => { warnings.push(message) } }

          assert.deepEqual(await use(async (store) => {
            await store.save(ban('new'))

            return subjectsOf(store)
          }, options), ['new'])
          assert.equal(warnings.length, 1)
          assert.match(warnings[0]!, /^The bans in .* are damaged .*; moved them to .*bans\.corrupt-1790000000000 and began anew$/)
          assert.deepEqual((await readdir(path('data'))).sort(), ['bans', `bans.corrupt-${NOW}`])
          assert.deepEqual(await use(subjectsOf), ['new'])
        })
      }

      it('is used as far as it goes where its log is cut off', async () => {
        await useDatabase(async (db) => {
          await db.put('first', ENTRY)
          await db.put('second', ENTRY)
        })
        const log = (await readdir(location())).find((name) => name.endsWith('.log'))!
        // the end of the second entry is lost
        await truncate(path('data', 'bans', log), 150)

        assert.deepEqual(await use(subjectsOf), ['first'])
      })
    })
  })
})
