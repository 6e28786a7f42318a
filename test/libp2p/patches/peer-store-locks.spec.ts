import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { persistentPeerStore } from '@libp2p/peer-store'
import { TypedEventEmitter } from 'main-event'
import { CompactDatastore } from '../../../src/libp2p/compact-datastore.ts'
import { lightenPeerStoreLocks } from '../../../src/libp2p/patches/peer-store-locks.ts'
import { isPending } from '../../support/eventually.ts'
import type { AbortOptions, PeerId, PeerStore } from '@libp2p/interface'

type Lock = (peer: PeerId, options?: AbortOptions) => Promise<() => void>

/** What a test looks at inside the store. */
interface Inside { store: { getReadLock: Lock, getWriteLock: Lock, locks: { size: number } } }

async function newPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

async function newStore (): Promise<PeerStore> {
  return persistentPeerStore({
    events: new TypedEventEmitter(), peerId: await newPeer(), datastore: new CompactDatastore(), logger: defaultLogger()
  })
}

function insideOf (peerStore: PeerStore): Inside['store'] {
  return (peerStore as unknown as Inside).store
}

describe('libp2p/patches/peer-store-locks', () => {
  let peerStore: PeerStore
  let peer: PeerId
  let inside: Inside['store']

  beforeEach(async () => {
    peerStore = await newStore()
    lightenPeerStoreLocks(peerStore)
    peer = await newPeer()
    inside = insideOf(peerStore)
  })

  it('finds the locks of the real peer store, which makes none of its own any more', async () => {
    const unpatched = await newStore()

    // with locks of its own where it is not patched: the patch can go when it makes no queues for them
    for (const [store, locks] of [[unpatched, 1], [peerStore, 0]] as const) {
      const merged = store.merge(peer, { protocols: ['/a/1'] })
      assert.equal(insideOf(store).locks.size, locks)
      await merged
      assert.deepEqual((await store.get(peer)).protocols, ['/a/1'])
    }
  })

  it('loses no write of many at once, each of which reads the record before', async () => {
    const protocols = Array.from({ length: 50 }, (_, index) => `/p/${index}`)
    await Promise.all(protocols.map(async (protocol) => peerStore.merge(peer, { protocols: [protocol] })))

    assert.deepEqual((await peerStore.get(peer)).protocols.toSorted(), protocols.toSorted())
  })

  it('lets readers in together, and a writer alone, in the order in which they came', async () => {
    const readers = await Promise.all([inside.getReadLock(peer), inside.getReadLock(peer)])
    const writer = inside.getWriteLock(peer)
    const [late, later] = [inside.getReadLock(peer), inside.getReadLock(peer)]
    const second = inside.getWriteLock(peer)
    readers[0]()
    assert.equal(await isPending(writer), true)
    readers[1]()
    const endWrite = await writer
    assert.deepEqual(await Promise.all([late, later, second].map(isPending)), [true, true, true])
    endWrite()
    const endLate = [await late, await later]
    assert.equal(await isPending(second), true)
    endLate.forEach((end) => { end() })
    ;(await second)()
  })

  it('keeps no peer waiting for another', async () => {
    const end = await inside.getWriteLock(peer)
    ;(await inside.getWriteLock(await newPeer()))()
    end()
  })

  it('ends a wait with the reason of its signal, and lets the next one in', async () => {
    const controller = new AbortController()
    const endRead = await inside.getReadLock(peer)
    const writer = inside.getWriteLock(peer, { signal: controller.signal })
    const reader = inside.getReadLock(peer)
    assert.equal(await isPending(reader), true)
    const reason = new Error('enough')
    controller.abort(reason)
    await assert.rejects(writer, reason)
    ;(await reader)()
    endRead()
    await assert.rejects(inside.getReadLock(peer, { signal: controller.signal }), reason)
    ;(await inside.getWriteLock(peer))()
  })

  it('passes over a signal that comes after its turn', async () => {
    const controller = new AbortController()
    const endRead = await inside.getReadLock(peer)
    const writer = inside.getWriteLock(peer, { signal: controller.signal })
    endRead()
    const endWrite = await writer
    controller.abort()
    const next = inside.getReadLock(peer)
    assert.equal(await isPending(next), true)
    endWrite()
    ;(await next)()
  })

  it('leaves a store alone that has no such locks', () => {
    const other = { get: async () => assert.fail('not asked') }
    lightenPeerStoreLocks(other)
    assert.deepEqual(Object.keys(other), ['get'])
  })
})
