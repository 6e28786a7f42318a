import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { boundCalls, MAX_WEBRTC_CALLS, SIGNALLING_PROTOCOL } from '../../../../src/libp2p/nat/webrtc/signalling.ts'
import type { Connection, Stream, StreamHandler } from '@libp2p/interface'
import type { Registrar } from '@libp2p/interface-internal'

class FakeStream extends EventTarget {
  isAborted = false

  abort (): void {
    this.isAborted = true
    this.dispatchEvent(new Event('close'))
  }

  close (): void {
    this.dispatchEvent(new Event('close'))
  }
}

function connectionAt (address: string): Connection {
  return { remoteAddr: multiaddr(address) } as Connection
}

const circuit = (): Connection => connectionAt('/ip4/203.0.113.7/tcp/1/p2p/12D3KooWBnanXAFBAU5ydX4dQM1m9ZBHg6Hxgkr6KNHjp9KQaDdd/p2p-circuit')

describe('libp2p/nat/webrtc/signalling', () => {
  let handler: StreamHandler
  let taken: FakeStream[]

  beforeEach(async () => {
    taken = []
    const registrar = { handle: async (_protocol: string, bounded: StreamHandler) => { handler = bounded } } as unknown as Registrar
    await boundCalls({ registrar }).registrar.handle(SIGNALLING_PROTOCOL, (stream) => { taken.push(stream as unknown as FakeStream) })
  })

  function call (connection: Connection): FakeStream {
    const stream = new FakeStream()
    void handler(stream as unknown as Stream, connection)

    return stream
  }

  it(`takes ${MAX_WEBRTC_CALLS} calls, and ends the oldest for one more`, () => {
    const calls = Array.from({ length: MAX_WEBRTC_CALLS }, () => call(circuit()))
    assert.deepEqual(taken, calls)
    assert.ok(calls.every(({ isAborted }) => !isAborted))
    calls.push(call(circuit()))
    assert.deepEqual(taken, calls)
    assert.deepEqual(calls.map(({ isAborted }) => isAborted), calls.map((_call, i) => i === 0))
    calls[1]!.close()
    call(circuit())
    assert.equal(calls[2]!.isAborted, false)
  })

  it('takes one call through a circuit at a time', () => {
    const connection = circuit()
    const [first, second] = [call(connection), call(connection)]
    assert.deepEqual([first.isAborted, second.isAborted], [false, true])
    first.close()
    assert.equal(call(connection).isAborted, false)
    assert.equal(taken.length, 2)
  })

  it('takes none from a peer with a direct connection', () => {
    assert.equal(call(connectionAt('/ip4/203.0.113.7/tcp/1')).isAborted, true)
    assert.deepEqual(taken, [])
  })
})
