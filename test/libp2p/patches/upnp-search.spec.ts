import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { uPnPNAT } from '@libp2p/upnp-nat'
import { DESCRIPTION_TIMEOUT_MS, MAX_UPNP_GATEWAYS, searchUpnpWith } from '../../../src/libp2p/patches/upnp-search.ts'
import { createPortMapping } from '../../../src/libp2p/nat/gateway/port-mapping.ts'
import { startNode, stopNodes } from '../../integration/nodes.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { AbortOptions } from '@libp2p/interface'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Gateway { id: string, port: number, getGateway: () => Promise<object>, gateway: { service: { location: URL, expires: number } } }
interface Upnp { portMappingClient: { findGateways: (options: AbortOptions & { searchInterval: number }) => AsyncGenerator<Gateway> } }

function description (name: string): string {
  return `<root><device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:2</deviceType><UDN>${name}</UDN></device></root>`
}

describe('libp2p/patches/upnp-search', () => {
  const servers: Server[] = []
  let components: never

  before(async () => {
    components = ((await startNode()).libp2p as unknown as { components: never }).components
  })

  afterEach(() => {
    servers.splice(0).forEach((server) => {
      server.closeAllConnections()
      server.close()
    })
  })

  after(stopNodes)

  async function serve (answer: string | undefined): Promise<URL> {
    const server = createServer((_, response) => {
      if (answer != null) {
        response.writeHead(200, { 'content-type': 'text/xml' }).end(answer)
      }
    })
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')

    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  }

  /** What the real client finds where the node is told of these. */
  function client (clock?: FakeClock): (locations: URL[]) => Promise<Gateway[]> {
    let told: URL[] = []
    const upnp = uPnPNAT()(components) as unknown as Upnp
    searchUpnpWith(upnp, async function * () { yield * told }, clock)

    return async (locations) => {
      told = locations
      const found: Gateway[] = []

      for await (const gateway of upnp.portMappingClient.findGateways({ searchInterval: 1000 })) {
        found.push(gateway)
      }

      return found
    }
  }

  it('has the client search as the node does, and never by itself', () => {
    const service = createPortMapping({ isBelieved: true }).services['upnp']!(components) as Upnp
    assert.match(service.portMappingClient.findGateways.toString(), /describe/)
    assert.throws(() => { searchUpnpWith({}, async function * () {}) }, /Expected the client of @libp2p\/upnp-nat 4/)
  })

  it('finds gateways by their descriptions, and passes over what is none', async () => {
    const bad = await Promise.all(['<', '', 'x', '<root/>', description('<a/>'), description('a').replace(':2', ':1')].map(serve))
    const found = await client()([...bad, await serve(description('uuid:1'))])
    assert.deepEqual(found.map(({ id }) => id), ['uuid:1 at 127.0.0.1'])
  })

  it('goes on with a gateway that has another port now, and does not search for one that is old', async () => {
    const find = client()
    const [first] = await find([await serve(description('uuid:1'))])
    first!.gateway.service.expires = 0
    assert.equal(await first!.getGateway(), first!.gateway)
    const location = await serve(description('uuid:1'))
    assert.deepEqual(await find([location]), [first])
    assert.equal((await first!.getGateway() as Gateway['gateway']).service.location.port, location.port)
  })

  it(`keeps ${MAX_UPNP_GATEWAYS} gateways, and not one more`, async () => {
    const find = client()
    const locations = await Promise.all(Array.from({ length: MAX_UPNP_GATEWAYS + 1 }, async (_, i) => serve(description(`uuid:${i}`))))
    assert.equal((await find(locations)).length, MAX_UPNP_GATEWAYS)
    assert.equal((await find(locations.slice(-1))).length, 0)
    assert.equal((await find(locations.slice(0, 1))).length, 1)
  })

  it('waits so long for a description and no longer', async () => {
    const clock = new FakeClock()
    const found = client(clock)([await serve(undefined), await serve(description('uuid:1'))])
    await eventually(() => clock.pending === 1, 'the question')
    await clock.advance(DESCRIPTION_TIMEOUT_MS - 1)
    assert.equal(clock.pending, 1)
    await clock.advance(1)
    assert.equal((await found).length, 1)
    assert.equal(clock.pending, 0)
  })
})
