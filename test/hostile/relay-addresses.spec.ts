import assert from 'node:assert/strict'
import { once } from 'node:events'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { eventually } from '../support/eventually.ts'
import { LIBP2P_PARTS, startNode, stopNodes } from '../integration/nodes.ts'
import type { Libp2p } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'

/** Addresses without a host. */
const ADDRESSES: Record<string, number[]> = {
  'of HTTP without a host': [0xe0, 3], 'without anything': [], 'of a socket of files': [0x90, 3, 2, 0x2f, 0x61], 'of a zone alone': [0x2a, 1, 0x61]
}

/** An answer that grants a reservation until the end of time, with one address of the relay. */
function granted (address: number[]): Uint8Array {
  const reservation = [0x08, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x12, address.length, ...address]
  const message = [0x08, 2, 0x1a, reservation.length, ...reservation, 0x28, 100]

  return Uint8Array.of(message.length, ...message)
}

describe('hostile/relay-addresses', () => {
  let relay: Libp2p | undefined

  afterEach(async () => {
    await relay?.stop()
    await stopNodes()
  })

  for (const [kind, address] of Object.entries(ADDRESSES)) {
    it(`of a relay ${kind} do not end the process, and are none of the node`, async () => {
      let asked = 0
      relay = await createLibp2p({ ...LIBP2P_PARTS, transports: [tcp()], services: { identify: identify() } })
      await relay.handle('/libp2p/circuit/relay/0.2.0/hop', (stream) => {
        asked++
        stream.send(granted(address))
      })
      const node = await startNode({ nat: { relay: true } })
      const connection = await relay.dial(node.libp2p.getMultiaddrs()[0]!)
      // a stream has the node ask what the relay speaks, and then for a reservation
      await connection.newStream('/libp2p/circuit/relay/0.2.0/stop')
      await eventually(() => node.libp2p.getMultiaddrs().length === 2, 'an address through the relay')
      const [, through] = node.libp2p.getMultiaddrs().map(String)
      assert(through?.startsWith('/ip4/127.0.0.1/tcp/') === true && through.includes(`/p2p/${relay.peerId.toString()}/p2p-circuit`), through)
      assert.equal(asked, 1)
    })
  }

  it('is not listened on where it calls without a reservation, however often', async () => {
    relay = await createLibp2p({ ...LIBP2P_PARTS, transports: [tcp()] })
    const node = await startNode({ nat: { relay: true } })
    const { transportManager } = (node.libp2p as Libp2p & { components: { transportManager: TransportManager } }).components
    const before = transportManager.getListeners().length
    const connection = await relay.dial(node.libp2p.getMultiaddrs()[0]!)

    for (let calls = 0; calls < 20; calls++) {
      const stream = await connection.newStream('/libp2p/circuit/relay/0.2.0/stop')
      const answered = once(stream, 'message')
      // a message without a type
      stream.send(Uint8Array.of(0))
      await answered
      await stream.close()
    }

    assert.equal(transportManager.getListeners().length, before)
  })
})
