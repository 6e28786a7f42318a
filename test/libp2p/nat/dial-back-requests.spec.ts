import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { DIAL_BACK_CHECK_MS, DIAL_REQUEST_PROTOCOL, DialBackRequests, MAX_DIAL_BACK_REQUESTS } from '../../../src/libp2p/nat/dial-back-requests.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Connection, Topology } from '@libp2p/interface'

const MAPPED = '/ip4/8.8.8.8/tcp/8765'

describe('libp2p/nat/dial-back-requests', () => {
  let clock: FakeClock
  let addresses: Map<string, { expires: number }>
  let asked: Connection[]
  let topology: Topology | undefined
  let requests: DialBackRequests

  beforeEach(async () => {
    clock = new FakeClock()
    addresses = new Map([['/ip4/192.168.1.2/tcp/8765', { expires: 0 }]])
    asked = []
    requests = new DialBackRequests({
      clock,
      components: {
        registrar: {
          register: async (protocol, given) => {
            assert.equal(protocol, DIAL_REQUEST_PROTOCOL)
            topology = given

            return 'id'
          },
          unregister: (id) => {
            assert.equal(id, 'id')
            topology = undefined
          }
        },
        addressManager: {
          getAddressesWithMetadata: () => Array.from(addresses, ([address, { expires }]) => {
            return { multiaddr: multiaddr(address), verified: false, type: 'ip-mapping', expires }
          })
        }
      },
      ask: async (connection) => { asked.push(connection) }
    })
    await requests.start()
  })

  afterEach(() => {
    requests.stop()
    assert.deepEqual([clock.pending, topology], [0, undefined])
  })

  function connect (): Connection & { end: () => void } {
    let onClose = (): void => {}
    const connection = {
      addEventListener: (_type: string, listener: () => void) => { onClose = listener },
      end: () => { onClose() }
    } as unknown as Connection & { end: () => void }
    void topology?.onConnect?.({} as never, connection)

    return connection
  }

  it('has a peer that is there test an address that appears, once', async () => {
    const peer = connect()
    addresses.set(MAPPED, { expires: 0 })
    await clock.advance(DIAL_BACK_CHECK_MS - 1)
    assert.deepEqual(asked, [])
    await clock.advance(1)
    assert.deepEqual(asked, [peer])
    await clock.advance(10 * DIAL_BACK_CHECK_MS)
    assert.deepEqual(asked, [peer])
  })

  it('leaves it to the library where the peer comes after the address, and where there is none to be tested', async () => {
    addresses.set(MAPPED, { expires: 0 })
    connect()
    addresses.set('/ip4/10.0.0.1/tcp/8765', { expires: 0 })
    addresses.set('/ip4/8.8.4.4/tcp/8765', { expires: clock.date() + 600_000 })
    await clock.advance(DIAL_BACK_CHECK_MS)
    assert.deepEqual(asked, [])
  })

  it('asks again about an address whose test has expired', async () => {
    const peer = connect()
    addresses.set(MAPPED, { expires: clock.date() + 600_000 })
    await clock.advance(DIAL_BACK_CHECK_MS)
    assert.deepEqual(asked, [])
    addresses.set(MAPPED, { expires: clock.date() - 1 })
    await clock.advance(DIAL_BACK_CHECK_MS)
    assert.deepEqual(asked, [peer])
  })

  it(`asks ${MAX_DIAL_BACK_REQUESTS} peers at a time, and none that has gone`, async () => {
    const peers = Array.from({ length: MAX_DIAL_BACK_REQUESTS + 3 }, connect)
    addresses.set(MAPPED, { expires: 0 })
    peers.at(-1)!.end()
    await clock.advance(DIAL_BACK_CHECK_MS)
    assert.deepEqual(asked, peers.slice(0, MAX_DIAL_BACK_REQUESTS))
    await clock.advance(DIAL_BACK_CHECK_MS)
    assert.deepEqual(asked, peers.slice(0, -1))
  })
})
