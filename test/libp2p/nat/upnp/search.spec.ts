import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { findGateways, MAX_UPNP_ANSWERS } from '../../../../src/libp2p/nat/upnp/search.ts'
import { eventually } from '../../../support/eventually.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import type { Socket } from 'node:dgram'

const RUBBISH = ['', 'X * HTTP/1.1', 'NOTIFY * HTTP/1.1\r\nNT: a\r\nUSN: b\r\nNTS: c\r\nLOCATION: d', 'HTTP/1.1 200 OK\r\nST: a\r\nUSN: b\r\nLOCATION: 7', '\0']

function answer (location: string): string {
  return `HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\nLOCATION: ${location}\r\n\r\n`
}

describe('libp2p/nat/upnp/search', () => {
  let clock: FakeClock
  let end: AbortController
  let sockets: Socket[]

  beforeEach(() => {
    clock = new FakeClock()
    end = new AbortController()
    sockets = []
  })

  afterEach(() => {
    end.abort()
    sockets.forEach((socket) => { socket.close() })
  })

  async function open (address: string): Promise<Socket> {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    sockets.push(socket)

    return socket
  }

  function search (port: number): AsyncGenerator<URL, void, undefined> {
    const place = { address: '127.0.0.1', device: 'lo', group: '127.0.0.1', port }

    return findGateways({ signal: end.signal, interval: 1000, clock, places: [{ ...place, address: '192.0.2.222' }, place] })
  }

  it('finds a gateway behind rubbish, once, and asks again all the time', async () => {
    const gateway = await open('127.0.0.1')
    let asked = 0
    gateway.on('message', (_, { port, address }) => {
      asked++
      RUBBISH.concat(answer('http://127.0.0.1/a'), answer('http://127.0.0.1/b')).forEach((text) => { gateway.send(text, port, address) })
    })
    const found = search(gateway.address().port)
    assert.equal((await found.next()).value?.href, 'http://127.0.0.1/a')
    const next = found.next()
    await clock.advance(999)
    assert.equal(asked, 1)
    await clock.advance(1)
    await eventually(() => asked === 2, 'the second question')
    end.abort()
    assert.deepEqual(await next, { done: true, value: undefined })
    assert.equal(clock.pending, 0)
  })

  it(`takes ${MAX_UPNP_ANSWERS} hosts, and not one more`, async () => {
    const hosts = await Promise.all(Array.from({ length: MAX_UPNP_ANSWERS + 1 }, async (_, i) => open(`127.0.0.${i + 2}`)))
    const first = await open('127.0.0.1')
    first.once('message', (_, { port }) => {
      hosts.forEach((host) => { host.send(answer(`http://${host.address().address}/`), port, '127.0.0.1') })
    })
    const found = search(first.address().port)
    const names = new Set<string | undefined>()

    for (let n = 0; n < MAX_UPNP_ANSWERS; n++) {
      names.add((await found.next()).value?.hostname)
    }

    assert.equal(names.size, MAX_UPNP_ANSWERS)
    const next = found.next()
    // the last answer was sent with the others, and one more to see that it was read
    await clock.advance(1000)
    end.abort()
    assert.equal((await next).done, true)
  })

  it('does not begin where it is over already', async () => {
    end.abort()
    assert.equal((await search(9).next()).done, true)
    assert.equal(clock.pending, 0)
  })
})
