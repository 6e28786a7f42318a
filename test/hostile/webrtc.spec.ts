import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { eventually, turns } from '../support/eventually.ts'
import { addressOf, nextEvent, startNode, stopNodes, streamOf } from '../integration/nodes.ts'
import { killProcesses, NodeProcess } from '../integration/node-process.ts'
import { sampleBlock } from '../support/sample.ts'
import { MAX_INBOUND_STREAMS } from '../../src/libp2p/gate/gate-limits.ts'
import { SIGNALLING_PROTOCOL } from '../../src/libp2p/nat/webrtc/signalling.ts'
import { MAX_SMALL_FRAMES, SESSION_FACTOR } from '../../src/libp2p/patches/guard/muxer-limits.ts'
import type { Network } from '../../src/index.ts'
import type { Connection, Stream } from '@libp2p/interface'

/** How long two nodes may take to find a path on a busy machine, in ms. */
const MOVE_TIMEOUT_MS = 40_000

/** The raw channel of a stream, and what channels are made with. */
interface ChannelInside { channel: { send: (data: string | Uint8Array) => void, readyState: string } }
interface ConnectionInside { muxer: { peerConnection: { createDataChannel: (label: string) => ChannelInside['channel'] } } }

const nat = { relay: true, webrtc: true }

function circuitOf (node: Network): string | undefined {
  return node.libp2p.getMultiaddrs().map(String).find((address) => address.includes('/p2p-circuit'))
}

describe('hostile/webrtc', function () {
  this.timeout(120_000)
  let relay: Network
  let victim: Network
  let attacker: Network
  let honest: Network

  afterEach(async () => {
    await killProcesses()
    await stopNodes()
  })

  function isDirect (node: Network): boolean {
    return [...node.peers].some(({ id, address }) => id === victim.libp2p.peerId.toString() && address.includes('/webrtc'))
  }

  /** A node with two sessions over WebRTC, of which one will do what it may not. */
  async function startScene (): Promise<void> {
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1 })
    victim = await startNode({ nat, seedPeers: [addressOf(relay)] })
    const seedPeers = [await eventually(() => circuitOf(victim), 'a reservation')]
    // the relay may take a session with one of them too
    attacker = await startNode({ nat, listen: [], seedPeers, maxOutbound: 2, reconnectDelay: 60_000, maxReconnectDelay: 60_000 })
    honest = await startNode({ nat, listen: [], seedPeers, maxOutbound: 2 })
    await eventually(() => isDirect(attacker) && isDirect(honest), 'sessions over WebRTC', { timeout: MOVE_TIMEOUT_MS })
    await eventually(() => attacker.libp2p.getConnections(victim.libp2p.peerId).length === 1, 'the end of the circuit', { timeout: MOVE_TIMEOUT_MS })
  }

  function channelOf (): ChannelInside['channel'] {
    return (streamOf(attacker, victim) as unknown as Stream & ChannelInside).channel
  }

  function connectionOf (): Connection & ConnectionInside {
    return attacker.libp2p.getConnections(victim.libp2p.peerId)[0] as Connection & ConnectionInside
  }

  /** The attacker is gone, and the honest peer has noticed nothing. */
  async function expectCut (): Promise<void> {
    const id = attacker.libp2p.peerId
    await eventually(() => victim.libp2p.getConnections(id).length === 0 && victim.peers.get(id.toString()) == null, 'the end of the attacker')
    const block = nextEvent(victim, 'block')
    honest.broadcast({ type: 'newBlock', block: sampleBlock({ height: 7 }) })
    await block
    assert.ok(isDirect(honest))
  }

  it('that sends a message of text, which its reader takes for a number of bytes, is cut before any are made', async () => {
    await startScene()
    const before = process.memoryUsage().arrayBuffers
    channelOf().send('4000000000')
    await expectCut()
    assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000)
  })

  it('that sends a message of text which is no number is cut, and the process goes on', async () => {
    await startScene()
    channelOf().send('-1')
    await expectCut()
  })

  it('that begins a frame longer than there may be is cut on the length', async () => {
    await startScene()
    channelOf().send(Uint8Array.of(0x81, 0x80, 0x10))
    await expectCut()
  })

  it('that sends small frames without end is cut', async () => {
    await startScene()
    const channel = channelOf()
    let sent = 0

    // what may come grows with time: so no number of frames is too many on a machine that is slow enough
    await eventually(() => {
      try {
        channel.send(new Uint8Array(1000))
        sent += 1000
      } catch {
        return true
      }

      return channel.readyState !== 'open'
    }, 'the end of the channel')
    assert.ok(sent > MAX_SMALL_FRAMES * SESSION_FACTOR)
    await expectCut()
  })

  it('that opens channels without end gets as many as there may be, and is cut', async () => {
    await startScene()
    const { peerConnection } = connectionOf().muxer

    for (let i = 0; i < MAX_INBOUND_STREAMS - 8; i++) {
      peerConnection.createDataChannel('')
    }

    await eventually(() => {
      return victim.libp2p.getConnections(attacker.libp2p.peerId).some(({ streams }) => streams.length >= MAX_INBOUND_STREAMS - 8)
    }, 'the channels')
    assert.ok(isDirect(attacker))

    for (let i = 0; i < 16; i++) {
      peerConnection.createDataChannel('')
    }

    await expectCut()
  })

  it('that calls through one circuit again while it is called gets one call', async () => {
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1 })
    victim = await startNode({ nat, seedPeers: [addressOf(relay)] })
    const circuit = await eventually(() => circuitOf(victim), 'a reservation')
    attacker = await startNode({ nat: { relay: true }, listen: [] })
    const connection = await attacker.libp2p.dial(multiaddr(circuit))
    const open = async (): Promise<Stream> => connection.newStream(SIGNALLING_PROTOCOL, { runOnLimitedConnection: true })
    const [first, second] = [await open(), await open()]
    await eventually(() => second.status === 'reset', 'the refusal of the second')
    assert.equal(first.status, 'open')
    first.abort(new Error('no more'))
    await eventually(() => connection.streams.length === 0, 'the end')
    const third = await open()
    await turns(20)
    assert.equal(third.status, 'open')
  })

  it('that describes itself in ways that make no sense is refused, and the process goes on', async () => {
    relay = await startNode({ nat: { relayServer: true }, maxInbound: 1 })
    const child = await NodeProcess.start({ nat, seedPeers: [addressOf(relay)] })
    const circuit = `${addressOf(relay)}/p2p-circuit/p2p/${child.id}`
    attacker = await startNode({ nat: { relay: true }, listen: [] })
    await eventually(() => relay.peers.get(child.id) != null, 'the session of the victim')
    const connection = await dialUntil(circuit)

    for (const text of DESCRIPTIONS) {
      const stream = await connection.newStream(SIGNALLING_PROTOCOL, { runOnLimitedConnection: true })
      stream.send(message(text))

      for (let i = 0; i < 40; i++) {
        stream.send(message(JSON.stringify({ candidate: `candidate:${i} 1 UDP 1 127.0.0.1 ${i + 1} typ host`, sdpMid: '0' }), 2))
      }

      stream.send(message('{"candidate": 7, "sdpMid": []}', 2))
      stream.abort(new Error('enough'))
      await eventually(() => connection.streams.length === 0, 'the end')
    }

    assert.equal((await child.status()).connections > 0, true)
    assert.equal((await child.stop()).code, 0)
  })

  /** The victim may have no reservation yet. */
  async function dialUntil (circuit: string): Promise<Connection> {
    for (const until = performance.now() + MOVE_TIMEOUT_MS; ;) {
      try {
        return await attacker.libp2p.dial(multiaddr(circuit))
      } catch (err) {
        assert.ok(performance.now() < until, String(err))
        await turns(20)
      }
    }
  }
})

/** A message of the signals, with its length before it: an offer unless said otherwise. */
function message (text: string, type = 0): Uint8Array {
  const data = Buffer.from(text)
  const body = Buffer.concat([Uint8Array.of(0x08, type, 0x12), varint(data.byteLength), data])

  return Buffer.concat([varint(body.byteLength), body])
}

function varint (value: number): Uint8Array {
  return value < 0x80 ? Uint8Array.of(value) : Buffer.concat([Uint8Array.of(0x80 | (value % 0x80)), varint(Math.floor(value / 0x80))])
}

const OFFER = [
  'v=0', 'o=rtc 1 0 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=msid-semantic:WMS *', 'a=ice-options:ice2,trickle',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`, 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0',
  'a=mid:0', 'a=sendrecv', 'a=setup:actpass', 'a=ice-ufrag:abcd', 'a=ice-pwd:abcdefghijklmnopqrstuv', 'a=sctp-port:5000', 'a=max-message-size:262144', ''
].join('\r\n')

const DESCRIPTIONS = [
  '', 'v=0', OFFER, OFFER.replace('abcd', ''), OFFER.replace('abcd', 'a'.repeat(100_000)), OFFER.replace('abcd', '%s%n\u0001'),
  OFFER.replace('abcdefghijklmnopqrstuv', 'a'), OFFER.replace('abcdefghijklmnopqrstuv', 'é'.repeat(10_000)), OFFER.replace('5000', '99999999999999999'),
  OFFER.replace('262144', '-1'), OFFER.replace('actpass', 'nonsense'), OFFER.replace('a=mid:0', `a=mid:${'x'.repeat(70_000)}`), OFFER.repeat(200)
]
