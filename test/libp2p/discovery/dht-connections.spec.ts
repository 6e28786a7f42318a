import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { TypedEventEmitter } from 'main-event'
import { DHT_IDLE_MS, DhtConnections } from '../../../src/libp2p/discovery/dht-connections.ts'
import { turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Connection, Libp2pEvents, PeerId } from '@libp2p/interface'

describe('libp2p/discovery/dht-connections', () => {
  let alice: PeerId
  let clock: FakeClock
  let events: TypedEventEmitter<Libp2pEvents>
  let open: { peer: PeerId, streams: { protocol: string }[], isClosed: boolean }[]
  let tags: string[]
  let connections: DhtConnections

  before(async () => {
    alice = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })

  beforeEach(() => {
    clock = new FakeClock()
    events = new TypedEventEmitter()
    open = []
    tags = []
    connections = new DhtConnections({
      events,
      connectionManager: {
        getConnections: (peer) => open.filter((connection) => peer?.equals(connection.peer)).map((connection) => ({
          status: 'open', streams: connection.streams, close: async () => { connection.isClosed = true; await Promise.resolve() }
        }) as unknown as Connection)
      },
      peerStore: { get: async () => Promise.resolve({ tags: new Map(tags.map((tag) => [tag, { value: 1 }])) }) }
    }, clock)
    connections.start()
  })

  /** Opens a connection, as a dial of the DHT does, or finds the one that there is. */
  async function dial (): Promise<void> {
    if (open.length === 0) {
      open.push({ peer: alice, streams: [], isClosed: false })
    }

    await Promise.resolve()
  }

  it(`closes a connection that was opened for the DHT ${DHT_IDLE_MS} ms after its last use`, async () => {
    await connections.use(alice, dial)
    await clock.advance(DHT_IDLE_MS / 2)
    await connections.use(alice, dial)
    await clock.advance(DHT_IDLE_MS - 1)
    assert.equal(open[0]?.isClosed, false)
    await clock.advance(1)
    assert.equal(open[0]?.isClosed, true)
  })

  it('counts a stream as use until it is closed', async () => {
    const stream = Object.assign(new TypedEventEmitter<{ close: Event }>(), { protocol: '/kad' })

    await connections.use(alice, async () => {
      await dial()
      open[0]?.streams.push(stream)

      return stream
    })

    await clock.advance(2 * DHT_IDLE_MS)
    assert.equal(open[0]?.isClosed, false)
    open[0].streams.pop()
    stream.dispatchEvent(new Event('close'))
    await clock.advance(DHT_IDLE_MS)
    assert.equal(open[0].isClosed, true)
  })

  it('does not close a connection that there was before', async () => {
    await dial()
    await connections.use(alice, dial)
    await clock.advance(2 * DHT_IDLE_MS)

    assert.equal(open[0]?.isClosed, false)
    assert.equal(clock.pending, 0)
  })

  it('does not close a connection that a session uses', async () => {
    await connections.use(alice, dial)
    open[0]!.streams.push({ protocol: '/vibecoin/1.0.0' })
    await clock.advance(2 * DHT_IDLE_MS)

    assert.equal(open[0]?.isClosed, false)
  })

  it('does not close a connection that another part of libp2p wants to keep', async () => {
    tags = ['keep-alive-circuit-relay']
    await connections.use(alice, dial)
    await clock.advance(2 * DHT_IDLE_MS)

    assert.equal(open[0]?.isClosed, false)
  })

  it('passes on what a use has given or thrown', async () => {
    assert.equal(await connections.use(alice, async () => Promise.resolve(7)), 7)
    await assert.rejects(connections.use(alice, async () => Promise.reject(new RangeError('no'))), { name: 'RangeError' })
    assert.equal(clock.pending, 0)
  })

  it('sets one timer for uses that have begun at the same time, and none after the connection has gone', async () => {
    await Promise.all([connections.use(alice, dial), connections.use(alice, dial)])
    assert.equal(clock.pending, 1)
    events.dispatchEvent(new CustomEvent('peer:disconnect', { detail: alice }))
    assert.equal(clock.pending, 0)
  })

  it('leaves no timer and no listener when it is stopped, also for a use that ends later', async () => {
    await connections.use(alice, dial)
    connections.stop()
    assert.equal(clock.pending, 0)
    open = []
    await connections.use(alice, dial)
    await turns(1)
    assert.equal(clock.pending, 0)
    assert.equal(events.listenerCount('peer:disconnect'), 0)
  })
})
