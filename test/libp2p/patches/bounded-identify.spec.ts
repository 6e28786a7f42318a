import assert from 'node:assert/strict'
import { multiaddr } from '@multiformats/multiaddr'
import { TypedEventEmitter } from 'main-event'
import {
  boundAnswer, boundIdentify, MAX_AGENT_CHARS, MAX_IDENTIFIED_ADDRESS_BYTES, MAX_IDENTIFIED_ADDRESSES, MAX_IDENTIFIED_PROTOCOLS,
  MAX_PROTOCOL_CHARS
} from '../../../src/libp2p/patches/bounded-identify.ts'
import type { IdentifyAnswer } from '../../../src/libp2p/patches/bounded-identify.ts'
import type { Connection, IdentifyResult, Libp2pEvents, Stream } from '@libp2p/interface'

/** As long as it may be, and so many of them that differ. */
function addresses (count: number, bytes = MAX_IDENTIFIED_ADDRESS_BYTES): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new Uint8Array(bytes).fill(i))
}

function protocols (count: number, chars = MAX_PROTOCOL_CHARS): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`.padEnd(chars, '/'))
}

describe('libp2p/patches/bounded-identify', () => {
  it('leaves an answer alone that is as large as it may be', () => {
    const answer: IdentifyAnswer = {
      protocolVersion: 'a'.repeat(MAX_AGENT_CHARS),
      agentVersion: 'b'.repeat(MAX_AGENT_CHARS),
      listenAddrs: addresses(MAX_IDENTIFIED_ADDRESSES),
      protocols: protocols(MAX_IDENTIFIED_PROTOCOLS)
    }

    assert.deepEqual(boundAnswer(answer), answer)
    assert.deepEqual(boundAnswer({ listenAddrs: [], protocols: [] }), { listenAddrs: [], protocols: [] })
  })

  it('takes the first of more, and nothing that is longer', () => {
    const answer = {
      protocolVersion: 'a'.repeat(MAX_AGENT_CHARS + 1),
      agentVersion: 'b'.repeat(MAX_AGENT_CHARS + 1),
      listenAddrs: [...addresses(1, MAX_IDENTIFIED_ADDRESS_BYTES + 1), ...addresses(MAX_IDENTIFIED_ADDRESSES + 1)],
      protocols: [...protocols(1, MAX_PROTOCOL_CHARS + 1), ...protocols(MAX_IDENTIFIED_PROTOCOLS + 1)],
      publicKey: Uint8Array.of(1),
      signedPeerRecord: Uint8Array.of(2)
    }

    assert.deepEqual(boundAnswer(answer), {
      protocolVersion: 'a'.repeat(MAX_AGENT_CHARS),
      agentVersion: 'b'.repeat(MAX_AGENT_CHARS),
      listenAddrs: addresses(MAX_IDENTIFIED_ADDRESSES),
      protocols: protocols(MAX_IDENTIFIED_PROTOCOLS),
      publicKey: Uint8Array.of(1)
    })
  })

  it('has a service make nothing of more than that', async () => {
    const service = boundIdentify({
      _identify: async () => Promise.resolve({ listenAddrs: addresses(1000, 3), protocols: [] as string[] }),
      async identify () {
        const { listenAddrs } = await this._identify()

        return listenAddrs.length
      }
    })

    assert.equal(await service.identify(), MAX_IDENTIFIED_ADDRESSES)
  })

  it('has a service tell of no peer whose connection has ended meanwhile', () => {
    const told: string[] = []
    const events = new TypedEventEmitter<Libp2pEvents>()
    events.addEventListener('peer:identify', ({ detail }) => { told.push(detail.connection.status) })
    const service = boundIdentify({
      components: { events },
      tell (status: string) { return this.components.events.safeDispatchEvent('peer:identify', { detail: { connection: { status } } as IdentifyResult }) }
    })

    for (const status of ['closed', 'closing', 'open']) {
      service.tell(status)
    }

    assert.deepEqual(told, ['open'])
  })

  it('answers with the address of a connection, which keeps no bytes of it', async () => {
    const remoteAddr = multiaddr('/ip4/192.0.2.1/tcp/4001')
    const told: Uint8Array[] = []
    Object.defineProperty(remoteAddr, 'bytes', { get () { throw new Error('The address keeps what it was asked for') } })
    const service = boundIdentify({
      handleProtocol: async (_stream: Stream, connection: Connection) => {
        told.push(connection.remoteAddr.bytes)
        assert.equal(connection.id, 'one')
      }
    })
    await service.handleProtocol({} as Stream, { id: 'one', remoteAddr } as Connection)

    assert.deepEqual(told, [multiaddr('/ip4/192.0.2.1/tcp/4001').bytes])
  })
})
