import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BAN_DURATION_MS, Bans, MAX_BAN_DURATION_MS, MAX_BANS, MAX_REASON_CHARS, MAX_SUBJECT_CHARS } from '../../../src/peers/penalties/bans.ts'
import { memoryBans } from '../../../src/store/bans/stored-bans.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { BansInit } from '../../../src/peers/penalties/bans.ts'
import type { Ban, BanStore } from '../../../src/types/ban.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

/** A clock whose time of day a test can set apart from the time that passes. */
class ShiftedClock extends FakeClock {
  shift = 0

  override date (): number {
    return super.date() + this.shift
  }
}

function heapUsed (): number {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()

  return process.memoryUsage().heapUsed
}

describe('peers/penalties/bans', () => {
  let clock: ShiftedClock
  let bans: Bans

  const make = (init: Partial<BansInit> = {}): Bans => new Bans({ clock, ...init })

  /** A ban of a peer for an offence, or one of the operator where a duration is said. */
  function ban (subject: string, duration?: number): Ban {
    return bans.add(subject, { kind: 'peer', reason: 'test', ...(duration == null ? {} : { duration, isManual: true }) })
  }

  /** How long somebody is kept out from now on, in ms. */
  async function remaining (subject: string): Promise<number> {
    const until = bans.get(subject)?.until ?? clock.date()
    const left = until - clock.date()

    if (left > 0) {
      await clock.advance(left - 1)
      assert.equal(bans.has(subject), true)
      await clock.advance(1)
    }

    assert.equal(bans.has(subject), false)

    return left
  }

  beforeEach(() => {
    clock = new ShiftedClock()
    bans = make()
  })

  it('has no bans at first', () => {
    assert.equal(bans.has('a'), false)
    assert.equal(bans.hasManual('a'), false)
    assert.equal(bans.get('a'), undefined)
    assert.equal(bans.remove('a'), false)
    assert.equal(bans.size, 0)
    assert.deepEqual(bans.list(), [])
  })

  for (const duration of [0, -1, Number.NaN]) {
    it(`refuses a duration of ${duration}`, () => {
      assert.throws(() => { ban('a', duration) }, { name: 'ConfigError' })
      assert.equal(bans.has('a'), false)
    })
  }

  for (const subject of ['', 'x'.repeat(MAX_SUBJECT_CHARS + 1), 7, undefined]) {
    it(`refuses ${String(subject).slice(0, 9) || 'nothing'} for a subject`, () => {
      assert.throws(() => { ban(subject as string) }, { name: 'ConfigError' })
      assert.equal(bans.size, 0)
    })
  }

  it('takes a subject of 128 characters, and cuts a reason that is longer', () => {
    const subject = 'x'.repeat(MAX_SUBJECT_CHARS)
    bans.add(subject, { kind: 'host', reason: 'y'.repeat(MAX_REASON_CHARS + 1) })

    assert.equal(MAX_SUBJECT_CHARS, 128)
    assert.equal(bans.get(subject)?.reason, 'y'.repeat(MAX_REASON_CHARS))
    assert.equal(MAX_REASON_CHARS, 128)
  })

  it('keeps a peer out for an hour, and not a moment longer', async () => {
    ban('a')
    await clock.advance(BAN_DURATION_MS - 1)
    assert.equal(bans.has('a'), true)
    assert.equal(bans.has('b'), false)
    await clock.advance(1)
    assert.equal(bans.has('a'), false)
    assert.equal(BAN_DURATION_MS, HOUR)
  })

  it('keeps a peer out for as long as it is told', async () => {
    ban('a', 10)
    assert.equal(await remaining('a'), 10)
  })

  it('tells all there is to know of a ban, the one that ends first first', () => {
    const now = clock.date()
    const later = bans.add('192.0.2.1', { kind: 'host', reason: 'wrong' })
    bans.add('a', { kind: 'peer', reason: 'by hand', duration: 1000, isManual: true })

    assert.deepEqual(bans.list(), [
      { subject: 'a', kind: 'peer', until: now + 1000, duration: 1000, reason: 'by hand', offences: 0, isManual: true },
      { subject: '192.0.2.1', kind: 'host', until: now + HOUR, duration: HOUR, reason: 'wrong', offences: 1, isManual: false }
    ])
    assert.deepEqual(bans.get('192.0.2.1'), later)
    assert.deepEqual(['a', '192.0.2.1', 'b'].map((subject) => bans.hasManual(subject)), [true, false, false])
  })

  it('counts and lists only bans that have not ended', async () => {
    ban('a', 10)
    ban('b', 20)
    bans.add('c', { kind: 'peer', reason: '', duration: 20 })
    assert.equal(bans.size, 3)
    await clock.advance(10)
    assert.equal(bans.size, 2)
    await clock.advance(10)
    assert.equal(bans.size, 0)
    assert.deepEqual(bans.list(), [])
  })

  for (const [title, first, second] of [['later', 10, 100], ['earlier', 100, 10]] as const) {
    it(`keeps to the longer of two bans where it came ${title}`, async () => {
      ban('a', first)
      assert.equal(ban('a', second).until, clock.date() + 100)
      assert.equal(bans.get('a')?.duration, 100)
      assert.equal(await remaining('a'), 100)
    })
  }

  it('lets a peer in again when it is told to, and knows nothing against it any more', () => {
    ban('a')
    assert.equal(bans.remove('a'), true)
    assert.equal(bans.has('a'), false)
    assert.equal(bans.remove('a'), false)
    assert.equal(ban('a').offences, 1)
  })

  it('returns false for a ban that had ended', async () => {
    ban('a')
    await clock.advance(HOUR)
    assert.equal(bans.remove('a'), false)
    assert.equal(ban('a').offences, 1)
  })

  it('keeps a ban for ever where the operator wants it', async () => {
    const { until, duration } = ban('a', Infinity)
    assert.equal(until, 8.64e15)
    assert.equal(duration, 8.64e15)
    clock.stall(100 * 365 * DAY)
    assert.equal(bans.has('a'), true)
  })

  describe('a repeated offence', () => {
    it('doubles the time, up to 7 days', async () => {
      const durations: number[] = []

      for (let i = 0; i < 10; i++) {
        ban('a')
        durations.push(await remaining('a') / HOUR)
      }

      assert.deepEqual(durations, [1, 2, 4, 8, 16, 32, 64, 128, 168, 168])
      assert.equal(MAX_BAN_DURATION_MS, 168 * HOUR)
    })

    it('doubles what was configured, which may be more than 7 days', async () => {
      bans = make({ duration: 3 * DAY })
      ban('a')
      assert.equal(await remaining('a'), 3 * DAY)
      ban('a')
      assert.equal(await remaining('a'), 6 * DAY)
      ban('a')
      assert.equal(await remaining('a'), 7 * DAY)

      bans = make({ duration: 10 * DAY })
      ban('a')
      assert.equal(await remaining('a'), 10 * DAY)
      ban('a')
      assert.equal(await remaining('a'), 10 * DAY)
    })

    it('is one for as long after the ban as it lasted', async () => {
      ban('a')
      await clock.advance(2 * HOUR - 1)
      assert.equal(ban('a').offences, 2)

      await clock.advance(2 * HOUR + 2 * HOUR)
      assert.equal(ban('a').offences, 1)
    })

    it('is not what comes while the ban lasts', async () => {
      ban('a')
      await clock.advance(HOUR / 2)
      const { offences, until } = ban('a')

      assert.equal(offences, 1)
      assert.equal(until, clock.date() + HOUR)
    })

    it('is not what the operator wants, who neither doubles nor is doubled', async () => {
      ban('a', 1000)
      await clock.advance(1000)
      assert.equal(ban('a', 1000).offences, 0)
      await clock.advance(1000)
      assert.equal(ban('a').offences, 1)
      await clock.advance(HOUR)
      const { offences, duration } = ban('a', 1000)

      assert.equal(offences, 1)
      assert.equal(duration, 1000)
    })

    it('is counted where it comes during a ban by the operator', () => {
      ban('a', 1000)
      const { offences, isManual, duration } = ban('a')

      assert.deepEqual({ offences, isManual, duration }, { offences: 1, isManual: true, duration: HOUR })
    })
  })

  for (const jump of [DAY, -DAY]) {
    it(`neither lifts nor lengthens a ban when the time of day jumps by ${jump / HOUR} h`, async () => {
      ban('a')
      clock.shift = jump
      assert.equal(bans.get('a')?.until, clock.date() + HOUR)
      assert.equal(await remaining('a'), HOUR)
    })
  }

  describe('when there are many', () => {
    it('has room for MAX_BANS', () => {
      for (let i = 0; i < MAX_BANS; i++) {
        ban(`peer-${i}`, 1000 + i)
      }

      assert.equal(bans.size, MAX_BANS)
      assert.equal(MAX_BANS, 10_000)
      assert.equal(bans.has('peer-0'), true)
    })

    it('has as much room as it is told', () => {
      bans = make({ maxBans: 2 })
      ban('a', 10)
      ban('b', 20)
      assert.equal(bans.has('a'), true)
      ban('c', 30)
      assert.deepEqual(bans.list().map(({ subject }) => subject), ['b', 'c'])
    })

    it('forgets the ban that ends first for the one that is too many', () => {
      for (let i = 0; i < MAX_BANS; i++) {
        // the one that ends first is neither the first nor the last
        ban(`peer-${i}`, i === 5000 ? 500 : 1000 + i)
      }

      ban('one more', 2000)

      assert.equal(bans.size, MAX_BANS)
      assert.equal(bans.has('peer-5000'), false)
      assert.deepEqual(['one more', 'peer-0', 'peer-4999', 'peer-9999'].map((id) => bans.has(id)), [true, true, true, true])
    })

    it('makes room for a new ban that would end before all others', () => {
      bans = make({ maxBans: 2 })
      bans.add('a', { kind: 'peer', reason: '', duration: 1000 })
      bans.add('b', { kind: 'peer', reason: '', duration: 2000 })
      bans.add('c', { kind: 'peer', reason: '', duration: 10 })

      assert.deepEqual(bans.list().map(({ subject }) => subject), ['c', 'b'])
    })

    it('forgets no ban that lasts while there is one that has ended', async () => {
      for (let i = 0; i < MAX_BANS; i++) {
        bans.add(`peer-${i}`, { kind: 'peer', reason: '', duration: i === 7 ? 10 : 1000 })
      }

      await clock.advance(10)
      bans.add('one more', { kind: 'peer', reason: '', duration: 20 })

      assert.equal(bans.size, MAX_BANS)
      assert.equal(bans.has('one more'), true)
    })

    it('forgets no ban of the operator for one that is none, however soon it ends', async () => {
      bans = make({ maxBans: 3 })
      ban('a', 10)
      ban('b', 20)

      for (let i = 0; i < 10; i++) {
        ban(`peer-${i}`)
      }

      assert.deepEqual(bans.list().map(({ subject }) => subject), ['a', 'b', 'peer-9'])
      ban('c', 30)
      ban('peer-10')
      assert.deepEqual(bans.list().map(({ subject }) => subject), ['a', 'b', 'c'])
      ban('d', 40)
      assert.deepEqual(bans.list().map(({ subject }) => subject), ['b', 'c', 'd'])

      await clock.advance(20)
      ban('peer-11')
      assert.deepEqual(bans.list().map(({ subject }) => subject), ['c', 'd', 'peer-11'])
    })

    it('needs no room to make a ban longer', () => {
      for (let i = 0; i < MAX_BANS; i++) {
        ban(`peer-${i}`, 1000)
      }

      ban('peer-3', 2000)

      assert.equal(bans.size, MAX_BANS)
      assert.equal(bans.has('peer-0'), true)
    })

    it('grows no further with 100,000 identities', () => {
      const invent = (from: number, to: number): void => {
        for (let i = from; i < to; i++) {
          ban(`${i}`.padStart(60, 'x'))
        }
      }

      invent(0, 2 * MAX_BANS)
      const before = heapUsed()
      invent(2 * MAX_BANS, 100_000)
      const growth = heapUsed() - before

      assert.equal(bans.size, MAX_BANS)
      // 80,000 bans that were kept would be more than 10 MB
      assert.ok(growth < 2e6, `grew by ${growth} bytes`)
    })

    it('leaves no more in the store than there is room for', async () => {
      const store = memoryBans()
      bans = make({ store, maxBans: 100 })

      for (let i = 0; i < 5000; i++) {
        ban(`${i}`)
      }

      assert.equal((await store.load()).length, 100)
      await store.close()
    })
  })

  describe('with a store', () => {
    let store: BanStore
    let failures: unknown[]

    const restart = async (): Promise<void> => {
      // a new process: its clock begins anew, and only the time of day goes on
      const date = clock.date()
      clock = new ShiftedClock()
      clock.shift = date - clock.date()
      bans = make({ store, onStoreError: (err) => { failures.push(err) } })
      await bans.load()
    }

    beforeEach(async () => {
      store = memoryBans()
      failures = []
      await restart()
    })

    afterEach(() => {
      assert.deepEqual(failures, [])
    })

    it('goes on with the bans of an earlier run', async () => {
      const saved = [ban('a'), ban('b', 10_000)]
      await clock.advance(9000)
      await restart()

      assert.deepEqual(new Set(bans.list()), new Set(saved))
      assert.equal(bans.hasManual('b'), true)
      assert.equal(await remaining('b'), 1000)
      assert.equal(await remaining('a'), HOUR - 10_000)
    })

    it('goes on with the bans that end last where there is less room than before', async () => {
      ban('b', 20)
      ban('c', 30)
      ban('a', 10)
      bans = make({ store, maxBans: 2 })
      await bans.load()

      assert.deepEqual(bans.list().map(({ subject }) => subject), ['b', 'c'])
      assert.deepEqual((await store.load()).map(({ subject }) => subject), ['b', 'c'])
    })

    it('remembers the offences of an earlier run', async () => {
      ban('a')
      await clock.advance(2 * HOUR - 1)
      await restart()
      assert.equal(bans.has('a'), false)
      assert.equal(ban('a').offences, 2)
    })

    it('forgets on disk too what is over', async () => {
      ban('a')
      ban('b', 1000)
      ban('c')
      bans.remove('c')
      assert.deepEqual((await store.load()).map(({ subject }) => subject), ['a', 'b'])
      await clock.advance(1000)
      assert.equal(bans.has('b'), false)
      assert.deepEqual((await store.load()).map(({ subject }) => subject), ['a'])
      await clock.advance(2 * HOUR)
      await restart()
      assert.deepEqual(await store.load(), [])
    })

    it('bans no subject for longer than before where the time of day was in the future when it happened', async () => {
      clock.shift += 1000 * DAY
      ban('a')
      clock.shift -= 1000 * DAY
      await restart()

      assert.equal(await remaining('a'), HOUR)
    })

    it('loads no ban of more than 7 days, except for one by the operator', async () => {
      const rest = { kind: 'peer', reason: '', offences: 1, until: clock.date() + 1000 * DAY, duration: 1000 * DAY } as const
      await store.save({ subject: 'a', ...rest, isManual: false })
      await store.save({ subject: 'b', ...rest, isManual: true })
      await restart()

      assert.equal(await remaining('a'), 7 * DAY)
      assert.equal(await remaining('b'), 993 * DAY)
    })

    it('keeps what came about while it was loading', async () => {
      ban('a')
      await clock.advance(HOUR / 2)
      bans = make({ store })
      const loading = bans.load()
      ban('a')
      await loading

      assert.equal(await remaining('a'), HOUR)
    })

    it('holds a ban that cannot be written, and says so', async () => {
      await store.close()
      assert.equal(ban('a').offences, 1)
      assert.equal(bans.has('a'), true)
      await turns(3)

      assert.deepEqual(failures.map((err) => (err as Error).name), ['NotRunningError'])
      failures = []
      await bans.load()
      assert.deepEqual(failures.map((err) => (err as Error).name), ['NotRunningError'])
      failures = []
    })
  })
})
