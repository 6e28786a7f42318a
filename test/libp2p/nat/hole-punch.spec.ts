import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { HOLE_PUNCH_TIMEOUT_MS, holePunch, MOVE_PATIENCE_MS } from '../../../src/libp2p/nat/hole-punch.ts'
import { PROTOCOL_ID } from '../../../src/types/message.ts'
import { isPending } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedStream } from '../../support/stream-pair.ts'
import type { DCUtRServiceComponents } from '@libp2p/dcutr'
import type { Connection } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'

const DIRECT = '/ip4/10.0.0.1/tcp/8765'
const RELAYED = '/ip4/10.0.0.9/tcp/8765/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5/p2p-circuit'

describe('libp2p/nat/hole-punch', () => {
  let clock: FakeClock
  let relayed: Connection
  let direct: Connection
  let connections: Connection[]
  let dialled: unknown[][]
  /** What DCUtR dials with. */
  let connectionManager: ConnectionManager
  let components: DCUtRServiceComponents

  beforeEach(async () => {
    const remotePeer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    clock = new FakeClock()
    relayed = { remotePeer, remoteAddr: multiaddr(RELAYED), streams: [] } as unknown as Connection
    direct = { remotePeer, remoteAddr: multiaddr(DIRECT), streams: [streamOf(PROTOCOL_ID)] } as unknown as Connection
    connections = [relayed, direct]
    dialled = []

    components = {
      logger: defaultLogger(),
      connectionManager: {
        openConnection: async (...args: unknown[]) => {
          dialled.push(args)

          return direct
        },
        getConnections: () => connections
      } as unknown as ConnectionManager
    } as DCUtRServiceComponents
    const service = holePunch(clock)(components) as { connectionManager: ConnectionManager, timeout: number }
    connectionManager = service.connectionManager
    assert.equal(service.timeout, HOLE_PUNCH_TIMEOUT_MS)
  })

  afterEach(() => {
    assert.equal(clock.pending, 0)
  })

  function streamOf (protocol: string): ScriptedStream {
    return Object.assign(new ScriptedStream(), { protocol })
  }

  it('hears of a direct connection at once where there is no session on the relayed one', async () => {
    relayed.streams.push(streamOf('/libp2p/dcutr'))
    const options = { force: true }

    assert.equal(await connectionManager.openConnection(direct.remoteAddr, options), direct)
    assert.deepEqual(dialled, [[direct.remoteAddr, options]])
  })

  it('hears of a direct connection when the session on the relayed one has ended', async () => {
    const stream = streamOf(PROTOCOL_ID)
    relayed.streams.push(stream)
    const opening = connectionManager.openConnection(direct.remoteAddr)
    assert.equal(await isPending(opening), true)
    stream.abort(new Error('moved'))

    assert.equal(await opening, direct)
  })

  it(`waits for that for ${MOVE_PATIENCE_MS} ms, less than a try may take, and then hears of a failure, so that it keeps the relayed one`, async () => {
    relayed.streams.push(streamOf(PROTOCOL_ID))
    const opening = connectionManager.openConnection(direct.remoteAddr)
    await clock.advance(MOVE_PATIENCE_MS - 1)
    assert.equal(await isPending(opening), true)
    await clock.advance(1)

    await assert.rejects(opening, /did not move to the direct connection, and stays on the relay/)
    assert(MOVE_PATIENCE_MS < HOLE_PUNCH_TIMEOUT_MS)
  })

  it('leaves the connection manager of all others as it is', () => {
    assert.notEqual(components.connectionManager, connectionManager)
    assert.equal(connectionManager.getConnections(), connections)
  })
})
