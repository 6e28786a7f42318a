import assert from 'node:assert/strict'
import { writeItem } from '../../src/codec/items/items.ts'
import { encodeMessage } from '../../src/codec/message.ts'
import { readEnvelope } from '../../src/codec/envelope.ts'
import { Dispatch } from '../../src/service/dispatch.ts'
import { sampleBlock, sampleTransaction } from '../support/sample.ts'
import type { Envelope } from '../../src/codec/envelope.ts'
import type { Session } from '../../src/session/session.ts'
import type { Handlers, HandlerType, Verdict } from '../../src/types/handlers.ts'
import type { BroadcastMessage, WireMessage } from '../../src/types/message.ts'
import type { Peer } from '../../src/types/peer.ts'
import type { Logger } from '@libp2p/interface'

const TYPES: HandlerType[] = ['newBlock', 'newTransaction', 'requestBlock', 'requestBlockRange', 'ping', 'pong', 'disconnect']
const peer = { id: 'alice' } as Peer
const session = peer as Session
const nothing = (): never => { throw new Error('not called') }

function envelopeOf (message: WireMessage): Envelope {
  return readEnvelope(encodeMessage(message))
}

describe('service/dispatch', () => {
  let router: Dispatch
  let logged: unknown[][]
  let counted: HandlerType[]

  beforeEach(() => {
    logged = []
    counted = []
    router = new Dispatch({
      log: { error: (...args: unknown[]) => { logged.push(args) } } as unknown as Logger,
      onHandlerError: (type) => { counted.push(type) }
    })
  })

  describe('handle', () => {
    for (const type of TYPES) {
      it(`takes one handler for ${type}, and another when that is removed`, () => {
        const remove = router.handle(type, nothing)

        assert.throws(() => router.handle(type, () => undefined as never), { name: 'VibeCoinError', message: `There is a handler for ${type} already` })
        assert.equal(router.get(type), nothing)
        remove()
        assert.equal(router.get(type), undefined)
        router.handle(type, nothing)
        assert.equal(router.get(type), nothing)
      })
    }

    it('gives a function that removes its own handler, and no other', () => {
      const other = (): void => {}
      const remove = router.handle('ping', () => {})
      remove()
      router.handle('ping', other)
      remove()

      assert.equal(router.get('ping'), other)
    })

    it('takes handlers for different types side by side', () => {
      for (const type of TYPES) {
        router.handle(type, nothing)
      }

      assert.ok(TYPES.every((type) => router.get(type) === nothing))
    })

    for (const type of ['handshake', 'responseBlock', 'responseBlockRange', 'have', 'want', 'toString', '__proto__', '', undefined, 7]) {
      it(`refuses a handler for ${JSON.stringify(type) ?? 'undefined'}`, () => {
        assert.throws(() => router.handle(type as HandlerType, nothing), {
          name: 'VibeCoinError',
          message: `Expected a function to handle one of ${TYPES.join(', ')}, got ${String(type)}`
        })
      })
    }

    for (const handler of [undefined, null, 'accept', {}, ['accept']]) {
      it(`refuses ${JSON.stringify(handler) ?? 'undefined'} for a handler`, () => {
        assert.throws(() => router.handle('newBlock', handler as never), { name: 'VibeCoinError' })
        assert.equal(router.get('newBlock'), undefined)
      })
    }
  })

  describe('judge', () => {
    const messages: BroadcastMessage[] = [
      { type: 'newBlock', block: sampleBlock() }, { type: 'newTransaction', transaction: sampleTransaction() }
    ]

    for (const message of messages) {
      const { type } = message
      const handle = (handler: () => unknown): void => { router.handle(type, handler as Handlers[typeof type]) }

      describe(`of a ${type}`, () => {
        it('accepts where there is no handler', () => {
          assert.equal(router.judge(message, peer), 'accept')
        })

        it('gives the handler what came and from whom', () => {
          const calls: unknown[][] = []
          router.handle(type, (...args: unknown[]) => { calls.push(args) })
          void router.judge(message, peer)

          assert.deepEqual(calls, [[type === 'newBlock' ? message.block : message.transaction, peer]])
        })

        for (const verdict of ['accept', 'ignore', 'reject'] as Verdict[]) {
          it(`passes ${verdict} on, said at once or later`, async () => {
            let answer: unknown = verdict
            handle(() => answer)
            assert.equal(router.judge(message, peer), verdict)
            answer = Promise.resolve(verdict)
            assert.equal(await router.judge(message, peer), verdict)
          })
        }

        it('takes nothing, said at once or later, for accept', async () => {
          let answer: unknown = undefined
          handle(() => answer)
          assert.equal(router.judge(message, peer), 'accept')
          answer = Promise.resolve()
          assert.equal(await router.judge(message, peer), 'accept')
        })

        it('takes an error that is thrown for ignore, logs and counts it', () => {
          handle(() => { throw new Error('broken') })

          assert.equal(router.judge(message, peer), 'ignore')
          assert.equal(logged.length, 1)
          assert.ok(logged[0]?.includes('broken'))
          assert.deepEqual(counted, [type])
        })

        it('takes a rejection for ignore, logs and counts it', async () => {
          handle(async () => { throw new Error('broken') })

          assert.equal(await router.judge(message, peer), 'ignore')
          assert.equal(logged.length, 1)
          assert.ok(logged[0]?.includes('broken'))
          assert.deepEqual(counted, [type])
        })

        it('takes a thrown value that is no error for ignore', async () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- what an application may do
          handle(() => { throw undefined })

          assert.equal(router.judge(message, peer), 'ignore')
          assert.deepEqual(counted, [type])
        })

        it('takes a verdict that cannot even be printed for an error', async () => {
          handle(async () => Object.create(null))

          assert.equal(await router.judge(message, peer), 'ignore')
          assert.deepEqual(counted, [type])
        })

        for (const answer of [true, false, 'yes', 'ACCEPT', '', 0, {}, null]) {
          it(`takes ${JSON.stringify(answer)}, which is no verdict, ${answer == null ? 'for nothing' : 'for an error'}`, async () => {
            handle(() => answer)
            assert.equal(router.judge(message, peer), answer == null ? 'accept' : 'ignore')
            assert.equal(counted.length, answer == null ? 0 : 1)
          })

          it(`takes ${JSON.stringify(answer)}, said later, ${answer == null ? 'for nothing' : 'for an error'}`, async () => {
            handle(async () => answer)
            assert.equal(await router.judge(message, peer), answer == null ? 'accept' : 'ignore')
            assert.equal(counted.length, answer == null ? 0 : 1)
          })
        }

        it('waits for whatever has a then', async () => {
          handle(() => ({ then: (resolve: (verdict: Verdict) => void) => { resolve('reject') } }))
          assert.equal(await router.judge(message, peer), 'reject')
        })

        it('takes an error of whatever has a then for ignore', async () => {
          handle(() => ({ then: (_: unknown, reject: (error: Error) => void) => { reject(new Error('broken')) } }))
          assert.equal(await router.judge(message, peer), 'ignore')
          assert.deepEqual(counted, [type])
        })
      })
    }

    it('asks the handler of the other kind for nothing', () => {
      router.handle('newTransaction', nothing)

      assert.equal(router.judge({ type: 'newBlock', block: sampleBlock() }, peer), 'accept')
      assert.deepEqual(counted, [])
    })

    it('accepts again when the handler is removed', () => {
      const remove = router.handle('newBlock', () => 'reject')
      remove()

      assert.equal(router.judge({ type: 'newBlock', block: sampleBlock() }, peer), 'accept')
    })
  })

  describe('dispatch', () => {
    const observed: Extract<WireMessage, { type: 'ping' | 'pong' | 'disconnect' }>[] = [
      { type: 'ping', nonce: 2n ** 64n - 1n, bestHeight: 8 },
      { type: 'pong', nonce: 1n, bestHeight: 9 },
      { type: 'disconnect', reason: 'TOO_SLOW', detail: 'sorry' }
    ]

    for (const message of observed) {
      const { type } = message

      describe(`of a ${type}`, () => {
        it('tells the handler', () => {
          const calls: unknown[][] = []
          router.handle(type, (...args: unknown[]) => { calls.push(args) })

          assert.equal(router.dispatch(session, envelopeOf(message)), undefined)
          assert.deepEqual(calls, [[message, session]])
        })

        it('does nothing where there is no handler', () => {
          assert.equal(router.dispatch(session, envelopeOf(message)), undefined)
          assert.deepEqual(counted, [])
        })

        it('returns what to wait for where the handler takes its time', async () => {
          const { promise, resolve } = Promise.withResolvers<void>()
          let isDone = false
          router.handle(type, async () => { await promise })
          const told = router.dispatch(session, envelopeOf(message))
          const done = told?.then(() => { isDone = true })
          assert.ok(told instanceof Promise)
          assert.equal(isDone, false)
          resolve()
          await done
          assert.equal(isDone, true)
        })

        it('logs and counts an error of the handler, thrown or rejected, and does not pass it on', async () => {
          const remove = router.handle(type, () => { throw new Error('sync') })
          assert.equal(router.dispatch(session, envelopeOf(message)), undefined)
          remove()
          router.handle(type, async () => { throw new Error('async') })
          await router.dispatch(session, envelopeOf(message))

          assert.deepEqual(counted, [type, type])
          assert.deepEqual(logged.map((args) => args.find((arg) => arg === 'sync' || arg === 'async')), ['sync', 'async'])
        })
      })
    }

    it('gives a message to its route, and returns what the route returns', async () => {
      const waited = Promise.resolve()
      const calls: unknown[][] = []
      const envelope: Envelope = { type: 'newBlock', requestId: 7n, body: writeItem(Uint8Array.of(1)) }
      router.route('newBlock', (...args) => {
        calls.push(args)

        return waited
      })

      assert.equal(router.dispatch(session, envelope), waited)
      assert.deepEqual(calls, [[session, envelope]])
    })

    it('lets an error of a route through: what the peer sent is not what it says to be', () => {
      router.route('newBlock', () => { throw new RangeError('bad') })

      assert.throws(() => router.dispatch(session, { type: 'newBlock', requestId: undefined, body: new Uint8Array() }), { name: 'RangeError' })
      assert.deepEqual(counted, [])
    })

    it('gives nothing to a handler that only a route may call', () => {
      for (const type of ['newBlock', 'newTransaction', 'requestBlock', 'requestBlockRange'] as const) {
        router.handle(type, nothing)
        assert.equal(router.dispatch(session, { type, requestId: undefined, body: new Uint8Array() }), undefined)
      }

      assert.deepEqual(counted, [])
    })

    it('ignores a message that it does not know', () => {
      assert.equal(router.dispatch(session, { type: undefined, requestId: undefined, body: new Uint8Array() }), undefined)
      assert.equal(router.dispatch(session, { type: 'have', requestId: undefined, body: new Uint8Array() }), undefined)
    })
  })
})
