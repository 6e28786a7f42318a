import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { persistentPeerStore } from '@libp2p/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { TypedEventEmitter } from 'main-event'
import { eventually, turns } from '../eventually.ts'
import { RELAY_CLIENT_TAG } from '../../src/stack/guests.ts'
import { MAX_REMEMBERED_PEERS, PeerMemory } from '../../src/stack/peer-memory.ts'
import type { Connection, Libp2pEvents, PeerId, PeerStore } from '@libp2p/interface'

const ADDRESS = multiaddr('/ip4/203.0.113.7/tcp/8765')

async function createPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('stack/peer-memory', () => {
  let alice: PeerId
  let events: TypedEventEmitter<Libp2pEvents>
  let connected: PeerId[]
  let peerStore: PeerStore
  let memory: PeerMemory

  before(async () => { alice = await createPeer() })

  beforeEach(async () => {
    events = new TypedEventEmitter()
    connected = []
    peerStore = persistentPeerStore({ events, peerId: await createPeer(), datastore: new MemoryDatastore(), logger: defaultLogger() })
    memory = new PeerMemory({
      events,
      peerStore,
      connectionManager: { getConnections: (peer) => connected.filter((other) => other.equals(peer)).map(() => ({}) as Connection) }
    })
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

  it('forgets a peer when its connection has ended, and not before', async () => {
    connect(alice)
    await peerStore.patch(alice, { multiaddrs: [ADDRESS], protocols: ['/a'] })
    await turns(5)
    assert.deepEqual([await stored(), memory.size], [1, 0])

    // whoever asks at the end of the connection still gets an answer
    const before = Promise.withResolvers<string[]>()
    events.addEventListener('peer:disconnect', () => { peerStore.get(alice).then(({ protocols }) => { before.resolve(protocols) }, before.reject) }, { once: true })
    memory.stop()
    memory.start()
    disconnect(alice)
    assert.deepEqual(await before.promise, ['/a'])
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
    await turns(5)
    assert.equal(await stored(), 2)

    // the part lets go of it: from then on it is one of many
    await peerStore.merge(bob, { tags: { 'kad-peer': undefined } })
    assert.equal(memory.size, 1)
  })

  it('takes nobody without a connection for a client of the relay', async () => {
    const bob = await createPeer()
    await peerStore.patch(alice, { tags: { [RELAY_CLIENT_TAG]: { value: 1 } } })
    await peerStore.patch(bob, { tags: { [RELAY_CLIENT_TAG]: { value: 1 }, 'kad-peer': { value: 1 } } })
    disconnect(alice)
    disconnect(bob)
    await untilStored(1)
    await eventually(() => memory.size === 1, 'the tag of the relay to go')
    assert.deepEqual([...(await peerStore.get(bob)).tags.keys()], ['kad-peer'])
  })

  it(`remembers ${MAX_REMEMBERED_PEERS} that were only heard of, and not one more: the oldest goes, whoever is connected stays`, async () => {
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
