import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { persistentPeerStore } from '@libp2p/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { TypedEventEmitter } from 'main-event'
import { eventually, turns } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { RELAY_CLIENT_TAG } from '../../../src/libp2p/gate/sessionless.ts'
import { MAX_REMEMBERED_PEERS, PeerMemory, REMEMBERED_MS } from '../../../src/libp2p/gate/peer-memory.ts'
import type { Connection, Libp2pEvents, PeerId, PeerStore } from '@libp2p/interface'

const ADDRESS = multiaddr('/ip4/203.0.113.7/tcp/8765')

async function createPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('libp2p/gate/peer-memory', () => {
  let alice: PeerId
  let clock: FakeClock
  let events: TypedEventEmitter<Libp2pEvents>
  let connected: PeerId[]
  let peerStore: PeerStore
  let memory: PeerMemory

  before(async () => { alice = await createPeer() })

  beforeEach(async () => {
    clock = new FakeClock()
    events = new TypedEventEmitter()
    connected = []
    peerStore = persistentPeerStore({ events, peerId: await createPeer(), datastore: new MemoryDatastore(), logger: defaultLogger() })
    memory = new PeerMemory({
      events,
      peerStore,
      connectionManager: { getConnections: (peer) => connected.filter((other) => other.equals(peer)).map(() => ({}) as Connection) }
    }, clock)
    memory.start()
  })

  afterEach(() => { memory.stop() })

  function connect (peer: PeerId): void {
    connected.push(peer)
    events.safeDispatchEvent('peer:connect', { detail: peer })
  }

  function disconnect (peer: PeerId): void {
    connected = connected.filter((other) => !other.equals(peer))
    events.safeDispatchEvent('peer:disconnect', { detail: peer })
  }

  async function stored (): Promise<number> {
    return (await peerStore.all()).length
  }

  async function untilStored (count: number): Promise<void> {
    let found = -1
    await eventually(() => {
      void stored().then((now) => { found = now })

      return found === count
    }, `${count} peers in the store`)
  }

  it(`forgets a peer ${REMEMBERED_MS} ms after its connection has ended, and not before`, async () => {
    connect(alice)
    await peerStore.patch(alice, { multiaddrs: [ADDRESS], protocols: ['/a'] })
    await clock.advance(2 * REMEMBERED_MS)
    assert.deepEqual([await stored(), memory.size, clock.pending], [1, 0, 0])

    disconnect(alice)
    await clock.advance(REMEMBERED_MS - 1)
    assert.deepEqual([await stored(), memory.size], [1, 1])
    await clock.advance(1)
    await untilStored(0)
    assert.deepEqual([memory.size, clock.pending], [0, 0])
  })

  it('counts from what was heard last of one without a connection', async () => {
    const bob = await createPeer()
    await peerStore.merge(alice, { multiaddrs: [ADDRESS] })
    await peerStore.merge(bob, { multiaddrs: [ADDRESS] })
    await clock.advance(REMEMBERED_MS / 2)
    await peerStore.merge(alice, { protocols: ['/a'] })
    await clock.advance(REMEMBERED_MS / 2)
    await untilStored(1)
    assert.equal(await peerStore.has(alice), true)
    await clock.advance(REMEMBERED_MS / 2)
    await untilStored(0)
  })

  it('keeps one that is connected again, and one that a part has tagged', async () => {
    const bob = await createPeer()
    connect(alice)
    connect(bob)
    await peerStore.patch(alice, { protocols: ['/a'] })
    await peerStore.patch(bob, { protocols: ['/b'], tags: { 'kad-peer': { value: 1 } } })
    disconnect(alice)
    connect(alice)
    disconnect(bob)
    await clock.advance(REMEMBERED_MS)
    await turns(5)
    assert.deepEqual([await stored(), memory.size], [2, 0])

    // the part lets go of it: from then on it is one of many
    await peerStore.merge(bob, { tags: { 'kad-peer': undefined } })
    assert.equal(memory.size, 1)
  })

  it('takes no peer without a connection for a client of the relay', async () => {
    const bob = await createPeer()
    await peerStore.patch(alice, { tags: { [RELAY_CLIENT_TAG]: { value: 1 } } })
    await peerStore.patch(bob, { tags: { [RELAY_CLIENT_TAG]: { value: 1 }, 'kad-peer': { value: 1 } } })
    disconnect(alice)
    disconnect(bob)
    await clock.advance(REMEMBERED_MS)
    await untilStored(1)
    await eventually(() => memory.size === 1, 'the tag of the relay to go')
    assert.deepEqual([...(await peerStore.get(bob)).tags.keys()], ['kad-peer'])
  })

  it(`remembers ${MAX_REMEMBERED_PEERS} that were only heard of, and not one more: the oldest goes, and a connected peer stays`, async () => {
    const peers = await Promise.all(Array.from({ length: MAX_REMEMBERED_PEERS + 2 }, createPeer))
    const [first, second, third] = peers as [PeerId, PeerId, PeerId]

    for (const peer of peers.slice(0, MAX_REMEMBERED_PEERS)) {
      await peerStore.merge(peer, { multiaddrs: [ADDRESS] })
    }

    await turns(5)
    assert.deepEqual([await stored(), memory.size], [MAX_REMEMBERED_PEERS, MAX_REMEMBERED_PEERS])
    connect(first)

    for (const peer of peers.slice(MAX_REMEMBERED_PEERS)) {
      await peerStore.merge(peer, { multiaddrs: [ADDRESS] })
    }

    await untilStored(MAX_REMEMBERED_PEERS + 1)
    assert.deepEqual([await peerStore.has(first), await peerStore.has(second), await peerStore.has(third)], [true, false, true])
    assert.equal(memory.size, MAX_REMEMBERED_PEERS)
  })

  it('does nothing when it is stopped', async () => {
    memory.stop()
    await peerStore.merge(alice, { multiaddrs: [ADDRESS] })
    disconnect(alice)
    await turns(5)
    assert.deepEqual([await stored(), memory.size], [1, 0])
  })
})
