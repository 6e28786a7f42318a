import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { Listener } from '../../src/connect/listener.ts'
import { PROTOCOL_ID } from '../../src/types/message.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Session } from '../../src/session/session.ts'
import type { SessionManager } from '../../src/peers/manager/manager.ts'
import type { OpenStream } from '../../src/peers/manager/types.ts'
import type { Connection, Stream, StreamHandler, StreamHandlerOptions } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

describe('connect/listener', () => {
  let handled: { protocol: string, handler: StreamHandler, options: StreamHandlerOptions }[]
  let unhandled: string[]
  let accepted: OpenStream[]
  /** How many are registered. */
  let topologies: number
  let sessions: { session: Session, connection: Connection }[]
  let listener: Listener
  let connection: Connection
  const session = {} as Session
  const stream = {} as Stream

  beforeEach(async () => {
    handled = []
    unhandled = []
    accepted = []
    topologies = 0
    sessions = []
    connection = {
      remotePeer: peerIdFromPrivateKey(await generateKeyPair('Ed25519')), remoteAddr: multiaddr('/ip4/10.0.0.1/tcp/5')
    } as unknown as Connection

    listener = new Listener({
      clock: new FakeClock(),
      registrar: {
        handle: async (protocol: string, handler: StreamHandler, options: StreamHandlerOptions) => {
          handled.push({ protocol, handler, options })
        },
        unhandle: async (protocol: string) => { unhandled.push(protocol) },
        register: async () => {
          topologies++

          return 'topology'
        },
        unregister: (id: string) => {
          assert.equal(id, 'topology')
          topologies--
        }
      } as unknown as Registrar,
      peers: {
        accept: (open: OpenStream) => {
          accepted.push(open)

          return session
        }
      } as unknown as SessionManager,
      onSession: (session, connection) => { sessions.push({ session, connection }) }
    })
  })

  it('takes streams of our protocol, also over a relay, and few of them on one connection', async () => {
    await listener.start()

    assert.equal(handled.length, 1)
    assert.equal(handled[0]?.protocol, PROTOCOL_ID)
    assert.deepEqual(handled[0].options, { maxInboundStreams: 4, maxOutboundStreams: 4, runOnLimitedConnection: true })
    assert.deepEqual(accepted, [])
  })

  it('makes a session of each stream in the turn in which it came, and tells of it with its connection', async () => {
    await listener.start()
    void handled[0]?.handler(stream, connection)

    assert.deepEqual(accepted.map(({ peer, address }) => ({ id: peer.id, address })), [
      { id: connection.remotePeer.toString(), address: '/ip4/10.0.0.1/tcp/5' }
    ])
    assert.equal(accepted[0]?.stream, stream)
    assert.deepEqual(sessions, [{ session, connection }])
  })

  it('takes no streams any more when it has stopped', async () => {
    await listener.start()
    await listener.stop()

    assert.deepEqual(unhandled, [PROTOCOL_ID])
  })

  it('looks for direct connections to move sessions to for as long as it runs', async () => {
    await listener.start()
    assert.equal(topologies, 1)
    await listener.stop()
    assert.equal(topologies, 0)
  })

  it('can be started again', async () => {
    await listener.start()
    await listener.stop()
    await listener.start()

    assert.equal(handled.length, 2)
  })
})
