import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { EncodeError } from '../src/errors.ts'
import { broadcastAll } from '../src/broadcast-stream.ts'
import { eventually, turns } from './support/eventually.ts'
import { sampleBlock, sampleTransaction } from './support/sample.ts'
import { raceSignal } from '../src/util/race-signal.ts'
import { systemClock } from '../src/util/clock.ts'
import type { BroadcastResult } from '../src/gossip/send/distribution.ts'
import type { BroadcastMessage, Message } from '../src/types/message.ts'
import type { Logger } from '@libp2p/interface'

const block: Message = { type: 'newBlock', block: sampleBlock() }
const transaction: Message = { type: 'newTransaction', transaction: sampleTransaction() }
const ping: Message = { type: 'ping', nonce: 1n, bestHeight: 1 }

/** Messages that are handed in one by one, and what was asked of the iterator. */
class Script implements AsyncIterableIterator<Message> {
  waiting: PromiseWithResolvers<IteratorResult<Message>> | undefined
  nexts = 0
  returns = 0

  async next (): Promise<IteratorResult<Message>> {
    this.nexts++
    this.waiting = Promise.withResolvers()

    return this.waiting.promise
  }

  [Symbol.asyncIterator] (): this {
    return this
  }

  async return (): Promise<IteratorResult<Message>> {
    this.returns++

    return { done: true, value: undefined }
  }

  give (value: Message): void {
    this.waiting?.resolve({ done: false, value })
  }
}

describe('outgoing', () => {
  let broadcast: BroadcastMessage[]
  let logged: unknown[][]
  let stopping: AbortController

  beforeEach(() => {
    broadcast = []
    room = undefined
    logged = []
    stopping = new AbortController()
  })

  /** Held back until a test lets it go. */
  let room: Promise<void> | undefined

  const network = {
    async room ({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
      await raceSignal(Promise.resolve(room), signal)
    },

    broadcast (message: BroadcastMessage): BroadcastResult {
      broadcast.push(message)

      return { queued: 0, skipped: 0 }
    }
  }

  async function run (outgoing: AsyncIterable<Message>, to: typeof network = network): Promise<void> {
    const log = { error: (...args: unknown[]) => { logged.push(args) } } as unknown as Logger
    await broadcastAll(to, { outgoing, signal: stopping.signal, clock: systemClock, log })
  }

  async function * yielding (...messages: Message[]): AsyncGenerator<Message> {
    yield * messages
  }

  it('broadcasts blocks and transactions, in their order, until they end', async () => {
    await run(yielding(block, transaction, block))

    assert.deepEqual(broadcast, [block, transaction, block])
    assert.deepEqual(logged, [])
  })

  it('waits for room before a transaction, and not before a block', async () => {
    const free = Promise.withResolvers<void>()
    room = free.promise
    const running = run(yielding(block, transaction, block))
    await turns(2)
    assert.deepEqual(broadcast, [block])
    free.resolve()
    await running
    assert.deepEqual([broadcast, logged], [[block, transaction, block], []])
  })

  it('ends without a word where it waits for room when the network stops', async () => {
    room = new Promise(() => {})
    const running = run(yielding(transaction, block))
    await turns(2)
    stopping.abort()
    await running
    assert.deepEqual([broadcast, logged], [[], []])
  })

  it('broadcasts each before it asks for the next', async () => {
    const outgoing = new Script()
    const running = run(outgoing)
    await eventually(() => outgoing.nexts === 1, 'the first to be asked for')
    outgoing.give(block)
    await eventually(() => outgoing.nexts === 2, 'the next to be asked for')
    assert.deepEqual(broadcast, [block])
    stopping.abort()
    await running
  })

  for (const type of ['handshake', 'requestBlock', 'responseBlock', 'requestBlockRange', 'responseBlockRange', 'ping', 'pong', 'disconnect']) {
    it(`logs a ${type}, which is not broadcast, and goes on`, async () => {
      await run(yielding({ type } as Message, block))

      assert.deepEqual(broadcast, [block])
      assert.equal(logged.length, 1)
      assert.ok(logged[0]?.includes(type))
    })
  }

  it('leaves turns to everything else where there is always a next one', async () => {
    const deadline = performance.now() + 3000

    async function * endless (): AsyncGenerator<Message> {
      while (performance.now() < deadline) {
        yield transaction
      }
    }

    setTimeout(() => { stopping.abort() }, 0)
    await run(endless())
    assert.ok(stopping.signal.aborted, 'the timer had no turn')
    assert.ok(broadcast.length > 0)
  })

  for (const message of [undefined, null, 7, {}]) {
    it(`logs ${JSON.stringify(message) ?? 'undefined'}, which is no message, and goes on`, async () => {
      await run(yielding(message as never, block))

      assert.deepEqual(broadcast, [block])
      assert.equal(logged.length, 1)
    })
  }

  it('logs a message that cannot be broadcast, and goes on', async () => {
    const error = new EncodeError('too large')
    const refusing = {
      ...network,
      broadcast (message: BroadcastMessage): BroadcastResult {
        if (message.type === 'newBlock') {
          throw error
        }

        return network.broadcast(message)
      }
    }
    await run(yielding(block, transaction), refusing)

    assert.deepEqual(broadcast, [transaction])
    assert.equal(logged.length, 1)
    assert.ok(logged[0]?.includes(error))
  })

  it('logs an error that ends them, and ends', async () => {
    const error = new Error('the source broke')

    await run((async function * (): AsyncGenerator<Message> {
      yield block
      throw error
    })())

    assert.deepEqual(broadcast, [block])
    assert.equal(logged.length, 1)
    assert.ok(logged[0]?.includes(error))
  })

  it('logs an error of an iterator that throws instead of rejecting', async () => {
    const error = new Error('not even a promise')
    await run({ [Symbol.asyncIterator]: () => ({ next: () => { throw error } }) })

    assert.ok(logged[0]?.includes(error))
    assert.deepEqual(getEventListeners(stopping.signal, 'abort'), [])
  })

  it('logs an iterator that gives nothing, and does not ask it again', async () => {
    let nexts = 0
    await run({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          nexts++

          return Promise.resolve(undefined as never)
        }
      })
    })

    assert.equal(nexts, 1)
    assert.equal(logged.length, 1)
  })

  it('logs what cannot be iterated, and ends', async () => {
    await run([block] as never)

    assert.deepEqual(broadcast, [])
    assert.equal(logged.length, 1)
  })

  it('ends at once when it is told to while it waits, and ends the iterator', async () => {
    const outgoing = new Script()
    const running = run(outgoing)
    await eventually(() => outgoing.nexts === 1, 'the first to be asked for')
    stopping.abort()
    await running

    assert.equal(outgoing.returns, 1)
    assert.deepEqual(logged, [])
  })

  it('broadcasts nothing that comes after it was told to end', async () => {
    const outgoing = new Script()
    const running = run(outgoing)
    await eventually(() => outgoing.nexts === 1, 'the first to be asked for')
    stopping.abort()
    outgoing.give(block)
    await running

    assert.deepEqual(broadcast, [])
    assert.equal(outgoing.nexts, 1)
  })

  it('asks for nothing where it is told to end before it begins', async () => {
    const outgoing = new Script()
    stopping.abort()
    await run(outgoing)

    assert.deepEqual([outgoing.nexts, outgoing.returns], [0, 1])
  })

  it('lets an error pass that comes after it was told to end', async () => {
    const outgoing = new Script()
    const running = run(outgoing)
    await eventually(() => outgoing.nexts === 1, 'the first to be asked for')
    stopping.abort()
    await running
    // an unhandled rejection would fail the run
    outgoing.waiting?.reject(new Error('too late'))
    await turns(2)

    assert.deepEqual(logged, [])
  })

  it('does not wait for an iterator that cannot be ended, nor mind one that fails to', async () => {
    for (const end of [() => new Promise<never>(() => {}), async () => { throw new Error('cannot end') }]) {
      const controller = new AbortController()
      controller.abort()
      stopping = controller
      await run({ [Symbol.asyncIterator]: () => ({ next: async () => new Promise(() => {}), return: end }) })
    }

    assert.deepEqual(logged, [])
  })

  it('takes an iterator that has no way to be ended', async () => {
    stopping.abort()
    await run({ [Symbol.asyncIterator]: () => ({ next: async () => new Promise(() => {}) }) })

    assert.deepEqual(logged, [])
  })

  it('does not end the iterator a second time where that has ended', async () => {
    const outgoing = new Script()
    const running = run(outgoing)
    await eventually(() => outgoing.nexts === 1, 'the first to be asked for')
    outgoing.waiting?.resolve({ done: true, value: undefined })
    await running

    assert.equal(outgoing.returns, 0)
  })

  it('leaves no listener at the signal when it ends', async () => {
    await run(yielding(block, ping, transaction))

    assert.deepEqual(getEventListeners(stopping.signal, 'abort'), [])
  })

  it('keeps no message in memory that it has broadcast', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const refs: WeakRef<Message>[] = []
    const forgetting = { room: async () => {}, broadcast: () => ({ queued: 0, skipped: 0 }) }
    const { promise, resolve } = Promise.withResolvers<void>()

    const running = run((async function * (): AsyncGenerator<Message> {
      for (let i = 0; i < 50; i++) {
        const message: Message = { type: 'newTransaction', transaction: sampleTransaction({ nonce: BigInt(i) }) }
        refs.push(new WeakRef(message))
        yield message
      }

      await promise
    })(), forgetting)

    // the last one or two may still be on the stack of the generator
    await eventually(() => {
      collectGarbage()

      return refs.length === 50 && refs.filter((ref) => ref.deref() != null).length <= 2
    }, 'the messages to be collected')
    resolve()
    await running
  })
})
