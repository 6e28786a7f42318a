import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { DisconnectedError, ProtocolViolationError, RequestError } from '../../src/errors.ts'
import { STALL_GRACE_MS } from '../../src/util/deadline.ts'
import { MAX_REQUESTS, MAX_TIMEOUTS, Requests } from '../../src/session/requests.ts'
import { isPending } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { OnResponse, RequestInit } from '../../src/session/requests.ts'
import type { MessageType } from '../../src/types/message.ts'

const TIMEOUT = 10_000
/** What a response says: that it is the last one, that more come, or what is wrong with it. */
const LAST = Uint8Array.of(1)
const MORE = Uint8Array.of(0)

const isLast: OnResponse = (body) => body[0] === 1

interface Answer { kind: MessageType, body: number, ends: string | undefined }

/** What a peer may answer, and how that ends a request that is under way. */
const ANSWERS: Answer[] = [
  { kind: 'responseBlock', body: 0, ends: undefined },
  { kind: 'responseBlock', body: 1, ends: 'done' },
  { kind: 'responseBlock', body: 2, ends: 'UNAVAILABLE' },
  { kind: 'responseBlock', body: 3, ends: 'INVALID_RESPONSE' },
  { kind: 'responseBlockRange', body: 1, ends: 'INVALID_RESPONSE' }
]

/** A request, how it ended, each time that it did, and how it has to end; undefined while it is under way. */
interface Made {
  controller: AbortController
  outcomes: string[]
  expected: string | undefined
  /** When it was made or answered last. */
  since: number
}

/** Makes a request that takes the bodies of ANSWERS. */
function make (requests: Requests, clock: FakeClock): Made {
  const entry: Made = { controller: new AbortController(), outcomes: [], expected: undefined, since: clock.now() }

  requests.start({
    expects: 'responseBlock',
    send: () => true,
    signal: entry.controller.signal,
    onResponse: (body) => {
      if (body[0]! >= 2) {
        throw body[0] === 2 ? new RequestError('UNAVAILABLE', 'no') : new ProtocolViolationError('no')
      }

      return body[0] === 1
    }
  }).then(
    () => entry.outcomes.push('done'),
    (err: unknown) => entry.outcomes.push(err instanceof RequestError ? err.code : (err as Error).name)
  )

  return entry
}

describe('session/requests', () => {
  let clock: FakeClock
  let requests: Requests
  let sent: bigint[]
  let isHeldUp: boolean

  beforeEach(() => {
    clock = new FakeClock()
    isHeldUp = false
    requests = new Requests({ clock, timeout: TIMEOUT, isHeldUp: () => isHeldUp })
    sent = []
  })

  afterEach(() => {
    requests.end(new Error('the test is over'))
    assert.equal(requests.size, 0)
    assert.equal(clock.pending, 0)
  })

  /** Makes a request for a block. A rejection is kept for whoever looks at it. */
  function start (init: Partial<RequestInit> = {}): Promise<void> {
    const promise = requests.start({
      expects: 'responseBlock',
      send: (id) => {
        sent.push(id)

        return true
      },
      onResponse: isLast,
      ...init
    })
    promise.catch(() => {})

    return promise
  }

  /** Takes a response that needs no time. */
  function respond (id: bigint | undefined, body: Uint8Array): void {
    assert.equal(requests.onResponse('responseBlock', id, body), undefined)
  }

  describe('a request', () => {
    it('is done with its last response', async () => {
      const done = start()
      assert.equal(requests.size, 1)
      respond(sent[0], LAST)
      await done

      assert.equal(requests.size, 0)
      assert.equal(clock.pending, 0)
    })

    it('is not done before its last response', async () => {
      const bodies: Uint8Array[] = []
      const done = start({
        onResponse: (body) => {
          bodies.push(body)

          return body[0] === 1
        }
      })

      for (let i = 0; i < 3; i++) {
        respond(sent[0], MORE)
        assert.equal(await isPending(done), true)
      }

      respond(sent[0], LAST)
      await done
      assert.deepEqual(bodies, [MORE, MORE, MORE, LAST])
    })

    it('has an id of its own, from 1 on', () => {
      void start()
      void start()
      respond(sent[0], LAST)
      void start()

      assert.deepEqual(sent, [1n, 2n, 3n])
    })

    it('takes its own responses, in whatever order the peer answers', async () => {
      const first = start()
      const second = start()
      respond(sent[1], LAST)
      await second
      assert.equal(await isPending(first), true)
      respond(sent[0], LAST)
      await first
    })

    it('fails when no response comes within the timeout, and not a moment before', async () => {
      const done = start()
      await clock.advance(TIMEOUT - 1)
      assert.equal(await isPending(done), true)
      await clock.advance(1)
      await assert.rejects(done, { name: 'RequestError', code: 'TIMEOUT' })
    })

    it('has the whole timeout for each response', async () => {
      const done = start()

      for (let i = 0; i < 5; i++) {
        await clock.advance(TIMEOUT - 1)
        respond(sent[0], MORE)
      }

      await clock.advance(TIMEOUT - 1)
      assert.equal(await isPending(done), true)
      await clock.advance(1)
      await assert.rejects(done, { name: 'RequestError', code: 'TIMEOUT' })
    })

    it('is not late while another one is answered: a peer may answer one after the other', async () => {
      const first = start()
      const second = start()
      await clock.advance(TIMEOUT - 1)
      respond(sent[1], MORE)
      await clock.advance(TIMEOUT - 1)
      assert.equal(await isPending(first), true)
      await clock.advance(1)
      await assert.rejects(first, { code: 'TIMEOUT' })
      await assert.rejects(second, { code: 'TIMEOUT' })
    })

    it(`is late after ${MAX_TIMEOUTS} times as long, whatever else is answered`, async () => {
      const first = start()
      const second = start()
      second.catch(() => {})

      for (let i = 1; i < MAX_TIMEOUTS * 2; i++) {
        await clock.advance(TIMEOUT / 2)
        respond(sent[1], MORE)
        assert.equal(await isPending(first), true)
      }

      await clock.advance(TIMEOUT / 2)
      await assert.rejects(first, { code: 'TIMEOUT' })
      requests.end(new DisconnectedError('gone', { byRemote: true }))
    })

    it('is not late while it is us who do not read', async () => {
      isHeldUp = true
      const first = start()
      await clock.advance(10 * TIMEOUT)
      assert.equal(await isPending(first), true)
      isHeldUp = false
      await clock.advance(TIMEOUT)
      await assert.rejects(first, { code: 'TIMEOUT' })
    })

    it(`is given ${STALL_GRACE_MS} ms more where we stood still when its time was over: the answer may wait to be read`, async () => {
      const first = start()
      first.catch(() => {})
      await clock.advance(TIMEOUT - 1)
      clock.stall(5000)
      await clock.advance(STALL_GRACE_MS - 1)
      assert.equal(await isPending(first), true)
      await clock.advance(1)
      await assert.rejects(first, { code: 'TIMEOUT' })
      assert.equal(clock.pending, 0)
    })

    it('fails at once where it cannot be sent', async () => {
      await assert.rejects(start({ send: () => false }), { name: 'RequestError', code: 'DISCONNECTED' })
      assert.equal(requests.size, 0)
    })

    it('fails with what sending it threw, and leaves nothing behind', async () => {
      const error = new RangeError('no such height')

      await assert.rejects(start({ send: () => { throw error } }), error)
      assert.equal(requests.size, 0)
      assert.equal(clock.pending, 0)
    })

    it('fails when the session ends', async () => {
      const error = new DisconnectedError('gone', { byRemote: true })
      const all = [start(), start()]
      requests.end(error)

      await assert.rejects(all[0]!, error)
      await assert.rejects(all[1]!, error)
      assert.equal(clock.pending, 0)
    })

    it('fails at once, and is not sent, where the session has ended', async () => {
      const error = new DisconnectedError('gone', { byRemote: true })
      requests.end(error)

      await assert.rejects(start(), error)
      assert.deepEqual(sent, [])
    })
  })

  describe('a signal', () => {
    it('ends its request with its reason', async () => {
      const controller = new AbortController()
      const done = start({ signal: controller.signal })
      const other = start()
      controller.abort(new TypeError('enough'))

      await assert.rejects(done, { name: 'TypeError', message: 'enough' })
      assert.equal(await isPending(other), true)
      assert.equal(requests.size, 1)
    })

    it('ends its request with an AbortError where it has no reason', async () => {
      const controller = new AbortController()
      const done = start({ signal: controller.signal })
      controller.abort()

      await assert.rejects(done, { name: 'AbortError' })
    })

    it('ends its request also where the reason is null', async () => {
      const controller = new AbortController()
      const outcome = start({ signal: controller.signal }).then(() => 'done', (reason: unknown) => reason)
      controller.abort(null)

      assert.equal(await outcome, null)
    })

    it('that was aborted before makes no request', async () => {
      await assert.rejects(start({ signal: AbortSignal.abort() }), { name: 'AbortError' })
      assert.deepEqual(sent, [])
      assert.equal(requests.size, 0)
    })

    it('has no listener any more, however its request ended', async () => {
      const { signal } = new AbortController()
      const listeners = (): number => getEventListeners(signal, 'abort').length
      const answered = start({ signal })
      const late = start({ signal })
      const unusable = start({ signal, onResponse: () => { throw new RequestError('UNAVAILABLE', 'no') } })
      const unsent = start({ signal, send: () => false })
      const unsendable = start({ signal, send: () => { throw new Error('no') } })
      const wrong = start({ signal })
      const cut = start({ signal })
      assert(listeners() >= 5)

      respond(1n, LAST)
      respond(3n, LAST)
      assert.throws(() => requests.onResponse('responseBlockRange', 6n, LAST))
      await clock.advance(TIMEOUT - 1)
      respond(7n, MORE)
      await clock.advance(1)
      requests.end(new Error('gone'))
      await Promise.allSettled([answered, late, unusable, unsent, unsendable, wrong, cut])

      assert.equal(listeners(), 0)
    })

    it('can be used for one request after another without piling up listeners', async () => {
      const { signal } = new AbortController()

      for (let i = 0; i < 20; i++) {
        const done = start({ signal })
        respond(sent.at(-1), LAST)
        await done
        assert.equal(getEventListeners(signal, 'abort').length, 0)
      }
    })
  })

  describe('MAX_REQUESTS', () => {
    it('may be under way, and not one more', async () => {
      const all = Array.from({ length: MAX_REQUESTS }, () => start())
      assert.equal(requests.size, MAX_REQUESTS)
      await assert.rejects(start(), { name: 'RequestError', code: 'TOO_MANY' })
      assert.equal(sent.length, MAX_REQUESTS)
      respond(sent[10], LAST)
      await all[10]
      const next = start()
      assert.equal(await isPending(next), true)
      assert.equal(requests.size, MAX_REQUESTS)
    })
  })

  describe('a response', () => {
    const VIOLATION = { name: 'ProtocolViolationError' }

    it('without an id is a violation', async () => {
      const done = start()
      assert.throws(() => requests.onResponse('responseBlock', undefined, LAST), VIOLATION)
      assert.equal(await isPending(done), true)
    })

    it('with an id that was never used is a violation', () => {
      void start()

      assert.throws(() => requests.onResponse('responseBlock', 2n, LAST), VIOLATION)
      assert.throws(() => requests.onResponse('responseBlock', 2n ** 64n - 1n, LAST), VIOLATION)
    })

    it('after the last one is a violation', async () => {
      const done = start()
      respond(1n, LAST)
      await done

      assert.throws(() => requests.onResponse('responseBlock', 1n, LAST), VIOLATION)
    })

    it('of another kind than was asked for is a violation, and ends the request', async () => {
      const done = start({ onResponse: () => assert.fail('it is not what was asked for') })

      assert.throws(() => requests.onResponse('responseBlockRange', 1n, LAST), VIOLATION)
      await assert.rejects(done, { name: 'RequestError', code: 'INVALID_RESPONSE' })
      assert.equal(clock.pending, 0)
    })

    for (const how of ['timed out', 'was aborted', 'got an unusable answer'] as const) {
      it(`to a request that ${how} is ignored, again and again`, async () => {
        const controller = new AbortController()
        const done = start({ signal: controller.signal, onResponse: () => { throw new RequestError('UNAVAILABLE', 'no') } })

        if (how === 'timed out') {
          await clock.advance(TIMEOUT)
        } else if (how === 'was aborted') {
          controller.abort()
        } else {
          respond(1n, LAST)
        }

        await assert.rejects(done)
        assert.equal(requests.onResponse('responseBlock', 1n, LAST), undefined)
        assert.equal(requests.onResponse('responseBlockRange', 1n, LAST), undefined)
      })
    }

    it('to a request that was given up is ignored, also after 1000 more were', async () => {
      for (let i = 0; i < 1000; i++) {
        const controller = new AbortController()
        const done = start({ signal: controller.signal })
        controller.abort()
        await assert.rejects(done, { name: 'AbortError' })
      }

      for (const id of [1n, 2n, 500n, 743n, 744n, 745n, 999n, 1000n]) {
        assert.equal(requests.onResponse('responseBlock', id, LAST), undefined)
      }

      assert.throws(() => requests.onResponse('responseBlock', 1001n, LAST), VIOLATION)
    })
  })

  describe('what takes the response', () => {
    it('ends only its request with a RequestError', async () => {
      const error = new RequestError('UNAVAILABLE', 'no')
      const done = start({ onResponse: () => { throw error } })
      const other = start()

      assert.equal(requests.onResponse('responseBlock', 1n, LAST), undefined)
      await assert.rejects(done, error)
      assert.equal(await isPending(other), true)
    })

    it('ends its request, and more, with any other error', async () => {
      const error = new ProtocolViolationError('no')
      const done = start({ onResponse: () => { throw error } })

      assert.throws(() => requests.onResponse('responseBlock', 1n, LAST), error)
      await assert.rejects(done, (err) => err instanceof RequestError && err.code === 'INVALID_RESPONSE' && err.cause === error)
    })

    it('may take its time: the deadline waits for it', async () => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const done = start({ onResponse: () => promise })
      await clock.advance(TIMEOUT - 1)
      const held = requests.onResponse('responseBlock', 1n, MORE)
      await clock.advance(10 * TIMEOUT)
      assert.equal(await isPending(done), true)
      assert(held != null)
      assert.equal(await isPending(held), true)
      resolve(false)
      await held
      await clock.advance(TIMEOUT - 1)
      assert.equal(await isPending(done), true)
      await clock.advance(1)
      await assert.rejects(done, { code: 'TIMEOUT' })
    })

    it('may say later that it was the last one', async () => {
      const done = start({ onResponse: async () => true })
      await requests.onResponse('responseBlock', 1n, LAST)
      await done

      assert.equal(clock.pending, 0)
    })

    it('may reject with a RequestError later, which ends only its request', async () => {
      const error = new RequestError('INVALID_RESPONSE', 'no')
      const done = start({ onResponse: async () => { throw error } })
      await requests.onResponse('responseBlock', 1n, LAST)

      await assert.rejects(done, error)
      assert.equal(requests.onResponse('responseBlock', 1n, LAST), undefined)
    })

    it('may reject with any other error later, which ends more than its request', async () => {
      const done = start({ onResponse: async () => { throw new TypeError('no') } })

      await assert.rejects(requests.onResponse('responseBlock', 1n, LAST)!, { name: 'TypeError' })
      await assert.rejects(done, { name: 'RequestError', code: 'INVALID_RESPONSE' })
    })

    it('sets no timer for a request that ended meanwhile', async () => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const controller = new AbortController()
      const done = start({ onResponse: () => promise, signal: controller.signal })
      const held = requests.onResponse('responseBlock', 1n, MORE)
      controller.abort()
      await assert.rejects(done, { name: 'AbortError' })
      resolve(false)
      await held

      assert.equal(clock.pending, 0)
      assert.equal(requests.size, 0)
    })
  })

  it('settles each request once, by what happened to it first, whatever happens in whatever order', async () => {
    const index = fc.nat(20)
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('start' as const) }) },
      { weight: 6, arbitrary: fc.record({ do: fc.constant('respond' as const), index, answer: fc.constantFrom(...ANSWERS) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), index }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, TIMEOUT / 2, TIMEOUT) }) }
    )

    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clock = new FakeClock()
      const requests = new Requests({ clock, timeout: TIMEOUT })
      const made: Made[] = []
      let answeredAt = -Infinity
      const open = (): Made[] => made.filter(({ expected }) => expected == null)

      for (const step of steps) {
        const entry = 'index' in step ? made[step.index % Math.max(1, made.length)] : undefined

        if (step.do === 'start' && open().length < MAX_REQUESTS) {
          made.push(make(requests, clock))
        } else if (step.do === 'respond' && entry != null) {
          const { kind, body, ends } = step.answer
          const isViolation = ends === 'INVALID_RESPONSE' ? entry.expected == null : false
          const isUnasked = entry.expected === 'done' || entry.expected === 'INVALID_RESPONSE'
          const answer = (): unknown => requests.onResponse(kind, BigInt(made.indexOf(entry) + 1), Uint8Array.of(body))

          if (isViolation || isUnasked) {
            assert.throws(answer, { name: 'ProtocolViolationError' })
          } else {
            answer()
          }

          entry.since = clock.now()
          // what is of another kind is no answer
          answeredAt = entry.expected == null && kind === 'responseBlock' ? clock.now() : answeredAt
          entry.expected ??= ends
        } else if (step.do === 'abort' && entry != null) {
          entry.controller.abort()
          entry.expected ??= 'AbortError'
        } else if (step.do === 'advance') {
          await clock.advance(step.ms)
          const deadlineOf = ({ since }: Made): number => Math.min(Math.max(since, answeredAt) + TIMEOUT, since + MAX_TIMEOUTS * TIMEOUT)
          open().filter((entry) => deadlineOf(entry) <= clock.now()).forEach((entry) => { entry.expected = 'TIMEOUT' })
        }

        assert.equal(requests.size, open().length)
        assert.equal(clock.pending, open().length)
      }

      requests.end(new DisconnectedError('gone', { byRemote: true }))
      await clock.advance(0)
      assert.deepEqual(made.map(({ outcomes }) => outcomes), made.map(({ expected }) => [expected ?? 'DisconnectedError']))
      assert.deepEqual(made.map(({ controller }) => getEventListeners(controller.signal, 'abort').length), made.map(() => 0))
      assert.equal(clock.pending, 0)
    }), { numRuns: 500 })
  })

  describe('meters', () => {
    let clock: FakeClock
    let times: number[]
    let outcomes: string[]
    let requests: Requests

    beforeEach(() => {
      clock = new FakeClock()
      times = []
      outcomes = []
      requests = new Requests({
        clock, timeout: TIMEOUT, meters: { answered: (ms) => { times.push(ms) }, requested: (outcome) => { outcomes.push(outcome) } }
      })
    })

    it('take the time to the first answer, and the end, once for each request', async () => {
      make(requests, clock)
      await clock.advance(30)
      void requests.onResponse('responseBlock', 1n, MORE)
      assert.deepEqual([times, outcomes], [[30], []])
      await clock.advance(50)
      void requests.onResponse('responseBlock', 1n, LAST)
      assert.deepEqual([times, outcomes], [[30], ['answered']])
    })

    it('take note of how each other one ends', async () => {
      const { controller } = make(requests, clock)
      controller.abort()
      make(requests, clock)
      void requests.onResponse('responseBlock', 2n, Uint8Array.of(2))
      make(requests, clock)
      await clock.advance(TIMEOUT)
      make(requests, clock)
      requests.end(new DisconnectedError('gone', { byRemote: true }))
      assert.deepEqual(outcomes, ['aborted', 'UNAVAILABLE', 'TIMEOUT', 'DISCONNECTED'])
    })

    it('count one that could not be sent as disconnected', async () => {
      await assert.rejects(requests.start({ expects: 'responseBlock', onResponse: isLast, send: () => { throw new Error('a bug') } }))
      assert.deepEqual(outcomes, ['DISCONNECTED'])
    })
  })
})
