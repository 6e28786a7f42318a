import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import { ratesOf } from '../../support/rates.ts'
import { Session } from '../../../src/session/session.ts'
import { RATE_PATIENCE_MS } from '../../../src/session/limits/rate-limits.ts'
import { eventually, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { sampleNodeInfo } from '../../support/sample.ts'
import { openPair } from '../../support/stream-pair.ts'
import { NO_RATES, sessionParts } from '../../support/session-parts.ts'
import type { Closure, SessionConfig } from '../../../src/session/types.ts'
import type { RateLimits } from '../../../src/types/limits.ts'
import type { WireMessage } from '../../../src/types/message.ts'
import type { RawRemote } from '../../support/stream-pair.ts'

const CONFIG: Omit<SessionConfig, 'rateLimits'> = {
  limits: NO_RATES.limits,
  maxFrameBytes: 64 * 1024,
  handshakeTimeout: 10_000,
  frameTimeout: 40_000,
  pingInterval: 86_400_000,
  pingTimeout: 86_400_000,
  requestTimeout: 10_000,
  sendTimeout: 86_400_000
}

const REQUEST: WireMessage = { type: 'requestBlock', height: 1 }

describe('session/limits/session-rates', () => {
  let clock: FakeClock
  let session: Session
  let remote: RawRemote
  let closures: Closure[]
  let received: number

  beforeEach(() => {
    clock = new FakeClock()
    closures = []
    received = 0
  })

  afterEach(async () => {
    session.close('SHUTDOWN')
    await clock.advance(1000)
    await session.finished
    assert.equal(clock.pending, 0)
  })

  /** A session that is ready, with these limits. Returns the nonce of its first ping. */
  async function open (rates: Partial<RateLimits>, config: Partial<SessionConfig> = {}): Promise<bigint> {
    const pair = await openPair()
    remote = pair.remote
    session = new Session({
      stream: pair.stream,
      id: 'remote-id',
      address: '/ip4/127.0.0.1/tcp/8765',
      ...sessionParts(clock),
      direction: 'inbound',
      config: { ...CONFIG, rateLimits: ratesOf(rates), ...config },
      clock,
      log: defaultLogger().forComponent('test:session'),
      hooks: {
        localNode: async () => sampleNodeInfo(),
        bestHeight: () => 7,
        admit: () => 'ready',
        onReady: () => {},
        onViolation: () => {},
        onMessage: ({ type }) => {
          received += type === 'ping' || type === 'pong' ? 0 : 1

          return undefined
        },
        onClosed: (closure) => { closures.push(closure) }
      }
    })
    void session.start()
    await remote.expect('handshake')
    remote.send({ type: 'handshake', node: sampleNodeInfo() })
    await session.ready

    return (await remote.expect('ping')).nonce
  }

  function send (count: number, message = REQUEST): void {
    Array.from({ length: count }, () => { remote.send(message) })
  }

  it('reads a burst at once, and the rest as fast as the limit allows', async () => {
    await open({ blocksAsked: { perSecond: 10, burst: 5 } })
    send(10)
    // the one that is too much is dealt with, and waited for after it
    await eventually(() => received === 6, 'a burst, and one')
    await clock.advance(99)
    assert.equal(received, 6)
    await clock.advance(1)
    await eventually(() => received === 7, 'one more')
    await clock.advance(1000)
    await eventually(() => received === 10, 'all of them')
    assert.equal(closures.length, 0)
  })

  it('answers a ping that is behind them when its turn comes', async () => {
    await open({ blocksAsked: { perSecond: 10, burst: 5 } })
    send(7)
    remote.send({ type: 'ping', nonce: 5n, bestHeight: 0 })
    await clock.advance(200)

    assert.equal((await remote.expect('pong')).nonce, 5n)
  })

  it(`says RATE_LIMITED when it has not helped for ${RATE_PATIENCE_MS} ms, and not before`, async () => {
    await open({ blocksAsked: { perSecond: 10, burst: 5 } })
    send(400)
    await eventually(() => received === 6, 'a burst, and one')
    await clock.advance(RATE_PATIENCE_MS - 1)
    assert.equal(closures.length, 0)
    await clock.advance(1)
    await eventually(() => closures.length === 1, 'the end')

    assert.equal(closures[0]!.reason, 'RATE_LIMITED')
    assert.deepEqual(await remote.expect('disconnect'), {
      type: 'disconnect', reason: 'RATE_LIMITED', detail: 'too many for too long: blocksAsked'
    })
  })

  it('counts pongs that answer nothing, and not the one that does', async () => {
    const nonce = await open({ others: { perSecond: 1, burst: 1 } })
    remote.send({ type: 'pong', nonce, bestHeight: 0 })
    send(2, { type: 'pong', nonce, bestHeight: 0 })
    remote.send(REQUEST)
    await turns(20)
    assert.equal(received, 0)
    await clock.advance(1000)
    await eventually(() => received === 1, 'what is behind them')
  })

  it('ends at once while it waits, when it is told to', async () => {
    await open({ blocksAsked: { perSecond: 10, burst: 5 } })
    send(20)
    await eventually(() => received === 6, 'a burst, and one')
    session.close('SHUTDOWN')
    await remote.expect('disconnect')
    await turns(20)

    assert.equal(received, 6)
  })

  it('pings no more often than the peer takes', async () => {
    const first = await open({ pings: { perSecond: 1, burst: 5 } }, { pingInterval: 10 })
    remote.send({ type: 'pong', nonce: first, bestHeight: 0 })
    await eventually(() => session.rtt != null, 'the pong')
    await clock.advance(999)
    assert.deepEqual(remote.unread, [])
    await clock.advance(250)
    await remote.expect('ping')
  })
})
