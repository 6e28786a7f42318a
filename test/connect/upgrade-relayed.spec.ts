import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { SessionUpgrade } from '../../src/connect/upgrade-relayed.ts'
import { PROTOCOL_ID } from '../../src/types/message.ts'
import { eventually, turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Session } from '../../src/session/session.ts'
import type { SessionManager } from '../../src/peers/manager/manager.ts'
import type { OpenStream } from '../../src/peers/manager/types.ts'
import type { Connection, PeerId, Stream, Topology } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

const DIRECT = '/ip4/10.0.0.1/tcp/8765'
const RELAYED = '/ip4/10.0.0.9/tcp/8765/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

describe('connect/upgrade-relayed', () => {
  let topologies: { id: string, protocol: string, topology: Topology }[]
  /** The session that there is with the remote. */
  let existing: { isRelayed: boolean, direction: string, ready: Promise<void> } | undefined
  let succeeded: { relayed: unknown, open: OpenStream }[]
  let moved: { session: Session, connection: Connection }[]
  let aborts: number
  let closes: number
  let opened: { protocol: string, options: { signal: AbortSignal, runOnLimitedConnection: boolean } }[]
  let opening: Promise<void>
  /** Whether the stream is still of use when it is open. */
  let isNeeded: boolean
  let remote: PeerId
  let clock: FakeClock
  let mover: SessionUpgrade
  const next = {} as Session

  beforeEach(async () => {
    remote = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    topologies = []
    existing = { isRelayed: true, direction: 'outbound', ready: Promise.resolve() }
    succeeded = []
    moved = []
    aborts = 0
    closes = 0
    opened = []
    opening = Promise.resolve()
    isNeeded = true

    clock = new FakeClock()
    mover = new SessionUpgrade({
      clock,
      registrar: {
        register: async (protocol: string, topology: Topology) => {
          topologies.push({ id: `${topologies.length}`, protocol, topology })

          return `${topologies.length - 1}`
        },
        unregister: (id: string) => { topologies = topologies.filter((entry) => entry.id !== id) }
      } as unknown as Registrar,
      peers: {
        find: (id: string) => id === remote.toString() ? existing : undefined,
        succeed: (relayed: unknown, open: OpenStream) => {
          succeeded.push({ relayed, open })

          return isNeeded ? next : undefined
        }
      } as unknown as SessionManager,
      onSession: (session, connection) => { moved.push({ session, connection }) }
    })
    await mover.start()
  })

  /** Lets libp2p tell of a connection. */
  async function connect (address: string): Promise<Connection> {
    const connection = {
      remotePeer: remote,
      remoteAddr: multiaddr(address),
      status: 'open',
      streams: [],
      newStream: async (protocol: string, options: { signal: AbortSignal, runOnLimitedConnection: boolean }) => {
        opened.push({ protocol, options })
        await opening

        return { abort: () => { aborts++ } } as unknown as Stream
      },
      close: async () => { closes++ }
    } as unknown as Connection
    topologies.forEach(({ topology }) => { void topology.onConnect?.(remote, connection) })
    await turns(2)

    return connection
  }

  it('asks libp2p for connections to those who speak our protocol, and not for those that are limited', () => {
    assert.deepEqual(topologies.map(({ protocol }) => protocol), [PROTOCOL_ID])
    assert.notEqual(topologies[0]?.topology.notifyOnLimitedConnection, true)
  })

  it('moves a session that we have opened through a relay to a direct connection', async () => {
    const connection = await connect(DIRECT)

    assert.deepEqual(opened.map(({ protocol }) => protocol), [PROTOCOL_ID])
    assert.equal(succeeded.length, 1)
    assert.equal(succeeded[0]?.relayed, existing)
    assert.equal(succeeded[0]?.open.address, DIRECT)
    assert.deepEqual(moved, [{ session: next, connection }])
    assert.deepEqual({ aborts, closes }, { aborts: 0, closes: 0 })
  })

  it('leaves it to the other side where that has opened the session', async () => {
    existing!.direction = 'inbound'
    await connect(DIRECT)

    assert.deepEqual(opened, [])
  })

  it('does nothing for a session that is direct already, and for who has none', async () => {
    existing!.isRelayed = false
    await connect(DIRECT)
    existing = undefined
    await connect(DIRECT)

    assert.deepEqual(opened, [])
  })

  it('does not move from one relay to another', async () => {
    await connect(RELAYED)

    assert.deepEqual(opened, [])
  })

  it('waits for a session that is on its way', async () => {
    const ready = Promise.withResolvers<void>()
    existing!.ready = ready.promise
    await connect(DIRECT)
    assert.deepEqual(opened, [])
    ready.resolve()
    await eventually(() => moved.length === 1, 'the move')
  })

  it('closes a connection whose stream is not needed any more when it is open', async () => {
    isNeeded = false
    await connect(DIRECT)

    assert.deepEqual(moved, [])
    assert.deepEqual({ aborts, closes }, { aborts: 1, closes: 1 })
  })

  it('leaves the session where it is, and closes the connection, where no stream can be opened', async () => {
    opening = Promise.reject(new Error('reset'))
    await connect(DIRECT)

    assert.deepEqual(succeeded, [])
    assert.equal(closes, 1)
  })

  it('gives up what is under way when it stops, and hears of nothing more', async () => {
    const open = Promise.withResolvers<void>()
    opening = open.promise
    await connect(DIRECT)
    mover.stop()
    assert.equal(opened[0]?.options.signal.aborted, true)
    open.resolve()
    await turns(2)

    assert.deepEqual(succeeded, [])
    assert.equal(aborts, 1)
    assert.deepEqual(topologies, [])
  })

  it('can be started again', async () => {
    mover.stop()
    await mover.start()
    await connect(DIRECT)

    assert.equal(moved.length, 1)
  })
})
