import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { yamux } from '@chainsafe/libp2p-yamux'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { DATA, PING, SYN, yamuxFrame } from '../../attacks/bare.ts'
import { turns } from '../../support/eventually.ts'
import { STREAM_WINDOW_BYTES } from '../../../src/libp2p/node-options.ts'
import { createMuxer } from '../../../src/libp2p/transport/muxer.ts'
import type { GuardMuxerComponents } from '../../../src/libp2p/patches/guard/guard.ts'
import type { MultiaddrConnection, StreamMuxer } from '@libp2p/interface'

const KIB = 1024
const HOUR_MS = 3_600_000
const ACK = 2

/** The inside of a muxer, and of its streams. */
interface Inside { rtt: number, streams: { recvWindow: number }[], onData: (bytes: Uint8Array) => void }

describe('libp2p/transport/muxer', () => {
  let outer: MultiaddrConnection
  let sent: Uint8Array[]
  let muxer: StreamMuxer & Inside

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
    let inner: MultiaddrConnection;
    [outer, inner] = multiaddrConnectionPair()
    Object.assign(inner, { direction: 'inbound' })
    sent = []
    outer.addEventListener('message', ({ data }) => { sent.push(data.subarray()) })
    const components = { registrar: { getProtocols: () => [] } } as unknown as GuardMuxerComponents
    const factory = createMuxer({ streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES } })(components)
    muxer = factory.createStreamMuxer(inner) as unknown as typeof muxer
  })

  afterEach(() => {
    muxer.abort(new Error('The test is over'))
    mock.timers.reset()
  })

  /** What was sent so far, as the kinds of its frames. */
  async function sentTypes (): Promise<number[]> {
    for (let i = 0; i < 20; i++) {
      mock.timers.tick(0)
      await turns(1)
    }

    return sent.flatMap((bytes) => Array.from({ length: bytes.byteLength / 12 }, (_, i) => bytes[12 * i + 1]!))
  }

  it('pings once, when it begins, and never again', async () => {
    assert.deepEqual(await sentTypes(), [PING])
    muxer.onData(yamuxFrame(PING, ACK, 0, 0))

    for (let hour = 0; hour < 3; hour++) {
      mock.timers.tick(HOUR_MS)
      assert.deepEqual(await sentTypes(), [PING])
    }
  })

  it('knows from it how far away the peer is, and lets windows grow', async () => {
    await sentTypes()
    mock.timers.tick(100)
    muxer.onData(yamuxFrame(PING, ACK, 0, 0))
    await turns(5)
    assert.equal(muxer.rtt, 100)
    const [header, proposal] = ['\x13/multistream/1.0.0\n', '\x05/abc\n'].map((line) => Buffer.from(line)) as [Buffer, Buffer]
    muxer.onData(yamuxFrame(DATA, SYN, 1, header.byteLength, header))
    const [stream] = muxer.streams

    for (const mebibytes of [0.5, 1, 2, 2]) {
      mock.timers.tick(300)
      muxer.onData(yamuxFrame(DATA, 0, 1, proposal.byteLength, proposal))
      assert.equal(stream!.recvWindow, mebibytes * KIB * KIB)
    }
  })

  it('is needed for it: without any ping no window grows', () => {
    const [, inner] = multiaddrConnectionPair()
    Object.assign(inner, { direction: 'inbound' })
    const silent = yamux({ enableKeepAlive: false })().createStreamMuxer(inner) as unknown as typeof muxer
    silent.onData(yamuxFrame(DATA, SYN, 1, KIB, new Uint8Array(KIB)))
    silent.onData(yamuxFrame(DATA, 0, 1, KIB, new Uint8Array(KIB)))
    assert.equal(silent.streams[0]!.recvWindow, 256 * KIB)
    silent.abort(new Error('The test is over'))
  })

  it('leaves nothing behind where the connection ends before the answer', async () => {
    await sentTypes()
    muxer.abort(new Error('gone'))
    await turns(5)
    assert.equal(muxer.rtt, -1)
  })
})
