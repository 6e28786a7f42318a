import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { DEFAULTS } from '../../src/config/resolve.ts'
import { RETIRE_TIMEOUT_MS } from '../../src/session/close.ts'
import { SessionManager } from '../../src/peers/manager/manager.ts'
import { peerKeyOf } from '../../src/connect/connection.ts'
import { Connector } from '../../src/connect/connector.ts'
import { PROTOCOL_ID } from '../../src/types/message.ts'
import { eventually, isPending, turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { sampleNodeInfo } from '../support/sample.ts'
import { frameOf, openPair } from '../support/stream-pair.ts'
import { managerParts, NO_LOCATIONS } from '../support/session-parts.ts'
import type { DisconnectedError } from '../../src/errors.ts'
import type { Session } from '../../src/session/session.ts'
import type { Slot } from '../../src/peers/slots.ts'
import type { RawRemote } from '../support/stream-pair.ts'
import type { Connection, Logger, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const ADDRESS = '/ip4/10.0.0.1/tcp/8765'
const RELAYED = '/ip4/10.0.0.9/tcp/8765/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

/** A connection whose streams lead to the test. */
class ScriptedConnection extends EventTarget {
  readonly remotePeer: PeerId
  readonly remoteAddr: Multiaddr
  readonly remotes: RawRemote[] = []
  readonly signals: (AbortSignal | undefined)[] = []
  status = 'open'
  streams: { protocol: string }[] = []
  /** What opening a stream waits for and ends with. */
  opening: Promise<unknown> = Promise.resolve()
  /** What opening a stream fails with. */
  error: Error | undefined

  constructor (remotePeer: PeerId, address = ADDRESS) {
    super()
    this.remotePeer = remotePeer
    this.remoteAddr = multiaddr(address)
  }

  async newStream (protocol: string, { signal }: { signal?: AbortSignal }): Promise<Stream> {
    this.signals.push(signal)
    const entry = { protocol: '' }
    this.streams.push(entry)

    try {
      await this.opening

      if (this.error != null) {
        throw this.error
      }

      const { stream, remote } = await openPair()
      entry.protocol = protocol
      this.remotes.push(remote)
      stream.addEventListener('close', () => { this.#remove(entry) })

      return stream
    } catch (err) {
      this.#remove(entry)
      throw err
    }
  }

  async close (): Promise<void> {
    this.status = 'closed'
    this.dispatchEvent(new Event('close'))
  }

  #remove (entry: { protocol: string }): void {
    this.streams = this.streams.filter((other) => other !== entry)
  }
}

describe('connect/connector', () => {
  let local: PeerId
  let remote: PeerId
  let clock: FakeClock
  let peers: SessionManager
  let dialled: { addresses: string[], signal: AbortSignal | undefined }[]
  let outcomes: string[]
  /** What connecting comes to, in turn. */
  let connecting: ((signal: AbortSignal) => Promise<ScriptedConnection>)[]
  let connector: Connector
  let stopping: AbortController
  /** The connections that there are before a dial. */
  let older: ScriptedConnection[]

  before(async () => {
    local = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    remote = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })

  beforeEach(() => {
    clock = new FakeClock()
    dialled = []
    outcomes = []
    connecting = []
    older = []
    stopping = new AbortController()
    const log = Object.assign(() => {}, { error: () => {}, trace: () => {} }) as unknown as Logger

    peers = new SessionManager({
      local: peerKeyOf(local),
      config: { ...DEFAULTS, maxOutbound: 3 },
      clock,
      log,
      ...managerParts(clock),
      localNode: async () => sampleNodeInfo(),
      bestHeight: () => 0,
      ...NO_LOCATIONS
    })
    peers.attach({ onReady: () => {}, onMessage: () => undefined, onClosed: () => {} })
    connector = create()
  })

  afterEach(async () => {
    const closed = peers.close()
    await clock.advance(1000)
    await closed
  })

  function create (dialTimeout = 10_000): Connector {
    return new Connector({
      connectionManager: {
        getConnections: () => older,
        openConnection: async (targets: Multiaddr[], { signal }: { signal: AbortSignal }) => {
          dialled.push({ addresses: targets.map(String), signal })
          const next = connecting.shift()
          assert(next != null, 'a connection was expected')

          return (await next(signal)) as unknown as Connection
        }
      } as unknown as ConnectionManager,
      peers,
      metrics: { dialled: (outcome: string) => { outcomes.push(outcome) } },
      clock,
      dialTimeout
    })
  }

  function reserve (): Slot {
    return peers.slots.reserve('outbound')!
  }

  /** Dials somebody whom `connection` leads to. */
  function connect (connection: ScriptedConnection, target: { key?: string, peerId?: string } = {}): Promise<Session> {
    connecting.push(async () => connection)

    return connector.connect({ key: ADDRESS, peerId: undefined, addresses: [ADDRESS], ...target }, reserve(), stopping.signal)
  }

  /** Waits for the `n`th stream of a connection, whose remote then answers the handshake. */
  async function answer (connection: ScriptedConnection, n = 0): Promise<RawRemote> {
    const raw = await eventually(() => connection.remotes[n], 'a stream')
    await raw.expect('handshake')
    raw.send({ type: 'handshake', node: sampleNodeInfo() })

    return raw
  }

  /** A session that the remote has opened. */
  async function accept (address = ADDRESS): Promise<{ session: Session, raw: RawRemote }> {
    const { stream, remote: raw } = await openPair()
    const session = peers.accept({ stream, peer: peerKeyOf(remote), address })
    await raw.expect('handshake')

    return { session, raw }
  }

  async function closed (connection: ScriptedConnection): Promise<void> {
    await clock.advance(1000)
    await eventually(() => connection.status === 'closed', 'the connection to be closed')
  }

  const rejection = async (promise: Promise<unknown>): Promise<Error> => {
    return promise.then(() => assert.fail('it was to fail'), (err: unknown) => err as Error)
  }

  describe('connect', () => {
    it('makes a session over a stream of our protocol and resolves when it is ready', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      await eventually(() => connection.remotes.length === 1, 'a stream')
      assert.equal(await isPending(connecting), true)
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 1, reserved: 0 })
      await answer(connection)
      const session = await connecting

      assert.equal(session.state, 'ready')
      assert.equal(session.id, remote.toString())
      assert.equal(session.direction, 'outbound')
      assert.equal(peers.get(remote.toString()), session)
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
      assert.deepEqual(outcomes, ['ready'])
      assert.deepEqual(connection.streams.map(({ protocol }) => protocol), [PROTOCOL_ID])
    })

    it('gives a session that the peer ends in the same breath, and keeps no slot for it', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      const raw = await eventually(() => connection.remotes[0], 'a stream')
      raw.sendBytes(Buffer.concat([
        frameOf({ type: 'handshake', node: sampleNodeInfo() }), frameOf({ type: 'disconnect', reason: 'TOO_MANY_CONNECTIONS', detail: '' })
      ]))

      const session = await connecting
      await eventually(() => session.state === 'closed', 'its end')
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('expects the peer that the target is known by', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection, { key: remote.toString(), peerId: remote.toString() })
      await answer(connection)
      await connecting

      assert.deepEqual(dialled[0]?.addresses, [`${ADDRESS}/p2p/${remote.toString()}`])
    })

    it('expects no particular peer at the address of a seed, whatever peer that has led to before', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection, { key: ADDRESS, peerId: local.toString() })
      await answer(connection)
      await connecting

      assert.deepEqual(dialled[0]?.addresses, [ADDRESS])
    })

    it('gives the session that there is already, and closes a connection that it does not need', async () => {
      const { session, raw } = await accept()
      raw.send({ type: 'handshake', node: sampleNodeInfo() })
      await session.ready
      const connection = new ScriptedConnection(remote)

      assert.equal(await connect(connection), session)
      assert.equal(connection.remotes.length, 0)
      assert.equal(connection.status, 'closed')
      assert.deepEqual(peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.deepEqual(outcomes, ['ready'])
    })

    it('leaves a connection open that carries the session that there is', async () => {
      const { session, raw } = await accept()
      raw.send({ type: 'handshake', node: sampleNodeInfo() })
      await session.ready
      const connection = new ScriptedConnection(remote)
      connection.streams.push({ protocol: PROTOCOL_ID })
      await connect(connection)

      assert.equal(connection.status, 'open')
    })

    it('waits for a session that the peer has begun', async () => {
      const { session, raw } = await accept()
      const connecting = connect(new ScriptedConnection(remote))
      assert.equal(await isPending(connecting), true)
      raw.send({ type: 'handshake', node: sampleNodeInfo() })

      assert.equal(await connecting, session)
      assert.deepEqual(peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('rejects where the session that the peer has begun fails', async () => {
      const { raw } = await accept()
      const connecting = connect(new ScriptedConnection(remote))
      raw.send({ type: 'handshake', node: sampleNodeInfo({ network: 'another' }) })

      const { name, reason } = await rejection(connecting) as Error & { reason: string }
      assert.deepEqual({ name, reason }, { name: 'DisconnectedError', reason: 'WRONG_NETWORK' })
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.deepEqual(outcomes, ['refused'])
    })
  })

  describe('two dials that reach the same peer', () => {
    it('make one session over one connection, and both give it', async () => {
      const connection = new ScriptedConnection(remote)
      // both hear of the connection in the same turn, as with libp2p, which joins dials
      const shared = Promise.withResolvers<ScriptedConnection>()
      connecting.push(async () => shared.promise, async () => shared.promise)
      const target = { key: ADDRESS, peerId: undefined, addresses: [ADDRESS] }
      const both = [0, 1].map(async () => connector.connect(target, reserve(), stopping.signal))
      shared.resolve(connection)
      await answer(connection)
      const [first, second] = await Promise.all(both)

      assert.equal(first, second)
      assert.equal(connection.signals.length, 1)
      assert.equal(connection.status, 'open')
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('make one session over the first of two connections, and close the other', async () => {
      const [used, unused] = [new ScriptedConnection(remote), new ScriptedConnection(remote)]
      const both = [connect(used), connect(unused)]
      await answer(used)
      const [first, second] = await Promise.all(both)

      assert.equal(first, second)
      assert.deepEqual([used.status, unused.status], ['open', 'closed'])
      assert.equal(unused.signals.length, 0)
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('fail together, and leave nothing behind', async () => {
      const connection = new ScriptedConnection(remote)
      const opening = Promise.withResolvers<never>()
      connection.opening = opening.promise
      const both = [connect(connection), connect(connection)]
      await turns(2)
      opening.reject(new Error('no such protocol'))

      assert.deepEqual((await Promise.all(both.map(rejection))).map(({ message }) => message), ['no such protocol', 'no such protocol'])
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.equal(connection.status, 'closed')
      assert.deepEqual(outcomes, ['failed', 'failed'])
    })

    it('are no reason not to dial once more when they have failed', async () => {
      const failing = new ScriptedConnection(remote)
      failing.opening = Promise.reject(new Error('reset'))
      await rejection(connect(failing))
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      await answer(connection)

      assert.equal((await connecting).state, 'ready')
    })

    it('make two sessions where they reach two peers', async () => {
      const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
      const connections = [new ScriptedConnection(remote), new ScriptedConnection(other)]
      const both = connections.map((connection) => connect(connection))
      await Promise.all(connections.map((connection) => answer(connection)))
      await Promise.all(both)

      assert.deepEqual(peers.counts, { inbound: 0, outbound: 2, blockOnly: 0, pending: 0, reserved: 0 })
    })
  })

  describe('a dial that reaches a peer directly which there is a session with through a relay', () => {
    it('makes a session that takes the place of that one', async () => {
      const relayed = new ScriptedConnection(remote, RELAYED)
      const first = connect(relayed)
      await answer(relayed)
      const session = await first
      const direct = new ScriptedConnection(remote)
      const second = connect(direct)
      await answer(direct)
      const next = await second

      assert.notEqual(next, session)
      assert.equal(peers.get(remote.toString()), next)
      assert.equal(next.isRelayed, false)
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
      await clock.advance(RETIRE_TIMEOUT_MS)
      await closed(relayed)
      assert.equal(direct.status, 'open')
    })

    it('does too where the peer has opened that one', async () => {
      const { session, raw } = await accept(RELAYED)
      raw.send({ type: 'handshake', node: sampleNodeInfo() })
      await session.ready
      const direct = new ScriptedConnection(remote)
      const connecting = connect(direct)
      await answer(direct)

      assert.equal(await connecting, peers.get(remote.toString()))
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('does not wait for one through a relay that is being made', async () => {
      const relayed = new ScriptedConnection(remote, RELAYED)
      const opening = Promise.withResolvers<void>()
      relayed.opening = opening.promise
      const first = connect(relayed)
      const direct = new ScriptedConnection(remote)
      const second = connect(direct)
      await answer(direct)
      const session = await second
      opening.resolve()

      assert.equal(await first, session, 'its stream is not needed')
      assert.equal(session.isRelayed, false)
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('gives the one that it was moved to meanwhile', async () => {
      const relayed = new ScriptedConnection(remote, RELAYED)
      const first = connect(relayed)
      await answer(relayed)
      const session = await first
      const direct = new ScriptedConnection(remote)
      const opening = Promise.withResolvers<void>()
      direct.opening = opening.promise
      const second = connect(direct)
      const { stream, remote: raw } = await openPair()
      const moved = peers.succeed(session, { stream, peer: peerKeyOf(remote), address: ADDRESS })
      opening.resolve()
      raw.send({ type: 'handshake', node: sampleNodeInfo() })
      raw.send({ type: 'ping', nonce: 1n, bestHeight: 0 })

      assert.equal(await second, moved)
      assert.deepEqual(peers.counts, { inbound: 0, outbound: 1, blockOnly: 0, pending: 0, reserved: 0 })
    })

    it('is not one that goes through a relay too', async () => {
      const relayed = new ScriptedConnection(remote, RELAYED)
      const first = connect(relayed)
      await answer(relayed)
      const another = new ScriptedConnection(remote, RELAYED)

      assert.equal(await connect(another), await first)
      assert.equal(another.status, 'closed')
    })
  })

  describe('two sides that dial each other', () => {
    it('give the session of the stream that stays', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      const outbound = await eventually(() => connection.remotes[0], 'a stream')
      await outbound.expect('handshake')
      const { session, raw } = await accept()
      raw.send({ type: 'handshake', node: sampleNodeInfo() })
      await session.ready
      outbound.send({ type: 'disconnect', reason: 'DUPLICATE_CONNECTION', detail: '' })

      assert.equal(await connecting, session)
      assert.deepEqual(peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })
      assert.deepEqual(outcomes, ['ready'])
    })
  })

  describe('a dial that is given a connection that is ending', () => {
    const ending = Object.assign(new Error('The connection muxer is "closing" and not "open"'), { name: 'ConnectionClosedError' })
    let first: ScriptedConnection
    let second: ScriptedConnection

    beforeEach(() => {
      first = new ScriptedConnection(remote)
      second = new ScriptedConnection(remote)
      older.push(first)
      first.error = ending
      connecting.push(async () => first, async () => second)
    })

    function dial (): Promise<Session> {
      return connector.connect({ key: ADDRESS, peerId: undefined, addresses: [ADDRESS] }, reserve(), stopping.signal)
    }

    it('waits for its end, dials once more, and makes a session', async () => {
      const session = dial()
      await eventually(() => first.signals.length === 1, 'a stream to be opened')
      await turns(5)
      assert.equal(dialled.length, 1)
      await first.close()
      await answer(second)
      assert.equal((await session).state, 'ready')
      assert.equal(dialled.length, 2)
      assert.deepEqual(outcomes, ['ready'])
    })

    it('does so at once where it has ended meanwhile', async () => {
      first.error = new Error('Unexpected EOF')
      first.status = 'closed'
      const session = dial()
      await answer(second)
      await session
      assert.equal(dialled.length, 2)
    })

    it('dials no third time, and says what has happened', async () => {
      older.push(second)
      second.error = ending
      const session = dial()
      await eventually(() => first.signals.length === 1, 'a stream to be opened')
      await turns(5)
      await first.close()
      const { name, byRemote, reason, cause } = await rejection(session) as DisconnectedError
      assert.deepEqual([name, byRemote, reason, cause], ['DisconnectedError', true, undefined, ending])
      assert.equal(dialled.length, 2)
      assert.equal(peers.counts.pending, 0)
    })

    it('ends where it is told to while it waits for that', async () => {
      const session = dial()
      await eventually(() => first.signals.length === 1, 'a stream to be opened')
      await turns(5)
      stopping.abort(new Error('The node is stopping'))
      assert.equal((await rejection(session)).message, 'The node is stopping')
      assert.deepEqual([dialled.length, peers.counts.pending], [1, 0])
    })

    it('dials no second time where the connection stays open', async () => {
      first.error = Object.assign(new Error('no such protocol'), { name: 'UnsupportedProtocolError' })
      assert.equal((await rejection(dial())).name, 'UnsupportedProtocolError')
      assert.equal(dialled.length, 1)
    })

    it('dials no second time where the connection was new: the peer has just closed it', async () => {
      older.length = 0
      const { name, byRemote, reason } = await rejection(dial()) as DisconnectedError
      assert.deepEqual([name, byRemote, reason], ['DisconnectedError', true, undefined])
      assert.equal(dialled.length, 1)
      assert.deepEqual(outcomes, ['failed'])
    })
  })

  describe('a dial that fails', () => {
    const none = { inbound: 0, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 }

    it('gives the slot back and passes the error on where no peer is reached', async () => {
      const error = new Error('connection refused')
      connecting.push(async () => { throw error })
      const connection = connector.connect({ key: ADDRESS, peerId: undefined, addresses: [ADDRESS] }, reserve(), stopping.signal)

      assert.equal(await rejection(connection), error)
      assert.deepEqual(peers.counts, none)
      assert.deepEqual(outcomes, ['failed'])
    })

    it('gives the slot back and closes the connection where no stream can be opened', async () => {
      const connection = new ScriptedConnection(remote)
      const error = Object.assign(new Error('no such protocol'), { name: 'UnsupportedProtocolError' })
      connection.opening = Promise.reject(error)

      assert.equal(await rejection(connect(connection)), error)
      assert.deepEqual(peers.counts, none)
      assert.equal(connection.status, 'closed')
    })

    it('leaves a connection open that another protocol uses', async () => {
      const connection = new ScriptedConnection(remote)
      connection.streams.push({ protocol: '/ipfs/kad/1.0.0' })
      connection.opening = Promise.reject(new Error('reset'))
      await rejection(connect(connection))

      assert.equal(connection.status, 'open')
    })

    it('gives the slot back, passes the reason on and closes the connection where the peer will not have us', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      const raw = await eventually(() => connection.remotes[0], 'a stream')
      raw.send({ type: 'disconnect', reason: 'TOO_MANY_CONNECTIONS', detail: '' })
      const { name, reason, byRemote } = await rejection(connecting) as Error & { reason: string, byRemote: boolean }

      assert.deepEqual({ name, reason, byRemote }, { name: 'DisconnectedError', reason: 'TOO_MANY_CONNECTIONS', byRemote: true })
      assert.deepEqual(peers.counts, none)
      await closed(connection)
    })

    it('gives the slot back and closes the connection where we will not have the peer', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      const raw = await eventually(() => connection.remotes[0], 'a stream')
      raw.send({ type: 'handshake', node: sampleNodeInfo({ network: 'another' }) })

      assert.equal((await rejection(connecting) as Error & { reason: string }).reason, 'WRONG_NETWORK')
      assert.deepEqual(peers.counts, none)
      await closed(connection)
    })

    it('ends where it is told to while it connects', async () => {
      connecting.push(async (signal) => new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => { reject(signal.reason as Error) })
      }))
      const connection = connector.connect({ key: ADDRESS, peerId: undefined, addresses: [ADDRESS] }, reserve(), stopping.signal)
      stopping.abort(new Error('stopping'))

      assert.equal((await rejection(connection)).message, 'stopping')
      assert.deepEqual(peers.counts, none)
    })

    it('opens no session where others have taken the room of its slot meanwhile', async () => {
      const connection = new ScriptedConnection(remote)
      const slot = reserve()
      connecting.push(async () => connection)
      slot.park()
      const others = [reserve(), reserve(), reserve()]
      others.forEach((other) => { other.resume() })
      const error = await rejection(connector.connect({ key: ADDRESS, peerId: undefined, addresses: [ADDRESS] }, slot, stopping.signal))

      assert.deepEqual([error.name, connection.signals.length, connection.status], ['DisconnectedError', 0, 'closed'])
      others.forEach((other) => { other.release() })
      assert.deepEqual(peers.counts, none)
    })

    it('passes on the signal that ends the opening of the stream', async () => {
      const connection = new ScriptedConnection(remote)
      const opening = Promise.withResolvers<never>()
      connection.opening = opening.promise
      const connecting = connect(connection)
      const signal = await eventually(() => connection.signals[0], 'a stream to be opened')
      assert.equal(signal.aborted, false)
      stopping.abort()
      assert.equal(signal.aborted, true)
      opening.reject(new Error('aborted'))
      await rejection(connecting)
    })

    it('ends after the time that there is for this one, where that is less', async () => {
      connector = create(1_000_000)
      connecting.push(async (signal) => new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => { reject(signal.reason as Error) })
      }))
      const destination = { key: ADDRESS, peerId: undefined, addresses: [ADDRESS], timeout: 10 }
      const failure = rejection(connector.connect(destination, reserve(), stopping.signal))
      await clock.advance(9)
      assert.equal(dialled[0]!.signal!.aborted, false)
      await clock.advance(1)

      assert.equal((await failure).name, 'TimeoutError')
    })

    it('ends after the time for a dial', async () => {
      connector = create(10)
      connecting.push(async (signal) => new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => { reject(signal.reason as Error) })
      }))
      const failure = rejection(connector.connect({ key: ADDRESS, peerId: undefined, addresses: [ADDRESS] }, reserve(), stopping.signal))
      await clock.advance(9)
      assert.equal(dialled[0]!.signal!.aborted, false)
      await clock.advance(1)

      assert.equal((await failure).name, 'TimeoutError')
      assert.deepEqual(peers.counts, none)
    })
  })

  describe('after a session', () => {
    it('closes its connection', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      await answer(connection)
      const session = await connecting
      assert.equal(connection.status, 'open')
      session.close('SHUTDOWN')

      await closed(connection)
    })

    it('leaves a connection open that another protocol uses', async () => {
      const connection = new ScriptedConnection(remote)
      const connecting = connect(connection)
      await answer(connection)
      const session = await connecting
      connection.streams.push({ protocol: '/ipfs/kad/1.0.0' })
      session.close('SHUTDOWN')
      await clock.advance(1000)
      await session.finished
      await turns(2)

      assert.equal(connection.status, 'open')
    })
  })
})
