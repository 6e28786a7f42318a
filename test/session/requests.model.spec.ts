import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DisconnectedError, ProtocolViolationError, RequestError } from '../../src/errors.ts'
import { MAX_REQUESTS, MAX_TIMEOUTS, Requests } from '../../src/session/requests.ts'
import { asyncCommand } from '../support/command.ts'
import { turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { AsyncCommand } from 'fast-check'
import type { MessageType } from '../../src/types/message.ts'

const TIMEOUT = 1000

/** What an answer is found to be, by the byte that is in it. */
const ANSWERS = ['more', 'last', 'later more', 'later last', 'unavailable', 'later unavailable', 'forbidden'] as const
type Answer = typeof ANSWERS[number]

const KINDS = ['responseBlock', 'responseBlockRange'] as const

interface Entry {
  expects: MessageType
  /** How it has to end; `undefined` while it is under way. */
  outcome: string | undefined
  /** Whether an answer to it, once it has ended, is let pass. */
  mayBeAnswered: boolean
  since: number
}

interface Model {
  entries: Entry[]
  answeredAt: number
  now: number
  ended: boolean
}

class Real {
  readonly clock = new FakeClock()
  readonly requests = new Requests({ clock: this.clock, timeout: TIMEOUT })
  readonly outcomes: string[][] = []
  readonly controllers: AbortController[] = []

  start (expects: MessageType): void {
    const outcomes: string[] = []
    const controller = new AbortController()
    this.outcomes.push(outcomes)
    this.controllers.push(controller)
    this.requests.start({ expects, send: () => true, onResponse: ([answer]) => take(ANSWERS[answer!]!), signal: controller.signal }).then(
      () => { outcomes.push('done') },
      (err: unknown) => { outcomes.push(err instanceof RequestError ? err.code : (err as Error).name) }
    )
  }
}

function take (answer: Answer): boolean | Promise<boolean> {
  switch (answer) {
    case 'more': return false
    case 'last': return true
    case 'later more': return Promise.resolve(false)
    case 'later last': return Promise.resolve(true)
    case 'unavailable': throw new RequestError('UNAVAILABLE', 'not there')
    case 'later unavailable': return Promise.reject(new RequestError('UNAVAILABLE', 'not there'))
    case 'forbidden': throw new ProtocolViolationError('not what was asked for')
  }
}

type Step = AsyncCommand<Model, Real>

const isOpen = ({ outcome }: Entry): boolean => outcome == null

function end (entry: Entry, outcome: string, mayBeAnswered: boolean): void {
  if (isOpen(entry)) {
    entry.outcome = outcome
    entry.mayBeAnswered = mayBeAnswered
  }
}

/** Nothing came for `TIMEOUT`, to this or to any other; or too much for others. */
function deadlineOf (entry: Entry, model: Model): number {
  return Math.min(Math.max(entry.since, model.answeredAt) + TIMEOUT, entry.since + MAX_TIMEOUTS * TIMEOUT)
}

function expire (model: Model): void {
  for (const entry of model.entries.filter((entry) => isOpen(entry) && deadlineOf(entry, model) <= model.now)) {
    end(entry, 'TIMEOUT', true)
  }
}

async function compare (model: Model, real: Real): Promise<void> {
  await turns(1)
  assert.equal(real.requests.size, model.entries.filter(isOpen).length)
  assert.deepEqual(real.outcomes, model.entries.map(({ outcome }) => outcome == null ? [] : [outcome]))
  assert.equal(real.clock.pending, real.requests.size)
}

const nth = fc.nat({ max: 40 })
const kind = fc.constantFrom(...KINDS)

const start = kind.map((expects): Step => asyncCommand({
  name: `start(${expects})`,
  run: async (model, real) => {
    const isFull = model.entries.filter(isOpen).length >= MAX_REQUESTS
    real.start(expects)
    const outcome = model.ended ? 'DisconnectedError' : isFull ? 'TOO_MANY' : undefined
    model.entries.push({ expects, outcome, mayBeAnswered: false, since: model.now })
    await compare(model, real)
  }
}))

/** Mostly of the kind that was asked for. */
const otherKind = fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, kind)

const answer = fc.tuple(nth, fc.constantFrom(...ANSWERS), otherKind).map(([nth, answer, other]): Step => {
  return asyncCommand({
    name: `answer(${nth}, ${answer}${other == null ? '' : ` as ${other}`})`,
    // an id that was never sent is never answered by chance: those that were refused have none
    check: ({ entries, ended }) => !ended && entries.length > 0 && entries.every(({ outcome }) => outcome !== 'TOO_MANY'),
    run: async (model, real) => {
      const at = nth % model.entries.length
      const entry = model.entries[at]!
      const type = other ?? entry.expects
      const respond = (): unknown => real.requests.onResponse(type, BigInt(at + 1), Uint8Array.of(ANSWERS.indexOf(answer)))

      if (!isOpen(entry)) {
        assert.equal(isViolation(respond), !entry.mayBeAnswered)
      } else if (type !== entry.expects || answer === 'forbidden') {
        model.answeredAt = type === entry.expects ? model.now : model.answeredAt
        assert(isViolation(respond))
        end(entry, 'INVALID_RESPONSE', false)
      } else {
        respond()
        model.answeredAt = model.now
        entry.since = model.now

        if (answer.endsWith('last')) { end(entry, 'done', false) }
        if (answer.endsWith('unavailable')) { end(entry, 'UNAVAILABLE', true) }
      }

      await compare(model, real)
    }
  })
})

const abort = nth.map((nth): Step => asyncCommand({
  name: `abort(${nth})`,
  check: ({ entries }) => entries.length > 0,
  run: async (model, real) => {
    const at = nth % model.entries.length
    real.controllers[at]!.abort()
    end(model.entries[at]!, 'AbortError', true)
    await compare(model, real)
  }
}))

const advance = fc.constantFrom(1, TIMEOUT / 2, TIMEOUT - 1, TIMEOUT, 7 * TIMEOUT).map((ms): Step => asyncCommand({
  name: `advance(${ms})`,
  run: async (model, real) => {
    await real.clock.advance(ms)
    model.now += ms
    expire(model)
    await compare(model, real)
  }
}))

/** One of them is answered again and again, just in time. */
const trickle = fc.tuple(nth, fc.integer({ min: 1, max: 8 })).map(([nth, times]): Step => asyncCommand({
  name: `trickle(${nth}, ${times} times)`,
  check: ({ entries }) => entries.some(isOpen),
  run: async (model, real) => {
    const open = model.entries.filter(isOpen)
    const entry = open[nth % open.length]!

    for (let i = 0; i < times; i++) {
      await real.clock.advance(TIMEOUT - 1)
      model.now += TIMEOUT - 1
      expire(model)
      await compare(model, real)

      if (!isOpen(entry)) {
        return
      }

      void real.requests.onResponse(entry.expects, BigInt(model.entries.indexOf(entry) + 1), Uint8Array.of(ANSWERS.indexOf('more')))
      model.answeredAt = model.now
      entry.since = model.now
      await compare(model, real)
    }
  }
}))

const disconnect = fc.constant<Step>(asyncCommand({
  name: 'disconnect',
  run: async (model, real) => {
    real.requests.end(new DisconnectedError('gone', { byRemote: true }))
    model.ended = true
    model.entries.forEach((entry) => { end(entry, 'DisconnectedError', true) })
    await compare(model, real)
  }
}))

function isViolation (act: () => unknown): boolean {
  try {
    act()

    return false
  } catch (err) {
    assert.equal((err as Error).name, 'ProtocolViolationError')

    return true
  }
}

describe('session/requests, beside a model', () => {
  it('each settle once and at its time, and only answers to requests are let in', async () => {
    const steps = [start, start, start, answer, answer, answer, abort, advance, trickle]

    await fc.assert(fc.asyncProperty(fc.commands([...steps, ...steps, disconnect], { maxCommands: 60, size: 'max' }), async (commands) => {
      await fc.asyncModelRun(() => {
        const real = new Real()

        return { model: { entries: [], answeredAt: -Infinity, now: real.clock.now(), ended: false }, real }
      }, commands)
    }), { numRuns: 400 })
  })

  it('are as many as may be, and refuse the next', async () => {
    await fc.assert(fc.asyncProperty(fc.commands([start, start, start, abort], { maxCommands: 250, size: 'max' }), async (commands) => {
      await fc.asyncModelRun(() => {
        const real = new Real()

        return { model: { entries: [], answeredAt: -Infinity, now: real.clock.now(), ended: false }, real }
      }, commands)
    }), { numRuns: 20 })
  })
})
