import assert from 'node:assert/strict'
import { digestOf } from '../../../src/codec/digest.ts'
import { writeItem } from '../../../src/codec/items/items.ts'
import { encodeMessage } from '../../../src/codec/message.ts'
import { knownBodies, readEnvelope } from '../../../src/codec/envelope.ts'
import { Dispatch } from '../../../src/service/dispatch/dispatch.ts'
import { HandlerTable } from '../../../src/service/dispatch/handlers.ts'
import type { Envelope } from '../../../src/codec/envelope.ts'
import type { Session } from '../../../src/session/session.ts'
import type { HandlerType } from '../../../src/types/handlers.ts'
import { FEATURES } from '../../../src/types/features.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { CompactBlockMessage, WireMessage } from '../../../src/types/message.ts'
import type { Logger } from '@libp2p/interface'

const session = { id: 'alice' } as Session
const blockOnly = { id: 'bob', isBlockOnly: true } as Session
const nothing = (): never => { throw new Error('not called') }

function envelopeOf (message: WireMessage, requestId?: bigint): Envelope {
  return readEnvelope(encodeMessage(message, requestId), knownBodies(FEATURES))
}

describe('service/dispatch/dispatch', () => {
  let handlers: HandlerTable
  let dispatch: Dispatch
  let logged: unknown[][]
  let counted: HandlerType[]
  /** What the destinations were given, by their names. */
  let passed: unknown[][]
  /** Returned by gossip and the block server. */
  let work: Promise<void>

  beforeEach(() => {
    logged = []
    counted = []
    passed = []
    work = Promise.resolve()
    handlers = new HandlerTable({
      log: { error: (...args: unknown[]) => { logged.push(args) } } as unknown as Logger,
      clock: new FakeClock(),
      onError: (type) => { counted.push(type) }
    })
    const pass = (destination: string) => (...args: unknown[]): void => { passed.push([destination, ...args]) }
    const passAndWork = (destination: string) => (...args: unknown[]): Promise<void> => {
      passed.push([destination, ...args])

      return work
    }
    dispatch = new Dispatch({
      exchange: { onRequest: passAndWork('exchange') },
      gossip: {
        onMessage: passAndWork('gossip'),
        onHave: pass('have'),
        onWant: pass('want'),
        onCompactWant: pass('compact want'),
        onCompactBlock: passAndWork('compact block'),
        onRequestTransactions: pass('transactions')
      },
      server: { serve: passAndWork('server') },
      sync: { check: pass('sync') },
      handlers
    })
  })

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
        handlers.handle(type, (...args: unknown[]) => { calls.push(args) })

        assert.equal(dispatch.dispatch(session, envelopeOf(message)), undefined)
        assert.deepEqual(calls, [[message, session]])
      })

      it('does nothing where there is no handler', () => {
        assert.equal(dispatch.dispatch(session, envelopeOf(message)), undefined)
        assert.deepEqual(counted, [])
      })

      it('returns what to wait for where the handler takes its time', async () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        let isDone = false
        handlers.handle(type, async () => { await promise })
        const told = dispatch.dispatch(session, envelopeOf(message))
        const done = told?.then(() => { isDone = true })
        assert.ok(told instanceof Promise)
        assert.equal(isDone, false)
        resolve()
        await done
        assert.equal(isDone, true)
      })

      it('logs and counts an error of the handler, thrown or rejected, and does not pass it on', async () => {
        const remove = handlers.handle(type, () => { throw new Error('sync') })
        assert.equal(dispatch.dispatch(session, envelopeOf(message)), undefined)
        remove()
        handlers.handle(type, async () => { throw new Error('async') })
        await dispatch.dispatch(session, envelopeOf(message))

        assert.deepEqual(counted, [type, type])
        assert.deepEqual(logged.map((args) => args.find((arg) => arg === 'sync' || arg === 'async')), ['sync', 'async'])
      })
    })
  }

  for (const type of ['newBlock', 'newTransaction'] as const) {
    it(`gives a ${type} to gossip, and returns what gossip works on`, () => {
      handlers.handle(type, nothing)
      const body = writeItem(Uint8Array.of(1))

      assert.equal(dispatch.dispatch(session, { type, requestId: undefined, body }), work)
      assert.deepEqual(passed, [['gossip', type, body, session]])
    })
  }

  it('takes no transaction in a block-only session, nor the short digests of any, and blocks as ever', () => {
    const [body, digests] = [writeItem(Uint8Array.of(1)), [Uint8Array.from(digestOf(Uint8Array.of(1)))]]

    assert.equal(dispatch.dispatch(blockOnly, { type: 'newTransaction', requestId: undefined, body }), undefined)
    assert.deepEqual(passed, [])
    assert.equal(dispatch.dispatch(blockOnly, envelopeOf({ type: 'have', digests, shortDigests: new Uint8Array(32) })), undefined)
    assert.deepEqual(passed.splice(0), [['have', digests, blockOnly, undefined]])
    assert.equal(dispatch.dispatch(blockOnly, { type: 'newBlock', requestId: undefined, body }), work)
    assert.deepEqual(passed, [['gossip', 'newBlock', body, blockOnly]])
  })

  for (const type of ['have', 'want'] as const) {
    it(`gives the digests of a ${type} to gossip`, () => {
      const digests = [1, 2].map((byte) => Uint8Array.from(digestOf(Uint8Array.of(byte))))

      assert.equal(dispatch.dispatch(session, envelopeOf({ type, digests })), undefined)
      assert.deepEqual(passed, [[type, digests, session, undefined]])
    })

    it(`gives the short digests of a ${type} to gossip`, () => {
      const shortDigests = new Uint8Array(32).fill(7)

      assert.equal(dispatch.dispatch(session, envelopeOf({ type, digests: [], shortDigests })), undefined)
      assert.deepEqual(passed, [[type, [], session, shortDigests]])
    })
  }

  it('gives the digests of a want to gossip, and says which of them may be compact blocks', () => {
    const digests = [Uint8Array.from(digestOf(Uint8Array.of(1)))]
    const shortDigests = new Uint8Array(16)
    void dispatch.dispatch(session, envelopeOf({ type: 'want', digests, shortDigests, compact: true }))
    assert.deepEqual(passed, [['compact want', digests, session], ['want', [], session, shortDigests]])
  })

  it('gives a compact block to gossip with its size, and returns what it works on', () => {
    const message: CompactBlockMessage = {
      type: 'compactBlock', digest: new Uint8Array(32), before: new Uint8Array(5), after: new Uint8Array(0), nonce: 1n, shortIds: new Uint8Array(6), prefilled: []
    }
    const envelope = envelopeOf(message)
    assert.equal(dispatch.dispatch(session, envelope), work)
    assert.deepEqual(passed, [['compact block', message, envelope.body.byteLength, session]])
  })

  it('gives a question for transactions to gossip, with its id', () => {
    const message: WireMessage = { type: 'requestTransactions', digest: new Uint8Array(32), indexes: [1, 2] }
    void dispatch.dispatch(session, envelopeOf(message, 7n))
    assert.deepEqual(passed, [['transactions', message, 7n, session]])
  })

  const requests: WireMessage[] = [{ type: 'requestBlock', height: 7 }, { type: 'requestBlockRange', startHeight: 7, endHeight: 9 }]

  for (const request of requests) {
    it(`gives a ${request.type} to the block server, and returns what it works on`, () => {
      handlers.handle(request.type as HandlerType, nothing)

      assert.equal(dispatch.dispatch(session, envelopeOf(request, 5n)), work)
      assert.deepEqual(passed, [['server', request, 5n, session]])
    })
  }

  it('gives a requestPeers to the exchange, with the count and the request id, and returns what it works on', () => {
    assert.equal(dispatch.dispatch(session, envelopeOf({ type: 'requestPeers', count: 64 }, 5n)), work)
    assert.deepEqual(passed, [['exchange', 64, 5n, session]])
  })

  it('has the heights of peers looked at after a ping or a pong, before the application hears of it', () => {
    const order: string[] = []

    for (const type of ['ping', 'pong'] as const) {
      handlers.handle(type, () => { order.push(`${type} after ${passed.length}`) })
      void dispatch.dispatch(session, envelopeOf({ type, nonce: 1n, bestHeight: 8 }))
    }

    void dispatch.dispatch(session, envelopeOf({ type: 'disconnect', reason: 'SHUTDOWN', detail: '' }))
    assert.deepEqual([passed, order], [[['sync'], ['sync']], ['ping after 1', 'pong after 2']])
  })

  it('lets an error of a destination through: what the peer sent is not what it says to be', () => {
    const broken = new Dispatch({
      exchange: { onRequest: nothing },
      gossip: {
        onMessage: () => { throw new RangeError('bad') },
        onHave: nothing,
        onWant: nothing,
        onCompactWant: nothing,
        onCompactBlock: nothing,
        onRequestTransactions: nothing
      },
      server: { serve: nothing },
      sync: { check: nothing },
      handlers
    })

    assert.throws(() => broken.dispatch(session, { type: 'newBlock', requestId: undefined, body: new Uint8Array() }), { name: 'RangeError' })
    assert.deepEqual(counted, [])
  })

  it('throws a DecodeError where a request or a list of digests is none', () => {
    for (const type of ['have', 'want', 'requestBlock', 'requestBlockRange', 'compactBlock', 'requestTransactions', 'requestPeers'] as const) {
      assert.throws(() => dispatch.dispatch(session, { type, requestId: undefined, body: Uint8Array.of(0xff) }), { name: 'DecodeError' }, type)
    }

    assert.deepEqual(passed, [])
  })

  it('ignores a message that it does not know, and those that sessions take', () => {
    for (const type of [undefined, 'handshake', 'responseBlock', 'responseBlockRange'] as const) {
      assert.equal(dispatch.dispatch(session, { type, requestId: undefined, body: new Uint8Array() }), undefined)
    }

    assert.deepEqual([passed, counted], [[], []])
  })
})
