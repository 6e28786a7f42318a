import assert from 'node:assert/strict'
import { DialableAddresses } from '../../../src/address/dialable.ts'
import {
  FIRST_PAUSE_FACTOR, LONGEST_PAUSE_FACTOR, MAX_FOUND_PEERS, MAX_PARALLEL_SOURCES, PeerSearch, SOURCE_TIMEOUT_MS
} from '../../../src/connect/targets/peer-search.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { drawing } from '../../support/chance.ts'
import type { SearchStatus } from '../../../src/connect/targets/peer-search.ts'
import type { FoundPeer, PeerSource } from '../../../src/types/peer-source.ts'
import type { Logger } from '@libp2p/interface'

const SECOND = 1000
const MINUTE = 60 * SECOND
const FIRST_PAUSE = SECOND * FIRST_PAUSE_FACTOR
const LONGEST_PAUSE = 5 * MINUTE * LONGEST_PAUSE_FACTOR

/** A source whose answers are in the hands of the test. */
class FakeSource implements PeerSource {
  readonly name: string
  /** The signals of all times it was asked. */
  readonly signals: AbortSignal[] = []
  /** What it has yet to say: a peer, an error, or that it has no more. Without anything it says nothing. */
  readonly answers: (FoundPeer | Error | 'end')[] = []
  #wake = Promise.withResolvers<void>()

  constructor (name: string) {
    this.name = name
  }

  get asked (): number { return this.signals.length }

  async say (...answers: (FoundPeer | Error | 'end')[]): Promise<void> {
    this.answers.push(...answers)
    this.#wake.resolve()
    await turns(answers.length + 3)
  }

  async * find (signal: AbortSignal): AsyncGenerator<FoundPeer, void, undefined> {
    this.signals.push(signal)

    for (;;) {
      const answer = this.answers.shift()

      if (answer === 'end') {
        return
      }

      if (answer instanceof Error) {
        throw answer
      }

      if (answer == null) {
        this.#wake = Promise.withResolvers()
        await this.#wake.promise
      } else {
        yield answer
      }
    }
  }
}

function peer (n: number, host = '1.2.3.4'): FoundPeer {
  return { addresses: [`/ip4/${host}/tcp/${n}`] }
}

describe('connect/targets/peer-search', () => {
  let clock: FakeClock
  let dialer: { isShort: boolean, isFull: boolean }
  let found: [source: string, address: string | undefined][]
  let search: PeerSearch
  let first: FakeSource
  let second: FakeSource
  let random: number

  beforeEach(() => {
    clock = new FakeClock()
    dialer = { isShort: true, isFull: false }
    found = []
    random = 1
    first = new FakeSource('first')
    second = new FakeSource('second')
    search = make([first, second])
  })

  function make (sources: PeerSource[]): PeerSearch {
    return new PeerSearch({
      sources,
      filter: new DialableAddresses(() => []),
      clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      config: { reconnectDelay: SECOND, maxReconnectDelay: 5 * MINUTE },
      dialer,
      onFound: ({ addresses }, source) => { found.push([source, addresses[0]]) },
      chance: drawing(() => random)
    })
  }

  /** Ends the search that is under way: nobody was found. */
  async function endSearch (): Promise<void> {
    await first.say('end')
    await second.say('end')
  }

  /** How long until the next search begins, in ms. */
  async function untilNextSearch (): Promise<number> {
    const { asked } = first
    const begin = clock.now()

    while (first.asked === asked) {
      assert(clock.next != null, 'there is a timer')
      await clock.advance(clock.next)
    }

    return clock.now() - begin
  }

  describe('begins', () => {
    it('at the start where peers are short, and asks all sources at once', () => {
      search.check()
      assert.equal(first.asked, 0)
      search.start()
      assert.deepEqual([first.asked, second.asked], [1, 1])
    })

    it('when peers run short', () => {
      dialer.isShort = false
      search.start()
      assert.deepEqual([first.asked, clock.pending], [0, 0])
      dialer.isShort = true
      search.check()
      assert.equal(first.asked, 1)
    })

    it('once, however often there is a reason to', () => {
      search.start()
      search.check()
      search.restart()
      assert.equal(first.asked, 1)
    })

    it('never without a source', () => {
      search = make([])
      search.start()
      search.check()
      assert.equal(clock.pending, 0)
    })

    it(`with ${MAX_PARALLEL_SOURCES} sources at a time, and has each other one take the place of one that has ended`, async () => {
      const sources = Array.from({ length: MAX_PARALLEL_SOURCES + 2 }, (_, i) => new FakeSource(`source${i}`))
      const asked = (): number => sources.filter(({ asked }) => asked > 0).length
      search = make(sources)
      search.start()
      assert.equal(asked(), MAX_PARALLEL_SOURCES)
      await sources[3]!.say('end')
      assert.equal(asked(), MAX_PARALLEL_SOURCES + 1)
      await clock.advance(SOURCE_TIMEOUT_MS)
      assert.equal(asked(), MAX_PARALLEL_SOURCES + 2)
    })
  })

  describe('takes', () => {
    it('each peer as it is found, from all sources', async () => {
      search.start()
      await second.say(peer(1))
      assert.deepEqual(found, [['second', '/ip4/1.2.3.4/tcp/1']])
      await first.say(peer(2), 'end')
      await second.say(peer(3))

      assert.deepEqual(found.slice(1), [['first', '/ip4/1.2.3.4/tcp/2'], ['second', '/ip4/1.2.3.4/tcp/3']])
    })

    it('no address that may not be dialled', async () => {
      search.start()
      await first.say(peer(1, '10.0.0.1'), peer(1, '127.0.0.1'), { addresses: [] }, { addresses: ['nonsense', '/ip4/1.2.3.4/tcp/9'] })

      assert.deepEqual(found, [['first', '/ip4/1.2.3.4/tcp/9']])
    })

    it(`${MAX_FOUND_PEERS} peers from one source and no more, and goes on with the others`, async () => {
      search.start()
      await first.say(...Array.from({ length: MAX_FOUND_PEERS + 5 }, (_, i) => peer(i + 1)))
      await second.say(peer(1000))

      assert.equal(found.filter(([source]) => source === 'first').length, MAX_FOUND_PEERS)
      assert.equal(first.signals[0]?.aborted, true)
      assert.deepEqual(found.at(-1), ['second', '/ip4/1.2.3.4/tcp/1000'])
    })

    it('those that are refused into account too', async () => {
      search.start()
      await first.say(...Array.from({ length: MAX_FOUND_PEERS - 1 }, (_, i) => peer(i + 1, '10.0.0.1')), peer(1), peer(2))

      assert.deepEqual(found, [['first', '/ip4/1.2.3.4/tcp/1']])
    })

    it(`nothing from a source after ${SOURCE_TIMEOUT_MS} ms`, async () => {
      search.start()
      await clock.advance(SOURCE_TIMEOUT_MS - 1)
      await first.say(peer(1))
      assert.deepEqual([found.length, first.signals[0]?.aborted], [1, false])
      await clock.advance(1)
      assert.equal(first.signals[0]?.aborted, true)
      await first.say(peer(2))
      assert.equal(found.length, 1)
    })

    it('no harm from a source that throws', async () => {
      search.start()
      await first.say(peer(1), new Error('no more'))
      await second.say(peer(2), 'end')

      assert.equal(found.length, 2)
      assert.equal(await untilNextSearch(), FIRST_PAUSE)
    })
  })

  describe('pauses', () => {
    it('for longer from one search to the next that comes to nothing, up to a bound', async () => {
      search.start()

      for (let pause = FIRST_PAUSE; pause < LONGEST_PAUSE; pause *= 2) {
        await endSearch()
        assert.equal(await untilNextSearch(), pause)
      }

      for (let i = 0; i < 3; i++) {
        await endSearch()
        assert.equal(await untilNextSearch(), LONGEST_PAUSE)
      }
    })

    it('for half of that at least, as the lot falls', async () => {
      random = 0
      search.start()
      await endSearch()
      assert.equal(await untilNextSearch(), FIRST_PAUSE / 2)
    })

    it('no longer than the first time when the dialer has reached a peer that a source has reported', async () => {
      search.start()

      for (let i = 0; i < 5; i++) {
        await endSearch()
        await untilNextSearch()
      }

      await endSearch()
      search.onReached('known')
      assert.equal(clock.next, FIRST_PAUSE * 2 ** 5)
      search.onReached('second')
      assert.equal(await untilNextSearch(), FIRST_PAUSE)
      await endSearch()
      assert.equal(await untilNextSearch(), FIRST_PAUSE)
      await endSearch()
      assert.equal(await untilNextSearch(), 2 * FIRST_PAUSE)
    })

    it('no longer than it would have where it is to start over', async () => {
      search.start()
      await endSearch()
      await clock.advance(FIRST_PAUSE - 1)
      search.restart()
      assert.equal(await untilNextSearch(), 1)
    })

    it('while there are enough peers, too, and begins at once when it is over', async () => {
      search.start()
      await endSearch()
      dialer.isShort = false
      search.check()
      assert.equal(clock.pending, 0)
      await clock.advance(FIRST_PAUSE)
      dialer.isShort = true
      search.check()
      assert.equal(first.asked, 2)
    })
  })

  describe('ends', () => {
    it('when all slots are taken, though a source has more', async () => {
      search.start()
      await first.say(peer(1))
      dialer.isShort = false
      search.check()
      assert.equal(first.signals[0]?.aborted, false)
      dialer.isFull = true
      search.check()
      await first.say(peer(2))

      assert.equal(first.signals[0]?.aborted, true)
      assert.equal(found.length, 1)
      assert.equal(clock.pending, 0)
    })

    it('when it is stopped, and leaves no timer', async () => {
      search.start()
      search.stop()
      await first.say(peer(1))
      search.check()

      assert.deepEqual([first.signals[0]?.aborted, found.length, clock.pending], [true, 0, 0])
      await clock.advance(24 * 60 * MINUTE)
      assert.equal(first.asked, 1)
    })

    it('with a timer under way when it is stopped, and may be started again', async () => {
      search.start()
      await endSearch()
      assert.equal(clock.pending, 1)
      search.stop()
      search.stop()
      assert.equal(clock.pending, 0)
      search.start()
      assert.equal(await untilNextSearch(), FIRST_PAUSE)
    })
  })

  it('tells when it asks next, and what each source has told', async () => {
    const status = (): SearchStatus => search.status
    assert.deepEqual(status(), {
      isSearching: false, nextIn: null, answers: new Map([['first', { askedAt: null, found: 0 }], ['second', { askedAt: null, found: 0 }]])
    })
    search.start()
    const askedAt = clock.date()
    await first.say(peer(1), peer(2), { addresses: [] }, 'end')
    assert.deepEqual([status().isSearching, status().nextIn], [true, null])
    await second.say('end')
    assert.deepEqual(status(), {
      isSearching: false, nextIn: FIRST_PAUSE, answers: new Map([['first', { askedAt, found: 2 }], ['second', { askedAt, found: 0 }]])
    })
    await clock.advance(FIRST_PAUSE - 1)
    assert.equal(status().nextIn, 1)
    search.stop()
    assert.equal(status().nextIn, null)
    assert.equal(make([]).status.nextIn, null)
  })
})
