import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { Race, RACE_ANSWERED_STAGGER_MS, RACE_DIAL_TIMEOUT_MS, RACE_STAGGER_MS } from '../../../src/connect/dial/race.ts'
import { isPending, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const [A, B, C] = ['/ip4/8.8.8.1/tcp/1', '/ip4/8.8.8.2/tcp/1', '/ip4/8.8.8.3/tcp/1'] as const
const RELAYED = '/ip4/8.8.8.4/tcp/1/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

interface Dialled {
  address: string
  signal: AbortSignal
  answer: () => void
  resolve: (result: string) => void
  reject: (err: Error) => void
}

describe('connect/dial/race', () => {
  let clock: FakeClock
  let dials: Dialled[]
  let discarded: string[]
  let stopping: AbortController

  beforeEach(() => {
    clock = new FakeClock()
    dials = []
    discarded = []
    stopping = new AbortController()
  })

  afterEach(() => {
    assert.equal(clock.pending, 0)
  })

  function race (...addresses: string[]): Race<string> {
    return new Race<string>({
      addresses: addresses.map((address) => multiaddr(address)),
      clock,
      signal: stopping.signal,
      dial: async (address, signal, onAnswer) => {
        const { promise, resolve, reject } = Promise.withResolvers<string>()
        dials.push({ address: address.toString(), signal, answer: onAnswer, resolve, reject })

        return promise
      },
      discard: (result) => { discarded.push(result) }
    })
  }

  const begun = (): string[] => dials.map(({ address }) => address)

  async function fail (i: number): Promise<void> {
    dials[i]!.reject(new Error(`no ${i}`))
    await turns(1)
  }

  it(`begins the next dial ${RACE_STAGGER_MS} ms after the last where nothing comes back, and takes the first connection`, async () => {
    const { winner } = race(A, B, C)
    await clock.advance(RACE_STAGGER_MS - 1)
    assert.deepEqual(begun(), [A])
    await clock.advance(1)
    assert.deepEqual(begun(), [A, B])
    dials[1]!.resolve('b')
    assert.equal(await winner, 'b')
    await turns(1)
    assert.deepEqual([dials[0]!.signal.aborted, dials[1]!.signal.aborted], [true, false])
    await clock.advance(RACE_DIAL_TIMEOUT_MS)
    assert.deepEqual(begun(), [A, B])
  })

  it('begins the next one at once where one fails', async () => {
    const { winner } = race(A, B)
    await fail(0)
    assert.deepEqual(begun(), [A, B])
    dials[1]!.resolve('b')
    assert.equal(await winner, 'b')
  })

  it(`has the next one wait for ${RACE_ANSWERED_STAGGER_MS} ms where the other end has answered`, async () => {
    const { winner } = race(A, B)
    await clock.advance(RACE_STAGGER_MS - 1)
    dials[0]!.answer()
    await clock.advance(RACE_ANSWERED_STAGGER_MS - 1)
    assert.deepEqual(begun(), [A])
    await clock.advance(1)
    assert.deepEqual(begun(), [A, B])
    dials[0]!.resolve('a')
    assert.equal(await winner, 'a')
    await turns(1)
  })

  it('begins one through a relay when all others have failed, and not before', async () => {
    const { winner } = race(A, B, RELAYED)
    await clock.advance(2 * RACE_STAGGER_MS)
    await fail(0)
    assert.deepEqual(begun(), [A, B])
    await fail(1)
    assert.deepEqual(begun(), [A, B, RELAYED])
    dials[2]!.resolve('relayed')
    assert.equal(await winner, 'relayed')
  })

  it(`gives each ${RACE_DIAL_TIMEOUT_MS} ms, says why each has failed, and discards what comes later`, async () => {
    const running = race(A, B)
    await clock.advance(RACE_DIAL_TIMEOUT_MS - 1)
    assert.equal(await isPending(running.winner), true)
    await fail(1)
    await clock.advance(1)
    await assert.rejects(running.winner, { name: 'AggregateError' })
    assert.deepEqual([A, B].map((address) => String(running.errorOf(multiaddr(address)))), ['TimeoutError: No answer in time', 'Error: no 1'])
    dials[0]!.resolve('late')
    await turns(1)
    assert.deepEqual(discarded, ['late'])
  })

  it('tells an address that took the connection and said nothing from one that gave no answer', async () => {
    const running = race(A, B)
    await clock.advance(RACE_STAGGER_MS)
    dials[1]!.answer()
    await clock.advance(RACE_DIAL_TIMEOUT_MS)
    await assert.rejects(running.winner, { name: 'AggregateError' })
    assert.deepEqual([A, B].map((address) => String(running.errorOf(multiaddr(address)))), [
      'TimeoutError: No answer in time', 'TimeoutError: Connected, and then no answer in time'
    ])
  })

  it('discards a connection that comes after the first', async () => {
    const { winner } = race(A, B)
    await clock.advance(RACE_STAGGER_MS)
    dials[0]!.resolve('a')
    dials[1]!.resolve('b')
    assert.equal(await winner, 'a')
    await turns(1)
    assert.deepEqual(discarded, ['b'])
  })

  it('leaves a connection alone when its signal is aborted afterwards', async () => {
    const { winner } = race(A)
    dials[0]!.resolve('a')
    await winner
    await turns(1)
    stopping.abort(new Error('stopped'))
    assert.equal(dials[0]!.signal.aborted, false)
  })

  it('ends with its signal, and begins nothing more', async () => {
    const { winner } = race(A, B)
    stopping.abort(new Error('stopped'))
    await assert.rejects(winner, { message: 'stopped' })
    assert.deepEqual(begun(), [A])
  })
})
