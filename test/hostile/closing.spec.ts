import assert from 'node:assert/strict'
import { eventually } from '../support/eventually.ts'
import { addressOf, rawNodeInfo } from '../integration/nodes.ts'
import { growChain, MemoryChain } from '../support/memory-chain.ts'
import { sampleChain } from '../support/sample.ts'
import { BareNode, DATA, RST, SYN, WINDOW, yamuxFrame } from '../attacks/bare.ts'
import { encodeFrame } from '../../src/codec/frame.ts'
import { encodeMessage, PROTOCOL_ID, startNetwork } from '../../src/index.ts'
import type { Network, WireMessage } from '../../src/index.ts'
import type { Connection } from '@libp2p/interface'
import type { BareConnection } from '../attacks/bare.ts'

const IDENTIFY = '/ipfs/id/1.0.0'
const NETWORK = 'vibecoin-test'

/** The streams that the attacker opens, and the one on which the victim asks who it is. */
const SIDE_STREAM = 1
const SESSION_STREAM = 3
const ASKED_STREAM = 2

/** What the kernel has no room for, and libp2p still takes as sent. */
const KEPT_BYTES = 64 * 1024
const BLOCK_BYTES = 60_000
const BLOCKS = 400

const encode = (message: WireMessage, requestId?: bigint): Uint8Array => encodeFrame(encodeMessage(message, requestId))
const line = (text: string): Buffer => Buffer.from(`${String.fromCharCode(text.length + 1)}${text}\n`)

/** How many bytes of a connection wait for the kernel. */
const waitingBytes = (connection: Connection): number =>
  (connection as unknown as { maConn: { socket: { writableLength: number } } }).maConn.socket.writableLength

describe('hostile/closing', function () {
  this.timeout(60_000)

  let victim: Network
  let attacker: BareNode
  let bare: BareConnection
  let connection: Connection

  before(async () => {
    const [genesis] = sampleChain(1)
    const chain = new MemoryChain(growChain([genesis!], BLOCKS, 'a', BLOCK_BYTES))
    victim = await startNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], network: NETWORK, genesisHash: genesis!.hash, chain })
    attacker = await BareNode.start('127.0.0.9')
    bare = await attacker.connect(addressOf(victim))
    const ready = new Promise((resolve) => { victim.addEventListener('peer:ready', resolve, { once: true }) })
    open(SIDE_STREAM, IDENTIFY)
    open(SESSION_STREAM, PROTOCOL_ID)
    send(SESSION_STREAM, encode({ type: 'handshake', node: rawNodeInfo({ network: NETWORK, genesisHash: genesis!.hash }) }))
    await ready
    connection = victim.libp2p.getConnections()[0]!
  })

  after(async () => {
    await Promise.all([victim.stop(), attacker.stop()])
  })

  function send (streamId: number, bytes: Uint8Array): void {
    bare.secured.send(yamuxFrame(DATA, 0, streamId, bytes.byteLength, bytes))
  }

  function open (streamId: number, protocol: string): void {
    bare.secured.send(yamuxFrame(WINDOW, SYN, streamId, 0))
    bare.secured.send(yamuxFrame(WINDOW, 0, streamId, 2 ** 26))
    send(streamId, Buffer.concat([line('/multistream/1.0.0'), line(protocol)]))
  }

  it('that is held up, with bytes on another stream whose window is given back later, does not end the process', async () => {
    bare.raw.pause()

    for (let height = 1; waitingBytes(connection) < KEPT_BYTES; height++) {
      assert.ok(height < BLOCKS, 'the kernel takes all of it')
      send(SESSION_STREAM, encode({ type: 'requestBlock', height }, BigInt(height)))
      await new Promise((resolve) => { setImmediate(resolve) })
    }

    bare.secured.send(yamuxFrame(WINDOW, RST, ASKED_STREAM, 0))
    // the beginning of a message of which no more comes
    send(SIDE_STREAM, Uint8Array.of(100, 1, 2, 3))
    send(SESSION_STREAM, encode({ type: 'disconnect', reason: 'SHUTDOWN', detail: '' }))
    await eventually(() => connection.status === 'closing', 'a connection that closes')
    assert.deepEqual(connection.streams.map(({ protocol }) => protocol), [IDENTIFY])
    // an error that is thrown into nothing ends the process, and fails this test
    await eventually(() => connection.status === 'aborted', 'a connection that has ended')
    assert.deepEqual(victim.libp2p.getConnections(), [])
  })
})
