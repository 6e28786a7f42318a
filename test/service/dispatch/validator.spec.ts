import assert from 'node:assert/strict'
import { HandlerTable } from '../../../src/service/dispatch/handlers.ts'
import { Validator } from '../../../src/service/dispatch/validator.ts'
import { sampleBlock, sampleTransaction } from '../../support/sample.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Handlers, HandlerType } from '../../../src/types/handlers.ts'
import type { BroadcastMessage } from '../../../src/types/message.ts'
import type { Peer } from '../../../src/types/peer.ts'
import type { Verdict } from '../../../src/types/handlers.ts'
import type { Logger } from '@libp2p/interface'

const peer = { id: 'alice' } as Peer
const nothing = (): never => { throw new Error('not called') }

describe('service/dispatch/validator', () => {
  let handlers: HandlerTable
  let validator: Validator
  let logged: unknown[][]
  let counted: HandlerType[]

  beforeEach(() => {
    logged = []
    counted = []
    handlers = new HandlerTable({
      log: { error: (...args: unknown[]) => { logged.push(args) } } as unknown as Logger,
      clock: new FakeClock(),
      onError: (type) => { counted.push(type) }
    })
    validator = new Validator(handlers)
  })

  describe('judge', () => {
    const messages: BroadcastMessage[] = [
      { type: 'newBlock', block: sampleBlock() }, { type: 'newTransaction', transaction: sampleTransaction() }
    ]

    for (const message of messages) {
      const { type } = message
      const handle = (handler: () => unknown): void => { handlers.handle(type, handler as Handlers[typeof type]) }

      describe(`of a ${type}`, () => {
        it('accepts where there is no handler', () => {
          assert.equal(validator.judge(message, peer), 'accept')
        })

        it('gives the handler what came and from whom', () => {
          const calls: unknown[][] = []
          handlers.handle(type, (...args: unknown[]) => { calls.push(args) })
          void validator.judge(message, peer)

          assert.deepEqual(calls, [[type === 'newBlock' ? message.block : message.transaction, peer]])
        })

        for (const verdict of ['accept', 'ignore', 'reject'] as Verdict[]) {
          it(`passes ${verdict} on, said at once or later`, async () => {
            let answer: unknown = verdict
            handle(() => answer)
            assert.equal(validator.judge(message, peer), verdict)
            answer = Promise.resolve(verdict)
            assert.equal(await validator.judge(message, peer), verdict)
          })
        }

        it('takes nothing, said at once or later, for accept', async () => {
          let answer: unknown = undefined
          handle(() => answer)
          assert.equal(validator.judge(message, peer), 'accept')
          answer = Promise.resolve()
          assert.equal(await validator.judge(message, peer), 'accept')
        })

        it('takes an error that is thrown for ignore, logs and counts it', () => {
          handle(() => { throw new Error('broken') })

          assert.equal(validator.judge(message, peer), 'ignore')
          assert.equal(logged.length, 1)
          assert.ok(logged[0]?.includes('broken'))
          assert.deepEqual(counted, [type])
        })

        it('takes a rejection for ignore, logs and counts it', async () => {
          handle(async () => { throw new Error('broken') })

          assert.equal(await validator.judge(message, peer), 'ignore')
          assert.equal(logged.length, 1)
          assert.ok(logged[0]?.includes('broken'))
          assert.deepEqual(counted, [type])
        })

        it('takes a thrown value that is no error for ignore', async () => {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- what an application may do
          handle(() => { throw undefined })

          assert.equal(validator.judge(message, peer), 'ignore')
          assert.deepEqual(counted, [type])
        })

        it('takes a verdict that cannot even be printed for an error', async () => {
          handle(async () => Object.create(null))

          assert.equal(await validator.judge(message, peer), 'ignore')
          assert.deepEqual(counted, [type])
        })

        for (const answer of [true, false, 'yes', 'ACCEPT', '', 0, {}, null]) {
          it(`takes ${JSON.stringify(answer)}, which is no verdict, ${answer == null ? 'for nothing' : 'for an error'}`, async () => {
            handle(() => answer)
            assert.equal(validator.judge(message, peer), answer == null ? 'accept' : 'ignore')
            assert.equal(counted.length, answer == null ? 0 : 1)
          })

          it(`takes ${JSON.stringify(answer)}, said later, ${answer == null ? 'for nothing' : 'for an error'}`, async () => {
            handle(async () => answer)
            assert.equal(await validator.judge(message, peer), answer == null ? 'accept' : 'ignore')
            assert.equal(counted.length, answer == null ? 0 : 1)
          })
        }

        it('waits for whatever has a then', async () => {
          handle(() => ({ then: (resolve: (verdict: Verdict) => void) => { resolve('reject') } }))
          assert.equal(await validator.judge(message, peer), 'reject')
        })

        it('takes an error of whatever has a then for ignore', async () => {
          handle(() => ({ then: (_: unknown, reject: (error: Error) => void) => { reject(new Error('broken')) } }))
          assert.equal(await validator.judge(message, peer), 'ignore')
          assert.deepEqual(counted, [type])
        })
      })
    }

    it('asks the handler of the other kind for nothing', () => {
      handlers.handle('newTransaction', nothing)

      assert.equal(validator.judge({ type: 'newBlock', block: sampleBlock() }, peer), 'accept')
      assert.deepEqual(counted, [])
    })

    it('accepts again when the handler is removed', () => {
      const remove = handlers.handle('newBlock', () => 'reject')
      remove()

      assert.equal(validator.judge({ type: 'newBlock', block: sampleBlock() }, peer), 'accept')
    })
  })
})
