import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { persistentPeerStore } from '@libp2p/peer-store'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { CompactDatastore } from '../../src/libp2p/compact-datastore.ts'
import type { PeerId } from '@libp2p/interface'

async function anyPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('libp2p/compact-datastore', () => {
  it('keeps what the peer store writes in memory of its own', async () => {
    const datastore = new CompactDatastore()
    const peerStore = persistentPeerStore({ events: new TypedEventEmitter(), peerId: await anyPeer(), datastore, logger: defaultLogger() })
    const peer = await anyPeer()
    const addresses = [multiaddr('/ip4/203.0.113.7/tcp/8765')]
    await peerStore.merge(peer, { multiaddrs: addresses })
    const records: Uint8Array[] = []

    for await (const { value } of datastore.query({})) {
      records.push(value)
    }

    assert.equal(records.length, 1)
    assert.ok(records.every(({ byteLength, buffer }) => byteLength === buffer.byteLength))
    assert.deepEqual((await peerStore.get(peer)).addresses.map(({ multiaddr }) => multiaddr.toString()), addresses.map(String))
  })
})
