import assert from 'node:assert/strict'
import { defaultLogger } from '@libp2p/logger'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import { natPmpGateway, pcpGateway, TestGateway } from './test-gateway.ts'
import { GATEWAY_TRIES } from '../../../../src/libp2p/nat/gateway/gateway-socket.ts'
import { MappedPorts } from '../../../../src/libp2p/nat/gateway/mapped-ports.ts'
import { MIN_PORT_RENEWAL_MS, PORT_LIFETIME_S, PORT_RENEWAL_MS, PORT_RETRY_MS } from '../../../../src/libp2p/nat/gateway/mappings.ts'
import { MAX_GATEWAY_ANSWER_BYTES } from '../../../../src/libp2p/nat/gateway/pcp.ts'
import { MAX_MAPPED_PORTS, PortMapper } from '../../../../src/libp2p/nat/gateway/port-mapper.ts'
import { eventually, turns } from '../../../support/eventually.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import type { Script } from './test-gateway.ts'
import type { MappedAddresses } from '../../../../src/libp2p/nat/gateway/mapped-ports.ts'
import type { Libp2pEvents } from '@libp2p/interface'
import type { NodeAddress } from '@libp2p/interface-internal'

const OUTSIDE = [203, 0, 113, 7]
const SETTLE_MS = 250
const STOP_TIMEOUT_MS = 1000

/** What a node tells libp2p: the mappings that it has at the moment, and all that it has confirmed. */
class FakeAddresses implements MappedAddresses {
  readonly mappings = new Set<string>()
  readonly confirmed: string[] = []
  changes = 0
  addresses = ['/ip4/127.0.0.1/tcp/8765', '/ip4/192.168.7.7/tcp/8765']

  getAddressesWithMetadata (): NodeAddress[] {
    return this.addresses.map((address) => ({ multiaddr: multiaddr(address), verified: true, type: 'transport', expires: 0 }))
  }

  addPublicAddressMapping (...args: Parameters<MappedAddresses['addPublicAddressMapping']>): void {
    this.changes++
    this.mappings.add(args.join(' '))
  }

  removePublicAddressMapping (...args: Parameters<MappedAddresses['addPublicAddressMapping']>): void {
    assert.ok(this.mappings.delete(args.join(' ')), `${args.join(' ')} is there`)
  }

  confirmObservedAddr (address: Parameters<MappedAddresses['confirmObservedAddr']>[0]): void {
    this.confirmed.push(address.toString())
  }
}

describe('libp2p/nat/gateway/port-mapper', () => {
  let clock: FakeClock
  let gateway: TestGateway
  let addresses: FakeAddresses
  let ports: MappedPorts
  let events: TypedEventEmitter<Libp2pEvents>
  let mapper: PortMapper

  beforeEach(async () => {
    clock = new FakeClock()
    gateway = await TestGateway.start(pcpGateway({ externalAddress: OUTSIDE }))
    addresses = new FakeAddresses()
    events = new TypedEventEmitter()
    create()
  })

  afterEach(async () => {
    // a gateway that is silent, or answers rubbish, delays the end by the clock
    const stopping = mapper.stop()
    await turns(10)
    await clock.advance(STOP_TIMEOUT_MS)
    await stopping
    await gateway.stop()
    assert.equal(clock.pending, 0)
  })

  function create (isBelieved = true, findGateway: () => Promise<string | undefined> = async () => Promise.resolve('127.0.0.1')): void {
    ports = new MappedPorts()
    mapper = new PortMapper({ addressManager: addresses, events, logger: defaultLogger(), privateKey: { raw: new Uint8Array(32) } }, {
      ports, isBelieved, clock, findGateway, gatewayPort: gateway.port
    })
  }

  /** Starts it, and has the first round begin. */
  async function start (): Promise<void> {
    mapper.start()
    events.safeDispatchEvent('transport:listening', {})
    await clock.advance(SETTLE_MS)
  }

  async function untilMapped (...mappings: string[]): Promise<void> {
    await eventually(() => [...addresses.mappings].join() === mappings.join() && clock.next! > 2000, `${mappings.join()} and the end of the round`)
  }

  const MAPPED = '127.0.0.1 8765 203.0.113.7 8765 tcp'

  /** The end of a round without a mapping. */
  async function untilRefused (problem: RegExp): Promise<void> {
    await eventually(() => problem.test(mapper.status.problem ?? ''), String(problem))
    await eventually(() => clock.next === PORT_RETRY_MS, 'the end of the round')
    assert.deepEqual([...addresses.mappings], [])
  }

  it('has a gateway that speaks PCP lead the port here, and tells libp2p', async () => {
    await start()
    await untilMapped(MAPPED)
    assert.deepEqual(addresses.confirmed, ['/ip4/203.0.113.7/tcp/8765'])
    assert.deepEqual(mapper.status, { address: '127.0.0.1', protocol: 'PCP', externalAddress: '203.0.113.7', problem: null })
    assert.equal(gateway.packets.length, 1)
  })

  it('has one that speaks NAT-PMP only do so, and does not try PCP each time', async () => {
    gateway.script = natPmpGateway({ externalAddress: OUTSIDE, externalPort: 9000 })
    await start()
    await untilMapped('127.0.0.1 8765 203.0.113.7 9000 tcp')
    assert.deepEqual(gateway.packets.map(([version, operation]) => [version, operation]), [[2, 1], [0, 0], [0, 2]])
    assert.equal(mapper.status.protocol, 'NAT-PMP')
    await clock.advance(PORT_RENEWAL_MS)
    await eventually(() => gateway.packets.length === 5, 'two questions more')
    // the port that it has got is the one that it asks for
    assert.equal(Buffer.from(gateway.packets[4]!).readUInt16BE(6), 9000)
  })

  it('speaks NAT-PMP where the port is another\'s in PCP: a mapping of an earlier run has another owner', async () => {
    const natPmp = natPmpGateway({ externalAddress: OUTSIDE })
    const pcp = pcpGateway({ externalAddress: OUTSIDE })
    gateway.script = (packet) => packet[0] === 0 ? natPmp(packet) : pcp(packet).map((answer) => answer.with(3, 2))
    await start()
    await untilMapped(MAPPED)
    assert.equal(mapper.status.protocol, 'NAT-PMP')
  })

  it('leaves it to peers to confirm the address where it is to', async () => {
    create(false)
    await start()
    await untilMapped(MAPPED)
    assert.deepEqual(addresses.confirmed, [])
  })

  it('asks again after a minute, and no sooner, and changes nothing where nothing has changed', async () => {
    await start()
    await untilMapped(MAPPED)
    await clock.advance(PORT_RENEWAL_MS - 1)
    assert.equal(gateway.packets.length, 1)
    await clock.advance(1)
    await eventually(() => gateway.packets.length === 2, 'the second question')
    await untilMapped(MAPPED)
    assert.equal(addresses.changes, 1)
  })

  it('asks again within half of the time that a gateway grants, and no sooner than every 10 s', async () => {
    const least = MIN_PORT_RENEWAL_MS

    for (const [lifetime, next] of [[100, 50_000], [22, 11_000], [20, least], [1, least], [2 ** 32 - 1, PORT_RENEWAL_MS]] as const) {
      gateway.script = pcpGateway({ externalAddress: OUTSIDE, lifetime })
      create()
      await start()
      await eventually(() => clock.next === next, `${lifetime} s`)
      await mapper.stop()
    }
  })

  it('tells libp2p of another address outside, and no more of the old one', async () => {
    await start()
    await untilMapped(MAPPED)
    gateway.script = pcpGateway({ externalAddress: [198, 51, 100, 1] })
    await clock.advance(PORT_RENEWAL_MS)
    await untilMapped('127.0.0.1 8765 198.51.100.1 8765 tcp')
  })

  it('keeps a mapping for as long as the gateway has granted it, where that does not answer any more', async () => {
    await start()
    await untilMapped(MAPPED)
    gateway.script = () => []
    const since = clock.now()

    while (addresses.mappings.size > 0 && clock.now() - since < 2000 * PORT_LIFETIME_S) {
      await clock.advance(250)
      await turns(1)
    }

    const lasted = clock.now() - since
    assert.ok(lasted >= 1000 * PORT_LIFETIME_S - SETTLE_MS && lasted <= 1000 * PORT_LIFETIME_S + PORT_RENEWAL_MS + 8000, `${lasted} ms`)
    assert.match(mapper.status.problem ?? '', /answers neither PCP nor NAT-PMP/)
  })

  it('does not believe that an address is outside that is not public, and gives the port back', async () => {
    for (const externalAddress of [[192, 168, 1, 2], [100, 64, 0, 1], [127, 0, 0, 1], [0, 0, 0, 0], [224, 0, 0, 1]]) {
      gateway.script = pcpGateway({ externalAddress })
      create()
      gateway.packets.length = 0
      await start()
      await untilRefused(/another router is before it/)
      assert.deepEqual(gateway.packets.map((packet) => Buffer.from(packet).readUInt32BE(4)), [PORT_LIFETIME_S, 0])
      await mapper.stop()
    }
  })

  it('takes a port 0, and no time at all, for a refusal', async () => {
    for (const grant of [{ externalPort: 0 }, { lifetime: 0 }]) {
      gateway.script = pcpGateway({ externalAddress: OUTSIDE, ...grant })
      create()
      await start()
      await untilRefused(/speaks PCP, and opens no port: it grants none/)
      await mapper.stop()
    }
  })

  it('says why a gateway refuses, and forgets what that had granted', async () => {
    await start()
    await untilMapped(MAPPED)
    const pcp = gateway.script
    gateway.script = (packet) => pcp(packet).map((answer) => answer.with(3, 8))
    await clock.advance(PORT_RENEWAL_MS)
    await untilRefused(/^127\.0\.0\.1 speaks PCP, and opens no port: it has no port left$/)
  })

  it('waits on where a gateway answers rubbish, however much, and finds the answer behind it', async () => {
    const pcp = gateway.script
    const rubbish: Script = (packet) => [
      new Uint8Array(0), Uint8Array.of(2), new Uint8Array(2000), ...pcp(packet).flatMap((answer) => {
        return [answer.subarray(0, 59), answer.with(24, 1 ^ answer[24]!), answer.with(41, 1)]
      })
    ]
    gateway.script = (packet) => [...Array.from({ length: 10 }, () => rubbish(packet)).flat(), ...pcp(packet)]
    await start()
    await untilMapped(MAPPED)
    assert.equal(gateway.packets.length, 1)
  })

  it(`reads an answer of ${MAX_GATEWAY_ANSWER_BYTES} bytes, and none that is larger`, async () => {
    const pcp = gateway.script
    const padded = (bytes: number): Script => (packet) => pcp(packet).map((answer) => {
      return Uint8Array.from([...answer, ...new Uint8Array(bytes - answer.length)])
    })
    gateway.script = padded(MAX_GATEWAY_ANSWER_BYTES)
    await start()
    await untilMapped(MAPPED)
    await mapper.stop()
    gateway.packets.length = 0
    gateway.script = padded(MAX_GATEWAY_ANSWER_BYTES + 1)
    create()
    await start()
    await eventually(() => gateway.packets.length === 1, 'a question')
    await turns(20)
    assert.equal(addresses.mappings.size, 0)
  })

  it(`asks for ${MAX_MAPPED_PORTS} ports, and no more`, async () => {
    addresses.addresses = Array.from({ length: MAX_MAPPED_PORTS + 1 }, (_, i) => {
      return `/ip4/127.0.0.1/${i % 2 === 0 ? `tcp/${9000 + i}` : `udp/${9000 + i}/quic-v1`}`
    })
    await start()
    await eventually(() => addresses.mappings.size === MAX_MAPPED_PORTS && clock.next === PORT_RENEWAL_MS, 'the end of the round')
    assert.equal(gateway.packets.length, MAX_MAPPED_PORTS)
    assert.ok(addresses.mappings.has('127.0.0.1 9001 203.0.113.7 9001 udp'))
  })

  it('asks for no port that UPnP has mapped, and gives back one that the node does not listen on any more', async () => {
    addresses.addresses = ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2']
    ports.forUpnp(addresses).addPublicAddressMapping('127.0.0.1', 1, '198.51.100.9', 1, 'tcp')
    await start()
    await untilMapped('127.0.0.1 1 198.51.100.9 1 tcp', '127.0.0.1 2 203.0.113.7 2 tcp')
    addresses.addresses = ['/ip4/127.0.0.1/tcp/1']
    await clock.advance(PORT_RENEWAL_MS)
    await eventually(() => addresses.mappings.size === 1 && gateway.packets.length === 2, 'a port less')
    assert.equal(Buffer.from(gateway.packets[1]!).readUInt32BE(4), 0)
  })

  it('asks each protocol four times, after 250, 500, 1000 ms, and again after 10 minutes', async () => {
    gateway.script = () => []
    await start()

    for (const version of [2, 0]) {
      for (const [i, pause] of [250, 500, 1000, 2000].entries()) {
        const asked = (version === 2 ? 0 : GATEWAY_TRIES) + i + 1
        await eventually(() => gateway.packets.length === asked && clock.next === pause, `question ${asked}`)
        assert.equal(gateway.packets.at(-1)![0], version)
        await clock.advance(pause - 1)
        assert.equal(gateway.packets.length, asked)
        await clock.advance(1)
      }
    }

    await untilRefused(/answers neither PCP nor NAT-PMP/)
    assert.equal(gateway.packets.length, 2 * GATEWAY_TRIES)
  })

  it('says where there is no gateway, and where finding it fails', async () => {
    create(true, async () => Promise.resolve(undefined))
    await start()
    await untilRefused(/no route to a router/)
    assert.deepEqual(mapper.status, { address: null, protocol: null, externalAddress: null, problem: 'This machine has no route to a router' })
    await mapper.stop()
    create(true, async () => Promise.reject(new Error('a test')))
    await start()
    await eventually(() => clock.next === PORT_RETRY_MS, 'the end of the round')
  })

  it('gives its ports back when it stops, and asks no more', async () => {
    await start()
    await untilMapped(MAPPED)
    await mapper.stop()
    assert.deepEqual([...addresses.mappings], [])
    assert.equal(Buffer.from(gateway.packets.at(-1)!).readUInt32BE(4), 0)
    assert.equal(clock.pending, 0)
  })

  it('stops within a second where the gateway does not answer', async () => {
    await start()
    await untilMapped(MAPPED)
    gateway.script = () => []
    let isStopped = false
    const stopping = mapper.stop().then(() => { isStopped = true })
    await eventually(() => gateway.packets.length === 2, 'the question')
    await clock.advance(250)
    await eventually(() => gateway.packets.length === 3, 'the question again')
    await clock.advance(499)
    assert.equal(isStopped, false)
    await clock.advance(1)
    await stopping
  })

  it('stops at once in the middle of a round', async () => {
    gateway.script = () => []
    await start()
    await eventually(() => gateway.packets.length === 1, 'a question')
    await mapper.stop()
    assert.equal(clock.pending, 0)
  })
})
