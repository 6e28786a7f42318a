import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { CLOSING_TIMEOUT_MS, closeWhenUnused, openConnection, openStream, openStreamOf, peerKeyOf } from '../../src/connect/connection.ts'
import { hostOf, isRelayed, lastPeerId, peerIdOf, withoutPeerId } from '../../src/address/multiaddr.ts'
import { PROTOCOL_ID } from '../../src/types/message.ts'
import { turns } from '../support/eventually.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Connection, PeerId, Stream } from '@libp2p/interface'
import type { ConnectionManager } from '@libp2p/interface-internal'
import type { Multiaddr } from '@multiformats/multiaddr'

const ADDRESS = '/ip4/10.0.0.1/tcp/8765'
const { signal } = new AbortController()

/** A stream of which only the protocol matters. That of one that is being opened is empty. */
class ScriptedStream extends EventTarget {
  protocol: string

  constructor (protocol: string) {
    super()
    this.protocol = protocol
  }
}

/** A connection that notes what is done to it. */
class ScriptedConnection extends EventTarget {
  status = 'open'
  streams: ScriptedStream[]
  readonly remotePeer: PeerId
  readonly remoteAddr = multiaddr(ADDRESS)
  closes = 0
  closeError: unknown
  aborts: unknown[] = []
  newStreams: unknown[][] = []

  constructor (remotePeer: PeerId, ...protocols: string[]) {
    super()
    this.remotePeer = remotePeer
    this.streams = protocols.map((protocol) => new ScriptedStream(protocol))
  }

  get asConnection (): Connection {
    return this as unknown as Connection
  }

  async close (): Promise<void> {
    this.closes++

    if (this.closeError != null) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- libp2p may throw what it likes
      throw this.closeError
    }
  }

  abort (err: unknown): void {
    this.aborts.push(err)
  }

  async newStream (...args: unknown[]): Promise<string> {
    this.newStreams.push(args)

    return 'a stream'
  }
}

describe('connect/connection', () => {
  let peerId: PeerId
  let other: PeerId

  before(async () => {
    peerId = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })

  it('knows a peer by its id as text and as bytes', () => {
    assert.deepEqual(peerKeyOf(peerId), { id: peerId.toString(), bytes: peerId.toMultihash().bytes })
  })

  it('knows a stream by itself, whom it leads to and where', () => {
    const stream = {} as Stream

    assert.deepEqual(openStreamOf(stream, new ScriptedConnection(peerId).asConnection), {
      stream, peer: peerKeyOf(peerId), address: ADDRESS, ownsMemory: false, limits: undefined
    })
  })

  it('knows that what Noise has decrypted is in memory of its own', () => {
    const connection = (encryption?: string): Connection => Object.assign(new ScriptedConnection(peerId).asConnection, { encryption })
    const owns = ['/noise', '/plaintext/2.0.0', undefined].map((name) => openStreamOf({} as Stream, connection(name)).ownsMemory)
    assert.deepEqual(owns, [true, false, false])
  })

  describe('openConnection', () => {
    async function dialled (addresses: string[], peerId?: string): Promise<string[]> {
      let targets: Multiaddr[] = []

      const connectionManager = {
        openConnection: async (peer: Multiaddr[], options: { signal: AbortSignal }) => {
          targets = peer
          assert.equal(options.signal, signal)

          return 'a connection'
        }
      } as unknown as ConnectionManager

      assert.equal(await openConnection({ connectionManager }, { addresses, peerId }, signal), 'a connection')

      return targets.map(String)
    }

    it('dials every address at once, as the one peer that is expected there', async () => {
      assert.deepEqual(await dialled([ADDRESS, '/dns4/a.example/tcp/1'], peerId.toString()), [
        `${ADDRESS}/p2p/${peerId.toString()}`, `/dns4/a.example/tcp/1/p2p/${peerId.toString()}`
      ])
    })

    it('dials addresses as they are where no particular peer is expected', async () => {
      assert.deepEqual(await dialled([ADDRESS]), [ADDRESS])
    })

    it('leaves an address that says who is there as it is', async () => {
      assert.deepEqual(await dialled([`${ADDRESS}/p2p/${peerId.toString()}`], peerId.toString()), [`${ADDRESS}/p2p/${peerId.toString()}`])
    })

    it('says who is expected behind a relay', async () => {
      const relayed = `${ADDRESS}/p2p/${other.toString()}/p2p-circuit`

      assert.deepEqual(await dialled([relayed], peerId.toString()), [`${relayed}/p2p/${peerId.toString()}`])
    })
  })

  it('opens a stream of our protocol, over a relay too', async () => {
    const connection = new ScriptedConnection(peerId)

    assert.equal(await openStream(connection.asConnection, signal), 'a stream')
    assert.deepEqual(connection.newStreams, [[PROTOCOL_ID, { signal, runOnLimitedConnection: true }]])
  })

  it('tells which connections go through a relay', () => {
    const relayed = `${ADDRESS}/p2p/${other.toString()}/p2p-circuit`

    for (const [address, expected] of [[ADDRESS, false], [relayed, true], [`${relayed}/p2p/${peerId.toString()}`, true]] as const) {
      assert.equal(isRelayed({ remoteAddr: multiaddr(address) }), expected, address)
    }

    assert.equal(lastPeerId(multiaddr(relayed)), undefined)
    assert.equal(lastPeerId(multiaddr(`${relayed}/p2p/${peerId.toString()}`)), peerId.toString())
  })

  describe('closeWhenUnused', () => {
    let clock: FakeClock

    beforeEach(() => { clock = new FakeClock() })

    afterEach(() => { assert.equal(clock.pending, 0) })

    function closedWith (...protocols: string[]): ScriptedConnection {
      const connection = new ScriptedConnection(peerId, ...protocols)
      closeWhenUnused(connection.asConnection, clock)

      return connection
    }

    it('closes a connection without streams', () => {
      assert.equal(closedWith().closes, 1)
    })

    it('closes a connection whose streams are libp2p\'s own', () => {
      assert.equal(closedWith(
        '/ipfs/id/1.0.0', '/ipfs/ping/1.0.0', '/ipfs/id/push/1.0.0', '/libp2p/autonat/1.0.0',
        '/libp2p/autonat/2/dial-request', '/libp2p/autonat/2/dial-back'
      ).closes, 1)
    })

    for (const protocol of [PROTOCOL_ID, '/ipfs/kad/1.0.0', '/libp2p/circuit/relay/0.2.0/hop', '/libp2p/dcutr', '/anything']) {
      it(`leaves a connection with a stream of ${protocol} open`, () => {
        assert.equal(closedWith('/ipfs/id/1.0.0', protocol).closes, 0)
      })
    }

    for (const status of ['closed', 'aborted', 'reset']) {
      it(`leaves a connection that is ${status} alone`, () => {
        const connection = new ScriptedConnection(peerId)
        connection.status = status
        closeWhenUnused(connection.asConnection, clock)

        assert.equal(connection.closes, 0)
      })
    }

    it('waits for the end of a stream that is being opened', () => {
      const connection = closedWith('')
      assert.equal(connection.closes, 0)
      const [stream] = connection.streams.splice(0)
      stream?.dispatchEvent(new Event('close'))

      assert.equal(connection.closes, 1)
    })

    it('looks again at what there is when a stream that was being opened ends', () => {
      const connection = closedWith('')
      const [stream] = connection.streams
      connection.streams = [new ScriptedStream(PROTOCOL_ID)]
      stream?.dispatchEvent(new Event('close'))

      assert.equal(connection.closes, 0)
    })

    it(`cuts one that is closing already, where that takes ${CLOSING_TIMEOUT_MS} ms, once`, async () => {
      const connection = new ScriptedConnection(peerId, PROTOCOL_ID)
      connection.status = 'closing'
      closeWhenUnused(connection.asConnection, clock)
      closeWhenUnused(connection.asConnection, clock)
      await clock.advance(CLOSING_TIMEOUT_MS - 1)
      assert.equal(connection.aborts.length, 0)
      await clock.advance(1)
      assert.deepEqual([connection.closes, connection.aborts.length], [0, 1])
    })

    it('cuts one that began to close at the same moment, of which libp2p says that it is done', async () => {
      const connection = new ScriptedConnection(peerId)
      connection.close = async () => { connection.status = 'closing' }
      closeWhenUnused(connection.asConnection, clock)
      await clock.advance(CLOSING_TIMEOUT_MS)
      assert.equal(connection.aborts.length, 1)
    })

    it('cuts none that comes to an end', async () => {
      const connection = new ScriptedConnection(peerId)
      connection.status = 'closing'
      closeWhenUnused(connection.asConnection, clock)
      connection.dispatchEvent(new Event('close'))
      await clock.advance(CLOSING_TIMEOUT_MS)
      assert.equal(connection.aborts.length, 0)
    })

    it('aborts a connection that cannot be closed', async () => {
      for (const closeError of [new Error('busy'), 'busy']) {
        const connection = new ScriptedConnection(peerId)
        connection.closeError = closeError
        closeWhenUnused(connection.asConnection, clock)
        await turns(1)

        assert.equal(connection.aborts.length, 1)
        assert.equal((connection.aborts[0] as Error).message, 'busy')
      }
    })
  })

  describe('addresses', () => {
    it('takes the peer id at the end of an address', () => {
      assert.equal(peerIdOf(`${ADDRESS}/p2p/${peerId.toString()}`), peerId.toString())
      assert.equal(peerIdOf(`/dnsaddr/a.example/p2p/${peerId.toString()}`), peerId.toString())
    })

    it('finds no peer id where there is none', () => {
      assert.equal(peerIdOf(ADDRESS), undefined)
    })

    it('takes the peer behind a relay, and not the relay', () => {
      const relayed = `${ADDRESS}/p2p/${other.toString()}/p2p-circuit`

      assert.equal(peerIdOf(`${relayed}/p2p/${peerId.toString()}`), peerId.toString())
      assert.equal(peerIdOf(relayed), undefined)
    })

    const hosts: [address: string, host: string | undefined][] = [
      ['/ip4/10.0.0.1/tcp/1', '10.0.0.1'],
      ['/ip6/::1/tcp/1', '::1'],
      ['/dns/a.example/tcp/1', 'a.example'],
      ['/dns4/a.example/tcp/1', 'a.example'],
      ['/dns6/a.example/tcp/1', 'a.example'],
      ['/dnsaddr/a.example', 'a.example'],
      ['/unix/tmp%2fx', undefined],
      ['/memory/1', undefined]
    ]

    for (const [address, host] of hosts) {
      it(`takes ${host ?? 'no host'} of ${address}`, () => {
        assert.equal(hostOf(multiaddr(address)), host)
      })
    }

    it('leaves the peer id at the end out, and no other', () => {
      const relayed = `${ADDRESS}/p2p/${other.toString()}/p2p-circuit`

      assert.equal(withoutPeerId(multiaddr(`${ADDRESS}/p2p/${peerId.toString()}`)), ADDRESS)
      assert.equal(withoutPeerId(multiaddr(`${relayed}/p2p/${peerId.toString()}`)), relayed)
      assert.equal(withoutPeerId(multiaddr(ADDRESS)), ADDRESS)
    })
  })
})
