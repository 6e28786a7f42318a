import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CircuitRenewal, RENEW_RETRY_MS } from '../../src/connect/circuit-renewal.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { OpenStream } from '../../src/peers/manager/types.ts'
import type { Session } from '../../src/session/session.ts'
import type { SessionManager } from '../../src/peers/manager/manager.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { OpenConnectionOptions } from '@libp2p/interface-internal'

const RELAYED = '/ip4/10.0.0.9/tcp/8765/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

describe('connect/circuit-renewal', () => {
  let clock: FakeClock
  let session: Session
  /** The one that is ready. */
  let ready: Session
  let dials: { address: string, options: OpenConnectionOptions }[]
  let dialling: Promise<void>
  let moved: { session: Session, connection: Connection }[]
  let succeeded: { relayed: Session, open: OpenStream }[]
  let renewal: CircuitRenewal
  const next = {} as Session

  beforeEach(async () => {
    const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    clock = new FakeClock()
    session = { id: remotePeer.toString(), address: `${RELAYED}/p2p/${remotePeer.toString()}` } as Session
    ready = session
    dials = []
    dialling = Promise.resolve()
    moved = []
    succeeded = []
    const newStream = async (): Promise<Stream> => ({}) as Stream

    renewal = new CircuitRenewal({
      connectionManager: {
        openConnection: async (address, options) => {
          dials.push({ address: String(address), options: options! })
          await dialling

          return { remotePeer, remoteAddr: multiaddr(session.address), limits: { bytes: 7n }, newStream } as unknown as Connection
        }
      },
      peers: {
        get: () => ready,
        succeed: (relayed: Session, open: OpenStream) => {
          succeeded.push({ relayed, open })

          return next
        }
      } as unknown as SessionManager,
      clock,
      signal: () => new AbortController().signal,
      onSession: (session, connection) => { moved.push({ session, connection }) }
    })
  })

  it('dials the same address once more, and has the session follow the one that there is', async () => {
    await renewal.renew(session)

    assert.deepEqual(dials.map(({ address, options }) => [address, options.force]), [[session.address, true]])
    assert.deepEqual(succeeded.map(({ relayed, open }) => [relayed, open.limits]), [[session, { bytes: 7n }]])
    assert.deepEqual(moved.map(({ session }) => session), [next])
  })

  it('does so once at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    dialling = promise
    const first = renewal.renew(session)
    await renewal.renew(session)
    assert.equal(dials.length, 1)
    resolve()
    await first
    assert.equal(succeeded.length, 1)
  })

  it(`tries again ${RENEW_RETRY_MS} ms after it could not, and not before`, async () => {
    dialling = Promise.reject(new Error('no'))
    await renewal.renew(session)
    await clock.advance(RENEW_RETRY_MS - 1)
    await renewal.renew(session)
    assert.equal(dials.length, 1)
    await clock.advance(1)
    await renewal.renew(session)
    assert.deepEqual([dials.length, succeeded.length], [2, 0])
  })

  it('does nothing for a session that another one follows already', async () => {
    ready = next
    await renewal.renew(session)

    assert.deepEqual(dials, [])
  })
})
