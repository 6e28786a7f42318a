import assert from 'node:assert/strict'
import { HandlerTable } from '../../../src/service/dispatch/handlers.ts'
import { SessionRecord } from '../../../src/session/record.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { HandledPeer } from '../../../src/service/dispatch/handlers.ts'
import type { HandlerType } from '../../../src/types/handlers.ts'
import type { Logger } from '@libp2p/interface'

const TYPES: HandlerType[] = ['newBlock', 'newTransaction', 'requestBlock', 'requestBlockRange', 'ping', 'pong', 'disconnect']
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
    assert.equal(handlers.call('newBlock', peer, () => 7), 7)
    const later = handlers.call('newTransaction', peer, async () => promise)
    const failed = handlers.call('ping', peer, async () => failing.promise)
    await clock.advance(30)
    assert.throws(() => handlers.call('pong', peer, () => { throw new Error('oops') }), { message: 'oops' })
    assert.deepEqual(taken, [['newBlock', 0], ['pong', 0]])
    resolve()
    await later
    await clock.advance(10)
    failing.reject(new Error('oops'))
    await assert.rejects(failed)

    assert.deepEqual(taken.slice(2), [['newTransaction', 30], ['ping', 40]])
    assert.deepEqual(record.handlers, { calls: 4, ms: 70 })
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
