import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { ownPeerId } from '../../../src/libp2p/patches/peer-id-memory.ts'
import { startNetwork } from '../../../src/index.ts'
import { sampleHash } from '../../support/sample.ts'

describe('libp2p/patches/peer-id-memory', () => {
  it('leaves a peer id what it is, in less memory', async () => {
    const peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const text = peer.toString()
    const digest = peer.toMultihash().digest.slice()
    assert.notEqual(peer.toMultihash().digest.buffer, peer.toMultihash().bytes.buffer, 'libp2p has changed: the patch is not needed any more')
    const owned = ownPeerId(peer)

    assert.equal(owned, peer)
    assert.deepEqual(Uint8Array.from(owned.toMultihash().digest), Uint8Array.from(digest))
    assert.equal(owned.toMultihash().digest.buffer, owned.toMultihash().bytes.buffer)
    assert.equal(owned.toString(), text)
    assert.equal(owned.equals(peerIdFromString(text)), true)
  })

  it('is there for the connections of a node, at both ends', async () => {
    const config = { network: 'vibecoin-test', genesisHash: sampleHash('genesis') }
    const listener = await startNetwork({ ...config, listen: ['/ip4/127.0.0.1/tcp/0'] })
    const dialler = await startNetwork({ ...config, listen: [] })

    try {
      await dialler.connect(listener.libp2p.getMultiaddrs()[0]!.toString())

      for (const { libp2p } of [listener, dialler]) {
        const [connection] = libp2p.getConnections()
        const { bytes, digest } = connection!.remotePeer.toMultihash()

        assert.equal(digest.buffer, bytes.buffer)
        assert.ok(bytes.buffer.byteLength < 64, `${bytes.buffer.byteLength} bytes`)
      }
    } finally {
      await Promise.all([listener.stop(), dialler.stop()])
    }
  })
})
