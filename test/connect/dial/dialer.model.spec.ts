import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DisconnectedError } from '../../../src/errors.ts'
import { Slots } from '../../../src/peers/slots.ts'
import { noRoomError } from '../../../src/connect/connector.ts'
import { classifyDialError } from '../../../src/connect/dial/dial-error.ts'
import { DIAL_PATIENCE_MS } from '../../../src/connect/dial/dials-under-way.ts'
import { Dialer, HEALTHY_AFTER_MS } from '../../../src/connect/dial/dialer.ts'
import { MAX_FAILURES } from '../../../src/connect/targets/target.ts'
import { UNKNOWN_LOCATION } from '../../../src/address/location.ts'
import { asyncCommand } from '../../support/command.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { drawing } from '../../support/chance.ts'
import type { AsyncCommand } from 'fast-check'
import type { Session } from '../../../src/session/session.ts'
import type { SessionManager } from '../../../src/peers/manager/manager.ts'
import type { Slot } from '../../../src/peers/slots.ts'
import type { TargetSource } from '../../../src/connect/targets/target.ts'
import type { DisconnectReason } from '../../../src/types/message.ts'
import type { Logger } from '@libp2p/interface'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const IDS = ['a', 'b', 'c', 'd', 'e', 'f']

/** The first wait and the longest, as DESIGN has them; the most patient draw is all of it. */
const WAITS = { unreachable: [SECOND, 5 * MINUTE], full: [MINUTE, HOUR], incompatible: [HOUR, HOUR], unwanted: [HOUR, 24 * HOUR] } as const

const REASONS: readonly (readonly [reason: DisconnectReason | undefined, kind: keyof typeof WAITS])[] = [
  [undefined, 'unreachable'], ['SHUTDOWN', 'unreachable'], ['TIMEOUT', 'unreachable'], ['TOO_MANY_CONNECTIONS', 'full'], ['RATE_LIMITED', 'full'],
  ['WRONG_NETWORK', 'incompatible'], ['INCOMPATIBLE_VERSION', 'incompatible'], ['BANNED', 'unwanted'], ['PROTOCOL_VIOLATION', 'unwanted']
]

interface Entry {
  source: TargetSource
  state: 'idle' | 'dialling' | 'connected'
  failures: number
  /** Not before then. */
  nextAttempt: number
  readySince: number
  /** Since when it is dialled, or long ago where its room is gone. */
  dialledAt: number
  /** The number of the dial. */
  begun: number
}

interface Model {
  readonly maxOutbound: number
  readonly entries: Map<string, Entry>
  now: number
  /** Dials so far. */
  begun: number
}

/** Everything around a dialer: dials end, and sessions, when a command says so. */
class Real {
  readonly clock = new FakeClock()
  readonly slots: Slots
  readonly dialer: Dialer
  readonly dials = new Map<string, { slot: Slot, resolve: (session: Session) => void, reject: (err: unknown) => void }>()
  readonly sessions = new Map<string, { session: Session, slot: Slot }>()

  constructor (maxOutbound: number) {
    this.slots = new Slots({ maxOutbound, maxBlockOnly: 0, maxInbound: 0, maxPendingHandshakes: 0 })
    this.dialer = new Dialer({
      peers: {
        slots: this.slots,
        find: (id: string) => this.sessions.get(id)?.session,
        isKeptOut: () => false,
        [Symbol.iterator]: () => [...this.sessions.values()].map(({ session }) => session)[Symbol.iterator]()
      } as Partial<SessionManager> as SessionManager,
      clock: this.clock,
      log: Object.assign(() => {}, { error: () => {} }) as unknown as Logger,
      localId: 'ourselves',
      config: { maxOutbound, reconnectDelay: SECOND, maxReconnectDelay: 5 * MINUTE },
      groupOf: () => undefined,
      dial: async ({ key }, slot) => {
        assert(!this.dials.has(key), `${key} is dialled twice at a time`)

        return new Promise((resolve, reject) => { this.dials.set(key, { slot, resolve, reject }) })
      },
      classify: classifyDialError,
      onReached: () => {},
      onFilled: () => {},
      onFailure: () => {},
      chance: drawing(() => 1)
    })
    this.dialer.start()
  }

  fail (id: string, reason: DisconnectReason | undefined): void {
    const { slot, reject } = this.#takeDial(id)
    slot.release()
    reject(reason == null ? new Error('connection refused') : new DisconnectedError('refused', { reason, byRemote: true }))
  }

  /** Whether the slot that a dial was begun with is still there. */
  hasRoom (id: string): boolean {
    return this.dials.get(id)!.slot.resume()
  }

  comeLate (id: string): void {
    const { slot, reject } = this.#takeDial(id)
    slot.release()
    reject(noRoomError())
  }

  succeed (id: string): void {
    const { slot, resolve } = this.#takeDial(id)
    assert(slot.promote())
    const { clock } = this
    const since = clock.now()
    const session = { id, state: 'ready', direction: 'outbound', address: '', location: UNKNOWN_LOCATION, get readyFor () { return clock.now() - since } } as Partial<Session> as Session
    this.sessions.set(id, { session, slot })
    resolve(session)
  }

  close (id: string, reason: DisconnectReason | undefined): void {
    const { session, slot } = this.sessions.get(id)!
    slot.release()
    this.sessions.delete(id)
    this.dialer.onClosed(session, { reason, detail: '', byRemote: true })
  }

  #takeDial (id: string): { slot: Slot, resolve: (session: Session) => void, reject: (err: unknown) => void } {
    const dial = this.dials.get(id)!
    this.dials.delete(id)

    return dial
  }
}

type Step = AsyncCommand<Model, Real>

function inState (model: Readonly<Model>, state: Entry['state']): string[] {
  return [...model.entries].filter(([, entry]) => entry.state === state).map(([id]) => id)
}

/** Counts a failure; whoever has failed too often and was not configured is forgotten. */
function fail (model: Model, id: string, kind: keyof typeof WAITS): void {
  const entry = model.entries.get(id)!
  const [first, longest] = WAITS[entry.source === 'reserved' ? 'unreachable' : kind]
  entry.state = 'idle'
  entry.nextAttempt = model.now + Math.min(longest, first * 2 ** entry.failures)
  entry.failures++

  if (entry.failures >= MAX_FAILURES && (entry.source === 'known' || entry.source === 'discovered')) {
    model.entries.delete(id)
  }
}

/** Dials that have not taken so long that they let others have their room, the oldest first. */
function patientOf (model: Readonly<Model>): string[] {
  const patient = inState(model, 'dialling').filter((id) => model.now - model.entries.get(id)!.dialledAt < DIAL_PATIENCE_MS)

  return patient.sort((a, b) => model.entries.get(a)!.begun - model.entries.get(b)!.begun)
}

/** A peer that answers when its room is gone takes that of the oldest dial that still has one. */
function answer (model: Model, id: string): void {
  const isCounted = (id: string): boolean => model.entries.get(id)!.source !== 'reserved'
  const patient = patientOf(model).filter(isCounted)

  if (isCounted(id) && !patient.includes(id) && patient.length + inState(model, 'connected').filter(isCounted).length >= model.maxOutbound) {
    const [first] = patient

    if (first != null) {
      model.entries.get(first)!.dialledAt = -Infinity
    }
  }
}

/** Takes over whom the dialer has picked among those it may pick, and says where it should have picked more, or less. */
async function compare (model: Model, real: Real): Promise<void> {
  await turns(2)
  const due = [...model.entries].filter(([, { state, nextAttempt }]) => state === 'idle' && nextAttempt <= model.now)
  const began = [...real.dials.keys()].filter((id) => model.entries.get(id)?.state !== 'dialling')
  const isReserved = (id: string): boolean => model.entries.get(id)?.source === 'reserved'
  assert.deepEqual(began.filter((id) => !due.some(([dueId]) => dueId === id)), [], 'dialled too early')
  assert.deepEqual(due.filter(([id]) => isReserved(id) && !began.includes(id)).map(([id]) => id), [], 'a reserved peer was not dialled')

  // whoever is being dialled for long lets others have its room
  const taken = [...patientOf(model), ...inState(model, 'connected')].filter((id) => !isReserved(id)).length
  const others = due.filter(([id]) => !isReserved(id)).length
  assert.equal(began.filter((id) => !isReserved(id)).length, Math.min(others, model.maxOutbound - taken), 'not as many dials as there is room for')

  for (const id of began) {
    model.entries.get(id)!.state = 'dialling'
    model.entries.get(id)!.dialledAt = model.now
    model.entries.get(id)!.begun = model.begun++
  }

  // those with fewer failures come first
  const left = due.filter(([id]) => !isReserved(id) && !began.includes(id)).map(([, { failures }]) => failures)
  const most = Math.max(0, ...began.filter((id) => !isReserved(id)).map((id) => model.entries.get(id)!.failures))
  assert(left.every((failures) => failures >= most), 'one that has failed more often was dialled first')
  assert.deepEqual([...real.dials.keys()].sort(), inState(model, 'dialling').sort())
  assert.deepEqual([...real.dialer.targets].map(({ key }) => key).sort(), [...model.entries.keys()].sort())
}

const nth = fc.nat({ max: 5 })
const reason = fc.constantFrom(...REASONS)

const add = fc.tuple(fc.constantFrom(...IDS), fc.constantFrom<TargetSource>('reserved', 'seed', 'known', 'discovered')).map(([id, source]): Step => asyncCommand({
  name: `add(${source} ${id})`,
  check: ({ entries }) => !entries.has(id),
  run: async (model, real) => {
    model.entries.set(id, { source, state: 'idle', failures: 0, nextAttempt: 0, readySince: 0, dialledAt: 0, begun: 0 })
    real.dialer.add(source, { peerId: id, addresses: ['/ip4/10.0.0.1/tcp/1'] })
    await compare(model, real)
  }
}))

const failDial = fc.tuple(nth, reason).map(([nth, [reason, kind]]): Step => asyncCommand({
  name: `failDial(${nth}, ${reason})`,
  check: (model) => inState(model, 'dialling').length > 0,
  run: async (model, real) => {
    const dialling = inState(model, 'dialling')
    const id = dialling[nth % dialling.length]!
    fail(model, id, kind)
    real.fail(id, reason)
    await compare(model, real)
  }
}))

const succeedDial = nth.map((nth): Step => asyncCommand({
  name: `succeedDial(${nth})`,
  check: (model) => inState(model, 'dialling').length > 0,
  run: async (model, real) => {
    const dialling = inState(model, 'dialling')
    const id = dialling[nth % dialling.length]!
    const entry = model.entries.get(id)!

    answer(model, id)

    if (real.hasRoom(id)) {
      entry.state = 'connected'
      entry.readySince = model.now
      real.succeed(id)
    } else {
      // it has come too late, which is no fault of its own
      entry.state = 'idle'
      entry.nextAttempt = model.now + SECOND
      real.comeLate(id)
    }

    await compare(model, real)
  }
}))

const close = fc.tuple(nth, reason).map(([nth, [reason, kind]]): Step => asyncCommand({
  name: `close(${nth}, ${reason})`,
  check: (model) => inState(model, 'connected').length > 0,
  run: async (model, real) => {
    const connected = inState(model, 'connected')
    const id = connected[nth % connected.length]!
    const entry = model.entries.get(id)!

    // only a session that has lasted takes failures back
    if (model.now - entry.readySince >= HEALTHY_AFTER_MS) {
      entry.failures = 0
    }

    fail(model, id, kind)
    real.close(id, reason)
    await compare(model, real)
  }
}))

const advance = fc.constantFrom(1, SECOND, HEALTHY_AFTER_MS - 1, HEALTHY_AFTER_MS, MINUTE, HOUR, 24 * HOUR).map((ms): Step => asyncCommand({
  name: `advance(${ms})`,
  run: async (model, real) => {
    // to each moment at which somebody becomes due, for nobody is to wait any longer
    const end = model.now + ms

    while (model.now < end) {
      const entries = [...model.entries.values()]
      const patience = entries.filter(({ state }) => state === 'dialling').map(({ dialledAt }) => dialledAt + DIAL_PATIENCE_MS)
      const moments = [...entries.map(({ nextAttempt }) => nextAttempt), ...patience].filter((moment) => moment > model.now)
      const next = Math.min(end, ...moments)
      await real.clock.advance(next - model.now)
      model.now = next
      await compare(model, real)
    }
  }
}))

describe('connect/dial/dialer, beside a model', () => {
  for (const maxOutbound of [1, 3, 8]) {
    it(`dials at the same times, each after its own wait, with ${maxOutbound} slots`, async () => {
      const often = [add, failDial, failDial, succeedDial, close, advance]

      await fc.assert(fc.asyncProperty(fc.commands(often, { maxCommands: 60, size: 'max' }), async (commands) => {
        await fc.asyncModelRun(() => {
          const real = new Real(maxOutbound)

          return { model: { maxOutbound, entries: new Map<string, Entry>(), now: real.clock.now(), begun: 0 }, real }
        }, commands)
      }), { numRuns: 150 })
    })
  }
})
