import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { addressOf, connect, GENESIS_HASH, nextEvent, startNode, stopNodes } from './nodes.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeMessage, PROTOCOL_ID } from '../../src/index.ts'
import { sampleBlock, sampleNodeInfo } from '../support/sample.ts'
import type { Libp2p, Stream } from '@libp2p/interface'

describe('integration/mismatch', () => {
  let raw: Libp2p

  beforeEach(async () => {
    raw = await createLibp2p({
      transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionMonitor: { enabled: false }
    })
  })

  afterEach(async () => {
    await raw.stop()
    await stopNodes()
  })

  async function openRaw (address: string): Promise<Stream> {
    return raw.dialProtocol(multiaddr(address), PROTOCOL_ID)
  }

  it('with another genesis block is told WRONG_NETWORK', async () => {
    const ours = await startNode()
    const theirs = await startNode({ genesisHash: new Uint8Array(32).fill(9) })
    const refused = nextEvent(ours, 'peer:refused')

    await assert.rejects(theirs.connect(addressOf(ours)), { name: 'DisconnectedError', reason: 'WRONG_NETWORK' })
    assert.equal((await refused).reason, 'WRONG_NETWORK')
  })

  it('of another network is told WRONG_NETWORK and not dialled again soon', async () => {
    const theirs = await startNode({ network: 'vibecoin-other' })
    const ours = await startNode({ seedPeers: [addressOf(theirs)] })
    const { retryIn } = await nextEvent(ours, 'dial:failed')

    assert.ok(retryIn >= 30 * 60_000, `tried again in ${retryIn} ms`)
  })

  it('with another version is told INCOMPATIBLE_VERSION', async () => {
    const ours = await startNode()
    const refused = nextEvent(ours, 'peer:refused')
    const stream = await openRaw(addressOf(ours))
    const node = sampleNodeInfo({ protocolVersion: 2, network: 'vibecoin-test', genesisHash: GENESIS_HASH })
    stream.send(encodeFrame(encodeMessage({ type: 'handshake', node })))

    assert.equal((await refused).reason, 'INCOMPATIBLE_VERSION')
  })

  it('that says nothing is told TIMEOUT within the deadline, and good peers notice nothing of it', async () => {
    const ours = await startNode({ handshakeTimeout: 300 })
    const good = await startNode()
    const { there } = await connect(good, ours)
    const refused = nextEvent(ours, 'peer:refused')
    await openRaw(addressOf(ours))

    assert.equal((await refused).reason, 'TIMEOUT')
    assert.equal(there.state, 'ready')
    assert.deepEqual(ours.peers.counts, { inbound: 1, outbound: 0, blockOnly: 0, pending: 0, reserved: 0 })

    const received = nextEvent(ours, 'block')
    good.broadcast({ type: 'newBlock', block: sampleBlock() })
    assert.equal((await received).peer.id, good.libp2p.peerId.toString())
  })

  it('that sends bytes that mean nothing is told PROTOCOL_VIOLATION', async () => {
    const ours = await startNode()
    const refused = nextEvent(ours, 'peer:refused')
    const stream = await openRaw(addressOf(ours))
    stream.send(new Uint8Array([5, 255, 255, 255, 255, 255]))

    assert.equal((await refused).reason, 'PROTOCOL_VIOLATION')
  })
})
