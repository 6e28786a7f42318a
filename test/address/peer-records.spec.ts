import assert from 'node:assert/strict'
import { generateKeyPair, publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_PEER_RECORD_BYTES } from '../../src/codec/limits.ts'
import { libp2pRecords } from '../../src/address/peer-records.ts'
import type { PeerRecords } from '../../src/address/peer-records.ts'
import type { PrivateKey } from '@libp2p/interface'

const ADDRESS = '/ip4/1.2.3.4/tcp/8765'
const addresses = (...texts: string[]): ReturnType<typeof multiaddr>[] => texts.map((text) => multiaddr(text))

const be16 = (value: number): number[] => [0x82, value >> 8, value & 0xff]

/**
 * A record of a peer with a key of RSA, of nearly `size` bytes, which it has signed. The DER of its key has no lengths of sequences, and
 * nothing for an algorithm: libp2p reads it, gives the peer an id of its own for it, and writes the key in 18 bytes more.
 */
async function shortRsaRecord (size: number): Promise<Uint8Array> {
  const key = await generateKeyPair('RSA', 2048)
  // the modulus without its leading zero, behind the 33 bytes of what comes before it
  const modulus = key.publicKey.raw.subarray(33, 33 + 256)
  const numbers = [0x30, 0, 0x02, ...be16(modulus.byteLength), ...modulus, 0x02, 3, 1, 0, 1]
  const der = [0x30, 0, 0x04, 0, 0x03, ...be16(numbers.length + 1), 0, ...numbers]
  const publicKey = Uint8Array.from([8, 0, 0x12, der.length & 0x7f | 0x80, der.length >> 7, ...der])
  const peerId = peerIdFromPublicKey(publicKeyFromProtobuf(publicKey))

  const seal = async (chars: number): Promise<Uint8Array> => {
    const texts = Array.from({ length: 4 }, (_, i) => `${ADDRESS}/http-path/${String(i).repeat(Math.max(1, chars))}`)
    const record = new PeerRecord({ peerId, multiaddrs: addresses(...texts), seqNumber: 1n })
    const envelope = (await RecordEnvelope.seal(record, key)).marshal()

    // field 1 of the envelope is the key in its usual form
    return Uint8Array.from([0x0a, publicKey.byteLength & 0x7f | 0x80, publicKey.byteLength >> 7, ...publicKey, ...envelope.subarray(302)])
  }

  return seal(1 + Math.floor((size - (await seal(1)).byteLength) / 4))
}

describe('address/peer-records', () => {
  let key: PrivateKey
  let records: PeerRecords
  let id: string

  beforeEach(async () => {
    key = await generateKeyPair('Ed25519')
    records = libp2pRecords(key)
    id = peerIdFromPublicKey(key.publicKey).toString()
  })

  it('reads and verifies what it signs', async () => {
    const bytes = await records.sign(addresses(ADDRESS, '/ip4/1.2.3.4/tcp/443/tls/ws'), 7n)
    const record = records.read(bytes)

    assert.deepEqual(record, { id, sequence: 7n, addresses: [ADDRESS, '/ip4/1.2.3.4/tcp/443/tls/ws'], origin: '1.2.3.4', bytes })
    assert.equal(await records.verify(record), true)
  })

  it('reads the records of libp2p, whatever the kind of the key', async () => {
    for (const type of ['Ed25519', 'secp256k1', 'RSA'] as const) {
      const other = type === 'RSA' ? await generateKeyPair(type, 2048) : await generateKeyPair(type)
      const peerId = peerIdFromPublicKey(other.publicKey)
      const bytes = (await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs: addresses(ADDRESS), seqNumber: 1n }), other)).marshal()
      const record = records.read(bytes)

      assert.equal(record?.id, peerId.toString(), type)
      assert.equal(await records.verify(record), true, type)
    }
  })

  it('finds one byte that was changed, wherever it is', async () => {
    const bytes = await records.sign(addresses(ADDRESS), 7n)
    const original = records.read(bytes)

    for (let at = 0; at < bytes.byteLength; at++) {
      const changed = bytes.slice()
      changed[at]! ^= 1
      const record = records.read(changed)

      if (record != null && await records.verify(record)) {
        // a tag that protobuf reads as the same
        assert.deepEqual(record, original, `byte ${at}`)
      }
    }
  })

  it('takes no record that the key of another peer has signed', async () => {
    const peerId = peerIdFromPublicKey((await generateKeyPair('Ed25519')).publicKey)
    const forged = await RecordEnvelope.seal(new PeerRecord({ peerId, multiaddrs: addresses(ADDRESS), seqNumber: 1n }), key)

    assert.equal(records.read(forged.marshal()), undefined)
  })

  it('takes no envelope with something else in it', async () => {
    const peerId = peerIdFromPublicKey(key.publicKey)
    const record = new PeerRecord({ peerId, multiaddrs: addresses(ADDRESS), seqNumber: 1n })
    const other = { domain: PeerRecord.DOMAIN, codec: Uint8Array.of(3, 2), marshal: () => record.marshal(), equals: () => false }

    assert.equal(records.read((await RecordEnvelope.seal(other, key)).marshal()), undefined)
  })

  it('tells no origin of addresses at several hosts', async () => {
    const bytes = await records.sign(addresses(ADDRESS, '/ip4/1.2.3.5/tcp/8765'), 7n)

    assert.equal(records.read(bytes)?.origin, undefined)
  })

  it(`reads ${MAX_PEER_RECORD_BYTES} bytes and no more`, async () => {
    const bytes = await records.sign(addresses(ADDRESS), 7n)
    // an unknown field of the envelope
    const padded = (size: number): Uint8Array => {
      const rest = size - bytes.byteLength - 3

      return Uint8Array.from([...bytes, 0x7a, rest & 0x7f | 0x80, rest >> 7, ...new Uint8Array(rest)])
    }

    assert.equal(padded(MAX_PEER_RECORD_BYTES).byteLength, MAX_PEER_RECORD_BYTES)
    // what is around the record is left out
    assert.deepEqual(records.read(padded(MAX_PEER_RECORD_BYTES)), records.read(bytes))
    assert.equal(records.read(padded(MAX_PEER_RECORD_BYTES + 1)), undefined)
  })

  it('reads 16 addresses and no more, and none of over 192 bytes', async () => {
    const many = (count: number): ReturnType<typeof multiaddr>[] => addresses(...Array.from({ length: count }, (_, index) => `/ip4/1.2.3.4/tcp/${index + 1}`))
    const long = (size: number): ReturnType<typeof multiaddr>[] => addresses(`/dns4/${'a'.repeat(size - 3)}`)

    assert.equal(records.read(await records.sign(many(16), 1n))?.addresses.length, 16)
    assert.equal(records.read(await records.sign(many(17), 1n)), undefined)
    assert.equal(long(192)[0]?.bytes.byteLength, 192)
    assert.equal(records.read(await records.sign(long(192), 1n))?.addresses.length, 1)
    assert.equal(records.read(await records.sign(long(193), 1n)), undefined)
  })

  it('reads no record whose key is in a shorter form than the usual one', async () => {
    // told on in the usual form it would be too long, or of another peer
    for (const size of [800, MAX_PEER_RECORD_BYTES]) {
      const bytes = await shortRsaRecord(size)
      assert.ok(bytes.byteLength > size - 8 && bytes.byteLength <= size, `${bytes.byteLength} bytes`)
      assert.equal(records.read(bytes), undefined)
    }
  })

  for (const [what, bytes] of [['nothing', []], ['zeros', [0, 0]], ['bytes that are no message', [0xff, 0xff]]] as const) {
    it(`reads nothing from ${what}`, () => {
      assert.equal(records.read(Uint8Array.from(bytes)), undefined)
    })
  }

  it('leaves away the peer id alone, and no name that looks like one', async () => {
    const bytes = await records.sign(addresses(`${ADDRESS}/p2p/${id}`, '/ip4/1.2.3.4/tcp/443/tls/sni/p2p/ws'), 1n)
    assert.deepEqual(records.read(bytes)?.addresses, [ADDRESS, '/ip4/1.2.3.4/tcp/443/tls/sni/p2p/ws'])
  })

  it('reads no record with an address whose text is none, or another one: the node goes on with the text', async () => {
    // a name with a slash in it
    const named = (name: string): Uint8Array => Uint8Array.from([54, name.length, ...Buffer.from(name)])
    assert.equal(records.read(await records.sign([multiaddr(named('a.example'))], 1n))?.addresses[0], '/dns4/a.example')
    assert.equal(records.read(await records.sign([multiaddr(ADDRESS), multiaddr(named('a/b'))], 1n)), undefined)
    assert.equal(records.read(await records.sign([multiaddr(ADDRESS), multiaddr(named('a/ws'))], 1n)), undefined)
  })

  it('reads nothing from a record without addresses, or with the peer id alone', async () => {
    assert.equal(records.read(await records.sign([], 1n)), undefined)
    assert.equal(records.read(await records.sign(addresses(`/p2p/${id}`), 1n)), undefined)
  })

  it('signs nothing without a key', async () => {
    await assert.rejects(libp2pRecords(undefined).sign(addresses(ADDRESS), 1n), { name: 'TypeError' })
  })
})
