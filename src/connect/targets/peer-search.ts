import { errorMessage } from '../../errors.ts'
import { untilAborted } from '../../util/race-signal.ts'
import { backoff } from '../../util/backoff.ts'
import type { DialableAddresses } from '../../address/dialable.ts'
import type { Chance } from '../../util/chance.ts'
import type { Clock } from '../../util/clock.ts'
import type { FoundPeer, PeerSource } from '../../types/peer-source.ts'
import type { Logger } from '@libp2p/interface'

/** Sources of peers that are asked at the same time. */
export const MAX_PARALLEL_SOURCES = 8

/** Peers that are taken from one source in one search, refused ones included. */
export const MAX_FOUND_PEERS = 64

/** How long one source of peers may take in one search. */
export const SOURCE_TIMEOUT_MS = 20_000

/** The pause after the first search, in times of `reconnectDelay`. It doubles while no peer is reached through a search. */
export const FIRST_PAUSE_FACTOR = 10

/** The longest pause between two searches, in times of `maxReconnectDelay`. */
export const LONGEST_PAUSE_FACTOR = 6

/** Options of {@link PeerSearch}. */
export interface PeerSearchInit {
  sources: readonly PeerSource[]
  filter: DialableAddresses
  clock: Clock
  chance: Chance
  log: Logger
  config: { reconnectDelay: number, maxReconnectDelay: number }
  dialer: {
    /** Whether outbound slots are empty, and each target that could fill them has been tried. */
    readonly isShort: boolean
    /** Whether there is no empty outbound slot. */
    readonly isFull: boolean
  }
  /** Called with each peer that may be dialled, and the name of its source. */
  onFound: (peer: FoundPeer, source: string) => void
}

/** What a source of peers told when it was last asked. */
export interface SourceAnswer {
  /** In ms since the Unix epoch; `null` where it was not asked. */
  askedAt: number | null
  /** Peers that may be dialled. */
  found: number
}

/** Whether the sources are asked, and what they have told. */
export interface SearchStatus {
  isSearching: boolean
  /** In how many ms a search may begin; `null` during one, and where there is nothing to ask. */
  nextIn: number | null
  /** By the name of the source. */
  answers: ReadonlyMap<string, SourceAnswer>
}

/**
 * Asks all sources of peers in one search, when the known peers do not suffice. It then pauses: longer after each search without success.
 */
export class PeerSearch {
  readonly #init: PeerSearchInit
  #isRunning = false
  /** Aborted to end the search that is under way. */
  #search: AbortController | undefined
  /** Searches since the dialer reached a peer of one. */
  #fruitless = 0
  #nextSearch = 0
  #timer: unknown
  /** What each source told when it was last asked. There are as many as sources. */
  readonly #answers = new Map<string, SourceAnswer>()

  constructor (init: PeerSearchInit) {
    this.#init = init
  }

  /** Whether it asks, when next, and what each source has told. */
  get status (): SearchStatus {
    const { sources, clock } = this.#init
    const isSearching = this.#search != null
    const isWaiting = this.#isRunning && !isSearching && sources.length > 0

    return {
      isSearching,
      nextIn: isWaiting ? Math.max(0, this.#nextSearch - clock.now()) : null,
      answers: new Map(sources.map(({ name }) => [name, this.#answers.get(name) ?? { askedAt: null, found: 0 }]))
    }
  }

  start (): void {
    this.#isRunning = true
    this.check()
  }

  stop (): void {
    this.#isRunning = false
    this.#init.clock.clearTimeout(this.#timer)
    this.#search?.abort()
  }

  /** Begins or ends a search where there is a reason to. The caller does it whenever the dialer has begun all dials that it can. */
  check (): void {
    const { clock, dialer, sources } = this.#init
    clock.clearTimeout(this.#timer)

    if (!this.#isRunning || sources.length === 0) {
      return
    }

    if (dialer.isFull) {
      this.#search?.abort()
    } else if (this.#search == null && dialer.isShort) {
      const wait = this.#nextSearch - clock.now()

      if (wait > 0) {
        this.#timer = clock.setTimeout(() => { this.check() }, wait)
      } else {
        void this.#run(new AbortController())
      }
    }
  }

  /** Takes note of a session with a peer that `origin` has reported. */
  onReached (origin: string): void {
    if (this.#init.sources.some(({ name }) => name === origin)) {
      this.restart()
    }
  }

  /** Goes back to the first pause: something has changed since the last searches without success. */
  restart (): void {
    this.#fruitless = 0
    this.#nextSearch = Math.min(this.#nextSearch, this.#init.clock.now() + this.#pause())
    this.check()
  }

  async #run (search: AbortController): Promise<void> {
    this.#search = search
    const waiting = [...this.#init.sources]

    const askInTurn = async (): Promise<void> => {
      for (let source = waiting.shift(); source != null && !search.signal.aborted; source = waiting.shift()) {
        await this.#ask(source, search.signal)
      }
    }

    await Promise.all(Array.from({ length: MAX_PARALLEL_SOURCES }, askInTurn))
    this.#search = undefined
    this.#nextSearch = this.#init.clock.now() + this.#pause()
    this.#fruitless++
    this.check()
  }

  /** Never throws. */
  async #ask (source: PeerSource, signal: AbortSignal): Promise<void> {
    const { clock, filter, log, onFound } = this.#init
    const end = new AbortController()
    const timer = clock.setTimeout(() => { end.abort(new Error(`No end within ${SOURCE_TIMEOUT_MS} ms`)) }, SOURCE_TIMEOUT_MS)
    const limit = AbortSignal.any([signal, end.signal])
    const answer: SourceAnswer = { askedAt: clock.date(), found: 0 }
    let count = 0
    this.#answers.set(source.name, answer)

    try {
      for await (const peer of untilAborted(source.find(limit), limit)) {
        const addresses = filter.accept(peer)

        if (addresses.length > 0) {
          answer.found++
          onFound({ ...peer, addresses }, source.name)
        }

        // refused peers count too
        if (++count === MAX_FOUND_PEERS) {
          break
        }
      }
    } catch (err) {
      log('%s found no more peers: %s', source.name, errorMessage(err))
    } finally {
      clock.clearTimeout(timer)
      // ends what the source still has under way
      end.abort()
    }

    log('%s has told of %d peers', source.name, count)
  }

  /** The pause after a search, in ms. Half of it is certain, the rest is drawn. */
  #pause (): number {
    const { config: { reconnectDelay, maxReconnectDelay }, chance } = this.#init
    const policy = { first: reconnectDelay * FIRST_PAUSE_FACTOR, longest: maxReconnectDelay * LONGEST_PAUSE_FACTOR }

    return Math.ceil(backoff(policy, this.#fruitless + 1) * (1 + chance.random()) / 2)
  }
}
