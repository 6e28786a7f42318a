import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { FakeClock } from '../../support/fake-clock.ts'
import { IDENTIFY_DELAY_MS, IDENTIFY_RATE_PER_HOST, DelayedIdentify, usesIdentify } from '../../../src/libp2p/gate/delayed-identify.ts'
import type { DelayedIdentifyComponents } from '../../../src/libp2p/gate/delayed-identify.ts'
import type { Connection, Libp2pEvents } from '@libp2p/interface'

describe('libp2p/gate/delayed-identify: libp2p/gate/delayed-identify', () => {
  let clock: FakeClock
  let events: TypedEventEmitter<Libp2pEvents>
  let identified: Connection[]
  let components: DelayedIdentifyComponents
  let delayed: DelayedIdentify

  beforeEach(() => {
    clock = new FakeClock()
    events = new TypedEventEmitter()
    identified = []
    const identify = async (connection: Connection): Promise<void> => {
      identified.push(connection)
      await Promise.reject(new Error('it speaks no identify'))
    }
    components = { events, identify: { identify } }
    delayed = new DelayedIdentify({ components, delay: IDENTIFY_DELAY_MS, clock })
    delayed.start()
  })

  function open (status = 'open', host = '192.168.1.7'): Connection {
    const connection = { status, remoteAddr: multiaddr(`/ip4/${host}/tcp/8765`) } as Connection
    events.safeDispatchEvent('connection:open', { detail: connection })

    return connection
  }

  function close (connection: Connection): void {
    events.safeDispatchEvent('connection:close', { detail: connection })
  }

  it('runs identify once on a connection that has lasted', async () => {
    const connection = open()
    await clock.advance(IDENTIFY_DELAY_MS - 1)
    assert.deepEqual(identified, [])
    await clock.advance(1)
    assert.deepEqual(identified, [connection])
    await clock.advance(10 * IDENTIFY_DELAY_MS)
    assert.deepEqual([identified.length, delayed.size, clock.pending], [1, 0, 0])
  })

  it('leaves those alone that have ended before', async () => {
    close(open())
    open('closed')
    const other = open()
    assert.deepEqual([delayed.size, clock.pending], [1, 1])
    await clock.advance(IDENTIFY_DELAY_MS)
    assert.deepEqual(identified, [other])
    close(other)
  })

  it('does not wait where other parts do', () => {
    delayed.stop()
    delayed = new DelayedIdentify({ components, delay: 0, clock })
    delayed.start()
    open('closed')
    const connection = open()
    assert.deepEqual([identified, delayed.size, clock.pending], [[connection], 0, 0])
    delayed.stop()
  })

  it(`runs it on ${IDENTIFY_RATE_PER_HOST} of a public host in a second and no more, and on the others later`, async () => {
    const crowd = Array.from({ length: 3 * IDENTIFY_RATE_PER_HOST }, () => open('open', '203.0.113.7'))
    const others = [open('open', '198.51.100.7'), ...Array.from({ length: 3 * IDENTIFY_RATE_PER_HOST }, () => open())]
    await clock.advance(IDENTIFY_DELAY_MS)
    assert.deepEqual(identified, [...crowd.slice(0, IDENTIFY_RATE_PER_HOST), ...others])

    close(crowd.pop()!)
    await clock.advance(2 * IDENTIFY_DELAY_MS)
    assert.deepEqual(identified.filter((connection) => !others.includes(connection)), crowd)
    assert.deepEqual([delayed.size, clock.pending], [0, 0])
  })

  it('has no timer left when it is stopped, and can be started again', async () => {
    open()
    delayed.stop()
    open()
    assert.deepEqual([delayed.size, clock.pending], [0, 0])

    delayed.start()
    const connection = open()
    await clock.advance(IDENTIFY_DELAY_MS)
    assert.deepEqual(identified, [connection])
  })
})

describe('libp2p/gate/delayed-identify: usesIdentify', () => {
  it('is true where there is a part that waits for what identify brings', () => {
    const without = [{}, { dht: false as const }, { mdns: true }]

    assert.deepEqual(without.map((discovery) => usesIdentify({ discovery, nat: { relay: false } })), [false, false, false])
    assert.deepEqual(
      [{ dht: true }, { dht: 'client' as const }, { dht: 'server' as const }].map((discovery) => usesIdentify({ discovery, nat: {} })), [true, true, true]
    )
    assert.equal(usesIdentify({ discovery: {}, nat: { holePunch: true } }), true)
  })
})
