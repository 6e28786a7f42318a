import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { DialableAddresses } from '../../../src/address/dialable.ts'
import { locationOf, locationOfIp } from '../../../src/address/location.ts'
import { ADDRESS_RULES } from '../../../src/address/scope.ts'
import { decodeBody, encodeMessage } from '../../../src/codec/message.ts'
import { knownBodies, readEnvelope } from '../../../src/codec/envelope.ts'
import { PEERS_REQUEST_INTERVAL_MS, PEERS_RETRY_MS, PeerExchange } from '../../../src/connect/exchange/exchange.ts'
import { libp2pRecords } from '../../../src/address/peer-records.ts'
import { Targets } from '../../../src/connect/targets/targets.ts'
import { Requests } from '../../../src/session/requests.ts'
import { eventually } from '../../support/eventually.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { seededChance } from '../../../src/util/chance.ts'
import type { PeerRecords, ReadRecord } from '../../../src/address/peer-records.ts'
import type { Dialer } from '../../../src/connect/dial/dialer.ts'
import type { Session } from '../../../src/session/session.ts'
import type { RequestInit } from '../../../src/session/requests.ts'
import type { PeerAddress, WireMessage } from '../../../src/types/message.ts'
import type { Logger, PrivateKey } from '@libp2p/interface'

const ADDRESS = '/ip4/8.8.1.1/tcp/1'

interface Node { id: string, key: PrivateKey, records: PeerRecords }

async function createNode (): Promise<Node> {
  const key = await generateKeyPair('Ed25519')

  return { id: peerIdFromPublicKey(key.publicKey).toString(), key, records: libp2pRecords(key) }
}

const recordOf = async ({ records }: Node, addresses: string[], sequence = 1n): Promise<Uint8Array> => {
  return records.sign(addresses.map((address) => multiaddr(address)), sequence)
}

/** A session whose requests are real, and whose answers are in the hands of the test. */
class Peer {
  readonly id: string
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  features: readonly string[] = ['peers']
  isRelayed = false
  readonly requests: Requests
  readonly asked: { id: bigint, count: number }[] = []
  readonly answers: { id: bigint | undefined, peers: PeerAddress[] }[] = []

  constructor (id: string, clock: FakeClock, { address = '/ip4/7.7.7.7/tcp/1', direction = 'outbound' }: {
    address?: string
    direction?: 'inbound' | 'outbound'
  } = {}) {
    this.id = id
    this.address = address
    this.direction = direction
    this.requests = new Requests({ clock, timeout: 10_000 })
  }

  get session (): Session { return this as unknown as Session }
  get location (): Session['location'] { return locationOf(multiaddr(this.address), locationOfIp) }

  async request (init: RequestInit): Promise<void> { await this.requests.start(init) }

  send (_priority: string, message: WireMessage, id?: bigint): boolean {
    if (message.type === 'requestPeers') {
      this.asked.push({ id: id!, count: message.count })
    } else if (message.type === 'responsePeers') {
      this.answers.push({ id, peers: message.peers })
    }

    return true
  }

  /** Answers the last request. */
  tell (...records: Uint8Array[]): void {
    const message: WireMessage = { type: 'responsePeers', peers: records.map((record) => ({ record, ageMinutes: 1 })) }
    const { body } = readEnvelope(encodeMessage(message), knownBodies(['peers']))
    decodeBody('responsePeers', body)
    void this.requests.onResponse('responsePeers', this.asked.at(-1)!.id, body)
  }
}

describe('connect/exchange', () => {
  let clock: FakeClock
  let targets: Targets
  let local: Node
  let teller: Node
  let peer: Peer
  let exchange: PeerExchange
  let filled: number
  let verified: string[]
  let noted: string[]
  let forged: string[]
  let broken: Error | undefined

  beforeEach(async () => {
    clock = new FakeClock()
    targets = new Targets((address) => locationOf(multiaddr(address), locationOfIp).netgroup, Uint32Array.of(1, 2))
    ;[local, teller] = await Promise.all([createNode(), createNode()])
    filled = 0
    verified = []
    noted = []
    forged = []
    broken = undefined
    peer = new Peer(teller.id, clock)
    const { records } = local
    exchange = new PeerExchange({
      records: {
        ...records,
        verify: async (record: ReadRecord) => {
          verified.push(record.id)

          if (broken != null) {
            throw broken
          }

          return records.verify(record)
        }
      },
      dialer: { targets, fill: () => { filled++ } } as unknown as Dialer,
      peers: { get: () => undefined },
      filter: new DialableAddresses(() => [], clock),
      localId: local.id,
      addressesFor: () => [multiaddr('/ip4/6.6.6.6/tcp/1')],
      rules: ADDRESS_RULES,
      clock,
      chance: seededChance('exchange'),
      log: (() => {}) as unknown as Logger,
      onRecord: ({ key }) => { noted.push(key) },
      onForged: ({ id }) => { forged.push(id) }
    })
    exchange.start()
  })

  afterEach(() => { exchange.stop() })

  const isTaken = async (count: number): Promise<void> => { await eventually(() => exchange.counts.asked + exchange.counts.forged >= count, 'the answer to be taken') }

  /** Asks the peer, which tells of these. */
  async function hear (...records: Uint8Array[]): Promise<void> {
    const before = exchange.counts.asked + exchange.counts.forged
    exchange.onReady(peer.session)
    peer.tell(...records)
    await isTaken(before + 1)
  }

  it('asks outbound peers for 64 as soon as they are ready, and no inbound ones, relayed ones, and ones without the feature', async () => {
    exchange.onReady(peer.session)
    assert.deepEqual(peer.asked.map(({ count }) => count), [64])

    for (const change of [(other: Peer) => { other.features = [] }, (other: Peer) => { other.isRelayed = true }]) {
      const other = new Peer('other', clock)
      change(other)
      exchange.onReady(other.session)
      assert.deepEqual(other.asked, [])
    }

    const inbound = new Peer('inbound', clock, { direction: 'inbound' })
    exchange.onReady(inbound.session)
    assert.deepEqual(inbound.asked, [])
  })

  it('makes targets of what a peer tells, each with its record, and has them dialled', async () => {
    const [one, other] = [await createNode(), await createNode()]
    const own = await recordOf(teller, ['/ip4/7.7.7.7/tcp/1'])
    await hear(own, await recordOf(one, [ADDRESS, '/ip4/8.8.1.1/tcp/2']), await recordOf(other, ['/ip4/9.9.1.1/tcp/1']))

    const found = [...targets].map(({ key, addresses, source, origin, toldBy, lastSuccess }) => {
      return { key, addresses, source, origin, toldBy, lastSuccess }
    })
    assert.deepEqual(found, [
      { key: one.id, addresses: [ADDRESS, '/ip4/8.8.1.1/tcp/2'], source: 'discovered', origin: 'peers', toldBy: '0707', lastSuccess: -1 },
      { key: other.id, addresses: ['/ip4/9.9.1.1/tcp/1'], source: 'discovered', origin: 'peers', toldBy: '0707', lastSuccess: -1 }
    ])
    assert.deepEqual([...targets].map(({ record }) => record?.sequence), [1n, 1n])
    assert.equal(filled, 1)
    assert.deepEqual(noted, [one.id, other.id])
    assert.equal(exchange.counts.heard, 2)
  })

  it('keeps the record that a target tells of itself', async () => {
    targets.add('known', { peerId: teller.id, addresses: [peer.address] })
    exchange.onReady(peer.session)
    peer.tell(await recordOf(teller, ['/ip4/7.7.7.7/tcp/1'], 5n))
    await eventually(() => noted.length === 1, 'the record to be noted')

    assert.equal([...targets][0]?.record?.sequence, 5n)
  })

  it('takes a record with a larger number in place of one with a smaller, and not the other way', async () => {
    const node = await createNode()
    await hear(await recordOf(node, [ADDRESS], 5n))
    exchange.onClosed(peer.session)
    await hear(await recordOf(node, ['/ip4/8.8.1.2/tcp/1'], 4n))
    assert.equal([...targets][0]?.record?.sequence, 5n)
    exchange.onClosed(peer.session)
    await hear(await recordOf(node, ['/ip4/8.8.1.3/tcp/1'], 6n))

    assert.equal([...targets][0]?.record?.sequence, 6n)
    assert.equal([...targets].length, 1)
    // the older one was not even verified
    assert.equal(verified.length, 2)
  })

  it('verifies nothing that it may not dial: private addresses, loopback, names, this node itself', async () => {
    const node = await createNode()
    await hear(
      await recordOf(node, ['/ip4/192.168.1.1/tcp/1']), await recordOf(node, ['/ip4/127.0.0.1/tcp/1']), await recordOf(node, ['/dns4/example.org/tcp/1']),
      await recordOf(local, ['/ip4/8.8.8.8/tcp/1']), Uint8Array.of(1, 2, 3), await recordOf(await createNode(), [ADDRESS])
    )

    assert.equal(verified.length, 1)
    assert.equal([...targets].length, 1)
  })

  it('dials only those addresses of a record that it may dial', async () => {
    await hear(await recordOf(await createNode(), ['/ip4/192.168.1.1/tcp/1', ADDRESS]))

    assert.deepEqual([...targets][0]?.addresses, [ADDRESS])
  })

  it('blames the teller for a record that its peer has not signed, once, and looks at nothing behind it', async () => {
    const good = await recordOf(await createNode(), [ADDRESS])
    const bad = good.slice()
    bad[bad.byteLength - 1]! ^= 1
    await hear(bad, bad, good)

    assert.deepEqual([forged, verified.length, [...targets].length], [[teller.id], 1, 0])
  })

  it('looks at one record in a turn of the event loop', async () => {
    const nodes = await Promise.all(Array.from({ length: 8 }, createNode))
    const records = await Promise.all(nodes.map(async (node, index) => recordOf(node, [`/ip4/8.${index}.1.1/tcp/1`])))
    exchange.onReady(peer.session)
    peer.tell(...records)
    const seen: number[] = []

    while (verified.length < 8) {
      await new Promise((resolve) => { setImmediate(resolve) })
      seen.push(verified.length)
    }

    assert(seen.every((count, turn) => count - (seen[turn - 1] ?? 0) <= 1), seen.join())
  })

  it('ends the session of a peer that tells more than it was asked for', async () => {
    exchange.onReady(peer.session)
    const record = await recordOf(teller, [ADDRESS])
    const asking = exchange.askForRecord(peer.session)

    assert.deepEqual(peer.asked.map(({ count }) => count), [64, 1])
    assert.throws(() => { peer.tell(record, record) }, { name: 'ProtocolViolationError' })
    await asking
  })

  for (const [told, least] of [[1, PEERS_RETRY_MS], [16, PEERS_REQUEST_INTERVAL_MS / 4]] as const) {
    it(`asks again ${least / 1000} s after it was told of ${told}, and not before`, async () => {
      const nodes = await Promise.all(Array.from({ length: told }, createNode))
      await hear(...await Promise.all(nodes.map(async (node) => recordOf(node, [ADDRESS]))))
      const pause = await eventually(() => clock.next, 'the next request')
      assert(pause >= least && pause <= 1.1 * least, `${pause}`)
      await clock.advance(pause - 1)
      assert.equal(peer.asked.length, 1)
      await clock.advance(1)
      assert.equal(peer.asked.length, 2)
    })
  }

  it('asks a seed too that has dialled this node: the operator has chosen it', () => {
    const seed = new Peer('seed', clock, { direction: 'inbound' })
    targets.add('seed', { peerId: seed.id, addresses: [seed.address] })
    exchange.onReady(seed.session)
    assert.deepEqual(seed.asked.map(({ count }) => count), [64])
  })

  it('asks again after a minute, then two, where none were told of', async () => {
    exchange.onReady(peer.session)

    for (const [times, pause] of [[1, PEERS_RETRY_MS], [2, 2 * PEERS_RETRY_MS]] as const) {
      peer.tell()
      await eventually(() => clock.pending === 1, 'the next request to be planned')
      await clock.advance(pause - 1)
      assert.equal(peer.asked.length, times)
      await clock.advance(pause / 10 + 1)
      assert.equal(peer.asked.length, times + 1)
    }
  })

  it('asks no more when the session has ended, or the node stops', async () => {
    for (const end of [() => { exchange.onClosed(peer.session) }, () => { exchange.stop() }]) {
      exchange.start()
      exchange.onReady(peer.session)
      peer.tell()
      await eventually(() => clock.pending === 1, 'the next request to be planned')
      end()
      assert.equal(clock.pending, 0)
    }
  })

  it('answers under the id of the request, and nothing without an id or without the feature', async () => {
    await exchange.onRequest(64, 7n, peer.session)
    assert.deepEqual(peer.answers.map(({ id, peers }) => [id, peers.length]), [[7n, 1]])
    assert.equal(local.records.read(peer.answers[0]!.peers[0]!.record)?.id, local.id)
    assert.equal(exchange.onRequest(64, undefined, peer.session), undefined)
    peer.features = []
    assert.equal(exchange.onRequest(64, 8n, peer.session), undefined)
    assert.equal(peer.answers.length, 1)
  })

  it('takes the next answer where one could not be taken', async () => {
    const others = await Promise.all([createNode(), createNode()])
    const [first, second] = await Promise.all(others.map(async (node, i) => recordOf(node, [`/ip4/8.8.${i}.1/tcp/1`])))
    broken = new Error('a fault of this node')
    exchange.onReady(peer.session)
    peer.tell(first!)
    await eventually(() => verified.length === 1, 'the record to be looked at')
    broken = undefined
    await eventually(() => clock.pending === 1, 'the next question to be planned')
    await hear(second!)
    assert.deepEqual([...targets].map(({ key }) => key), [others[1].id])
  })

  it('rejects no request that it cannot answer', async () => {
    peer.send = () => { throw new Error('a fault of this node') }
    await exchange.onRequest(64, 7n, peer.session)
    assert.equal(exchange.counts.answered, 0)
  })
})
