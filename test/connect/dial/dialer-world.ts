import assert from 'node:assert/strict'
import { Slots } from '../../../src/peers/slots.ts'
import { noRoomError } from '../../../src/connect/connector.ts'
import { classifyDialError } from '../../../src/connect/dial/dial-error.ts'
import { Dialer } from '../../../src/connect/dial/dialer.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { drawing } from '../../support/chance.ts'
import type { Session } from '../../../src/session/session.ts'
import type { SessionManager } from '../../../src/peers/manager/manager.ts'
import type { Closure } from '../../../src/session/types.ts'
import type { Slot } from '../../../src/peers/slots.ts'
import type { DialFailure } from '../../../src/connect/dial/types.ts'
import type { Target, TargetSource } from '../../../src/connect/targets/target.ts'
import type { DisconnectReason } from '../../../src/types/message.ts'
import type { Direction } from '../../../src/types/peer.ts'
import type { Location } from '../../../src/address/location.ts'
import type { Logger } from '@libp2p/interface'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const HEARTBEAT = MINUTE
export const LOCAL_ID = 'ourselves'

/** A session as far as the dialer looks at it. */
export interface FakeSession {
  id: string
  state: 'ready' | 'closed'
  direction: Direction
  address: string
  location: Location
  readyAt: number | undefined
  readonly readyFor: number
}

/** A dial under way, whose end is in the hands of the test. */
export class Dial {
  readonly key: string
  readonly at: number
  readonly addresses: string[]
  /** The address where there is somebody. */
  answers: string
  readonly #world: World
  readonly #slot: Slot
  readonly #outcome = Promise.withResolvers<Session>()

  constructor (world: World, target: Readonly<Target>, slot: Slot) {
    this.#world = world
    this.#slot = slot
    this.key = target.key
    this.addresses = target.addresses
    this.answers = target.addresses[0] ?? ''
    this.at = world.clock.now()
  }

  get outcome (): Promise<Session> {
    return this.#outcome.promise
  }

  /** Reaches the peer: its handshake takes its time. */
  reach (): void {
    assert.equal(this.#slot.resume(), true)
  }

  /** Makes a session, with `id` or whoever was to be dialled. */
  async succeed (id: string = this.key): Promise<void> {
    if (!this.#slot.resume()) {
      await this.fail(noRoomError())

      return
    }

    const { world, session } = this.#open(id)
    this.#outcome.resolve(session as Session)
    await world.settle(this)
  }

  /** Makes a session that is over before the dialer hears of it. */
  async succeedInVain (reason: DisconnectReason, afterwards: () => void = () => {}): Promise<void> {
    const { world, session } = this.#open(this.key)
    this.#outcome.resolve(session as Session)
    world.end(session, reason)
    afterwards()
    await world.settle(this)
  }

  /** Finds that there is a session with whoever answers already. */
  async join (id: string): Promise<void> {
    this.#slot.release()
    this.#outcome.resolve(this.#world.sessions.get(id)!.session as Session)
    await this.#world.settle(this)
  }

  async fail (error: unknown = new Error('connection refused')): Promise<void> {
    this.#slot.release()
    this.#outcome.reject(error)
    await this.#world.settle(this)
  }

  #open (id: string): { world: World, session: FakeSession } {
    assert.equal(this.#slot.promote(), true)

    const options = { slot: this.#slot, address: this.answers, location: locationOf(this.answers) }

    return { world: this.#world, session: this.#world.open(id, options) }
  }
}

/** Everything around a dialer, in the hands of the test. */
export class World {
  readonly clock = new FakeClock()
  readonly slots: Slots
  readonly sessions = new Map<string, { session: FakeSession, slot: Slot | undefined }>()
  readonly banned = new Set<string>()
  readonly failures: DialFailure[] = []
  /** Who could not be reached, each time. */
  readonly unreached: Readonly<Target>[] = []
  readonly reached: string[] = []
  /** Who had told of those. */
  readonly origins: string[] = []
  /** How often the dialer has begun what dials it could. */
  fills = 0
  readonly dialer: Dialer
  /** All dials so far. */
  readonly dials: Dial[] = []
  /** Those that have not ended. */
  readonly underWay = new Set<Dial>()
  isRunning = false
  /** The most patient draw. */
  random = 1
  /** Called with whoever is dialled. */
  onDial: (target: Readonly<Target>) => void = () => {}

  constructor (maxOutbound = 8, maxBlockOnly = 0) {
    this.slots = new Slots({ maxOutbound, maxBlockOnly, maxInbound: 8, maxPendingHandshakes: 8 })
    this.dialer = new Dialer({
      peers: {
        slots: this.slots,
        find: (id: string) => this.sessions.get(id)?.session,
        isKeptOut: ({ id }: { id: string }) => this.banned.has(id),
        [Symbol.iterator]: () => [...this.sessions.values()].map(({ session }) => session)[Symbol.iterator]()
      } as unknown as SessionManager,
      clock: this.clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      localId: LOCAL_ID,
      config: { maxOutbound, reconnectDelay: SECOND, maxReconnectDelay: 5 * MINUTE },
      groupOf: (address) => locationOf(address).netgroup,
      dial: async (target, slot) => {
        this.onDial(target)
        const dial = new Dial(this, target, slot)
        this.dials.push(dial)
        this.underWay.add(dial)

        return dial.outcome
      },
      classify: classifyDialError,
      onReached: ({ id }, { origin }) => {
        this.reached.push(id)
        this.origins.push(origin)
      },
      onFilled: () => { this.fills++ },
      onFailure: (failure, target) => {
        this.failures.push(failure)
        this.unreached.push(target)
      },
      chance: drawing(() => this.random)
    })
  }

  start (): void {
    this.isRunning = true
    this.dialer.start()
  }

  stop (): void {
    this.isRunning = false
    this.dialer.stop()
  }

  get last (): Dial {
    return this.dials.at(-1)!
  }

  get targets (): Readonly<Target>[] {
    return [...this.dialer.targets]
  }

  add (source: TargetSource, ...ids: string[]): void {
    for (const id of ids) {
      this.dialer.add(source, { peerId: id, addresses: ['/ip4/10.0.0.1/tcp/1'] })
    }
  }

  open (id: string, { slot, address = '', location = UNKNOWN_LOCATION }: { slot?: Slot, address?: string, location?: Location } = {}): FakeSession {
    const since = this.clock.now()
    const { clock } = this
    const session: FakeSession = {
      id, state: 'ready', direction: slot?.direction ?? 'inbound', address, location, readyAt: clock.date(), get readyFor () { return clock.now() - since }
    }

    this.sessions.set(id, { session, slot })

    return session
  }

  /** Ends a session. */
  end (session: FakeSession, reason: DisconnectReason | undefined, byRemote = true): void {
    this.sessions.get(session.id)?.slot?.release()
    this.sessions.delete(session.id)
    session.state = 'closed'
    const closure: Closure = { reason, detail: '', byRemote }
    this.dialer.onClosed(session as Session, closure)
  }

  close (id: string, reason?: DisconnectReason): void {
    this.end(this.sessions.get(id)!.session, reason)
  }

  async settle (dial: Dial): Promise<void> {
    this.underWay.delete(dial)
    await turns(1)
  }

  /** Says how long it takes from now until somebody is dialled, in ms. */
  async untilNextDial (most = 48 * HOUR): Promise<number> {
    const { length } = this.dials
    const begin = this.clock.now()

    while (this.dials.length === length) {
      const { next } = this.clock
      assert(next != null && this.clock.now() + next - begin <= most, `a dial within ${most} ms`)
      await this.clock.advance(next)
    }

    return this.last.at - begin
  }
}

/** Where an address is, if it is one of 8.0.0.0/8, the public ones of these tests. */
export function locationOf (address: string): Location {
  const [, host, group] = /^\/ip4\/((8\.\d+)\.\d+\.\d+)\//.exec(address) ?? /^\/ip6\/((2a\w\w:\w+)::\w+)\//.exec(address) ?? []

  return { host, netgroup: group }
}

/** mulberry32: the same draws for the same seed. */
export function randomOf (seed: number): () => number {
  let state = seed

  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t

    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
