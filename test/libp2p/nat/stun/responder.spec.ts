import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { defaultLogger } from '@libp2p/logger'
import { FakeClock } from '../../../support/fake-clock.ts'
import { addressOf, freePorts, startNode, stopNodes } from '../../../integration/nodes.ts'
import { bindingRequest } from '../../../../src/libp2p/nat/stun/message.ts'
import { STUN_RATE, STUN_RATE_PER_HOST, StunResponder } from '../../../../src/libp2p/nat/stun/responder.ts'
import type { StunSource } from '../../../../src/libp2p/nat/stun/message.ts'
import type { StunComponents } from '../../../../src/libp2p/nat/stun/responder.ts'
import type { Network } from '../../../../src/index.ts'

const REQUEST = bindingRequest(new Uint8Array(12).fill(7))

function create (clock: FakeClock): StunResponder {
  return new StunResponder({ logger: defaultLogger() } as unknown as StunComponents, clock)
}

function answered (responder: StunResponder, times: number, source: (i: number) => StunSource): number {
  return Array.from({ length: times }, (_, i) => responder.answer(REQUEST, source(i))).filter((answer) => answer != null).length
}

/** Asks a node over UDP where it sees this process. */
async function ask (port: number, host = '127.0.0.1', bytes: Uint8Array = REQUEST): Promise<{ asked: number, told: number } | undefined> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')

  try {
    socket.bind(0, host)
    await once(socket, 'listening')
    socket.send(bytes, port, host)
    // what is refused is followed by what is answered
    socket.send(REQUEST, port, host)
    const [answer] = await once(socket, 'message') as [Buffer]

    return { asked: socket.address().port, told: answer.readUInt16BE(26) ^ 0x2112 }
  } finally {
    socket.close()
  }
}

function responderOf ({ libp2p }: Network): StunResponder {
  return (libp2p.services as unknown as { stun: StunResponder }).stun
}

describe('libp2p/nat/stun/responder', () => {
  afterEach(stopNodes)

  it('answers a host as often as it may ask, and again later', async () => {
    const clock = new FakeClock()
    const responder = create(clock)
    const source = { address: '203.0.113.7', port: 5 }
    assert.equal(answered(responder, STUN_RATE_PER_HOST + 1, () => source), STUN_RATE_PER_HOST)
    assert.equal(answered(responder, 1, () => ({ address: '203.0.113.8', port: 5 })), 1)
    await clock.advance(Math.floor(1000 / STUN_RATE_PER_HOST))
    assert.equal(answered(responder, 1, () => source), 0)
    await clock.advance(1)
    assert.equal(answered(responder, 1, () => source), 1)
  })

  it('counts all addresses of a /64 of IPv6 as one host', () => {
    const responder = create(new FakeClock())
    assert.equal(answered(responder, STUN_RATE_PER_HOST + 1, (i) => ({ address: `2001:db8:1:2::${i}`, port: 5 })), STUN_RATE_PER_HOST)
    assert.equal(answered(responder, 1, () => ({ address: '2001:db8:1:3::1', port: 5 })), 1)
  })

  it('answers all hosts together as often as that', () => {
    const responder = create(new FakeClock())
    assert.equal(answered(responder, STUN_RATE + 1, (i) => ({ address: `10.${i >> 8}.${i & 255}.1`, port: 5 })), STUN_RATE)
  })

  it('does not count what it does not answer', () => {
    const responder = create(new FakeClock())
    const source = { address: '203.0.113.7', port: 5 }

    for (let i = 0; i < 2 * STUN_RATE; i++) {
      assert.equal(responder.answer(REQUEST.subarray(1), source), undefined)
      assert.equal(responder.answer(REQUEST, { ...source, port: 0 }), undefined)
    }

    assert.equal(answered(responder, STUN_RATE_PER_HOST + 1, () => source), STUN_RATE_PER_HOST)
  })

  it('is at the ports of a relay, until it stops', async () => {
    const relay = await startNode({ nat: { relayServer: true } })
    const port = Number(/\/tcp\/(\d+)/.exec(addressOf(relay))?.[1])
    assert.deepEqual((await responderOf(relay).addresses()).map((place) => [place.address, place.port]), [['127.0.0.1', port]])
    const { asked, told } = (await ask(port, '127.0.0.1', Buffer.from('no STUN at all')))!
    assert.equal(told, asked)
    await relay.stop()
    assert.deepEqual(await responderOf(relay).addresses(), [])
  })

  it('takes one socket for all addresses of a wildcard', async () => {
    const relay = await startNode({ nat: { relayServer: true }, listen: ['/ip4/0.0.0.0/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] })
    const places = await responderOf(relay).addresses()
    assert.ok(places.some(({ address }) => address === '0.0.0.0'))

    for (const { port } of places) {
      const { asked, told } = (await ask(port))!
      assert.equal(told, asked)
    }
  })

  it('leaves out a port that is taken, and the relay works', async () => {
    const [port = 0] = await freePorts(1)
    const other = createSocket('udp4')
    other.bind(port, '127.0.0.1')
    await once(other, 'listening')

    try {
      const relay = await startNode({ nat: { relayServer: true }, listen: [`/ip4/127.0.0.1/tcp/${port}`] })
      assert.deepEqual(await responderOf(relay).addresses(), [])
    } finally {
      other.close()
    }
  })

  it('is not there in a node that is no relay', async () => {
    const node = await startNode({ nat: { relay: true } })
    assert.equal(responderOf(node), undefined)
  })
})
