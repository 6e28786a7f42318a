import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { freePorts } from '../../integration/nodes.ts'
import { ignoreDialFailures } from '../../../src/libp2p/patches/dial-failures.ts'
import type { Libp2p, PeerData, PeerId, PeerStore } from '@libp2p/interface'

const FAILED = new Uint8Array([1])

async function newPeer (): Promise<PeerId> {
  return peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
}

describe('libp2p/patches/dial-failures', () => {
  const nodes: Libp2p[] = []

  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async (node) => node.stop()))
  })

  /** A node, whose peer store is patched where that is said. */
  async function startNode (isPatched: boolean): Promise<Libp2p> {
    const node = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        patch: ({ peerStore }: { peerStore: PeerStore }) => {
          if (isPatched) {
            ignoreDialFailures(peerStore)
          }

          return {}
        }
      }
    })
    nodes.push(node)

    return node
  }

  it('keeps no record of a peer that a node of libp2p has failed to reach', async () => {
    const [port] = await freePorts(1)

    // libp2p by itself keeps one: the patch can go when it does not
    for (const [isPatched, records] of [[false, 1], [true, 0]] as const) {
      const node = await startNode(isPatched)
      const address = multiaddr(`/ip4/127.0.0.1/tcp/${port}/p2p/${(await newPeer()).toString()}`)
      await assert.rejects(node.dial(address))
      assert.equal((await node.peerStore.all()).length, records)
    }
  })

  it('writes all else, also together with a failure', async () => {
    const node = await startNode(true)
    const writes: PeerData[] = [
      { metadata: { other: FAILED } },
      { metadata: new Map([['last-dial-failure', FAILED], ['other', FAILED]]) },
      { multiaddrs: [multiaddr('/ip4/127.0.0.1/tcp/1')], metadata: { 'last-dial-failure': FAILED } },
      { tags: { tag: { value: 1 } } }
    ]

    for (const data of writes) {
      const peer = await newPeer()
      await node.peerStore.merge(peer, data)
      assert.ok(await node.peerStore.has(peer))
    }
  })

  it('passes a failure over, however it is given, and says that nothing is known of the peer', async () => {
    const node = await startNode(true)

    for (const metadata of [{ 'last-dial-failure': FAILED }, new Map([['last-dial-failure', FAILED]])]) {
      const peer = await newPeer()
      const { id, addresses } = await node.peerStore.merge(peer, { metadata })
      assert.ok(id.equals(peer))
      assert.deepEqual(addresses, [])
      assert.equal(await node.peerStore.has(peer), false)
    }
  })
})
