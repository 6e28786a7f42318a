import assert from 'node:assert/strict'
import { HandlerTable } from '../../../src/service/dispatch/handlers.ts'
import { MAX_STRIDE, SHORT_MS } from '../../../src/util/stride.ts'
import { SessionRecord } from '../../../src/session/record.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import type { HandledPeer } from '../../../src/service/dispatch/handlers.ts'
import type { HandlerType } from '../../../src/types/handlers.ts'
import type { Logger } from '@libp2p/interface'

const TYPES: HandlerType[] = ['newBlock', 'newTransaction', 'requestBlock', 'requestBlockRange', 'ping', 'pong', 'disconnect']
const peer = { id: 'alice' } as unknown as HandledPeer
const nothing = (): never => { throw new Error('not called') }

describe('service/dispatch/handlers', () => {
  let handlers: HandlerTable
  let logged: unknown[][]
  let counted: HandlerType[]

  beforeEach(() => {
    logged = []
    counted = []
    handlers = create()
  })

  function create (given?: Partial<Record<HandlerType, typeof nothing>>): HandlerTable {
    return new HandlerTable({
      handlers: given,
      log: { error: (...args: unknown[]) => { logged.push(args) } } as unknown as Logger,
      clock: new FakeClock(),
      onError: (type) => { counted.push(type) }
    })
  }

  it('has the handlers that the application has given with its config', () => {
    handlers = create({ ping: nothing })

    assert.deepEqual(TYPES.filter((type) => handlers.get(type) === nothing), ['ping'])
    assert.throws(() => handlers.handle('ping', nothing), { name: 'VibeCoinError' })
  })

  it('takes note of how long a call takes: at once, until its promise settles, and where it throws', async () => {
    const clock = new FakeClock()
    const taken: [HandlerType, number][] = []
    const record = new SessionRecord()
    handlers = new HandlerTable({
      log: {} as Logger, clock, onError: () => {}, onHandled: (type, ms) => { taken.push([type, ms]) }
    })
    const peer = { id: 'alice', record } as unknown as HandledPeer
    const { promise, resolve } = Promise.withResolvers<void>()
    const failing = Promise.withResolvers<void>()
    handlers.handle('newBlock', () => 'ignore')
    handlers.handle('newTransaction', async () => promise)
    handlers.handle('ping', async () => failing.promise)
    handlers.handle('pong', () => { throw new Error('oops') })
    assert.equal(handlers.call('newBlock', sampleBlock(), peer), 'ignore')
    const later = handlers.call('newTransaction', sampleTransaction(), peer)
    const failed = handlers.call('ping', { type: 'ping', nonce: 1n, bestHeight: 1 }, peer) as Promise<void>
    await clock.advance(30)
    assert.throws(() => handlers.call('pong', { type: 'pong', nonce: 1n, bestHeight: 1 }, peer), { message: 'oops' })
    assert.deepEqual(taken, [['newBlock', 0], ['pong', 0]])
    resolve()
    await later
    await clock.advance(10)
    failing.reject(new Error('oops'))
    await assert.rejects(failed)

    assert.deepEqual(taken.slice(2), [['newTransaction', 30], ['ping', 40]])
    assert.deepEqual(record.handlers, { calls: 4, ms: 70 })
  })

  it('gives the handler the message and the peer, and nothing where there is none', () => {
    const given: unknown[][] = []
    const block = sampleBlock()
    assert.equal(handlers.call('newBlock', block, peer), undefined)
    handlers.handle('newBlock', (...args: unknown[]) => { given.push(args) })
    void handlers.call('newBlock', block, peer)

    assert.deepEqual(given, [[block, peer]])
  })

  describe('of calls that are short', () => {
    let clock: FakeClock
    let looks: number
    let taken: number[]
    let record: SessionRecord

    beforeEach(() => {
      clock = new FakeClock()
      taken = []
      record = new SessionRecord()
      looks = 0
    })

    /** Calls the handler as often as there are times, in ms, which it takes. */
    function callFor (times: readonly number[]): void {
      const counting = Object.assign(new FakeClock(), { now: () => clock.now() + 0 * ++looks })
      let ms = 0
      handlers = new HandlerTable({ log: {} as Logger, clock: counting, onError: () => {}, onHandled: (_, ms) => { taken.push(ms) } })
      handlers.handle('newTransaction', () => { clock.stall(ms) })

      for (ms of times) {
        void handlers.call('newTransaction', sampleTransaction(), { id: 'alice', record } as unknown as HandledPeer)
      }
    }

    it(`times one in ${MAX_STRIDE}, which counts for the others`, () => {
      const ramp = 1 + 2 + 4
      callFor(Array.from({ length: ramp + 10 * MAX_STRIDE }, () => SHORT_MS))

      assert.equal(looks, 2 * (3 + 10))
      assert.equal(record.handlers.calls, ramp + 10 * MAX_STRIDE)
      assert.ok(Math.abs(record.handlers.ms - SHORT_MS * record.handlers.calls) < 1e-6)
      assert.equal(taken.length, record.handlers.calls)
    })

    it('times each while they are long', () => {
      callFor(Array.from({ length: 20 }, (_, call) => call + 1))

      assert.equal(looks, 40)
      assert.deepEqual(record.handlers, { calls: 20, ms: 210 })
    })

    it('times each from the first long one that it has met', () => {
      callFor([...Array.from({ length: 7 + MAX_STRIDE }, () => 0), ...Array.from({ length: 2 * MAX_STRIDE }, () => 1)])

      // the first of the long ones that is timed counts for those before it
      assert.deepEqual(record.handlers, { calls: 7 + 3 * MAX_STRIDE, ms: 2 * MAX_STRIDE })
      assert.equal(taken.filter((ms) => ms === 1).length, 2 * MAX_STRIDE)
    })

    it('counts one whose promise settles later when it does', async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      callFor([0])
      let isLater = false
      handlers = new HandlerTable({ log: {} as Logger, clock, onError: () => {} })
      handlers.handle('newTransaction', () => isLater ? promise : undefined)
      const call = (): unknown => handlers.call('newTransaction', sampleTransaction(), { id: 'alice', record } as unknown as HandledPeer)
      call()
      isLater = true
      const later = call()
      assert.equal(record.handlers.calls, 2)
      resolve()
      await later
      assert.equal(record.handlers.calls, 3)
    })
  })

  it('logs and counts what a handler has thrown', () => {
    const error = new Error('broken')
    handlers.noteError('ping', error)

    assert.deepEqual(counted, ['ping'])
    assert.ok(logged[0]?.includes('broken') && logged[0].includes(error))
  })

  describe('handle', () => {
    for (const type of TYPES) {
      it(`takes one handler for ${type}, and another when that is removed`, () => {
        const remove = handlers.handle(type, nothing)

        assert.throws(() => handlers.handle(type, () => undefined as never), { name: 'VibeCoinError', message: `There is a handler for ${type} already` })
        assert.equal(handlers.get(type), nothing)
        remove()
        assert.equal(handlers.get(type), undefined)
        handlers.handle(type, nothing)
        assert.equal(handlers.get(type), nothing)
      })
    }

    it('gives a function that removes its own handler, and no other', () => {
      const other = (): void => {}
      const remove = handlers.handle('ping', () => {})
      remove()
      handlers.handle('ping', other)
      remove()

      assert.equal(handlers.get('ping'), other)
    })

    it('takes handlers for different types side by side', () => {
      for (const type of TYPES) {
        handlers.handle(type, nothing)
      }

      assert.ok(TYPES.every((type) => handlers.get(type) === nothing))
    })

    for (const type of ['handshake', 'responseBlock', 'responseBlockRange', 'have', 'want', 'toString', '__proto__', '', undefined, 7]) {
      it(`refuses a handler for ${JSON.stringify(type) ?? 'undefined'}`, () => {
        assert.throws(() => handlers.handle(type as HandlerType, nothing), {
          name: 'VibeCoinError',
          message: `Expected a function to handle one of ${TYPES.join(', ')}, got ${String(type)}`
        })
      })
    }

    for (const handler of [undefined, null, 'accept', {}, ['accept']]) {
      it(`refuses ${JSON.stringify(handler) ?? 'undefined'} for a handler`, () => {
        assert.throws(() => handlers.handle('newBlock', handler as never), { name: 'VibeCoinError' })
        assert.equal(handlers.get('newBlock'), undefined)
      })
    }
  })
})
