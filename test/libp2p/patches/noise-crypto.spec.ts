import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noise, pureJsCrypto } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { defaultLogger } from '@libp2p/logger'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddrConnectionPair } from '@libp2p/utils'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { eventually } from '../../support/eventually.ts'
import { giveAway } from '../../../src/memory/free-memory.ts'
import { hasCipher, noiseCrypto, wasmCrypto } from '../../../src/libp2p/patches/noise-crypto.ts'
import type { ICryptoInterface } from '@chainsafe/libp2p-noise'
import type { MessageStream } from '@libp2p/interface'

type Text = Parameters<ICryptoInterface['chaCha20Poly1305Encrypt']>[0]

const bytes = (size: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: size, maxLength: size })

/** Bytes as one piece, or cut into two. */
function cut (all: Uint8Array, at: number | undefined): Text {
  return (at == null ? all : new Uint8ArrayList(all.subarray(0, at), all.subarray(at))) as Text
}

/** Both ends of a connection that is encrypted with this cryptography, and cuts what it carries into small pieces. */
async function encryptedPair (crypto: ICryptoInterface): Promise<[MessageStream, MessageStream]> {
  const [here, there] = multiaddrConnectionPair({ capacity: 1000 })
  const [initiator, responder] = await Promise.all([0, 1].map(async () => {
    const privateKey = await generateKeyPair('Ed25519')
    const peerId = peerIdFromPrivateKey(privateKey)
    const upgrader = { getStreamMuxers: () => new Map() }

    return noise({ crypto })({ privateKey, peerId, upgrader, logger: defaultLogger() } as never)
  }))
  const [outbound, inbound] = await Promise.all([initiator!.secureOutbound(here), responder!.secureInbound(there)])

  return [outbound.connection, inbound.connection]
}

describe('libp2p/patches/noise-crypto', () => {
  const ours = noiseCrypto!
  const message = fc.record({
    size: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.constantFrom(511, 512, 513, 65_519)),
    at: fc.option(fc.nat(2000), { nil: undefined }),
    fill: fc.nat(255),
    key: bytes(32),
    nonce: bytes(12),
    ad: fc.uint8Array({ maxLength: 64 })
  })

  for (const [where, crypto] of [['', ours], [', where the runtime has no such cipher', wasmCrypto]] as const) {
    it(`encrypts to the same bytes as the one in JavaScript, and decrypts what it has encrypted, in whatever pieces${where}`, () => {
      fc.assert(fc.property(message, ({ size, at, fill, key, nonce, ad }) => {
        const text = new Uint8Array(size).fill(fill)
        const encrypted = crypto.chaCha20Poly1305Encrypt(cut(text, at == null ? at : Math.min(at, size)), nonce, ad, key).subarray()
        const theirs = pureJsCrypto.chaCha20Poly1305Encrypt(text, nonce, ad, key).subarray()
        assert.ok(Buffer.compare(encrypted, theirs) === 0)
        const decrypted = crypto.chaCha20Poly1305Decrypt(cut(theirs, at == null ? at : Math.min(at, theirs.byteLength)), nonce, ad, key)
        assert.ok(Buffer.compare(decrypted.subarray(), text) === 0)
      }), { numRuns: 100 })
    })

    it(`takes nothing of which a bit was changed, in the text, the tag, the nonce or what it belongs to${where}`, () => {
      fc.assert(fc.property(message, fc.nat(), ({ size, at, fill, key, nonce, ad }, bit) => {
        const encrypted = Uint8Array.from(crypto.chaCha20Poly1305Encrypt(new Uint8Array(size).fill(fill), nonce, ad, key).subarray())
        const wrong = [encrypted, nonce, ...ad.byteLength > 0 ? [ad] : []].map((right) => {
          const copy = Uint8Array.from(right)
          copy[Math.floor(bit / 8) % copy.byteLength]! ^= 1 << bit % 8

          return copy
        })

        for (const i of wrong.keys()) {
          const [text, number, data] = [encrypted, nonce, ad].map((right, j) => i === j ? wrong[i]! : right)
          assert(text != null && number != null && data != null)
          assert.throws(() => crypto.chaCha20Poly1305Decrypt(cut(text, at == null ? at : Math.min(at, text.byteLength)), number, data, key))
        }
      }), { numRuns: 100 })
    })
  }

  it('is that of the runtime where it has the cipher', () => {
    assert.equal(hasCipher, true)
    assert.notEqual(ours, wasmCrypto)
  })

  it('carries messages of all sizes where the runtime has no such cipher, and asks it for none', async function () {
    this.timeout(20_000)
    const file = fileURLToPath(new URL('../../support/child-no-cipher.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [file])
    assert.deepEqual(JSON.parse(stdout), { fetched: 199, asked: 0 })
  })

  it('tells keys of the same bytes and of others apart by what is in them', () => {
    const [nonce, ad, text] = [new Uint8Array(12), new Uint8Array(0), new Uint8Array(1000)]
    const encrypted = ours.chaCha20Poly1305Encrypt(text, nonce, ad, new Uint8Array(32).fill(1)).subarray()

    assert.ok(Buffer.compare(ours.chaCha20Poly1305Decrypt(encrypted, nonce, ad, new Uint8Array(32).fill(1)).subarray(), text) === 0)
    assert.throws(() => ours.chaCha20Poly1305Decrypt(encrypted, nonce, ad, new Uint8Array(32).fill(2)))
  })

  it('makes keys that agree on the same secret as those of the one in JavaScript', () => {
    const [a, b, theirs] = [ours.generateX25519KeyPair(), ours.generateX25519KeyPair(), pureJsCrypto.generateX25519KeyPair()]
    const secret = ours.generateX25519SharedKey(a.privateKey, b.publicKey)

    assert.deepEqual([a.privateKey.byteLength, a.publicKey.byteLength, secret.byteLength], [32, 32, 32])
    assert.notDeepEqual(a.privateKey, b.privateKey)
    assert.deepEqual(Buffer.from(ours.generateX25519SharedKey(b.privateKey, a.publicKey)), Buffer.from(secret))
    assert.deepEqual(Buffer.from(pureJsCrypto.generateX25519SharedKey(a.privateKey, b.publicKey)), Buffer.from(secret))
    assert.deepEqual(
      Buffer.from(ours.generateX25519SharedKey(a.privateKey, cut(theirs.publicKey.subarray(), 7))),
      Buffer.from(pureJsCrypto.generateX25519SharedKey(theirs.privateKey, a.publicKey))
    )
  })

  it('takes private keys that were made elsewhere', () => {
    const [theirs, other] = [pureJsCrypto.generateX25519KeyPair(), ours.generateX25519KeyPair()]

    assert.deepEqual(
      Buffer.from(ours.generateX25519SharedKey(theirs.privateKey, other.publicKey)),
      Buffer.from(pureJsCrypto.generateX25519SharedKey(theirs.privateKey, other.publicKey))
    )
  })

  it('agrees on no secret with public keys that are none, or that lead to one known to all', () => {
    const { privateKey } = ours.generateX25519KeyPair()

    for (const publicKey of [new Uint8Array(0), new Uint8Array(31).fill(1), new Uint8Array(33).fill(1), new Uint8Array(32)]) {
      assert.throws(() => ours.generateX25519SharedKey(privateKey, publicKey))
    }
  })

  describe('the memory of a message', () => {
    const [nonce, ad, key] = [new Uint8Array(12), new Uint8Array(0), new Uint8Array(32)]

    it('has nothing of what is decrypted in it, of whatever size: it may be given back', () => {
      for (const size of [1, 511, 512, 2000, 65_519]) {
        const encrypted = Uint8Array.from(ours.chaCha20Poly1305Encrypt(new Uint8Array(size).fill(7), nonce, ad, key).subarray())
        const decrypted = ours.chaCha20Poly1305Decrypt(encrypted, nonce, ad, key, encrypted.subarray(0, size)).subarray()
        encrypted.fill(0)
        assert.ok(decrypted.every((byte) => byte === 7), `${size} bytes`)
      }
    })

    it('is given back where it was joined for decryption alone, and left alone where it is that of what has come', () => {
      const size = 65_519
      const encrypted = Uint8Array.from(ours.chaCha20Poly1305Encrypt(new Uint8Array(size), nonce, ad, key).subarray())
      const joined = encrypted.slice(0, size)
      ours.chaCha20Poly1305Decrypt(cut(encrypted, 1000), nonce, ad, key, joined)
      assert.equal(joined.byteLength, 0)
      ours.chaCha20Poly1305Decrypt(cut(encrypted, undefined), nonce, ad, key, encrypted.subarray(0, size))
      assert.equal(encrypted.byteLength, size + 16)
    })

    it('makes one piece of a message that came in parts, where libp2p has joined it, and as many bytes where it has not', () => {
      const size = 65_519
      const encrypted = Uint8Array.from(ours.chaCha20Poly1305Encrypt(new Uint8Array(size).fill(7), nonce, ad, key).subarray())

      for (const memory of [encrypted.slice(0, size), undefined, new Uint8Array(size + 1)]) {
        const decrypted = ours.chaCha20Poly1305Decrypt(cut(encrypted, 1000), nonce, ad, key, memory)
        assert.ok(decrypted instanceof Uint8Array)
        assert.deepEqual(decrypted.byteLength, size)
        assert.ok(decrypted.every((byte) => byte === 7))
      }
    })

    it('is what libp2p has joined of the parts of a message', async () => {
      const joined: boolean[] = []
      const watched: ICryptoInterface = {
        ...ours,
        chaCha20Poly1305Decrypt: (ciphertext, nonce, ad, key, memory) => {
          if (!(ciphertext instanceof Uint8Array) && ciphertext.byteLength > 60_000) {
            joined.push([...ciphertext].length > 1 && memory != null && Buffer.from(ciphertext.subarray(0, -16)).equals(memory))
          }

          return ours.chaCha20Poly1305Decrypt(ciphertext, nonce, ad, key, memory)
        }
      }
      const [here, there] = await encryptedPair(watched)
      const received = new Uint8ArrayList()
      there.addEventListener('message', ({ data }) => { received.append(data) })
      here.send(new Uint8Array(200_000).fill(7))
      await eventually(() => received.byteLength === 200_000, 'all of it')

      assert.deepEqual(joined, [true, true, true])
      assert.ok(received.subarray().every((byte) => byte === 7))
    })

    it('is given back where it was given away, when the last of it was encrypted', async () => {
      const [given, kept] = [new Uint8Array(100_000).fill(1), new Uint8Array(100_000).fill(1)]
      giveAway(given)

      for (const [start, end] of [[0, 65_519], [65_519, 100_000]]) {
        assert.equal(given.byteLength, 100_000)
        const text = new Uint8ArrayList(Uint8Array.of(1), given.subarray(start, end), kept.subarray(start, end)) as never
        const encrypted = ours.chaCha20Poly1305Encrypt(text, nonce, ad, key)
        const decrypted = ours.chaCha20Poly1305Decrypt(encrypted, nonce, ad, key).subarray()
        assert.ok(decrypted.byteLength === 1 + 2 * (end! - start!) && decrypted.every((byte) => byte === 1))
        await Promise.resolve()
      }

      assert.deepEqual([given.byteLength, kept.byteLength], [0, 100_000])
    })
  })
})
